#include "tests/tri/findings.hpp"

#include "tests/tri/reference.hpp"
#include "vm/bytecode/assemble.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace tally::tri {
namespace {

constexpr std::size_t attempts_max = 20'000;

/// One finding on its way down. A step is taken if the module still verifies and the engines still differ.
class Reduction {
public:
    Reduction(Farm& farm, Case c) : farm_(farm), best_(std::move(c)) {}

    Case run() {
        for (bool smaller = true; smaller && attempts_ < attempts_max;) {
            smaller = functions();
            for (std::uint32_t f = 0; f < module().functions.size(); ++f) smaller = blocks(f) || instructions(f) || smaller;
            smaller = arguments() || smaller;
        }
        return best_;
    }

private:
    const Module& module() const { return best_.program->module; }

    bool take(Case c) {
        if (++attempts_ > attempts_max || !farm_.differ(c)) return false;
        best_ = std::move(c);
        return true;
    }
    bool take(Module module) {
        auto loaded = load(std::move(module), best_.program->hash);
        if (std::holds_alternative<VerifyError>(loaded)) return false;
        Case c = best_;
        c.program = std::get<std::shared_ptr<const Program>>(loaded);
        return take(std::move(c));
    }

    /// Bodies that only stop.
    bool functions() {
        bool smaller = false;
        for (std::size_t f = 0; f < module().functions.size(); ++f) {
            Module fewer = module();
            auto& code = fewer.functions[f].code;
            if (code.size() <= 2) continue;
            code = {{Op::Block, 0, 0, 0, 0}, {Op::TrapOp, 0, 0, 0, 11}};
            fewer.functions[f].lines = {};
            smaller = take(std::move(fewer)) || smaller;
        }
        return smaller;
    }

    /// Without one block and whoever goes there, later ones moving up.
    static void remove_block(std::vector<Instruction>& code, std::int32_t number) {
        std::vector<Instruction> kept;
        std::int32_t seen = -1;
        for (Instruction in : code) {
            if (in.op == Op::Block) ++seen;
            if (seen == number) continue;
            if (op_is_branch(in.op) && in.imm == number) continue;
            if (op_is_branch(in.op) && in.imm > number) --in.imm;
            kept.push_back(in);
        }
        code = std::move(kept);
    }

    /// A block's head alone: it becomes part of the one before it.
    static void join_block(std::vector<Instruction>& code, std::size_t head, std::int32_t number) {
        code.erase(code.begin() + static_cast<std::ptrdiff_t>(head));
        for (Instruction& in : code)
            if (op_is_branch(in.op) && in.imm > number) --in.imm;
    }

    bool blocks(std::uint32_t f) {
        bool smaller = false;
        const auto heads = std::count_if(module().functions[f].code.begin(), module().functions[f].code.end(), [](const Instruction& in) { return in.op == Op::Block; });
        for (auto number = static_cast<std::int32_t>(heads) - 1; number > 0; --number) {
            Module fewer = module();
            remove_block(fewer.functions[f].code, number);
            fewer.functions[f].lines = {};
            smaller = take(std::move(fewer)) || smaller;
        }
        return smaller;
    }

    bool instructions(std::uint32_t f) {
        bool smaller = false;
        for (std::size_t at = module().functions[f].code.size(); at-- > 1;) {
            Module fewer = module();
            auto& code = fewer.functions[f].code;
            fewer.functions[f].lines = {};
            if (code[at].op == Op::Block) {
                const auto number = static_cast<std::int32_t>(std::count_if(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(at), [](const Instruction& in) { return in.op == Op::Block; }));
                join_block(code, at, number);
            } else {
                code.erase(code.begin() + static_cast<std::ptrdiff_t>(at));
            }
            smaller = take(std::move(fewer)) || smaller;
        }
        return smaller;
    }

    bool arguments() {
        bool smaller = false;
        for (std::size_t i = 0; i < best_.arguments.x.size(); ++i) smaller = plainer([&](Case& c) { return std::exchange(c.arguments.x[i], 0) != 0; }) || smaller;
        for (std::size_t i = 0; i < best_.arguments.w.size(); ++i) smaller = plainer([&](Case& c) { return std::exchange(c.arguments.w[i], 0) != 0; }) || smaller;
        return smaller;
    }
    template <typename Change> bool plainer(Change change) {
        Case c = best_;
        return change(c) && take(std::move(c));
    }

    Farm& farm_;
    Case best_;
    std::size_t attempts_ = 0;
};

/// A module without what code does not need: functions that nobody calls stay, with a body that stops.
std::string file_name(const std::string& name) {
    std::string out;
    for (const char c : name) out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    return out + ".case";
}

} // namespace

Case minimised(Farm& farm, const Case& c) { return Reduction(farm, c).run(); }

void keep(Farm& farm, const Case& c, const std::string& name, const std::string& folder) {
    farm.count_traps(false);
    const Case small = minimised(farm, c);
    const std::string difference = farm.differ(small).value_or("it went away");
    farm.count_traps(true);
    std::cout << "made small:\n" << difference << disassemble(small.program->module, small.program->module.functions[small.function]) << "gas " << small.gas << "\n";
    if (!folder.empty()) std::ofstream(std::filesystem::path(folder) / file_name(name)) << text_of(small, name + "\n" + difference);
}

std::vector<std::pair<std::string, Case>> saved_cases(const std::string& folder) {
    std::vector<std::pair<std::string, Case>> out;
    if (folder.empty()) return out;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".case") continue;
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        std::string error;
        auto c = case_of(text.str(), error);
        if (!c) std::cerr << entry.path().filename().string() << ": " << error << "\n";
        promise(c.has_value(), "a file of the regressions is no case");
        out.emplace_back(entry.path().filename().string(), std::move(*c));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return out;
}

} // namespace tally::tri
