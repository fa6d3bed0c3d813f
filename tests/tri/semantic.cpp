// Modules that verify by construction, and programs of the other kind, with recursion and calls through the table.
#include "tests/tri/code_writer.hpp"
#include "tests/tri/generators.hpp"
#include "tests/tri/reference.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally::tri {
namespace {

constexpr i64 usual_gas = 30'000;

/// Mostly few registers, so that they meet again; sometimes as many as there may be.
std::uint16_t registers(Dice& dice, i64 params, i64 least, i64 most, i64 limit) {
    const i64 count = dice.chance(92) ? dice.roll(least, most) : dice.roll(most, limit);
    return static_cast<std::uint16_t>(std::min(params + count, limit));
}

Function header(Dice& dice, std::size_t number, bool program) {
    const auto roll = [&](i64 from, i64 to) { return static_cast<std::uint16_t>(dice.roll(from, to)); };
    Function f;
    f.name = "f" + std::to_string(number);
    f.x_params = roll(program ? 1 : 0, 4);
    f.w_params = roll(0, 2);
    f.h_params = program || dice.chance(60) ? 0 : roll(1, 2);
    f.x_registers = registers(dice, f.x_params, 6 + kept_registers, 16, limits::x_registers);
    f.w_registers = dice.chance(5) ? f.w_params : registers(dice, f.w_params, 4, 10, limits::w_registers);
    f.h_slots = program || dice.chance(40) ? f.h_params : registers(dice, f.h_params, 1, 4, limits::h_slots);
    f.frame_bytes = dice.chance(30) ? 0 : static_cast<std::uint32_t>(16 * dice.roll(1, 30));
    f.result = static_cast<ResultBank>(dice.roll(0, f.h_slots > 0 ? 3 : 2));
    if (f.result == ResultBank::W && f.w_registers == 0) f.result = ResultBank::X;
    return f;
}

void write_functions(Module& module, Dice& dice, bool program) {
    const i64 count = dice.roll(1, 5);
    for (i64 i = 0; i < count; ++i) module.functions.push_back(header(dice, static_cast<std::size_t>(i), program));
    if (program)
        for (const Function& f : module.functions) {
            module.program.shapes.push_back({f.x_params, f.w_params, f.result});
            module.program.shapes.push_back({f.x_params, f.w_params, static_cast<ResultBank>(dice.roll(0, 2))}); // nearly the same
        }
    for (i64 i = 0; program && i < dice.roll(1, 6); ++i) module.program.table.push_back(static_cast<std::uint32_t>(dice.roll(0, count - 1)));
    for (std::uint32_t i = 0; i < count; ++i) CodeWriter(module, i, dice).write();
}

Arguments arguments(const Function& f, Dice& dice, bool program) {
    Arguments out;
    for (unsigned i = 0; i < f.x_params; ++i) out.x.push_back(edge_word(dice));
    for (unsigned i = 0; i < f.w_params; ++i) out.w.push_back(edge_wide(dice));
    for (unsigned i = 0; i < f.h_params; ++i) out.h.push_back(1 + i);
    if (program && !out.x.empty()) out.x[0] = static_cast<u64>(dice.chance(99) ? dice.roll(0, 4) : 20'000);
    return out;
}

} // namespace

Module semantic_module(u64 seed) {
    Dice dice(seed);
    Module out = module_without_code();
    write_functions(out, dice, false);
    return out;
}

Module recursive_program(u64 seed) {
    Dice dice(seed);
    Module out = module_without_code();
    out.contracts.clear();
    out.imports.clear();
    out.program.present = true;
    out.program.memory = low_memory;
    for (i64 n = dice.roll(0, 40); n > 0; --n) out.program.data.push_back(static_cast<std::uint8_t>(dice.roll(1, 255)));
    write_functions(out, dice, true);
    return out;
}

std::vector<Case> cases_of(Module module, u64 seed, std::size_t calls, bool must_verify) {
    const Hash hash = module_hash(encode(module));
    auto loaded = load(std::move(module), hash);
    if (const auto* error = std::get_if<VerifyError>(&loaded)) {
        if (must_verify) promise(false, ("a module that was to verify does not: " + error->what + " in function " + std::to_string(error->function) + " at " + std::to_string(error->instruction)).c_str());
        return {};
    }
    const auto program = std::get<std::shared_ptr<const Program>>(loaded);
    const auto& functions = program->module.functions;
    std::vector<Case> out;
    Dice dice(seed ^ 0x5eed);
    for (std::size_t i = 0; i < calls && !functions.empty(); ++i) {
        Case c{program, 0, {}, usual_gas, dice.next()};
        // The first function calls the others: it is the one to begin with.
        if (dice.chance(40)) c.function = static_cast<std::uint32_t>(dice.roll(0, static_cast<i64>(functions.size()) - 1));
        c.arguments = arguments(functions[c.function], dice, program->module.program.present);
        out.push_back(std::move(c));
    }
    return out;
}

std::vector<Case> semantic_cases(u64 seed) { return cases_of(semantic_module(seed), seed, 8, true); }
std::vector<Case> program_cases(u64 seed) { return cases_of(recursive_program(seed), seed, 4, true); }

} // namespace tally::tri
