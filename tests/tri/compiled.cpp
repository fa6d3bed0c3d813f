// Code as the compiler makes it: random programs of the language, and the contracts with small faults in them.
#include "tests/agreement/generate.hpp"
#include "tests/tri/generators.hpp"
#include "tests/tri/mutation.hpp"
#include "tests/tri/reference.hpp"
#include "tools/source_files.hpp"

#include <filesystem>

namespace tally::tri {
namespace {

constexpr std::size_t calls_of_a_program = 40, calls_of_a_contract = 60;

/// Aggregates travel as addresses: most numbers are ones where something lies.
std::vector<Case> with_addresses(std::vector<Case> cases, u64 seed) {
    Dice dice(seed);
    for (Case& c : cases) {
        c.function = static_cast<std::uint32_t>(dice.roll(0, static_cast<i64>(c.program->module.functions.size()) - 1));
        const Function& f = c.program->module.functions[c.function];
        c.arguments = {};
        for (unsigned i = 0; i < f.x_params; ++i) c.arguments.x.push_back(dice.chance(60) ? static_cast<u64>(self_address + 16 * dice.roll(0, 180)) : edge_word(dice));
        for (unsigned i = 0; i < f.w_params; ++i) c.arguments.w.push_back(dice.chance(60) ? dice.roll(0, 1'000'000) : edge_wide(dice));
        for (unsigned i = 0; i < f.h_params; ++i) c.arguments.h.push_back(1 + i);
    }
    return cases;
}

const std::vector<Module>& contract_modules() {
    static const std::vector<Module> all = [] {
        std::vector<Module> out;
        for (const auto& folder : std::filesystem::directory_iterator(TALLY_SOURCE_DIR "/contracts"))
            for (const Optimise level : {Optimise::Full, Optimise::None}) {
                if (level == Optimise::None && folder.path().filename() == "actus") continue; // too large without
                auto built = build_modules({folder.path().string()}, level);
                promise(built.has_value(), "a contract does not compile");
                for (Build& b : *built) out.push_back(std::move(b.module));
            }
        std::sort(out.begin(), out.end(), [](const Module& a, const Module& b) { return std::pair(a.name, a.functions.size()) < std::pair(b.name, b.functions.size()); });
        return out;
    }();
    return all;
}

} // namespace

std::vector<Case> language_cases(u64 seed) {
    const auto checked = check_text("farm.tally", agreement::generate(seed));
    auto built = build(*checked, Tests::Leave, seed % 2 == 0 ? Optimise::Full : Optimise::None);
    if (!checked->sink.empty()) return {};
    return with_addresses(cases_of(std::move(built.module), seed, calls_of_a_program, true), seed);
}

std::vector<Case> contract_cases(u64 seed) {
    Dice dice(seed);
    Module module = dice.pick(contract_modules());
    // Of one fault most are refused: a few attempts, then the contract as it is.
    for (int attempt = 0; attempt < 4; ++attempt) {
        Module spoilt = module;
        for (i64 n = dice.roll(1, 4); n > 0; --n) mutate_code(spoilt.functions[dice.next() % spoilt.functions.size()], dice);
        auto cases = cases_of(std::move(spoilt), seed, calls_of_a_contract, false);
        if (!cases.empty()) return with_addresses(std::move(cases), seed);
    }
    return with_addresses(cases_of(std::move(module), seed, calls_of_a_contract, true), seed);
}

} // namespace tally::tri
