#!/usr/bin/env python3
"""canaries.py ROOT OUT: writes the engines of ROOT with faults in them into the folder OUT.

Each row of CANARIES is a fault: the file, the text that is right and stands there exactly once, and what stands there
instead; `FAULT` in it is true while this canary is chosen. A text that is not found exactly once ends the build: then the
engine was rewritten, and the row must follow. Faults of the template compiler make no access that could end the process.
"""
import os
import sys

OPS, CODE, STATE = "interpreter_ops.inc", "interpreter.cpp", "run_state.cpp"
EMITTER, TEMPLATES = "native/emitter.cpp", "native/templates.cpp"

CANARIES = [
    ("sext16 extends with zeros", OPS,
     "as_unsigned(i64{static_cast<std::int16_t>(X(B))})",
     "FAULT ? static_cast<std::uint16_t>(X(B)) : as_unsigned(i64{static_cast<std::int16_t>(X(B))})"),
    ("a block costs one gas less", CODE,
     "    gas -= ip->imm;",
     "    gas -= ip->imm - (FAULT ? 1 : 0);"),
    ("a load may reach one byte beyond the arena", CODE,
     "    if (offset > m->last_offset[std::bit_width(sizeof(T)) - 1]) return false;\n    read_word(m->memory + offset, out);",
     "    if (offset > m->last_offset[std::bit_width(sizeof(T)) - 1] + (FAULT ? 1 : 0)) return false;\n    read_word(m->memory + offset, out);"),
    ("rescale rounds a tie up instead of to even", OPS,
     "rescale(W(B), SMALL(C), static_cast<Rounding>(ip->imm), W(A))",
     "rescale(W(B), SMALL(C), FAULT && ip->imm == 4 ? Rounding::HalfUp : static_cast<Rounding>(ip->imm), W(A))"),
    ("shl takes five bits of the count", OPS,
     "SET_X(ShlX, X(B) << (X(C) & 63))",
     "SET_X(ShlX, X(B) << (X(C) & (FAULT ? 31 : 63)))"),
    ("ltu compares signed", OPS,
     "TEST(LtUX, X(B) < X(C))",
     "TEST(LtUX, FAULT ? SIGNED(X(B)) < SIGNED(X(C)) : X(B) < X(C))"),
    ("ble is blt", OPS,
     "BRANCH(BranchLe, SIGNED(X(A)) <= SIGNED(X(B)))",
     "BRANCH(BranchLe, FAULT ? SIGNED(X(A)) < SIGNED(X(B)) : SIGNED(X(A)) <= SIGNED(X(B)))"),
    ("wdiv of MIN by -1 is MIN", CODE,
     "    return a == i128_min && b == -1 ? Trap::Overflow : Trap::None;",
     "    return !(FAULT) && a == i128_min && b == -1 ? Trap::Overflow : Trap::None;"),
    ("the last register of a callee is not zeroed", STATE,
     "std::fill_n(std::copy_n(x, f.x_params, callee.x), f.x_registers - f.x_params, u64{0});",
     "std::fill_n(std::copy_n(x, f.x_params, callee.x), f.x_registers - f.x_params - (FAULT && f.x_registers > f.x_params ? 1 : 0), u64{0});"),
    ("the frame of a callee is not zeroed", STATE,
     "    if (frame.function->frame_bytes == 0) return;",
     "    if (frame.function->frame_bytes == 0 || FAULT) return;"),
    ("wadd loses the carry between its halves", OPS,
     "SET_W(AddW, as_signed(as_unsigned(W(B)) + as_unsigned(W(C))))",
     "SET_W(AddW, FAULT ? from_halves(low_half(W(B)) + low_half(W(C)), as_unsigned(high_half(W(B))) + as_unsigned(high_half(W(C)))) : as_signed(as_unsigned(W(B)) + as_unsigned(W(C))))"),
    ("wsar shifts zeros in", OPS,
     "SET_W(SarW, W(B) >> (X(C) & 127))",
     "SET_W(SarW, FAULT ? as_signed(as_unsigned(W(B)) >> (X(C) & 127)) : W(B) >> (X(C) & 127))"),
    ("brtab does not know its last case", OPS,
     "    if (X(A) < static_cast<std::uint32_t>(ip->imm)) {",
     "    if (X(A) < static_cast<std::uint32_t>(ip->imm) - (FAULT ? 1 : 0)) {"),
    ("copy does not see that the ranges overlap", CODE,
     "    std::memmove(target, source, bytes);",
     "    if (FAULT) for (u64 i = 0; i < bytes; ++i) { target[i] = source[i]; asm volatile(\"\" ::: \"memory\"); }\n    else std::memmove(target, source, bytes);"),
    ("copy and fill are free", CODE,
     "    return gas.charge(as_signed((bytes + 63) / 64)) ? Trap::None : Trap::OutOfGas;",
     "    return FAULT || gas.charge(as_signed((bytes + 63) / 64)) ? Trap::None : Trap::OutOfGas;"),
    ("a host function has the registers one further down", OPS,
     "CHARGING(host_call(m, ip->imm, &X(A), &W(B)))",
     "CHARGING(host_call(m, ip->imm, &X(FAULT && A > 0 ? A - 1 : A), &W(B)))"),
    ("mul traps instead of wrapping", OPS,
     "SET_X(MulX, X(B) * X(C))",
     "BODY(MulX) { i64 out = 0; if (FAULT && !mul_fits(SIGNED(X(B)), SIGNED(X(C)), out)) STOP(Trap::Overflow); X(A) = X(B) * X(C); NEXT(); }"),
    ("addc wraps instead of trapping", OPS,
     "CHECKED_X(AddCheckedX, add_fits)",
     "BODY(AddCheckedX) { i64 out = 0; if (!add_fits(SIGNED(X(B)), SIGNED(X(C)), out) && !(FAULT)) STOP(Trap::Overflow); X(A) = as_unsigned(out); NEXT(); }"),
    ("an offset is not sign-extended", OPS,
     "#define ADDRESS (X(B) + extended(ip->imm))",
     "#define ADDRESS (X(B) + (FAULT ? u64{static_cast<std::uint32_t>(ip->imm)} : extended(ip->imm)))"),
    ("narrow lets 2^63 pass", OPS,
     "    if (value != i128{SIGNED(low_half(value))}) [[unlikely]] STOP(Trap::Overflow);",
     "    if (value != i128{SIGNED(low_half(value))} && !(FAULT && value == i128{low_half(value)})) [[unlikely]] STOP(Trap::Overflow);"),
    ("divf by a negative number rounds the wrong way", CODE,
     "    return rest != 0 && (rest < 0) != (as_signed(b) < 0);",
     "    return rest != 0 && (rest < 0) != (!(FAULT) && as_signed(b) < 0);"),
    ("clz of 0 is 63", OPS,
     "SET_X(LeadingX, static_cast<u64>(std::countl_zero(X(B))))",
     "SET_X(LeadingX, FAULT && X(B) == 0 ? u64{63} : static_cast<u64>(std::countl_zero(X(B))))"),
    ("hjoin leaves a holding where it was", OPS,
     "m->host->asset_join(H(A), H(B)), H(B) = 0;)",
     "m->host->asset_join(H(A), H(B)), H(B) = FAULT ? H(B) : 0;)"),
    ("an import leaves the holdings that were given", CODE,
     "    std::fill_n(slots, given, Holding{0});",
     "    std::fill_n(slots, FAULT ? 0 : given, Holding{0});"),
    ("the result of a call comes back one register further down", STATE,
     "    if (bank == ResultBank::X) caller.x[call->a] = m->result.x;",
     "    if (bank == ResultBank::X) caller.x[FAULT && call->a > 0 ? call->a - 1 : call->a] = m->result.x;"),
    ("a call through the table does not pay for its frame", OPS,
     "    gas -= frame_gas(m->program->module.functions[number]);",
     "    gas -= FAULT ? 0 : frame_gas(m->program->module.functions[number]);"),
    ("a call through the table does not look at the result's bank", STATE,
     "    return CallShape{f.x_params, f.w_params, f.result} == want ? Trap::None : Trap::BadCall;",
     "    return CallShape{f.x_params, f.w_params, FAULT ? want.result : f.result} == want ? Trap::None : Trap::BadCall;"),
    ("out of gas leaves the rest of it", CODE,
     "    m->gas->left = trap == Trap::OutOfGas ? 0 : gas;",
     "    m->gas->left = trap == Trap::OutOfGas && !(FAULT) ? 0 : gas;"),
]

NATIVE_CANARIES = [
    ("bltu is blt", TEMPLATES,
     "a_.j(row.condition, heads_",
     "a_.j(FAULT && in.op == Op::BranchLtU ? CondCode::kL : row.condition, heads_"),
    ("wble is wblt", TEMPLATES,
     "    default: wide_order(in.b, in.a); a_.jge(to); return; // a <= b is not b < a",
     "    default: wide_order(in.b, in.a); FAULT ? a_.jg(to) : a_.jge(to); return;"),
    ("ltu compares signed", TEMPLATES,
     "compare(CondCode::kB);",
     "compare(FAULT ? CondCode::kL : CondCode::kB);"),
    ("sext16 extends with zeros", TEMPLATES,
     "a_.movsx(rax, ax);",
     "FAULT ? a_.movzx(eax, ax) : a_.movsx(rax, ax);"),
    ("widen extends with zeros", TEMPLATES,
     "        a_.cqo();\n        set_w(in.a, rax, rdx);",
     "        FAULT ? a_.xor_(edx, edx) : a_.cqo();\n        set_w(in.a, rax, rdx);"),
    ("ldx may reach four bytes beyond the arena", TEMPLATES,
     "offsetof(Machine, last_offset) + 8 * log_bytes)",
     "offsetof(Machine, last_offset) + 8 * (FAULT && in.op == Op::LoadX ? 2 : log_bytes))"),
    ("the high half of ldw is four bytes too low", TEMPLATES,
     "a_.mov(rdx, qword_ptr(r14, rax, 0, 8));",
     "a_.mov(rdx, qword_ptr(r14, rax, 0, FAULT ? 4 : 8));"),
    ("a block costs one gas less", TEMPLATES,
     "a_.sub(r13, Imm(gas));",
     "a_.sub(r13, Imm(gas - (FAULT ? 1 : 0)));"),
    ("the last unit of gas cannot be spent", TEMPLATES,
     "    a_.js(trap(Trap::OutOfGas));",
     "    FAULT ? a_.jle(trap(Trap::OutOfGas)) : a_.js(trap(Trap::OutOfGas));"),
    ("waddc loses the carry between its halves", TEMPLATES,
     "a_.emit(high, rdx, right.high);",
     "a_.emit(FAULT && in.op == Op::AddCheckedW ? Inst::kIdAdd : high, rdx, right.high);"),
    ("addc, subc and mulc wrap instead of trapping", TEMPLATES,
     "    a_.jo(trap(Trap::Overflow));\n    set_x(in.a, rax);",
     "    if (!(FAULT)) a_.jo(trap(Trap::Overflow));\n    set_x(in.a, rax);"),
    ("sub in place takes its operands the other way round", TEMPLATES,
     "in.a != in.c;",
     "(in.a != in.c || (FAULT && in.op == Op::SubX));"),
    ("muldiv rounds a tie up instead of to even", TEMPLATES,
     "        a_.adc(rdx, 0);\n        a_.cmp(rcx, rdx);",
     "        a_.adc(rdx, FAULT ? 1 : 0);\n        a_.cmp(rcx, rdx);"),
    ("wmulc takes a factor of 65 bits for one of 64", TEMPLATES,
     "        a_.sar(rax, 63);",
     "        if (FAULT) a_.mov(rax, 0);\n        else a_.sar(rax, 63);"),
    ("brtab takes the case before", TEMPLATES,
     "heads_[static_cast<std::size_t>(f_->code[at_ + 1 + i].imm)], table, 4",
     "heads_[static_cast<std::size_t>(f_->code[at_ + 1 + (FAULT && i > 0 ? i - 1 : i)].imm)], table, 4"),
    ("the high half of a pinned wide register is lost when it goes to memory", EMITTER,
     "a_.mov(of_w(i, half), pin_registers[pins_.w[i][static_cast<std::size_t>(half)]]);",
     "a_.mov(of_w(i, half), pin_registers[pins_.w[i][static_cast<std::size_t>(FAULT ? 0 : half)]]);"),
    ("pins are not loaded again after a call", EMITTER,
     "    a_.mov(rbp, qword_ptr(rax, offsetof(Frame, w)));\n    pins_from_memory();",
     "    a_.mov(rbp, qword_ptr(rax, offsetof(Frame, w)));\n    if (!(FAULT)) pins_from_memory();"),
    ("two pins share a register of the processor", EMITTER,
     "    if (pin != no_pin) return pin_registers[pin];",
     "    if (pin != no_pin) return pin_registers[FAULT && pin == 3 ? 2 : pin];"),
    ("what the interpreter's code charges is forgotten", EMITTER,
     "    a_.mov(r13, qword_ptr(rax));\n    a_.mov(eax, at);",
     "    if (!(FAULT)) a_.mov(r13, qword_ptr(rax));\n    a_.mov(eax, at);"),
    ("out of gas leaves the rest of it", EMITTER,
     "    a_.xor_(r13d, r13d);",
     "    if (!(FAULT)) a_.xor_(r13d, r13d);"),
    ("a trap says the instruction after it", EMITTER,
     "            a_.mov(eax, cold.at);",
     "            a_.mov(eax, cold.at + (FAULT ? 1 : 0));"),
]


def main(root, out):
    engine = os.path.join(root, "vm", "engine")
    texts = {}
    for name in (OPS, CODE, STATE, EMITTER, TEMPLATES):
        with open(os.path.join(engine, name), encoding="utf-8") as f:
            texts[name] = f.read()
    for number, (what, name, right, faulty) in enumerate(CANARIES + NATIVE_CANARIES, 1):
        found = texts[name].count(right)
        if found != 1:
            sys.exit(f"canaries.py: `{what}`: its text stands {found} times in vm/engine/{name}, not once:\n{right}")
        texts[name] = texts[name].replace(right, faulty.replace("FAULT", f"(canary == {number})"))
    texts[CODE] = texts[CODE].replace('#include "vm/engine/interpreter_ops.inc"', '#include "interpreter_ops.inc"')
    lists = (("interpreter_canaries", CANARIES), ("native_canaries", NATIVE_CANARIES))
    texts["canary.cpp"] = '#include "tests/tri/canary.hpp"\n\nnamespace tally {\n\nint canary = 0;\n\n'
    for function, rows in lists:
        names = ",\n        ".join(f'"{row[0]}"' for row in rows)
        texts["canary.cpp"] += (f"const std::vector<std::string>& {function}() {{\n    static const std::vector<std::string> made{{\n"
                                f"        {names}}};\n    return made;\n}}\n\n")
    texts["canary.cpp"] += "} // namespace tally\n"
    os.makedirs(os.path.join(out, "native"), exist_ok=True)
    for name, text in texts.items():
        if name in (CODE, STATE, EMITTER, TEMPLATES):
            text = '#include "tests/tri/canary.hpp"\n' + text
        with open(os.path.join(out, name), "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
