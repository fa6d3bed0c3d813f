#include "tests/bench/gas/subjects.hpp"

#include "tests/bench/vm/engines.hpp"

namespace tally::bench {
namespace {

constexpr int copies = 32, rounds = 300;

// x1 large, x2 small, x3 an address in the frame, x4 another one, x5 a count of bytes, x9 more bytes.
// w1, w2 as large as a factor can be, w3 a divisor of both halves; w4 small; w5, w6 everyday money.
constexpr const char* before = R"(
const x 0 = 8198552921648689607
const w 0 = 85070591730234615865843651857942052863
const w 1 = 85070591730234615847396907784232501249
const w 2 = 85070591730234615865843651857942052727
const w 3 = 1000000000000000000
fn subject(x0 w0 h0)  regs x24 w12 h0 frame 65536 {
b0:
    ldc x1, 0
    ldi x2, 7
    frame x3, 1024
    frame x4, 32768
    ldi x5, 64
    ldi x9, 4096
    ldcw w1, 0
    ldcw w2, 1
    ldcw w3, 2
    ldiw w4, 7
    ldcw w5, 3
    ldiw w6, 20000003
)";

std::string looped(const std::string& setup, const std::string& body, int times) {
    std::string text = before + setup + "    ldi x0, " + std::to_string(rounds) + "\n    jump b1\nb1:\n";
    for (int i = 0; i < times; ++i) text += body;
    return text + "    addi x0, x0, -1\n    bnei x0, 0, b1\nb2:\n    ret\n}\n";
}

Module module_of(const std::string& text) {
    auto module = assemble(text);
    if (const auto* error = std::get_if<ModuleError>(&module)) give_up((error->what + " in\n" + text).c_str());
    return std::get<Module>(std::move(module));
}

GasSubject repeated(const std::string& name, const std::string& line, const std::string& setup = "", int times = copies) {
    return {name, module_of(looped(setup, "    " + line + "\n", times)), double(times) * rounds, true};
}

/// Shown beside the operands that the price is for.
GasSubject lighter(GasSubject subject) {
    subject.judged = false;
    return subject;
}

/// Branches end blocks: each copy is a block of its own, left to the next one.
GasSubject branching(const std::string& name, const std::string& line) {
    std::string text = std::string(before) + "    ldi x0, " + std::to_string(rounds) + "\nb1:\n";
    for (int i = 0; i < copies; ++i) text += "    " + line + "b" + std::to_string(i + 2) + "\nb" + std::to_string(i + 2) + ":\n";
    text += "    addi x0, x0, -1\n    bnei x0, 0, b1\nb" + std::to_string(copies + 2) + ":\n    ret\n}\n";
    return {name, module_of(text), double(copies) * rounds, true};
}

/// With another function, or a map, in the module.
GasSubject calling(const std::string& name, const std::string& line, const std::string& more) {
    return {name, module_of(looped("", "    " + line + "\n", 8) + more), 8.0 * rounds, true};
}

/// A list of so many wide numbers at x3, from 1 on, and an empty one at x4.
std::string list_of(int count) {
    std::string out = "    ldi x6, " + std::to_string(count) + "\n    stx x6, x3, 0\n";
    for (int i = 0; i < count; ++i) out += "    ldiw w7, " + std::to_string(1000003 + 77 * i) + "\n    stw w7, x3, " + std::to_string(16 + 16 * i) + "\n";
    return out;
}

std::string moved_x(std::initializer_list<const char*> from) {
    std::string out;
    int to = 10;
    for (const char* f : from) out += "    movx x" + std::to_string(to++) + ", " + f + "\n";
    return out;
}

std::string moved_w(std::initializer_list<const char*> from) {
    std::string out;
    int to = 8;
    for (const char* f : from) out += "    movw w" + std::to_string(to++) + ", " + f + "\n";
    return out;
}

/// The moves into its window are part of what a call of the host takes.
GasSubject hosted(const std::string& name, const std::string& function, const std::string& window, const std::string& setup = "", int times = 4) {
    return {name, module_of(looped(setup, window + "    host x10, w8, " + function + "\n", times)), double(times) * rounds, true};
}

void narrow(std::vector<GasSubject>& out) {
    for (const char* op : {"add", "sub", "mul", "and", "or", "xor", "shl", "shr", "sar", "min", "max", "div", "rem", "divf", "modf", "divu", "remu", "eq", "ne", "lt", "le", "ltu", "leu"})
        out.push_back(repeated(op, std::string(op) + " x6, x1, x2"));
    for (const char* op : {"addc", "subc", "mulc"}) out.push_back(repeated(op, std::string(op) + " x6, x2, x5"));
    for (const char* op : {"addi", "andi", "muli"}) out.push_back(repeated(op, std::string(op) + " x6, x1, 12345"));
    for (const char* op : {"shli", "shri", "sari"}) out.push_back(repeated(op, std::string(op) + " x6, x1, 13"));
    for (const char* op : {"movx", "sext8", "sext16", "sext32", "zext32", "clz", "ctz", "popcnt", "bswap"}) out.push_back(repeated(op, std::string(op) + " x6, x1"));
    out.push_back(repeated("ldi", "ldi x6, 5"));
    out.push_back(repeated("ldc", "ldc x6, 0"));
    out.push_back(repeated("selx", "selx x6, x1, x2, x5"));
}

void wide(std::vector<GasSubject>& out) {
    for (const char* op : {"wadd", "wsub", "wmul", "wand", "wor", "wxor", "wmin", "wmax"}) out.push_back(repeated(op, std::string(op) + " w7, w1, w2"));
    for (const char* op : {"waddc", "wsubc", "wmulc"}) out.push_back(repeated(op, std::string(op) + " w7, w6, w5"));
    for (const char* op : {"wdiv", "wrem", "wdivu", "wremu"}) out.push_back(repeated(op, std::string(op) + " w7, w1, w8", "    ldi x6, 77777\n    pack w8, x1, x6\n"));
    for (const char* op : {"wshl", "wshr", "wsar"}) out.push_back(repeated(op, std::string(op) + " w7, w1, x2"));
    for (const char* op : {"weq", "wne", "wlt", "wle", "wltu", "wleu"}) out.push_back(repeated(op, std::string(op) + " x6, w1, w2"));
    for (const char* op : {"low", "high"}) out.push_back(repeated(op, std::string(op) + " x6, w1"));
    for (const char* op : {"widen", "widenu"}) out.push_back(repeated(op, std::string(op) + " w7, x1"));
    out.push_back(repeated("narrow", "narrow x6, w6"));
    out.push_back(repeated("pack", "pack w7, x1, x2"));
    out.push_back(repeated("movw", "movw w7, w1"));
    out.push_back(repeated("ldiw", "ldiw w7, -5"));
    out.push_back(repeated("ldcw", "ldcw w7, 0"));
    out.push_back(repeated("selw", "selw w7, x1, w2, w3"));
    out.push_back(lighter(repeated("muldiv, everyday", "muldiv w7, w6, w5, w5, half_even")));
    out.push_back(repeated("muldiv, largest", "muldiv w7, w1, w2, w3, half_even"));
    out.push_back(lighter(repeated("rescale, up", "rescale w7, w6, 18, half_even")));
    out.push_back(repeated("rescale, down", "rescale w7, w1, -30, half_even"));
}

void memory(std::vector<GasSubject>& out) {
    out.push_back(repeated("frame", "frame x6, 64"));
    for (const char* op : {"ld8", "ld16", "ld32", "ldx", "st8", "st16", "st32", "stx"}) out.push_back(repeated(op, std::string(op) + " x6, x3, 8"));
    for (const char* op : {"ldw", "stw"}) out.push_back(repeated(op, std::string(op) + " w7, x3, 16"));
    out.push_back(repeated("copy 64", "copy x4, x3, x5"));
    out.push_back(repeated("copy 4096", "copy x4, x3, x9"));
    out.push_back(repeated("fill 64", "fill x4, x2, x5"));
    out.push_back(repeated("fill 4096", "fill x4, x2, x9"));
}

void control(std::vector<GasSubject>& out) {
    out.push_back(branching("jump", "jump "));
    for (const char* op : {"brz", "brnz"}) out.push_back(branching(op, std::string(op) + " x1, "));
    for (const char* op : {"beq", "bne", "blt", "ble", "bltu", "bleu"}) out.push_back(branching(op, std::string(op) + " x1, x2, "));
    for (const char* op : {"beqi", "bnei", "blti", "bgti"}) out.push_back(branching(op, std::string(op) + " x1, 5, "));
    for (const char* op : {"wbeq", "wbne", "wblt", "wble"}) out.push_back(branching(op, std::string(op) + " w1, w2, "));
    out.push_back(branching("brtab", "brtab x2, 1\n    case "));
    out.push_back(calling("call", "call x10, w8, h0, callee", "fn callee(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n ret\n}\n"));
    out.push_back(calling("call, 8 parameters", "call x10, w8, h0, callee", "fn callee(x6 w2 h0) -> x regs x8 w4 h0 frame 64 {\nb0:\n retx x0\n}\n"));
    out.push_back(calling("call, a frame of 4096", "call x10, w8, h0, callee", "fn callee(x0 w0 h0) regs x0 w0 h0 frame 4096 {\nb0:\n ret\n}\n"));
    out.push_back(calling("call, all registers", "call x10, w8, h0, callee", "fn callee(x0 w0 h0) regs x256 w128 h0 frame 0 {\nb0:\n ret\n}\n"));
}

void natives(std::vector<GasSubject>& out) {
    out.push_back(hosted("muldiv3", "muldiv3", "    ldi x11, 4\n" + moved_x({"x2"}) + moved_w({"w1", "w4", "w3"})));
    for (const int n : {2, 30, 200}) {
        out.push_back(hosted("split of " + std::to_string(n), "split", moved_x({"x3", "x4"}) + moved_w({"w6"}), list_of(n), 1));
        out.push_back(hosted("share of " + std::to_string(n), "share", "    ldi x11, 0\n    ldi x13, 1\n    movx x10, x3\n    movx x12, x4\n" + moved_w({"w6"}), list_of(n), 1));
    }
    for (const int n : {12, 360})
        out.push_back(hosted("annuity of " + std::to_string(n), "annuity", "    ldi x10, 12\n    ldi x11, " + std::to_string(n) + "\n    ldi x12, 4\n    movw w8, w6\n    ldcw w9, 3\n", "", 1));
    out.push_back(hosted("accrual_add", "accrual_add", "    movx x10, x3\n    ldi x11, 31\n" + moved_w({"w6", "w5"})));
    out.push_back(hosted("accrual_round", "accrual_round", "    movx x10, x3\n    ldi x11, 4\n" + moved_w({"w5"})));
    out.push_back(hosted("accrual_take", "accrual_take", "    movx x10, x3\n" + moved_w({"w6", "w4"})));
    out.push_back(hosted("add_months", "add_months", "    ldi x10, 20000\n    ldi x11, 13\n    ldi x12, 0\n"));
    out.push_back(hosted("date_part", "date_part", "    ldi x10, 20000\n    ldi x11, 1\n"));
    out.push_back(hosted("make_date", "make_date", "    ldi x10, 2026\n    ldi x11, 11\n    ldi x12, 23\n"));
    out.push_back(hosted("power 2", "power", "    ldi x10, 2\n    ldi x11, 4\n" + moved_w({"w5"})));
    out.push_back(hosted("power 60", "power", "    ldi x10, 60\n    ldi x11, 4\n" + moved_w({"w5"})));
    out.push_back(hosted("root 2", "root", "    ldi x10, 2\n    ldi x11, 4\n" + moved_w({"w6"}), "", 1));
    out.push_back(hosted("root 12", "root", "    ldi x10, 12\n    ldi x11, 4\n" + moved_w({"w6"}), "", 1));
    out.push_back(hosted("decimal_fused", "decimal_fused", "    ldi x10, 18\n    ldi x11, 4\n" + moved_w({"w6", "w5", "w6", "w5"})));
    for (const int n : {64, 4096})
        out.push_back(hosted("sha256 of " + std::to_string(n), "sha256", "    movx x10, x3\n    ldi x11, " + std::to_string(n) + "\n    movx x12, x4\n", "", 1));
}

// ---- values in memory: types by number, as the lines say them

constexpr int many = 256;

std::vector<Type> value_types() {
    std::vector<Type> out(6);
    out[0].kind = TypeKind::Int;
    out[1] = {TypeKind::Map, "", 0, 0, many, {}, {}};
    out[2] = {TypeKind::List, "", none, 0, many, {}, {}};
    out[3] = {TypeKind::Record, "", none, none, 0, std::vector<Field>(64, {"", 0}), {}};
    out[4] = {TypeKind::Map, "", 0, 0, 4, {}, {}};
    out[5] = {TypeKind::Map, "", 3, 0, 16, {}, {}};
    return out;
}

/// Numbers from 0 on at x3, so many bytes apart behind their count; the same at x4; a key at the frame's start, in x8.
std::string rows_of(int count, int apart) {
    std::string out = "    ldi x6, " + std::to_string(count) + "\n    stx x6, x3, 0\n";
    for (int i = 0; i < count; ++i) out += "    ldi x6, " + std::to_string(i) + "\n    stx x6, x3, " + std::to_string(8 + apart * i) + "\n";
    return out + "    ldi x6, " + std::to_string(8 + apart * count) + "\n    copy x4, x3, x6\n    frame x8, 0\n    ldi x6, " + std::to_string(count - 1) + "\n";
}

GasSubject valued(const std::string& name, const std::string& lines, const std::string& setup, double each = 1) {
    GasSubject out{name, module_of(looped(setup, lines, 4)), 4.0 * rounds * each, true};
    out.module.types = value_types();
    return out;
}

std::string asked(const std::string& function, int type, const std::string& of, const std::string& with) {
    return "    ldi x10, " + std::to_string(type) + "\n    movx x11, " + of + "\n    movx x12, " + with + "\n    host x10, w8, " + function + "\n";
}

void values(std::vector<GasSubject>& out) {
    out.push_back(valued("equal, a word", asked("equal", 0, "x3", "x4"), ""));
    out.push_back(valued("equal, 64 fields", asked("equal", 3, "x3", "x4"), ""));
    out.push_back(valued("equal, a list of 256", asked("equal", 2, "x3", "x4"), rows_of(many, 8)));
    out.push_back(valued("equal, a map of 256", asked("equal", 1, "x3", "x4"), rows_of(many, 16)));
    const std::string last = "    stx x6, x8, 0\n", first = "    ldi x6, 0\n    stx x6, x8, 0\n";
    out.push_back(valued("map_find of 4", asked("map_find", 4, "x3", "x8"), rows_of(4, 16) + last));
    out.push_back(valued("map_find of 256", asked("map_find", 1, "x3", "x8"), rows_of(many, 16) + last));
    out.push_back(valued("map_find of 16, 64 fields", asked("map_find", 5, "x3", "x8"), rows_of(16, 520) + last));
    out.push_back(valued("map_insert, there", asked("map_insert", 1, "x3", "x8"), rows_of(many, 16) + last));
    out.push_back(valued("map_remove, map_insert of 4", asked("map_remove", 4, "x3", "x8") + asked("map_insert", 4, "x3", "x8"), rows_of(4, 16) + first, 2));
    out.push_back(valued("map_remove, map_insert of 256", asked("map_remove", 1, "x3", "x8") + asked("map_insert", 1, "x3", "x8"), rows_of(many, 16) + first, 2));
}

} // namespace

std::vector<GasSubject> gas_subjects() {
    std::vector<GasSubject> out;
    for (auto* group : {narrow, wide, memory, control, natives, values}) group(out);
    return out;
}

} // namespace tally::bench
