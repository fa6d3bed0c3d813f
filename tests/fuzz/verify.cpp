// Any code: the input is the registers, the frame and the instructions of a function in a module that is sound
// otherwise, so that every input reaches the verifier's passes over code. What verifies runs without harm, and
// the paranoid interpreter, which this is built with, has nothing to say against it.
#include "tests/fuzz/machine.hpp"
#include "tests/unit/bytecode/rich_module.hpp"

#include <cstring>

namespace {

using namespace tally;

constexpr std::size_t head_bytes = 8;

Function function_of(const std::uint8_t* data, std::size_t size) {
    Function f;
    f.name = "f";
    f.x_params = data[0] % 4;
    f.w_params = data[1] % 4;
    f.h_params = data[2] % 4;
    f.result = static_cast<ResultBank>(data[3] % 4);
    f.x_registers = static_cast<std::uint16_t>(f.x_params + data[4] % 32);
    f.w_registers = static_cast<std::uint16_t>(f.w_params + data[5] % 32);
    f.h_slots = static_cast<std::uint16_t>(f.h_params + data[6] % 8);
    f.frame_bytes = data[7] * 16u;
    f.code.push_back({Op::Block, 0, 0, 0, 0});
    for (std::size_t at = head_bytes; at + sizeof(Instruction) <= size; at += sizeof(Instruction)) {
        Instruction in;
        std::memcpy(&in, data + at, sizeof in);
        in.op = static_cast<Op>(static_cast<std::size_t>(in.op) % op_count);
        f.code.push_back(in);
    }
    return f;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Module sound = [] {
        Module m = test::rich_module();
        m.contracts[0].entries.clear();
        m.contracts[1].entries.clear();
        m.contracts[1].invariants = none;
        m.tests.clear();
        const auto callees = assemble("fn xyz(x2 w1 h1) -> h regs x2 w1 h1 frame 0 {\nb0:\n reth h0\n}\n"
                                      "fn cash(x0 w0 h0) -> h regs x0 w0 h1 frame 0 {\nb0:\n hempty h0\n reth h0\n}\n"
                                      "fn x(x1 w0 h0) -> x regs x1 w0 h0 frame 64 {\nb0:\n retx x0\n}\n");
        m.functions = std::get<Module>(callees).functions;
        return m;
    }();
    if (size < head_bytes) return 0;
    Module module = sound;
    module.functions.insert(module.functions.begin(), function_of(data, size));
    const auto loaded = load(std::move(module), {});
    const auto* program = std::get_if<std::shared_ptr<const Program>>(&loaded);
    if (program == nullptr) return 0;
    Arena arena = fuzz::arena_for(**program);
    Gas gas{fuzz::gas_limit};
    (void)fuzz::run_first(**program, arena, gas);
    return 0;
}
