// One template for each instruction that is worth one. `instruction` tries the groups in turn; what none of
// them knows runs the interpreter's code.
#include "vm/engine/native/emitter.hpp"

#include "vm/engine/interpreter.hpp"

#include <cstddef>

namespace tally::native {

namespace {

using namespace asmjit::x86;

i64 extended(std::int32_t imm) { return imm; }
std::int8_t small(std::uint8_t v) { return static_cast<std::int8_t>(v); }

std::size_t result_offset(std::size_t member) { return offsetof(Machine, result) + member; }

} // namespace

void Emitter::instruction(const Instruction& in) {
    if (control(in) || moves(in) || narrow(in) || narrow_checked(in) || wide(in) || memory(in)) return;
    step(in);
}

// ---- control ------------------------------------------------------------------------------------

bool Emitter::control(const Instruction& in) {
    switch (in.op) {
    case Op::Block: block(); return true;
    case Op::Jump: a_.jmp(heads_[static_cast<std::size_t>(in.imm)]); return true;
    case Op::BranchZero: case Op::BranchNotZero: case Op::BranchEq: case Op::BranchNe: case Op::BranchLt: case Op::BranchLe:
    case Op::BranchLtU: case Op::BranchLeU: case Op::BranchEqImm: case Op::BranchNeImm: case Op::BranchLtImm: case Op::BranchGtImm: branch(in); return true;
    case Op::WBranchEq: case Op::WBranchNe: case Op::WBranchLt: case Op::WBranchLe: wide_branch(in); return true;
    case Op::BranchTable: branch_table(in); return true;
    case Op::Case: return true; // in the table already
    case Op::Call: case Op::CallTable: call(in); return true;
    case Op::Return: leave(); return true;
    case Op::ReturnX:
        move(rax, x(in.a));
        a_.mov(qword_ptr(r12, static_cast<std::int32_t>(result_offset(offsetof(Outcome, x)))), rax);
        leave();
        return true;
    case Op::ReturnW: {
        take_w(in.a);
        const auto at = static_cast<std::int32_t>(result_offset(offsetof(Outcome, w)));
        a_.mov(qword_ptr(r12, at), rax);
        a_.mov(qword_ptr(r12, at + 8), rdx);
        leave();
        return true;
    }
    case Op::ReturnH:
        a_.mov(rax, qword_ptr(r12, offsetof(Machine, h)));
        a_.mov(eax, dword_ptr(rax, 4 * in.a));
        a_.mov(dword_ptr(r12, static_cast<std::int32_t>(result_offset(offsetof(Outcome, h)))), eax);
        leave();
        return true;
    case Op::TrapOp: a_.jmp(trap(static_cast<Trap>(in.imm))); return true;
    default: return false;
    }
}

void Emitter::block() {
    a_.bind(heads_[block_]);
    const i64 gas = program_.facts.block_gas[number_][block_++];
    a_.sub(r13, Imm(gas));
    a_.js(trap(Trap::OutOfGas));
}

void Emitter::branch(const Instruction& in) {
    struct Row {
        Op op;
        CondCode condition;
    };
    static constexpr Row rows[] = {
        {Op::BranchZero, CondCode::kE}, {Op::BranchNotZero, CondCode::kNE}, {Op::BranchEq, CondCode::kE}, {Op::BranchNe, CondCode::kNE},
        {Op::BranchLt, CondCode::kL}, {Op::BranchLe, CondCode::kLE}, {Op::BranchLtU, CondCode::kB}, {Op::BranchLeU, CondCode::kBE},
        {Op::BranchEqImm, CondCode::kE}, {Op::BranchNeImm, CondCode::kNE}, {Op::BranchLtImm, CondCode::kL}, {Op::BranchGtImm, CondCode::kG}};
    const OpInfo& info = op_info(in.op);
    if (info.b == Operand::XSrc) {
        asmjit::Operand left = x(in.a);
        if (!left.isReg()) {
            move(rax, left);
            left = rax;
        }
        a_.emit(Inst::kIdCmp, left, x(in.b));
    } else {
        a_.emit(Inst::kIdCmp, x(in.a), Imm(info.b == Operand::Small ? small(in.b) : 0));
    }
    for (const Row& row : rows)
        if (row.op == in.op) a_.j(row.condition, heads_[static_cast<std::size_t>(in.imm)]);
}

void Emitter::wide_branch(const Instruction& in) {
    const Label& to = heads_[static_cast<std::size_t>(in.imm)];
    switch (in.op) {
    case Op::WBranchEq: wide_same(in.a, in.b); a_.je(to); return;
    case Op::WBranchNe: wide_same(in.a, in.b); a_.jne(to); return;
    case Op::WBranchLt: wide_order(in.a, in.b); a_.jl(to); return;
    default: wide_order(in.b, in.a); a_.jge(to); return; // a <= b is not b < a
    }
}

/// A table of distances behind the jump; the block that follows is the way out of the table.
void Emitter::branch_table(const Instruction& in) {
    const Label table = a_.newLabel(), beyond = a_.newLabel();
    const auto count = static_cast<std::uint32_t>(in.imm);
    move(rax, x(in.a));
    a_.cmp(rax, count);
    a_.jae(beyond);
    a_.lea(rcx, ptr(table));
    a_.movsxd(rax, dword_ptr(rcx, rax, 2));
    a_.add(rax, rcx);
    a_.jmp(rax);
    a_.bind(table);
    for (std::uint32_t i = 0; i < count; ++i)
        a_.embedLabelDelta(heads_[static_cast<std::size_t>(f_->code[at_ + 1 + i].imm)], table, 4);
    a_.bind(beyond);
}

// ---- moves --------------------------------------------------------------------------------------

bool Emitter::moves(const Instruction& in) {
    const auto imm = static_cast<std::size_t>(in.imm);
    switch (in.op) {
    case Op::MoveX: move(rax, x(in.b)); set_x(in.a, rax); return true;
    case Op::MoveW: take_w(in.b); set_w(in.a, rax, rdx); return true;
    case Op::LoadImmX: a_.emit(Inst::kIdMov, x(in.a), Imm(extended(in.imm))); return true;
    case Op::LoadImmW:
        a_.emit(Inst::kIdMov, w(in.a).low, Imm(extended(in.imm)));
        a_.emit(Inst::kIdMov, w(in.a).high, Imm(in.imm < 0 ? -1 : 0));
        return true;
    case Op::LoadConstX:
        load_constant(rax, static_cast<u64>(program_.module.x_constants[imm]));
        set_x(in.a, rax);
        return true;
    case Op::LoadConstW:
        load_constant(rax, low_half(program_.module.w_constants[imm]));
        load_constant(rdx, static_cast<u64>(high_half(program_.module.w_constants[imm])));
        set_w(in.a, rax, rdx);
        return true;
    case Op::SelectX:
        move(rax, x(static_cast<unsigned>(in.imm)));
        a_.emit(Inst::kIdCmp, x(in.b), Imm(0));
        a_.emit(Inst::kIdCmovne, rax, x(in.c));
        set_x(in.a, rax);
        return true;
    case Op::SelectW:
        take_w(static_cast<unsigned>(in.imm));
        a_.emit(Inst::kIdCmp, x(in.b), Imm(0));
        a_.emit(Inst::kIdCmovne, rax, w(in.c).low);
        a_.emit(Inst::kIdCmovne, rdx, w(in.c).high);
        set_w(in.a, rax, rdx);
        return true;
    default: return false;
    }
}

// ---- 64 bits ------------------------------------------------------------------------------------

void Emitter::binary(Inst::Id id, const Instruction& in) {
    const asmjit::Operand to = x(in.a);
    const bool in_place = to.isReg() && in.a != in.c;
    const asmjit::Operand at = in_place ? to : asmjit::Operand(rax);
    move(at, x(in.b));
    a_.emit(id, at, x(in.c));
    move(to, at);
}

void Emitter::checked(Inst::Id id, const Instruction& in) {
    move(rax, x(in.b));
    a_.emit(id, rax, x(in.c));
    a_.jo(trap(Trap::Overflow));
    set_x(in.a, rax);
}

void Emitter::shift(Inst::Id id, const Instruction& in) {
    move(rcx, x(in.c));
    move(rax, x(in.b));
    a_.emit(id, rax, cl);
    set_x(in.a, rax);
}

void Emitter::set_on(CondCode condition, unsigned to) {
    a_.set(condition, al);
    a_.movzx(eax, al);
    set_x(to, rax);
}

bool Emitter::narrow(const Instruction& in) {
    const auto with_immediate = [&](Inst::Id id, i64 imm) {
        move(rax, x(in.b));
        a_.emit(id, rax, Imm(imm));
        set_x(in.a, rax);
    };
    const auto compare = [&](CondCode condition) {
        move(rax, x(in.b));
        a_.emit(Inst::kIdCmp, rax, x(in.c));
        set_on(condition, in.a);
    };
    const auto pick = [&](Inst::Id id) {
        move(rax, x(in.b));
        a_.emit(Inst::kIdCmp, rax, x(in.c));
        a_.emit(id, rax, x(in.c));
        set_x(in.a, rax);
    };
    switch (in.op) {
    case Op::AddX: binary(Inst::kIdAdd, in); return true;
    case Op::SubX: binary(Inst::kIdSub, in); return true;
    case Op::MulX: binary(Inst::kIdImul, in); return true;
    case Op::AndX: binary(Inst::kIdAnd, in); return true;
    case Op::OrX: binary(Inst::kIdOr, in); return true;
    case Op::XorX: binary(Inst::kIdXor, in); return true;
    case Op::ShlX: shift(Inst::kIdShl, in); return true;
    case Op::ShrX: shift(Inst::kIdShr, in); return true;
    case Op::SarX: shift(Inst::kIdSar, in); return true;
    case Op::AddImmX:
        if (in.a == in.b) {
            a_.emit(Inst::kIdAdd, x(in.a), Imm(extended(in.imm)));
            return true;
        }
        with_immediate(Inst::kIdAdd, in.imm);
        return true;
    case Op::AndImmX: with_immediate(Inst::kIdAnd, in.imm); return true;
    case Op::MulImmX:
        move(rax, x(in.b));
        a_.imul(rax, rax, Imm(extended(in.imm)));
        set_x(in.a, rax);
        return true;
    case Op::ShlImmX: with_immediate(Inst::kIdShl, in.c & 63); return true;
    case Op::ShrImmX: with_immediate(Inst::kIdShr, in.c & 63); return true;
    case Op::SarImmX: with_immediate(Inst::kIdSar, in.c & 63); return true;
    case Op::MinX: pick(Inst::kIdCmovg); return true;
    case Op::MaxX: pick(Inst::kIdCmovl); return true;
    case Op::EqX: compare(CondCode::kE); return true;
    case Op::NeX: compare(CondCode::kNE); return true;
    case Op::LtX: compare(CondCode::kL); return true;
    case Op::LeX: compare(CondCode::kLE); return true;
    case Op::LtUX: compare(CondCode::kB); return true;
    case Op::LeUX: compare(CondCode::kBE); return true;
    case Op::Extend8X: move(rax, x(in.b)); a_.movsx(rax, al); set_x(in.a, rax); return true;
    case Op::Extend16X: move(rax, x(in.b)); a_.movsx(rax, ax); set_x(in.a, rax); return true;
    case Op::Extend32X: move(rax, x(in.b)); a_.movsxd(rax, eax); set_x(in.a, rax); return true;
    case Op::Zero32X: move(rax, x(in.b)); a_.mov(eax, eax); set_x(in.a, rax); return true;
    case Op::SwapX: move(rax, x(in.b)); a_.bswap(rax); set_x(in.a, rax); return true;
    default: return false;
    }
}

bool Emitter::narrow_checked(const Instruction& in) {
    switch (in.op) {
    case Op::AddCheckedX: checked(Inst::kIdAdd, in); return true;
    case Op::SubCheckedX: checked(Inst::kIdSub, in); return true;
    case Op::MulCheckedX: checked(Inst::kIdImul, in); return true;
    case Op::DivX: case Op::RemX: case Op::DivUX: case Op::RemUX: divide(in); return true;
    default: return false;
    }
}

/// By -1 the quotient is the negation, which may overflow, and the remainder is 0: the processor would fault.
void Emitter::divide(const Instruction& in) {
    const bool is_signed = in.op == Op::DivX || in.op == Op::RemX;
    const bool quotient = in.op == Op::DivX || in.op == Op::DivUX;
    const Label by_minus_one = a_.newLabel(), done = a_.newLabel();
    move(rcx, x(in.c));
    move(rax, x(in.b));
    a_.test(rcx, rcx);
    a_.jz(trap(Trap::DivideByZero));
    if (is_signed) {
        a_.cmp(rcx, -1);
        a_.je(by_minus_one);
        a_.cqo();
        a_.idiv(rcx);
    } else {
        a_.xor_(edx, edx);
        a_.div(rcx);
    }
    if (!quotient) a_.mov(rax, rdx);
    if (is_signed) {
        a_.jmp(done);
        a_.bind(by_minus_one);
        if (quotient) {
            a_.neg(rax);
            a_.jo(trap(Trap::Overflow));
        } else {
            a_.xor_(eax, eax);
        }
        a_.bind(done);
    }
    set_x(in.a, rax);
}

// ---- 128 bits -----------------------------------------------------------------------------------

void Emitter::wide_pair(Inst::Id low, Inst::Id high, const Instruction& in, bool may_overflow) {
    const WidePlace right = w(in.c);
    take_w(in.b);
    a_.emit(low, rax, right.low);
    a_.emit(high, rdx, right.high);
    if (may_overflow) a_.jo(trap(Trap::Overflow));
    set_w(in.a, rax, rdx);
}

void Emitter::wide_order(unsigned left, unsigned right) {
    const WidePlace b = w(right);
    take_w(left);
    a_.emit(Inst::kIdCmp, rax, b.low);
    a_.emit(Inst::kIdSbb, rdx, b.high);
}

void Emitter::wide_same(unsigned left, unsigned right) {
    const WidePlace b = w(right);
    take_w(left);
    a_.emit(Inst::kIdXor, rax, b.low);
    a_.emit(Inst::kIdXor, rdx, b.high);
    a_.or_(rax, rdx);
}

/// b, unless `other` holds of b - c: then c.
void Emitter::wide_pick(const Instruction& in, CondCode other) {
    const WidePlace right = w(in.c);
    take_w(in.b);
    a_.mov(rcx, rdx);
    a_.emit(Inst::kIdCmp, rax, right.low);
    a_.emit(Inst::kIdSbb, rcx, right.high);
    const Inst::Id id = other == CondCode::kGE ? Inst::kIdCmovge : Inst::kIdCmovl;
    a_.emit(id, rax, right.low);
    a_.emit(id, rdx, right.high);
    set_w(in.a, rax, rdx);
}

void Emitter::multiply_wide(const Instruction& in) {
    const WidePlace b = w(in.b), c = w(in.c);
    move(rcx, b.high);
    a_.emit(Inst::kIdImul, rcx, c.low);
    move(rax, b.low);
    a_.emit(Inst::kIdImul, rax, c.high);
    a_.add(rcx, rax);
    move(rax, b.low);
    a_.emit(Inst::kIdMul, rdx, rax, c.low);
    a_.add(rdx, rcx);
    set_w(in.a, rax, rdx);
}

/// Two factors of 64 bits always fit; larger ones go the long way.
void Emitter::multiply_checked_wide(const Instruction& in) {
    Label back;
    const Label slow = slow_step(body_of(in), back);
    for (const unsigned number : {in.b, in.c}) {
        move(rax, w(number).low);
        a_.sar(rax, 63);
        a_.emit(Inst::kIdCmp, rax, w(number).high);
        a_.jne(slow);
    }
    move(rax, w(in.b).low);
    a_.emit(Inst::kIdImul, rdx, rax, w(in.c).low);
    set_w(in.a, rax, rdx);
    a_.bind(back);
}

bool Emitter::wide(const Instruction& in) {
    const auto ordered = [&](unsigned left, unsigned right, CondCode condition) {
        wide_order(left, right);
        set_on(condition, in.a);
    };
    const auto same = [&](CondCode condition) {
        wide_same(in.b, in.c);
        set_on(condition, in.a);
    };
    switch (in.op) {
    case Op::AddW: wide_pair(Inst::kIdAdd, Inst::kIdAdc, in, false); return true;
    case Op::SubW: wide_pair(Inst::kIdSub, Inst::kIdSbb, in, false); return true;
    case Op::AddCheckedW: wide_pair(Inst::kIdAdd, Inst::kIdAdc, in, true); return true;
    case Op::SubCheckedW: wide_pair(Inst::kIdSub, Inst::kIdSbb, in, true); return true;
    case Op::AndW: wide_pair(Inst::kIdAnd, Inst::kIdAnd, in, false); return true;
    case Op::OrW: wide_pair(Inst::kIdOr, Inst::kIdOr, in, false); return true;
    case Op::XorW: wide_pair(Inst::kIdXor, Inst::kIdXor, in, false); return true;
    case Op::MulW: multiply_wide(in); return true;
    case Op::MulCheckedW: multiply_checked_wide(in); return true;
    case Op::MinW: wide_pick(in, CondCode::kGE); return true;
    case Op::MaxW: wide_pick(in, CondCode::kL); return true;
    case Op::EqW: same(CondCode::kE); return true;
    case Op::NeW: same(CondCode::kNE); return true;
    case Op::LtW: ordered(in.b, in.c, CondCode::kL); return true;
    case Op::LeW: ordered(in.c, in.b, CondCode::kGE); return true;
    case Op::LtUW: ordered(in.b, in.c, CondCode::kB); return true;
    case Op::LeUW: ordered(in.c, in.b, CondCode::kAE); return true;
    case Op::WidenX:
        move(rax, x(in.b));
        a_.cqo();
        set_w(in.a, rax, rdx);
        return true;
    case Op::WidenUX:
        move(rax, x(in.b));
        a_.xor_(edx, edx);
        set_w(in.a, rax, rdx);
        return true;
    case Op::LowW: move(rax, w(in.b).low); set_x(in.a, rax); return true;
    case Op::HighW: move(rax, w(in.b).high); set_x(in.a, rax); return true;
    case Op::PackW:
        move(rax, x(in.b));
        move(rdx, x(in.c));
        set_w(in.a, rax, rdx);
        return true;
    case Op::NarrowW:
        move(rax, w(in.b).low);
        a_.cqo();
        a_.emit(Inst::kIdCmp, rdx, w(in.b).high);
        a_.jne(trap(Trap::Overflow));
        set_x(in.a, rax);
        return true;
    case Op::MulDiv: muldiv(in); return true;
    default: return false;
    }
}

/// The short way of `muldiv`: three operands and a quotient from 0 to 2^64. The long way is the interpreter's.
void Emitter::muldiv(const Instruction& in) {
    const auto mode = static_cast<Rounding>(in.imm >> 8);
    const WidePlace b = w(in.b), c = w(in.c), d = w(static_cast<unsigned>(in.imm & 0xff));
    Label back;
    const Label slow = slow_step(body_of(in), back);
    move(rax, b.high);
    a_.emit(Inst::kIdOr, rax, c.high);
    a_.emit(Inst::kIdOr, rax, d.high);
    a_.jnz(slow);
    move(rax, b.low);
    a_.emit(Inst::kIdMul, rdx, rax, c.low);
    move(rcx, d.low);
    a_.cmp(rdx, rcx);
    a_.jae(slow);
    a_.div(rcx);
    round_quotient(mode);
    set_w(in.a, rax, rdx);
    a_.bind(back);
}

/// rax the quotient, rdx the rest, rcx the divisor: the rounded quotient in rdx:rax. The carry flag says
/// whether it goes up; rcx - rdx is compared instead of doubling, which could wrap.
void Emitter::round_quotient(Rounding mode) {
    switch (mode) {
    case Rounding::Floor:
    case Rounding::TowardZero: a_.xor_(edx, edx); return;
    case Rounding::Exact:
        a_.test(rdx, rdx);
        a_.jnz(trap(Trap::Inexact));
        return;
    case Rounding::Ceiling:
    case Rounding::Away: a_.neg(rdx); break;
    case Rounding::HalfUp: // rest >= complement
        a_.sub(rcx, rdx);
        a_.cmp(rdx, rcx);
        a_.cmc();
        break;
    case Rounding::HalfDown: // rest > complement
        a_.sub(rcx, rdx);
        a_.cmp(rcx, rdx);
        break;
    case Rounding::HalfEven: // complement < rest + (1 if odd)
        a_.sub(rcx, rdx);
        a_.bt(rax, 0);
        a_.adc(rdx, 0);
        a_.cmp(rcx, rdx);
        break;
    }
    a_.mov(edx, 0);
    a_.adc(rax, 0);
    a_.adc(rdx, rdx);
}

// ---- memory -------------------------------------------------------------------------------------

/// The offset above the null page into rax; false, and nothing done, for an offset that no template can hold.
bool Emitter::address(const Instruction& in, unsigned log_bytes) {
    const i64 offset = i64{in.imm} - self_address;
    if (offset < INT32_MIN) return false;
    move(rax, x(in.b));
    if (offset != 0) a_.add(rax, Imm(offset));
    a_.cmp(rax, qword_ptr(r12, static_cast<std::int32_t>(offsetof(Machine, last_offset) + 8 * log_bytes)));
    a_.ja(trap(Trap::Bounds));
    return true;
}

bool Emitter::memory(const Instruction& in) {
    const auto load = [&](unsigned log_bytes, auto&& read) {
        if (!address(in, log_bytes)) return false;
        read();
        set_x(in.a, rax);
        return true;
    };
    const auto store = [&](unsigned log_bytes, const Gp& part) {
        if (!address(in, log_bytes)) return false;
        move(rcx, x(in.a));
        a_.mov(Mem(r14, rax, 0, 0, 1u << log_bytes), part);
        return true;
    };
    switch (in.op) {
    case Op::FrameAddress:
        a_.mov(rax, qword_ptr(r12, offsetof(Machine, frame_address)));
        if (in.imm != 0) a_.add(rax, in.imm);
        set_x(in.a, rax);
        return true;
    case Op::Load8: return load(0, [&] { a_.movzx(eax, byte_ptr(r14, rax)); });
    case Op::Load16: return load(1, [&] { a_.movzx(eax, word_ptr(r14, rax)); });
    case Op::Load32: return load(2, [&] { a_.mov(eax, dword_ptr(r14, rax)); });
    case Op::LoadX: return load(3, [&] { a_.mov(rax, qword_ptr(r14, rax)); });
    case Op::Store8: return store(0, cl);
    case Op::Store16: return store(1, cx);
    case Op::Store32: return store(2, ecx);
    case Op::StoreX: return store(3, rcx);
    case Op::LoadW:
        if (!address(in, 4)) return false;
        a_.mov(rdx, qword_ptr(r14, rax, 0, 8));
        a_.mov(rax, qword_ptr(r14, rax));
        set_w(in.a, rax, rdx);
        return true;
    case Op::StoreW:
        if (!address(in, 4)) return false;
        move(rcx, w(in.a).low);
        move(rdx, w(in.a).high);
        a_.mov(qword_ptr(r14, rax), rcx);
        a_.mov(qword_ptr(r14, rax, 0, 8), rdx);
        return true;
    default: return false;
    }
}

} // namespace tally::native
