// The frame of the code: entry, calls, ways out, places. The templates themselves are in templates.cpp.
#include "vm/engine/native/emitter.hpp"

#include "vm/engine/interpreter.hpp"

#include <cstddef>

namespace tally::native {

namespace {

using namespace asmjit::x86;

constexpr Gp pin_registers[pin_count] = {r15, rsi, rdi, r8, r9, r10, r11};
constexpr Gp saved[] = {rbx, rbp, r12, r13, r14, r15};

Mem of_machine(std::size_t offset) { return qword_ptr(r12, static_cast<std::int32_t>(offset)); }
Mem of_x(unsigned number) { return qword_ptr(rbx, static_cast<std::int32_t>(8 * number)); }
Mem of_w(unsigned number, int half) { return qword_ptr(rbp, static_cast<std::int32_t>(16 * number) + 8 * half); }

u64 address_of(const void* p) { return reinterpret_cast<u64>(p); }
template <typename Function> u64 address_of_function(Function* f) { return reinterpret_cast<u64>(f); }

// What machine code calls for a call; the frame that is now at work comes back, or none.

const Frame* native_push(Machine* m, const Decoded* call, std::uint32_t number, const u64* x, const i128* w) {
    return push(m, call, number, x, w) ? &m->frames[m->depth] : nullptr;
}

const Frame* native_push_from_table(Machine* m, const Decoded* call, const u64* x, const i128* w) {
    std::uint32_t number = 0;
    m->result.trap = from_table(m, *x, call->imm, number);
    if (m->result.trap != Trap::None) return nullptr;
    if (!m->gas->charge(frame_gas(m->program->module.functions[number]))) {
        m->result.trap = Trap::OutOfGas;
        return nullptr;
    }
    m->result.trap = push(m, call, number, x + 1, w) ? Trap::None : Trap::CallDepth;
    return m->result.trap == Trap::None ? &m->frames[m->depth] : nullptr;
}

const Frame* native_pop(Machine* m) {
    pop(m);
    return &m->frames[m->depth];
}

} // namespace

Emitter::Emitter(asmjit::x86::Assembler& code, const Program& program, const void* const* entries)
    : a_(code), program_(program), entry_table_(entries) {
    for (std::size_t i = 0; i < program.module.functions.size(); ++i) entries_.push_back(a_.newLabel());
    exit_ = a_.newLabel();
}

// ---- from C++ and back --------------------------------------------------------------------------

Label Emitter::prologue() {
    const Label start = a_.newLabel();
    a_.bind(start);
    for (const Gp& r : saved) a_.push(r);
    a_.sub(rsp, 8); // calls keep the stack at multiples of 16
    a_.mov(r12, rdi);
    a_.mov(of_machine(offsetof(Machine, native_stack)), rsp);
    a_.mov(rax, of_machine(offsetof(Machine, frames)));
    a_.mov(rbx, qword_ptr(rax, offsetof(Frame, x)));
    a_.mov(rbp, qword_ptr(rax, offsetof(Frame, w)));
    a_.mov(rax, of_machine(offsetof(Machine, gas)));
    a_.mov(r13, qword_ptr(rax));
    a_.mov(r14, of_machine(offsetof(Machine, memory)));
    a_.call(rsi);
    a_.bind(exit_);
    a_.mov(rax, of_machine(offsetof(Machine, gas)));
    a_.mov(qword_ptr(rax), r13);
    a_.add(rsp, 8);
    for (std::size_t i = std::size(saved); i-- > 0;) a_.pop(saved[i]);
    a_.ret();
    return start;
}

void Emitter::function(std::uint32_t number) {
    number_ = number;
    f_ = &program_.module.functions[number];
    pins_ = choose_pins(program_.module, *f_);
    heads_.clear();
    cold_.clear();
    for (const Instruction& in : f_->code)
        if (in.op == Op::Block) heads_.push_back(a_.newLabel());
    tail_ = a_.newLabel();
    flushed_tail_ = a_.newLabel();
    block_ = 0;
    a_.bind(entries_[number]);
    a_.sub(rsp, 8);
    pins_from_memory();
    for (at_ = 0; at_ < f_->code.size(); ++at_) instruction(f_->code[at_]);
    cold_code();
    trap_tails();
}

// ---- places -------------------------------------------------------------------------------------

asmjit::Operand Emitter::x(unsigned number) const {
    const std::uint8_t pin = pins_.x[number];
    if (pin != no_pin) return pin_registers[pin];
    return of_x(number);
}

WidePlace Emitter::w(unsigned number) const {
    const auto& pair = pins_.w[number];
    if (pair[0] != no_pin) return {pin_registers[pair[0]], pin_registers[pair[1]]};
    return {of_w(number, 0), of_w(number, 1)};
}

void Emitter::move(const Operand_& to, const Operand_& from) {
    if (to.equals(from)) return;
    a_.emit(Inst::kIdMov, to, from);
}

void Emitter::load_constant(Gp to, u64 value) {
    if (value == 0)
        a_.xor_(to.r32(), to.r32());
    else
        a_.mov(to, Imm(value));
}

void Emitter::set_w(unsigned number, Gp low, Gp high) {
    const WidePlace to = w(number);
    move(to.low, low);
    move(to.high, high);
}

void Emitter::take_w(unsigned number) {
    const WidePlace from = w(number);
    move(rax, from.low);
    move(rdx, from.high);
}

// ---- pins ---------------------------------------------------------------------------------------

void Emitter::pins_to_memory() {
    if (!pins_.any) return;
    for (unsigned i = 0; i < f_->x_registers; ++i)
        if (pins_.x[i] != no_pin) a_.mov(of_x(i), pin_registers[pins_.x[i]]);
    for (unsigned i = 0; i < f_->w_registers; ++i)
        for (int half = 0; half < 2 && pins_.w[i][0] != no_pin; ++half)
            a_.mov(of_w(i, half), pin_registers[pins_.w[i][static_cast<std::size_t>(half)]]);
}

void Emitter::pins_from_memory() {
    if (!pins_.any) return;
    for (unsigned i = 0; i < f_->x_registers; ++i)
        if (pins_.x[i] != no_pin) a_.mov(pin_registers[pins_.x[i]], of_x(i));
    for (unsigned i = 0; i < f_->w_registers; ++i)
        for (int half = 0; half < 2 && pins_.w[i][0] != no_pin; ++half)
            a_.mov(pin_registers[pins_.w[i][static_cast<std::size_t>(half)]], of_w(i, half));
}

// ---- ways out -----------------------------------------------------------------------------------

Label Emitter::trap(Trap trap) {
    cold_.push_back({a_.newLabel(), {}, Cold::Kind::Trap, trap, at_, nullptr});
    return cold_.back().label;
}

Label Emitter::slow_step(Body body, Label& back) {
    back = a_.newLabel();
    cold_.push_back({a_.newLabel(), back, Cold::Kind::Step, Trap::None, at_, body});
    return cold_.back().label;
}

void Emitter::cold_code() {
    for (const Cold& cold : cold_) {
        a_.bind(cold.label);
        if (cold.kind == Cold::Kind::Trap) {
            a_.mov(eax, cold.at);
            a_.mov(edx, static_cast<std::uint32_t>(cold.trap));
            a_.jmp(tail_);
        } else {
            run_step(cold.at, cold.body);
            a_.jmp(cold.back);
        }
    }
}

/// eax: the instruction; edx: the trap. What ran out of gas has none left.
void Emitter::trap_tails() {
    a_.bind(tail_);
    pins_to_memory();
    const Label has_gas = a_.newLabel();
    a_.cmp(edx, static_cast<std::uint32_t>(Trap::OutOfGas));
    a_.jne(has_gas);
    a_.xor_(r13d, r13d);
    a_.bind(has_gas);
    a_.mov(word_ptr(r12, offsetof(Machine, result) + offsetof(Outcome, trap)), dx);
    a_.bind(flushed_tail_);
    a_.shl(rax, 4);
    static_assert(sizeof(Decoded) == 16);
    a_.mov(rcx, Imm(address_of(program_.code[number_].data())));
    a_.add(rax, rcx);
    a_.mov(of_machine(offsetof(Machine, stopped)), rax);
    a_.mov(rsp, of_machine(offsetof(Machine, native_stack)));
    a_.jmp(exit_);
}

// ---- the interpreter's code for one instruction -------------------------------------------------

void Emitter::step(const Instruction& in) { run_step(at_, body_of(in)); }

/// The traps of a step find pins in memory and the gas in its place.
void Emitter::run_step(std::uint32_t at, Body body) {
    Decoded first = decoded(f_->code[at]);
    first.body = body;
    steps.push_back({first, Decoded{body_that_returns(), 0, 0, 0, 0, 0}});
    pins_to_memory();
    a_.mov(rdi, Imm(address_of(steps.back().data())));
    a_.mov(rsi, rbx);
    a_.mov(rdx, rbp);
    a_.mov(rcx, r13);
    a_.mov(r8, r12);
    a_.mov(rax, Imm(address_of_function(body)));
    a_.call(rax);
    a_.mov(rax, of_machine(offsetof(Machine, gas)));
    a_.mov(r13, qword_ptr(rax));
    a_.mov(eax, at);
    a_.cmp(word_ptr(r12, offsetof(Machine, result) + offsetof(Outcome, trap)), 0);
    a_.jne(flushed_tail_);
    pins_from_memory();
}

// ---- calls --------------------------------------------------------------------------------------

void Emitter::call(const Instruction& in) {
    const bool from_table = in.op == Op::CallTable;
    pins_to_memory();
    if (from_table) {
        a_.mov(rax, of_machine(offsetof(Machine, gas)));
        a_.mov(qword_ptr(rax), r13);
    }
    a_.mov(rdi, r12);
    a_.mov(rsi, Imm(address_of(&program_.code[number_][at_])));
    const Gp first_x = from_table ? rdx : rcx, first_w = from_table ? rcx : r8;
    if (!from_table) a_.mov(edx, static_cast<std::uint32_t>(in.imm));
    a_.lea(first_x, of_x(in.a));
    a_.lea(first_w, of_w(in.b, 0));
    a_.mov(rax, Imm(from_table ? address_of_function(native_push_from_table) : address_of_function(native_push)));
    a_.call(rax);
    if (from_table) {
        a_.mov(rcx, of_machine(offsetof(Machine, gas)));
        a_.mov(r13, qword_ptr(rcx));
    }
    const Label pushed = a_.newLabel();
    a_.test(rax, rax);
    a_.jnz(pushed);
    a_.mov(eax, at_);
    if (!from_table) a_.mov(word_ptr(r12, offsetof(Machine, result) + offsetof(Outcome, trap)), static_cast<std::uint32_t>(Trap::CallDepth));
    a_.jmp(flushed_tail_);
    a_.bind(pushed);
    a_.mov(rbx, qword_ptr(rax, offsetof(Frame, x)));
    a_.mov(rbp, qword_ptr(rax, offsetof(Frame, w)));
    if (from_table) {
        a_.mov(eax, dword_ptr(rax, offsetof(Frame, number)));
        a_.mov(rcx, Imm(address_of(entry_table_)));
        a_.call(qword_ptr(rcx, rax, 3));
    } else {
        a_.call(entries_[static_cast<std::size_t>(in.imm)]);
    }
    a_.mov(rdi, r12);
    a_.mov(rax, Imm(address_of_function(native_pop)));
    a_.call(rax);
    a_.mov(rbx, qword_ptr(rax, offsetof(Frame, x)));
    a_.mov(rbp, qword_ptr(rax, offsetof(Frame, w)));
    pins_from_memory();
}

void Emitter::leave() {
    pins_to_memory();
    a_.add(rsp, 8);
    a_.ret();
}

} // namespace tally::native
