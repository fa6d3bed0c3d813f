/// Who looks on while a program runs on the traced engine: the same operations as the interpreter's, compiled a
/// second time with a look before each. Nothing that an observer does can change the outcome.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally {

/// The instruction that is about to run. The registers are those of its frame; what it does to them is seen at the
/// next step. The heads of blocks are not shown.
struct MachineStep {
    const Program* program;
    const Arena* arena;
    std::uint32_t function, instruction;
    std::size_t depth; ///< of the calls within the run, from 0
    const u64* x;
    const i128* w;
    const Holding* h;
    u64 frame_address;

    [[nodiscard]] const Function& code() const { return program->module.functions[function]; }
    [[nodiscard]] const Instruction& at() const { return code().code[instruction]; }
};

class Observer {
public:
    virtual ~Observer() = default;
    virtual void before(const MachineStep& step) = 0;
};

/// For `load` and a ledger: puts a program on the traced engine. Runs are shown to their host's observer, if it has one.
[[nodiscard]] bool use_traced(Program& program);

} // namespace tally
