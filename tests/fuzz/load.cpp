// Any bytes through the whole loader: decoded, verified, threaded, compiled to machine code. Both engines run it
// and must agree.
#include "tests/fuzz/machine.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/engine/native/native.hpp"

#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tally;
    const ByteView input(data, size);
    auto decoded = decode(input);
    if (!std::holds_alternative<Module>(decoded)) return 0;
    const auto loaded = load(std::move(std::get<Module>(decoded)), module_hash(input));
    const auto* program = std::get_if<std::shared_ptr<const Program>>(&loaded);
    if (program == nullptr || (*program)->code.empty()) return 0;
    Arena arena = fuzz::arena_for(**program), other_arena = arena;
    Gas gas{fuzz::gas_limit}, other_gas = gas;
    const Outcome outcome = fuzz::run_first(**program, arena, gas);
    const Outcome other = fuzz::run_first(*on_native_code(*program), other_arena, other_gas);
    fuzz::demand(outcome.trap == other.trap && outcome.x == other.x && outcome.w == other.w && outcome.h == other.h);
    fuzz::demand(outcome.function == other.function && outcome.instruction == other.instruction && gas.left == other_gas.left);
    fuzz::demand(std::memcmp(arena.at(self_address, 0), other_arena.at(self_address, 0), arena.size() - self_address) == 0);
    return 0;
}
