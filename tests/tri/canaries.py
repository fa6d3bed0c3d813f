#!/usr/bin/env python3
"""canaries.py ROOT OUT: writes the interpreter of ROOT with faults in it into the folder OUT.

Each row of CANARIES is a fault: the file, the text that is right and stands there exactly once, and what stands there
instead; `FAULT` in it is true while this canary is chosen. A text that is not found exactly once ends the build: then the
interpreter was rewritten, and the row must follow.
"""
import os
import sys

OPS, CODE, STATE = "interpreter_ops.inc", "interpreter.cpp", "run_state.cpp"

CANARIES = [
    ("sext16 extends with zeros", OPS,
     "as_unsigned(i64{static_cast<std::int16_t>(X(B))})",
     "FAULT ? static_cast<std::uint16_t>(X(B)) : as_unsigned(i64{static_cast<std::int16_t>(X(B))})"),
    ("a block costs one gas less", CODE,
     "    gas -= ip->imm;",
     "    gas -= ip->imm - (FAULT ? 1 : 0);"),
    ("a load may reach one byte beyond the arena", CODE,
     "    if (offset > m->last_offset[std::bit_width(sizeof(T)) - 1]) return false;\n    std::memcpy(&out, m->memory + offset, sizeof(T));",
     "    if (offset > m->last_offset[std::bit_width(sizeof(T)) - 1] + (FAULT ? 1 : 0)) return false;\n    std::memcpy(&out, m->memory + offset, sizeof(T));"),
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


def main(root, out):
    engine = os.path.join(root, "vm", "engine")
    texts = {}
    for name in (OPS, CODE, STATE):
        with open(os.path.join(engine, name), encoding="utf-8") as f:
            texts[name] = f.read()
    for number, (what, name, right, faulty) in enumerate(CANARIES, 1):
        found = texts[name].count(right)
        if found != 1:
            sys.exit(f"canaries.py: `{what}`: its text stands {found} times in vm/engine/{name}, not once:\n{right}")
        texts[name] = texts[name].replace(right, faulty.replace("FAULT", f"(canary == {number})"))
    texts[CODE] = texts[CODE].replace('#include "vm/engine/interpreter_ops.inc"', '#include "interpreter_ops.inc"')
    names = ",\n        ".join(f'"{row[0]}"' for row in CANARIES)
    texts["canary.cpp"] = (f"std::vector<std::string> made{{\n        {names}}};\n")
    texts["canary.cpp"] = ('#include "tests/tri/canary.hpp"\n\nnamespace tally {\n\nint canary = 0;\n\n'
                           "const std::vector<std::string>& canary_names() {\n    static const " + texts["canary.cpp"] +
                           "    return made;\n}\n\n} // namespace tally\n")
    os.makedirs(out, exist_ok=True)
    for name, text in texts.items():
        if name in (CODE, STATE):
            text = '#include "tests/tri/canary.hpp"\n' + text
        with open(os.path.join(out, name), "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
