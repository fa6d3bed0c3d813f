/// Machine code for one function after the other. What stays in which register of the processor:
///
///   rbx  x[0] of the frame at work      rbp  w[0]       r12  the Machine
///   r13  the gas left                   r14  the arena, above the null page
///   r15, r8…r11, rsi, rdi               pins: the registers of the function that are used most
///   rax, rcx, rdx                       within one instruction
///
/// Pins live in memory while anybody else looks: around calls, at a trap, at a return.
#pragma once

#include "vm/engine/native/pins.hpp"
#include "vm/value/rounding.hpp"
#include "vm/engine/run_state.hpp"

#include <asmjit/x86.h>

#include <vector>

namespace tally::native {

using asmjit::Imm;
using asmjit::Label;
using asmjit::Operand_;
using asmjit::x86::Gp;
namespace Inst = asmjit::x86::Inst;

inline constexpr Gp rax = asmjit::x86::rax, rcx = asmjit::x86::rcx, rdx = asmjit::x86::rdx;

/// A wide register's two places.
struct WidePlace {
    asmjit::Operand low, high;
};

class Emitter {
public:
    Emitter(asmjit::x86::Assembler& code, const Program& program, const void* const* entries);

    /// Room for so many instructions that have no template. Their addresses are in the code.
    std::vector<std::array<Decoded, 2>> steps;

    Label prologue(); ///< C++ enters here: (Machine*, code of a function)
    void function(std::uint32_t number);
    [[nodiscard]] Label entry(std::uint32_t function) const { return entries_[function]; }

private:
    struct Cold { ///< what seldom happens stands behind the function
        Label label, back;
        enum class Kind : std::uint8_t { Trap, Step } kind;
        Trap trap;
        std::uint32_t at;
        Body body;
    };

    // -- places
    [[nodiscard]] asmjit::Operand x(unsigned number) const;
    [[nodiscard]] WidePlace w(unsigned number) const;
    void move(const Operand_& to, const Operand_& from);
    void load_constant(Gp to, u64 value);
    void set_x(unsigned number, Gp value) { move(x(number), value); }
    void set_w(unsigned number, Gp low, Gp high);
    void take_w(unsigned number); ///< into rdx:rax

    // -- ways out
    Label trap(Trap trap);
    Label slow_step(Body body, Label& back);
    void cold_code();
    void trap_tails();

    // -- pins
    void pins_to_memory();
    void pins_from_memory();

    // -- instructions
    void instruction(const Instruction& in);
    bool control(const Instruction& in);
    bool moves(const Instruction& in);
    bool narrow(const Instruction& in);
    bool narrow_checked(const Instruction& in);
    bool wide(const Instruction& in);
    bool memory(const Instruction& in);

    void block();
    void branch(const Instruction& in);
    void wide_branch(const Instruction& in);
    void branch_table(const Instruction& in);
    void call(const Instruction& in);
    void leave();
    void step(const Instruction& in);
    void run_step(std::uint32_t at, Body body);

    void binary(Inst::Id id, const Instruction& in);
    void checked(Inst::Id id, const Instruction& in);
    void divide(const Instruction& in);
    void shift(Inst::Id id, const Instruction& in);
    void set_on(asmjit::x86::CondCode condition, unsigned to);
    void wide_pair(Inst::Id low, Inst::Id high, const Instruction& in, bool may_overflow);
    void wide_order(unsigned left, unsigned right); ///< flags of left - right, signed and unsigned
    void wide_same(unsigned left, unsigned right);  ///< zero flag
    void wide_pick(const Instruction& in, asmjit::x86::CondCode other);
    void multiply_wide(const Instruction& in);
    void multiply_checked_wide(const Instruction& in);
    void muldiv(const Instruction& in);
    void round_quotient(Rounding mode);
    bool address(const Instruction& in, unsigned log_bytes);

    asmjit::x86::Assembler& a_;
    const Program& program_;
    const void* const* entry_table_;
    const Function* f_ = nullptr;
    std::uint32_t number_ = 0, at_ = 0, block_ = 0;
    Pins pins_{};
    std::vector<Label> entries_, heads_;
    std::vector<Cold> cold_;
    Label exit_, return_, tail_, flushed_tail_;
};

} // namespace tally::native
