// Every opcode with operands at its edges against a value worked out by hand.
#include "tests/unit/engine/machine_kit.hpp"

#include "vm/bytecode/verify.hpp"

#include <set>

using namespace tally;
using namespace tally::test;

namespace {

constexpr u64 min64 = u64{1} << 63;
constexpr u64 max64 = min64 - 1;
constexpr u64 all64 = ~u64{0};
constexpr u64 minus(u64 v) { return ~v + 1; }
constexpr i128 wmin = i128_min;
constexpr i128 wmax = i128_max;
constexpr i128 pow64 = i128{1} << 64;

/// `code` sees its operands in x0, x1, x2 and w0, w1, w2, and leaves its result in x0 or w0.
struct Case {
    std::string code;
    std::vector<u64> x;
    std::vector<i128> w;
    char bank;
    u64 x_result;
    i128 w_result = 0;
    Trap trap = Trap::None;
};

Case xx(std::string op, u64 b, u64 c, u64 result) {
    return {op + " x0, x0, x1", {b, c}, {}, 'x', result};
}
Case xx(std::string op, u64 b, u64 c, Trap trap) {
    return {op + " x0, x0, x1", {b, c}, {}, 'x', 0, 0, trap};
}
Case ww(std::string op, i128 b, i128 c, i128 result) {
    return {op + " w0, w0, w1", {}, {b, c}, 'w', 0, result};
}
Case ww(std::string op, i128 b, i128 c, Trap trap) {
    return {op + " w0, w0, w1", {}, {b, c}, 'w', 0, 0, trap};
}
Case wwx(std::string op, i128 b, i128 c, u64 result) {
    return {op + " x0, w0, w1", {}, {b, c}, 'x', result};
}
Case wx(std::string op, i128 b, u64 c, i128 result) {
    return {op + " w0, w0, x0", {c}, {b}, 'w', 0, result};
}
Case branch(std::string op, u64 a, u64 b, bool taken) {
    return {op + " x0, x1, b2\nb1:\n ldi x0, 0\n jump b3\nb2:\n ldi x0, 1\nb3:",
            {a, b},
            {},
            'x',
            taken};
}
Case branch_zero(std::string op, u64 a, bool taken) {
    return {op + " x0, b2\nb1:\n ldi x0, 0\n jump b3\nb2:\n ldi x0, 1\nb3:", {a}, {}, 'x', taken};
}
Case wide_branch(std::string op, i128 a, i128 b, bool taken) {
    return {op + " w0, w1, b2\nb1:\n ldi x0, 0\n jump b3\nb2:\n ldi x0, 1\nb3:",
            {},
            {a, b},
            'x',
            taken};
}
Case branch_small(std::string op, u64 a, int b, bool taken) {
    return {op + " x0, " + std::to_string(b) + ", b2\nb1:\n ldi x0, 0\n jump b3\nb2:\n ldi x0, 1\nb3:", {a}, {}, 'x', taken};
}
/// brtab over two blocks: 20 and 21 in the table, 5 beyond it.
Case table(u64 index, u64 result) {
    return {"brtab x0, 2\n case b3\n case b2\nb1:\n ldi x0, 5\n jump b4\nb2:\n ldi x0, 21\n jump b4\nb3:\n ldi x0, 20\nb4:",
            {index},
            {},
            'x',
            result};
}
Case xi(std::string op, u64 b, std::string immediate, u64 result) {
    return {op + " x0, x0, " + immediate, {b}, {}, 'x', result};
}
Case x1(std::string op, u64 b, u64 result) { return {op + " x0, x0", {b}, {}, 'x', result}; }
Case rescale(i128 a, int digits, std::string mode, i128 result, Trap trap = Trap::None) {
    return {"rescale w0, w0, " + std::to_string(digits) + ", " + mode, {}, {a}, 'w', 0, result, trap};
}
Case muldiv(i128 a, i128 b, i128 c, std::string mode, i128 result, Trap trap = Trap::None) {
    return {"muldiv w0, w0, w1, w2, " + mode, {}, {a, b, c}, 'w', 0, result, trap};
}

std::vector<Case> control() {
    return {
        branch_zero("brz", 0, true),
        branch_zero("brz", 1, false),
        branch_zero("brnz", 0, false),
        branch_zero("brnz", min64, true),
        branch("beq", 3, 3, true),
        branch("beq", 3, 4, false),
        branch("bne", 3, 3, false),
        branch("bne", 3, 4, true),
        branch("blt", all64, 0, true),
        branch("blt", 0, all64, false),
        branch("blt", 2, 2, false),
        branch("ble", min64, max64, true),
        branch("ble", 2, 2, true),
        branch("ble", 3, 2, false),
        branch("bltu", 0, all64, true),
        branch("bltu", all64, 0, false),
        branch("bltu", 2, 2, false),
        branch("bleu", 2, 2, true),
        branch("bleu", min64, max64, false),
        wide_branch("wbeq", wmin, wmin, true),
        wide_branch("wbeq", pow64, 0, false),
        wide_branch("wbne", pow64, 0, true),
        wide_branch("wbne", 5, 5, false),
        wide_branch("wblt", wmin, wmax, true),
        wide_branch("wblt", 5, 5, false),
        wide_branch("wble", 5, 5, true),
        wide_branch("wble", 0, -1, false),
        table(0, 20),
        table(1, 21),
        table(2, 5),
        table(all64, 5),
        branch_small("beqi", all64, -1, true),
        branch_small("beqi", 255, -1, false),
        branch_small("bnei", minus(128), -128, false),
        branch_small("bnei", 128, -128, true),
        branch_small("blti", min64, -128, true),
        branch_small("blti", 127, 127, false),
        branch_small("bgti", max64, 127, true),
        branch_small("bgti", all64, -1, false),
        branch_small("bgti", 0, -1, true),
        {"trap Unreachable\nb1:", {}, {}, '!', 0, 0, Trap::Unreachable},
        {"trap EnsureFailed\nb1:", {}, {}, '!', 0, 0, Trap::EnsureFailed},
    };
}

std::vector<Case> moves() {
    return {
        {"movx x0, x1", {1, 2}, {}, 'x', 2},
        {"movw w0, w1", {}, {1, wmin}, 'w', 0, wmin},
        {"ldi x0, -2147483648", {}, {}, 'x', minus(u64{1} << 31)},
        {"ldi x0, 2147483647", {}, {}, 'x', (u64{1} << 31) - 1},
        {"ldiw w0, -1", {}, {}, 'w', 0, -1},
        {"ldc x0, 0", {}, {}, 'x', min64},
        {"ldcw w0, 0", {}, {}, 'w', 0, wmin},
        {"selx x0, x0, x1, x2", {min64, 5, 6}, {}, 'x', 5},
        {"selx x0, x0, x1, x2", {0, 5, 6}, {}, 'x', 6},
        {"selw w0, x0, w1, w2", {1}, {0, 5, 6}, 'w', 0, 5},
        {"selw w0, x0, w1, w2", {0}, {0, 5, 6}, 'w', 0, 6},
    };
}

std::vector<Case> narrow() {
    return {
        xx("add", max64, 1, min64),
        xx("sub", 0, 1, all64),
        xx("mul", min64, 2, 0),
        xx("mul", all64, all64, 1),
        {"addi x0, x0, -1", {0}, {}, 'x', all64},
        {"addi x0, x0, 2147483647", {all64}, {}, 'x', (u64{1} << 31) - 2},
        xx("and", 12, 10, 8),
        xx("or", 12, 10, 14),
        xx("xor", 12, 10, 6),
        xx("shl", 1, 63, min64),
        xx("shl", 1, 64, 1),
        xx("shl", 3, 63, min64),
        xx("shr", min64, 63, 1),
        xx("shr", 5, 64, 5),
        xx("shr", 8, all64, 0),
        xx("sar", min64, 63, all64),
        xx("sar", min64, 64, min64),
        xx("sar", 8, 2, 2),
        xx("min", all64, 1, all64),
        xx("max", all64, 1, 1),
        xx("min", min64, max64, min64),
        xx("addc", max64, 0, max64),
        xx("addc", max64, 1, Trap::Overflow),
        xx("addc", min64, all64, Trap::Overflow),
        xx("addc", min64, max64, all64),
        xx("subc", min64, 0, min64),
        xx("subc", min64, 1, Trap::Overflow),
        xx("subc", 0, min64, Trap::Overflow),
        xx("subc", all64, min64, max64),
        xx("mulc", min64, 1, min64),
        xx("mulc", min64, all64, Trap::Overflow),
        xx("mulc", u64{1} << 32, u64{1} << 31, Trap::Overflow),
        xx("mulc", u64{1} << 31, u64{1} << 31, u64{1} << 62),
        xx("div", 7, 2, 3),
        xx("div", minus(7), 2, minus(3)),
        xx("div", 7, minus(2), minus(3)),
        xx("div", 1, 0, Trap::DivideByZero),
        xx("div", min64, all64, Trap::Overflow),
        xx("div", min64, 1, min64),
        xx("rem", 7, 2, 1),
        xx("rem", minus(7), 2, minus(1)),
        xx("rem", 7, minus(2), 1),
        xx("rem", 1, 0, Trap::DivideByZero),
        xx("rem", min64, all64, 0),
        xx("divf", 7, 2, 3),
        xx("divf", minus(7), 2, minus(4)),
        xx("divf", 7, minus(2), minus(4)),
        xx("divf", minus(7), minus(2), 3),
        xx("divf", minus(8), 2, minus(4)),
        xx("divf", 1, 0, Trap::DivideByZero),
        xx("divf", min64, all64, Trap::Overflow),
        xx("divf", min64, 2, minus(u64{1} << 62)),
        xx("divf", min64, max64, minus(2)),
        xx("modf", 7, 2, 1),
        xx("modf", minus(7), 2, 1),
        xx("modf", 7, minus(2), minus(1)),
        xx("modf", minus(7), minus(2), minus(1)),
        xx("modf", min64, all64, 0),
        xx("modf", min64, max64, max64 - 1),
        xx("modf", 1, 0, Trap::DivideByZero),
        xx("divu", all64, 2, max64),
        xx("divu", min64, all64, 0),
        xx("divu", 1, 0, Trap::DivideByZero),
        xx("remu", all64, 10, 5),
        xx("remu", min64, all64, min64),
        xx("remu", 1, 0, Trap::DivideByZero),
        xi("andi", all64, "-256", minus(256)),
        xi("andi", all64, "255", 255),
        xi("muli", max64, "2", minus(2)),
        xi("muli", 7, "-3", minus(21)),
        xi("shli", 3, "63", min64),
        xi("shli", 3, "64", 3),
        xi("shri", min64, "63", 1),
        xi("shri", min64, "-1", 1),
        xi("sari", min64, "63", all64),
        xi("sari", 8, "2", 2),
        x1("sext8", 0x1ff, all64),
        x1("sext8", 0x17f, 0x7f),
        x1("sext16", 0x18000, minus(0x8000)),
        x1("sext16", 0x7fff, 0x7fff),
        x1("sext32", u64{1} << 31, minus(u64{1} << 31)),
        x1("sext32", (u64{1} << 32) + 5, 5),
        x1("zext32", all64, (u64{1} << 32) - 1),
        x1("clz", 0, 64),
        x1("clz", 1, 63),
        x1("clz", all64, 0),
        x1("ctz", 0, 64),
        x1("ctz", min64, 63),
        x1("popcnt", all64, 64),
        x1("popcnt", min64 + 1, 2),
        x1("bswap", 0x0102030405060708, 0x0807060504030201),
        xx("eq", 1, 1, 1),
        xx("eq", 1, 2, 0),
        xx("ne", 1, 1, 0),
        xx("ne", 1, 2, 1),
        xx("lt", all64, 0, 1),
        xx("lt", 0, all64, 0),
        xx("lt", 1, 1, 0),
        xx("le", min64, max64, 1),
        xx("le", 1, 1, 1),
        xx("le", 1, 0, 0),
        xx("ltu", all64, 0, 0),
        xx("ltu", 0, all64, 1),
        xx("ltu", 1, 1, 0),
        xx("leu", min64, max64, 0),
        xx("leu", 1, 1, 1),
    };
}

std::vector<Case> wide() {
    return {
        ww("wadd", wmax, 1, wmin),
        ww("wsub", wmin, 1, wmax),
        ww("wmul", wmin, 2, 0),
        ww("wmul", pow64, -3, -3 * pow64),
        ww("wmul", -1, -1, 1),
        ww("wand", pow64 | 12, pow64 | 10, pow64 | 8),
        ww("wor", pow64, 1, pow64 | 1),
        ww("wxor", -1, wmax, wmin),
        wx("wshl", 1, 127, wmin),
        wx("wshl", 1, 128, 1),
        wx("wshl", -1, 64, -pow64),
        wx("wshr", wmin, 127, 1),
        wx("wshr", -1, 64, pow64 - 1),
        wx("wshr", 5, 128, 5),
        wx("wsar", wmin, 127, -1),
        wx("wsar", wmin, 128, wmin),
        wx("wsar", 8, 2, 2),
        ww("waddc", wmax, 0, wmax),
        ww("waddc", wmax, 1, Trap::Overflow),
        ww("waddc", wmin, -1, Trap::Overflow),
        ww("wsubc", wmin, 0, wmin),
        ww("wsubc", wmin, 1, Trap::Overflow),
        ww("wsubc", 0, wmin, Trap::Overflow),
        ww("wmulc", wmin, 1, wmin),
        ww("wmulc", wmin, -1, Trap::Overflow),
        ww("wmulc", pow64, pow64 / 2, Trap::Overflow),
        ww("wmulc", pow64, -(pow64 / 2), wmin),
        ww("wmin", wmin, wmax, wmin),
        ww("wmax", wmin, wmax, wmax),
        wwx("weq", pow64, pow64, 1),
        wwx("weq", pow64, 0, 0),
        wwx("wne", pow64, 0, 1),
        wwx("wne", 1, 1, 0),
        wwx("wlt", wmin, wmax, 1),
        wwx("wlt", 1, 1, 0),
        wwx("wle", 1, 1, 1),
        wwx("wle", 0, -1, 0),
        wwx("wltu", -1, 0, 0),
        wwx("wltu", wmax, wmin, 1),
        wwx("wleu", wmin, wmax, 0),
        wwx("wleu", -1, -1, 1),
        ww("wdiv", wmin, 1, wmin),
        ww("wdiv", wmin, -1, Trap::Overflow),
        ww("wdiv", -7, 2, -3),
        ww("wdiv", 1, 0, Trap::DivideByZero),
        ww("wrem", wmin, -1, 0),
        ww("wrem", -7, 2, -1),
        ww("wrem", 1, 0, Trap::DivideByZero),
        ww("wdivu", -1, 2, wmax),
        ww("wdivu", 1, 0, Trap::DivideByZero),
        ww("wremu", -1, 10, 5),
        ww("wremu", 1, 0, Trap::DivideByZero),
        {"high x0, w0", {}, {-pow64}, 'x', all64},
        {"high x0, w0", {}, {5 * pow64 + 7}, 'x', 5},
        {"pack w0, x0, x1", {7, all64}, {}, 'w', 0, 7 - pow64},
        rescale(5, 2, "exact", 500),
        rescale(-15, -1, "half_even", -2),
        rescale(25, -1, "half_even", 2),
        rescale(25, -1, "half_up", 3),
        rescale(25, -1, "exact", 0, Trap::Inexact),
        rescale(wmax, -38, "floor", 1),
        rescale(wmin, -38, "floor", -2),
        rescale(1, 38, "floor", i128{10'000'000'000'000'000'000U} * 10'000'000'000'000'000'000U),
        rescale(2, 38, "floor", 0, Trap::Overflow),
        rescale(0, 39, "floor", 0, Trap::BadArgument),
        rescale(0, -39, "floor", 0, Trap::BadArgument),
        {"widen w0, x0", {all64}, {}, 'w', 0, -1},
        {"widenu w0, x0", {all64}, {}, 'w', 0, pow64 - 1},
        {"low x0, w0", {}, {pow64 * 5 + 7}, 'x', 7},
        {"narrow x0, w0", {}, {-(pow64 / 2)}, 'x', min64},
        {"narrow x0, w0", {}, {pow64 / 2 - 1}, 'x', max64},
        {"narrow x0, w0", {}, {pow64 / 2}, 'x', 0, 0, Trap::Overflow},
        {"narrow x0, w0", {}, {-(pow64 / 2) - 1}, 'x', 0, 0, Trap::Overflow},
        muldiv(7, 1, 2, "floor", 3),
        muldiv(7, 1, 2, "ceiling", 4),
        muldiv(-7, 1, 2, "floor", -4),
        muldiv(-7, 1, 2, "toward_zero", -3),
        muldiv(-7, 1, 2, "away", -4),
        muldiv(5, 1, 2, "half_even", 2),
        muldiv(5, 1, 2, "half_up", 3),
        muldiv(5, 1, 2, "half_down", 2),
        muldiv(8, 1, 2, "exact", 4),
        muldiv(7, 1, 2, "exact", 0, Trap::Inexact),
        muldiv(1, 1, 0, "floor", 0, Trap::DivideByZero),
        muldiv(wmax, wmax, wmax, "exact", wmax),
        muldiv(wmax, 2, 1, "floor", 0, Trap::Overflow),
    };
}

// The frame has 64 bytes at 1024, in an arena that ends at 4096.
std::vector<Case> memory() {
    const auto bounds = [](std::string op, u64 address) {
        return Case{op, {address, 0, 1}, {0}, 'x', 0, 0, Trap::Bounds};
    };
    return {
        {"frame x0, 48", {}, {}, 'x', 1024 + 48},
        {"frame x1, 0\n stx x0, x1, 8\n ld8 x0, x1, 9", {0xabcd}, {}, 'x', 0xab},
        {"frame x1, 0\n st8 x0, x1, 8\n ldx x0, x1, 8", {0xabcd}, {}, 'x', 0xcd},
        {"frame x1, 0\n stx x0, x1, 3\n ldx x0, x1, 3", {min64 + 5}, {}, 'x', min64 + 5},
        {"frame x1, 40\n stw w0, x1, -7\n ldw w0, x1, -7", {}, {wmin + 3}, 'w', 0, wmin + 3},
        {"frame x1, 0\n stw w0, x1, 0\n ldx x0, x1, 8", {}, {-pow64}, 'x', all64},
        {"ldx x0, x0, 0", {4088}, {}, 'x', 0},
        bounds("ldx x0, x0, 0", 4089),
        {"ldx x0, x0, 0", {64}, {}, 'x', 0},
        bounds("ldx x0, x0, 0", 63),
        bounds("ldx x0, x0, -1", 0),
        bounds("ldx x0, x0, 0", all64),
        bounds("ldx x0, x0, 8", minus(8)),
        {"ldx x0, x0, 100", {minus(36)}, {}, 'x', 0}, // wraps to 64
        {"ldw w0, x0, 0", {4080}, {9}, 'w', 0, 0},
        bounds("ldw w0, x0, 0", 4081),
        {"frame x1, 0\n stx x0, x1, 8\n ld16 x0, x1, 9", {0x8a8b8c}, {}, 'x', 0x8a8b},
        {"frame x1, 0\n stx x0, x1, 8\n ld32 x0, x1, 8", {all64}, {}, 'x', (u64{1} << 32) - 1},
        {"frame x1, 0\n st16 x0, x1, 8\n ldx x0, x1, 8", {all64}, {}, 'x', 0xffff},
        {"frame x1, 0\n st32 x0, x1, 5\n ldx x0, x1, 8", {all64}, {}, 'x', 0xff},
        bounds("ld16 x0, x0, 0", 4095),
        bounds("ld32 x0, x0, 0", 4093),
        bounds("st16 x0, x0, 0", 4095),
        bounds("st32 x0, x0, 0", 4093),
        {"ld32 x0, x0, 0", {4092}, {}, 'x', 0},
        {"ld8 x0, x0, 0", {4095}, {}, 'x', 0},
        bounds("ld8 x0, x0, 0", 4096),
        bounds("st8 x0, x0, 0", 4096),
        bounds("stx x0, x0, 0", 4089),
        bounds("stw w0, x0, 0", 4081),
        {"frame x1, 0\n stx x0, x1, 0\n ldi x2, 8\n addi x0, x1, 16\n copy x0, x1, x2\n ldx x0, "
         "x1, 16",
         {77},
         {},
         'x',
         77},
        {"frame x1, 0\n stx x0, x1, 0\n ldi x2, 8\n addi x0, x1, 1\n copy x0, x1, x2\n ldx x0, x1, "
         "1",
         {0x1122334455667788},
         {},
         'x',
         0x1122334455667788}, // overlapping
        {"frame x1, 0\n ldi x2, 9\n fill x1, x0, x2\n ldx x0, x1, 8", {0x1ff}, {}, 'x', 0xff},
        {"ldi x2, 64\n copy x0, x1, x2", {4033, 64}, {}, 'x', 0, 0, Trap::Bounds},
        {"ldi x2, 64\n copy x0, x1, x2", {64, 4033}, {}, 'x', 0, 0, Trap::Bounds},
        {"ldi x2, 64\n copy x0, x1, x2\n ldi x0, 5", {4032, 64}, {}, 'x', 5},
        {"fill x0, x1, x2", {64, 0, all64}, {}, 'x', 0, 0, Trap::Bounds},
        {"fill x0, x1, x2", {64, 0, 4033}, {}, 'x', 0, 0, Trap::Bounds},
        {"fill x0, x1, x2\n ldi x0, 5", {64, 0, 960}, {}, 'x', 5},
    };
}

std::string text_of(const Case& c) {
    const std::string result = c.bank == 'w' ? " retw w0\n" : " retx x0\n";
    return "const x 0 = -9223372036854775808\n"
           "const w 0 = -170141183460469231731687303715884105728\n"
           "fn f(x" +
           std::to_string(c.x.size()) + " w" + std::to_string(c.w.size()) + " h0) -> " +
           (c.bank == 'w' ? "w" : "x") + " regs x3 w3 h0 frame 64 {\nb0:\n " + c.code + "\n" +
           result + "}\n";
}

std::set<Op> ops_of(const Module& module) {
    std::set<Op> out;
    for (const Function& f : module.functions)
        for (const Instruction& in : f.code)
            out.insert(in.op);
    return out;
}

void check(const Case& c) {
    CAPTURE(c.code);
    std::string text = text_of(c);
    // A block that only a trap precedes would not be reached: cut what follows the trap.
    if (c.bank == '!') text = text.substr(0, text.find("b1:")) + "}\n";
    Trial trial;
    const Outcome outcome = trial(text, {c.x, c.w, {}});
    CHECK(outcome.trap == c.trap);
    if (c.trap != Trap::None) return;
    CHECK(outcome.x == c.x_result);
    CHECK((outcome.w == c.w_result));
}

} // namespace

TEST_CASE("control") {
    for (const Case& c : control())
        check(c);
}
TEST_CASE("moves and constants") {
    for (const Case& c : moves())
        check(c);
}
TEST_CASE("64 bits") {
    for (const Case& c : narrow())
        check(c);
}
TEST_CASE("128 bits") {
    for (const Case& c : wide())
        check(c);
}
TEST_CASE("memory") {
    for (const Case& c : memory())
        check(c);
}

TEST_CASE("no opcode of these groups is forgotten") {
    std::set<Op> seen;
    for (const auto& group : {control(), moves(), narrow(), wide(), memory()})
        for (const Case& c : group) {
            auto assembled = assemble(text_of(c));
            if (const auto* module = std::get_if<Module>(&assembled)) seen.merge(ops_of(*module));
        }
    // Elsewhere: calls in calls_test.cpp, holdings in assets_test.cpp.
    for (const Op op :
         {Op::Call, Op::CallImport, Op::HostCall, Op::Return, Op::ReturnH, Op::HMove, Op::HEmpty,
          Op::HAmount, Op::HWithdraw, Op::HDeposit, Op::HPay, Op::HTake, Op::HJoin, Op::HEnd, Op::CallTable})
        seen.insert(op);
    for (std::size_t i = 0; i < op_count; ++i) {
        CAPTURE(op_info(static_cast<Op>(i)).mnemonic);
        CHECK(seen.count(static_cast<Op>(i)) == 1);
    }
}

TEST_CASE("an untouched register and an untouched frame are zero") {
    Trial trial;
    trial.put(Trial::stack, 5);
    CHECK(trial("fn f(x0 w0 h0) -> x regs x2 w0 h0 frame 16 {\nb0:\n frame x0, 0\n ldx x0, x0, 0\n"
                " add x0, x0, x1\n retx x0\n}\n")
              .x == 0);
}

TEST_CASE("a trap says where it happened") {
    const ProgramRef program =
        must_load(must_assemble("fn f(x0 w0 h0) regs x1 w0 h0 frame 0 {\n.line 5\nb0:\n ldi x0, "
                                "1\n.line 6\n call x0, w0, h0, "
                                "g\n ret\n}\nfn g(x0 w0 h0) regs x1 w0 h0 frame 0 {\nb0:\n .line "
                                "9\n ldx x0, x0, 0\n ret\n}\n"));
    Trial trial;
    const Outcome outcome = trial(program);
    CHECK(outcome.trap == Trap::Bounds);
    CHECK(outcome.function == 1);
    CHECK(outcome.instruction == 1);
    const auto& functions = program->module.functions;
    CHECK(line_of(functions[1], 1) == 9);
    CHECK(line_of(functions[1], 0) == 0);
    CHECK(line_of(functions[0], 1) == 5);
    CHECK(line_of(functions[0], 3) == 6);
}
