#include "tools/program_run.hpp"

#include "vm/engine/lone_host.hpp"

#include <algorithm>
#include <cstring>

namespace tally {
namespace {

constexpr std::uint32_t stack_bytes = 8 * 1024 * 1024;

/// The first word of memory is what `exit` was given.
u64 result_of(const Outcome& outcome, const Arena& arena) {
    u64 word = outcome.x;
    if (outcome.trap == Trap::Exit) std::memcpy(&word, arena.at(self_address, sizeof word), sizeof word);
    return word;
}

int code_of(Trap trap, u64 result) {
    switch (trap) {
    case Trap::None: case Trap::Exit: return static_cast<int>(result & 0xff);
    case Trap::Abort: return code_of_abort;
    default: return code_of_trap;
    }
}

} // namespace

const NamedEngine* program_engine(std::string_view name) {
    const auto& all = program_engines();
    const auto found = std::find_if(all.begin(), all.end(), [&](const NamedEngine& e) { return e.name == name; });
    return found == all.end() ? nullptr : &*found;
}

ProgramEnd run_program(const Program& program, std::string_view entry, i64 gas) {
    const auto& functions = program.module.functions;
    const auto found = std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == entry; });
    if (found == functions.end()) return {Trap::NoSuchEntry, code_of_refusal, 0, 0, {}};
    const auto number = static_cast<std::uint32_t>(found - functions.begin());
    const std::uint32_t memory = program.module.program.memory;
    Arena arena(memory + std::max(stack_bytes, program.facts.stack_bytes[number]));
    if (const auto& data = program.module.program.data; !data.empty()) std::copy(data.begin(), data.end(), arena.at(self_address, data.size()));
    Gas left{gas};
    LoneHost nobody(Trap::BadCall); // programs of `tally ir` never leave their memory
    const Arguments arguments{std::vector<u64>(found->x_params), std::vector<i128>(found->w_params), {}};
    const Outcome outcome = run(program, number, arguments, memory, arena, left, nobody);
    const u64 result = result_of(outcome, arena);
    ProgramEnd end{outcome.trap, code_of(outcome.trap, result), result, gas - left.left, {}};
    if (outcome.function < functions.size()) end.where = functions[outcome.function].name;
    return end;
}

} // namespace tally
