#include "tests/unit/bytecode/rich_module.hpp"

#include "vm/bytecode/assemble.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

Module assembled(std::string_view text) {
    auto result = assemble(text);
    if (const auto* error = std::get_if<ModuleError>(&result)) FAIL(error->what);
    return std::get<Module>(std::move(result));
}

std::string complaint(std::string_view text) {
    const auto result = assemble(text);
    const auto* error = std::get_if<ModuleError>(&result);
    return error == nullptr ? "" : error->what;
}

/// A sensible number for the immediate: every spelling of the text form appears.
std::int32_t sample(Immediate kind, int variant) {
    switch (kind) {
    case Immediate::I32:
    case Immediate::Offset: return variant == 0 ? -2147483647 - 1 : 2147483647;
    case Immediate::WRegMode: return (variant == 0 ? 0 : 7) << 8 | (variant == 0 ? 0 : 127);
    case Immediate::None: return 0;
    case Immediate::TrapNo: return variant == 0 ? 1 : 999;
    case Immediate::Host: return variant == 0 ? 3 : static_cast<std::int32_t>(host_count);
    default: return variant;
    }
}

Instruction sample(Op op, int variant) {
    const OpInfo& info = op_info(op);
    const auto reg = [&](Operand kind, int value) {
        return static_cast<std::uint8_t>(kind == Operand::None ? 0 : value);
    };
    return {op, reg(info.a, variant == 0 ? 0 : 255), reg(info.b, variant == 0 ? 1 : 127),
            reg(info.c, variant == 0 ? 2 : 15), sample(info.imm, variant)};
}

} // namespace

TEST_CASE("every opcode is written and read back") {
    Module module;
    Function f;
    f.name = "all";
    for (std::size_t op = 0; op < op_count; ++op)
        for (const int variant : {0, 1})
            f.code.push_back(sample(static_cast<Op>(op), variant));
    module.functions = {f};
    CHECK(assembled(disassemble(module)) == module);
}

TEST_CASE("the code of a rich module is written and read back") {
    const Module module = test::rich_module();
    const Module again = assembled(disassemble(module));
    CHECK(again.functions == module.functions);
    CHECK(again.x_constants == module.x_constants);
    CHECK(again.w_constants == module.w_constants);
    CHECK(again.imports.size() == module.imports.size());
}

TEST_CASE("a listing reads like this") {
    const std::string text = R"(imports 1
const x 0 = -5

fn "odd name\0a"(x1 w0 h1) -> x  regs x3 w1 h2 frame 16 {
    .line 7
b0:
    ldc x1, 0 ; -5
    muldiv w0, w0, w0, w0, half_even
    brz x1, b1
    .line 9
b1:
    stx x1, x2, -8
    call x0, w0, h0, last
    callx x0, w0, h0, 0
    host x0, w0, today
    trap Unreachable
}

fn last() regs x0 w0 h0 frame 0 {
b0:
    ret
}
)";
    const auto spelled = [](std::string with) {
        const auto at = with.find("last()");
        return with.replace(at, 6, "last(x0 w0 h0) ");
    };
    CHECK(disassemble(assembled(spelled(text))) == spelled(text));
}

TEST_CASE("functions of one name are called by number") {
    Module module = assembled("fn f(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n call x0, w0, h0, @1\n"
                              " ret\n}\nfn f(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n ret\n}\n");
    CHECK(module.functions[0].code[1].imm == 1);
    CHECK(assembled(disassemble(module)) == module);
    module.functions[1].name = "@0";
    CHECK(assembled(disassemble(module)) == module);
}

TEST_CASE("a program's parts, tables and small numbers go there and back") {
    const std::string text = "program 4096\ndata 0102ff\nshape x1 w0 -> x\nshape x0 w1\ntable @0\n\n"
                             "fn f(x1 w0 h0) -> x  regs x3 w1 h0 frame 0 {\nb0:\n    brtab x0, 2\n    case b1\n    case b2\n"
                             "b1:\n    calli x1, w0, 0\n    shli x0, x0, -3\n    beqi x0, -128, b1\nb2:\n"
                             "    rescale w0, w0, -38, half_even\n    retx x0\n}\n";
    const auto module = assemble(text);
    REQUIRE(std::holds_alternative<Module>(module));
    CHECK(disassemble(std::get<Module>(module)) == text);
    CHECK(complaint("data 0g") == "line 1: expected bytes in lower-case hexadecimal");
    CHECK(complaint("program 64\nprogram 64") == "line 2: a second `program`");
    CHECK(complaint("table 0") == "line 1: expected a function by its number, `@0`");
}

TEST_CASE("a mistake is named with its line") {
    CHECK(complaint("nonsense") == "line 1: expected `imports`, `const`, `program`, `data`, `shape`, `table` or `fn`");
    CHECK(complaint("\n\nconst x 1 = 3") == "line 3: constants are numbered from 0");
    CHECK(complaint("const x 0 = 9223372036854775808") == "line 1: expected an integer");
    const std::string head = "fn f(x0 w0 h0) regs x0 w0 h0 frame 0 {\n";
    CHECK(complaint(head) == "line 1: a function without its `}`");
    CHECK(complaint(head + "b1:") == "line 2: blocks are numbered from 0");
    CHECK(complaint(head + "add x0, x1") == "line 2: expected a register");
    CHECK(complaint(head + "add x0, x1, w2") == "line 2: expected a register");
    CHECK(complaint(head + "ldi x256, 2") == "line 2: expected a register");
    CHECK(complaint(head + "ret x0") == "line 2: too much on this line");
    CHECK(complaint(head + "frobnicate") == "line 2: no such instruction");
    CHECK(complaint(head + "block") == "line 2: no such instruction");
    CHECK(complaint(head + "host x0, w0, nothing") == "line 2: expected a host function");
    CHECK(complaint(head + "muldiv w0, w0, w0, w0, sideways") ==
          "line 2: expected a rounding mode");
    CHECK(complaint(head + "call x0, w0, h0, g\n}") == "line 2: no function `g`");
    CHECK(complaint(head + ".line 3\n}") == "line 3: a source line without an instruction");
    CHECK(complaint("fn \"\\zz\"") == "line 1: a quoted name is not well formed");
    CHECK(complaint("fn \"open") == "line 1: a quoted name is not well formed");
}
