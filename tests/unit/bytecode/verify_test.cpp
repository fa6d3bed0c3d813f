#include "tests/unit/bytecode/rich_module.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/verify.hpp"

#include <doctest/doctest.h>

using namespace tally;
using namespace tally::test;

namespace {

std::string complaint(const Module& module) {
    const auto result = verify(module);
    const auto* error = std::get_if<VerifyError>(&result);
    return error == nullptr ? "" : error->what;
}

/// The complaint about a rich module after one change.
template <typename Change> std::string after(Change change) {
    Module module = rich_module();
    change(module);
    return complaint(module);
}

Module code_module(std::string_view text) {
    auto assembled = assemble(text);
    if (const auto* error = std::get_if<ModuleError>(&assembled)) FAIL(error->what);
    return std::get<Module>(std::move(assembled));
}

/// The complaint about one function with 4 x and 4 w registers, 3 slots and a frame of 32 bytes,
/// beside `xyz`, which takes and gives one of each, and `cash`, which only gives a holding.
std::string code(const std::string& body, const std::string& head = "(x0 w0 h0)") {
    Module module = rich_module();
    const auto made =
        code_module("fn f" + head + " regs x4 w4 h3 frame 32 {\nb0:\n" + body +
                    "}\n"
                    "fn xyz(x2 w1 h1) -> h regs x2 w1 h1 frame 0 {\nb0:\n reth h0\n}\n"
                    "fn cash(x0 w0 h0) -> h regs x0 w0 h1 frame 0 {\nb0:\n hempty h0\n"
                    " reth h0\n}\n");
    module.functions = made.functions;
    module.contracts[0].entries.clear();
    module.contracts[1].entries.clear();
    module.contracts[1].invariants = none;
    module.tests.clear();
    return complaint(module);
}

Function function_of(std::vector<Instruction> instructions) {
    Function f;
    f.name = "f";
    f.code = std::move(instructions);
    return f;
}

std::string raw(std::vector<Instruction> instructions) {
    Module module;
    module.functions = {function_of(std::move(instructions))};
    return complaint(module);
}

constexpr Instruction head{Op::Block, 0, 0, 0, 0};
constexpr Instruction ret{Op::Return, 0, 0, 0, 0};

Module typed(std::vector<Type> types) {
    Module module;
    module.types = std::move(types);
    return module;
}

Type holding(TypeKind kind, std::uint32_t element, std::uint32_t max, std::uint32_t key = none) {
    return {kind, "", key, element, max, {}, {}};
}

Type record(std::vector<std::uint32_t> parts) {
    Type type = plain_type(TypeKind::Record);
    for (const std::uint32_t part : parts)
        type.fields.push_back({"f", part});
    return type;
}

Type text(std::uint32_t max) { return holding(TypeKind::Text, none, max); }
Type integer() { return plain_type(TypeKind::Int); }

/// A chain of `count` functions of which each calls the next.
Module chain(std::size_t count, std::uint32_t frame = 0) {
    Module module;
    for (std::size_t i = 0; i < count; ++i) {
        Function f = function_of({head, ret});
        f.frame_bytes = frame;
        if (i + 1 < count)
            f.code.insert(f.code.begin() + 1,
                          {Op::Call, 0, 0, 0, static_cast<std::int32_t>(i + 1)});
        module.functions.push_back(f);
    }
    return module;
}

} // namespace

TEST_CASE("the rich module verifies") { CHECK(complaint(rich_module()) == ""); }

TEST_CASE("what verification learns") {
    const auto result = verify(rich_module());
    const auto& facts = std::get<Verified>(result);
    CHECK(facts.layouts.size() == 24);
    CHECK(facts.records.size() == 2);
    CHECK(facts.records[1].size == 192);
    // create: its frame of 32 and helper's of 16
    CHECK(facts.stack_bytes[0] == 48);
    CHECK(facts.stack_x[0] == 6);
    CHECK(facts.stack_w[0] == 2);
    CHECK(facts.stack_h[1] == 2);
    // block 1 + ldc 1 + ldcw 1 + frame 1 + stx 2 + host 2+2 + call 10 + (16 + 2·8) ÷ 64 + ret 1
    const auto gas = [&](std::size_t function) { return std::vector<i64>(facts.block_gas[function].begin(), facts.block_gas[function].end()); };
    CHECK(gas(0) == std::vector<i64>{21});
    CHECK(gas(2) == std::vector<i64>{2, 3, 2});
}

TEST_CASE("types") {
    const auto types = [](std::vector<Type> list) { return complaint(typed(std::move(list))); };
    CHECK(types({integer(), record({0})}) == "");
    CHECK(types({record({0})}) == "type 0: refers to a type that is not before it");
    CHECK(types({record({1}), integer()}) == "type 0: refers to a type that is not before it");
    CHECK(types({holding(TypeKind::List, none, 3)}) ==
          "type 0: refers to a type that is not before it");
    CHECK(types({integer(), holding(TypeKind::Map, 0, 3)}) ==
          "type 1: refers to a type that is not before it");
    CHECK(types({plain_type(TypeKind::Unit), record({0})}) ==
          "type 1: a part that is never in memory");
    CHECK(types({plain_type(TypeKind::Cash), record({0})}) ==
          "type 1: a part that is never in memory");
    CHECK(types({plain_type(TypeKind::Cash), holding(TypeKind::Optional, 0, 0)}) ==
          "type 1: a part that is never in memory");
    CHECK(types({integer(), plain_type(TypeKind::Cash), holding(TypeKind::Map, 1, 3, 0),
                 record({2})}) == "type 3: a part that is never in memory");
    CHECK(types({plain_type(TypeKind::Accrual), record({0})}) ==
          "type 1: an accrual is only a contract field");
    CHECK(types({text(9), holding(TypeKind::Set, 0, 3)}) == "type 1: not a key type");
    CHECK(types({integer(), text(9), holding(TypeKind::Map, 0, 3, 1)}) == "type 2: not a key type");
    CHECK(types({integer(), record({0, 0}), holding(TypeKind::Map, 0, 3, 1)}) == "");
    CHECK(types({text(8), record({0}), holding(TypeKind::Set, 1, 3)}) == "type 2: not a key type");

    Type odd = integer();
    odd.max = 1;
    CHECK(types({odd}) == "type 0: a maximum where none belongs");
    odd = integer();
    odd.key = 0;
    CHECK(types({odd}) == "type 0: a key where none belongs");
    odd = integer();
    odd.element = 0;
    CHECK(types({odd}) == "type 0: an element where none belongs");
    odd = integer();
    odd.fields = {{"f", 0}};
    CHECK(types({odd}) == "type 0: fields where none belong");
    CHECK(types({plain_type(TypeKind::Enum)}) == "type 0: cases are for enums");
}

TEST_CASE("limits of types, last good and first bad") {
    const auto types = [](std::vector<Type> list) { return complaint(typed(std::move(list))); };
    CHECK(types({text(limits::text_bytes)}) == "");
    CHECK(types({text(limits::text_bytes + 1)}) == "type 0: the maximum is too large");
    const std::uint32_t fits = limits::value_bytes / 8 - 1;
    CHECK(types({integer(), holding(TypeKind::List, 0, fits)}) == "");
    CHECK(types({integer(), holding(TypeKind::List, 0, fits + 1)}) ==
          "type 1: larger than a value may be");
    CHECK(types({integer(), holding(TypeKind::List, 0, 0xffffffff)}) ==
          "type 1: the maximum is too large");

    std::vector<Type> deep{integer()};
    while (deep.size() < limits::type_depth)
        deep.push_back(record({static_cast<std::uint32_t>(deep.size() - 1)}));
    CHECK(types(deep) == "");
    deep.push_back(record({static_cast<std::uint32_t>(deep.size() - 1)}));
    CHECK(types(deep) == "type 32: nested too deeply");

    const std::vector<std::uint32_t> key_words(limits::storage_key / 8, 0);
    std::vector<std::uint32_t> too_many = key_words;
    too_many.push_back(0);
    CHECK(types({integer(), record(key_words), holding(TypeKind::Set, 1, 3)}) == "");
    CHECK(types({integer(), record(too_many), holding(TypeKind::Set, 1, 3)}) ==
          "type 2: not a key type");

    Module module = typed(std::vector<Type>(limits::types + 1, integer()));
    CHECK(complaint(module) == "a count, a length or a kind is beyond its limit");
    module.types.pop_back();
    CHECK(complaint(module) == "");
}

TEST_CASE("counts and kinds beyond their limits") {
    const std::string beyond = "a count, a length or a kind is beyond its limit";
    CHECK(after([](Module& m) { m.name = std::string(256, 'a'); }) == beyond);
    CHECK(after([](Module& m) { m.types[0].kind = static_cast<TypeKind>(99); }) == beyond);
    CHECK(after([](Module& m) { m.contracts[0].states.assign(65, "s"); }) == beyond);
    CHECK(after([](Module& m) { m.errors[0].text = std::string(1025, 'a'); }) == beyond);
    CHECK(after([](Module& m) { m.functions[0].code[1].op = static_cast<Op>(op_count); }) ==
          beyond);
}

TEST_CASE("the shape of code") {
    CHECK(raw({head, ret}) == "");
    CHECK(raw({}) == "code starts with a block");
    CHECK(raw({ret}) == "code starts with a block");
    CHECK(raw({head}) == "code runs past its end");
    CHECK(raw({head, ret, ret}) == "an instruction after the end of its block");
    CHECK(raw({head, ret, head, ret}) == "no earlier block leads here");
    CHECK(raw({head, {Op::Jump, 0, 0, 0, 1}, head, ret}) == "");
    CHECK(raw({head, {Op::Jump, 0, 0, 0, 2}, head, ret}) == "no such block");
    CHECK(raw({head, {Op::Jump, 0, 0, 0, -1}, head, ret}) == "no such block");
    CHECK(raw({head, {Op::Jump, 0, 0, 0, 0}}) == ""); // for ever, but gas ends it
    CHECK(raw({head, {Op::Return, 1, 0, 0, 0}}) == "an unused operand is not zero");
    CHECK(raw({head, {Op::Return, 0, 0, 0, 1}}) == "an unused immediate is not zero");
    CHECK(raw({{Op::Block, 0, 0, 0, 9}, ret}) == "an unused immediate is not zero");
    CHECK(code(" brz x0, b1\n ret\nb1:\n ret\n") == "an instruction after the end of its block");
    CHECK(code(" brz x0, b1\nb1:\n ret\n") == "");
    CHECK(code(" brz x0, b2\nb1:\n ldi x1, 3\n") == "code runs past its end");
    // Only the block after it leads to b1.
    CHECK(code(" jump b2\nb1:\n ret\nb2:\n jump b1\n") == "no earlier block leads here");
}

TEST_CASE("limits of code, last good and first bad") {
    const auto filled = [](std::size_t n, std::size_t per_block) {
        std::vector<Instruction> out;
        while (out.size() + 1 < n)
            out.push_back(out.size() % per_block == 0 ? head
                                                      : Instruction{Op::LoadImmX, 0, 0, 0, 1});
        out.push_back(ret);
        return out;
    };
    const auto with = [](std::vector<Instruction> instructions, std::size_t functions = 1) {
        Module module;
        Function f = function_of(std::move(instructions));
        f.x_registers = 1;
        module.functions.assign(functions, f);
        return complaint(module);
    };
    CHECK(with(filled(limits::block_instructions, 99999)) == "");
    CHECK(with(filled(limits::block_instructions + 1, 99999)) == "the block is too long");
    CHECK(with(filled(limits::function_blocks * 2, 2)) == "");
    CHECK(with(filled(limits::function_blocks * 2 + 2, 2)) == "too many blocks");
    CHECK(with(filled(limits::function_instructions, 1000)) == "");
    CHECK(with(filled(limits::function_instructions + 1, 1000)) ==
          "a count, a length or a kind is beyond its limit");
    CHECK(with(filled(limits::module_instructions / 4, 1000), 4) == "");
    CHECK(with(filled(limits::module_instructions / 4, 1000), 5) == "too many instructions");
}

TEST_CASE("the head of a function") {
    const auto changed = [](auto change) {
        return after([&](Module& m) { change(m.functions[7]); });
    };
    CHECK(changed([](Function& f) { f.x_registers = 257; }) == "too many x registers");
    CHECK(changed([](Function& f) { f.x_registers = 256; }) == "");
    CHECK(changed([](Function& f) { f.w_registers = 129; }) == "too many w registers");
    CHECK(changed([](Function& f) { f.w_registers = 128; }) == "");
    CHECK(changed([](Function& f) { f.h_slots = 17; }) == "too many h slots");
    CHECK(changed([](Function& f) { f.h_slots = 16; }) == "");
    const auto with_params = [](auto change) { // of one that nobody calls
        return after([&](Module& m) { change(m.functions[4]); });
    };
    CHECK(with_params([](Function& f) { f.x_params = 3; }) == "more x parameters than registers");
    CHECK(with_params([](Function& f) { f.w_params = 3; }) == "more w parameters than registers");
    CHECK(with_params([](Function& f) { f.h_params = 3; }) == "more h parameters than slots");
    CHECK(changed([](Function& f) { f.frame_bytes = 24; }) == "the frame is not a multiple of 16");
    CHECK(changed([](Function& f) { f.frame_bytes = limits::frame_bytes + 16; }) ==
          "the frame is too large");
    CHECK(changed([](Function& f) { f.lines = {{0, 1}, {0, 2}}; }) == "source lines out of order");
    CHECK(changed([](Function& f) { f.lines = {{3, 1}}; }) == "source lines out of order");
    CHECK(changed([](Function& f) { f.lines = {{2, 1}}; }) == "");
}

TEST_CASE("operands stay in their bank") {
    CHECK(code(" movx x3, x3\n ret\n") == "");
    CHECK(code(" movx x4, x3\n ret\n") == "no such x register");
    CHECK(code(" movx x3, x4\n ret\n") == "no such x register");
    CHECK(code(" movw w4, w3\n ret\n") == "no such w register");
    CHECK(code(" hempty h3\n trap Unreachable\n") == "no such h slot");
    CHECK(code(" selx x0, x0, x0, x4\n ret\n") == "no such x register");
    CHECK(code(" selw w0, x0, w0, w4\n ret\n") == "no such w register");
    CHECK(code(" muldiv w0, w0, w0, w4, floor\n ret\n") == "no such w register");
    CHECK(raw({head, {Op::MulDiv, 0, 0, 0, 0}, ret}) == "no such w register");
    Module mode = rich_module();
    mode.functions[5].code[1].imm = 8 << 8;
    CHECK(complaint(mode) == "no such rounding mode");
    mode.functions[5].code[1].imm = 0x10000;
    CHECK(complaint(mode) == "no such rounding mode");
    mode.functions[5].code[1].imm = 7 << 8;
    CHECK(complaint(mode) == "");
}

TEST_CASE("immediates name what exists") {
    CHECK(code(" ldc x0, 2\n ret\n") == "no such constant");
    CHECK(code(" ldcw w0, 2\n ret\n") == "no such constant");
    CHECK(code(" frame x0, 32\n ret\n") == "");
    CHECK(code(" frame x0, 33\n ret\n") == "outside the frame");
    CHECK(code(" trap 999\n") == "no such trap");
    CHECK(code(" trap 0\n") == "no such trap");
    CHECK(code(" trap 65537\n") == "no such trap");
    CHECK(code(" call x0, w0, h0, @3\n ret\n") == "no such function");
    CHECK(code(" callx x0, w0, h0, 1\n ret\n") == "no such import");
    CHECK(code(" host x0, w0, 999\n ret\n") == "no such host function");
    CHECK(code(" host x0, w0, test_sign\n ret\n") == "a test function in a module without tests");
    CHECK(code(" hwithdraw h0, w0, x0, 3\n trap Unreachable\n") == "no such vault");
    CHECK(code(" hwithdraw h0, w0, x0, 5\n trap Unreachable\n") == "");
    CHECK(code(" hwithdraw h0, w0, x0, 7\n trap Unreachable\n") == "no such vault");
}

TEST_CASE("windows of calls stay inside the registers") {
    const std::string leaves = "the call's window leaves the registers";
    const auto call = [](const std::string& operands) {
        return code(" hempty h0\n call " + operands + ", xyz\n hend h0\n ret\n");
    };
    CHECK(call("x2, w3, h0") == "");
    CHECK(call("x3, w3, h0") == leaves);
    CHECK(call("x2, w4, h0") == leaves);
    CHECK(call("x2, w3, h3") == leaves);
    CHECK(code(" call x0, w0, h3, cash\n trap Unreachable\n") == leaves);
    CHECK(code(" call x4, w4, h2, cash\n trap Unreachable\n") == "");
    CHECK(code(" call x5, w4, h2, cash\n trap Unreachable\n") == leaves);
    CHECK(code(" host x1, w1, muldiv3\n ret\n") == "");
    CHECK(code(" host x1, w2, muldiv3\n ret\n") == leaves);
    CHECK(code(" host x3, w0, muldiv3\n ret\n") == leaves);
    CHECK(code(" host x3, w0, today\n ret\n") == "");
    CHECK(code(" host x4, w0, today\n ret\n") == leaves);
    // The import takes the instance, money and cash.
    CHECK(code(" hempty h2\n callx x3, w3, h2, 0\n ret\n") == "");
    CHECK(code(" hempty h2\n callx x4, w3, h2, 0\n ret\n") == leaves);
    CHECK(code(" hempty h2\n callx x3, w4, h2, 0\n ret\n") == leaves);
}

TEST_CASE("an import's aggregate parameters and result are addresses after the instance") {
    const auto import = [](std::uint32_t result, const char* line) {
        Module m = code_module("imports 1\nfn f(x0 w0 h0) regs x3 w0 h1 frame 0 {\nb0:\n " +
                               std::string(line) + "\n trap Unreachable\n}\n");
        m.types = rich_types();
        m.imports[0].params = {rich::text};
        m.imports[0].result = result;
        return complaint(m);
    };
    CHECK(import(rich::pair, "callx x0, w0, h0, 0") == "");
    CHECK(import(rich::pair, "callx x1, w0, h0, 0") != "");
    CHECK(import(rich::integer, "callx x1, w0, h0, 0") == "");
    CHECK(import(rich::money, "callx x0, w0, h0, 0") != "");
    CHECK(import(rich::cash, "callx x0, w0, h0, 0") == "");
    CHECK(import(rich::cash, "callx x0, w0, h1, 0") != "");
    CHECK(import(99, "ret") == "an import's result has no such type");
    CHECK(import(rich::accrual, "ret") == "an import's result has no such type");
    CHECK(import(rich::vaults, "ret") == "an import's result has no such type");
    CHECK(after([](Module& m) { m.imports[0].params[0] = 99; }) ==
          "an import's parameter has no such type");
}

TEST_CASE("every holding is used exactly once on every path") {
    CHECK(code(" hempty h0\n hend h0\n ret\n") == "");
    CHECK(code(" hempty h0\n ret\n") == "a holding is left at the return");
    CHECK(code(" ret\n", "(x0 w0 h1)") == "a holding is left at the return");
    CHECK(code(" hend h0\n ret\n", "(x0 w0 h1)") == "");
    CHECK(code(" hend h0\n ret\n") == "the slot is empty");
    CHECK(code(" hamount w0, h0\n ret\n") == "the slot is empty");
    CHECK(code(" hempty h0\n hempty h0\n ret\n") == "the slot is full already");
    CHECK(code(" hempty h0\n hmove h1, h0\n hend h1\n ret\n") == "");
    CHECK(code(" hempty h0\n hmove h0, h0\n hend h0\n ret\n") == "the slot is full already");
    CHECK(code(" hempty h0\n hmove h1, h0\n hend h0\n ret\n") == "the slot is empty");
    CHECK(code(" hempty h0\n hjoin h0, h0\n ret\n") == "one holding used twice");
    CHECK(code(" hempty h0\n hempty h1\n hjoin h0, h1\n hend h0\n ret\n") == "");
    CHECK(code(" hempty h0\n htake h1, h0, w0\n hend h1\n ret\n") ==
          "a holding is left at the return");
    CHECK(code(" hempty h0\n trap Unreachable\n") == "");
    CHECK(code(" hempty h0\n reth h0\n", "(x0 w0 h0) -> h") == "");
    CHECK(code(" hempty h0\n hempty h1\n reth h0\n", "(x0 w0 h0) -> h") ==
          "a holding is left at the return");
    CHECK(code(" reth h0\n", "(x0 w0 h0) -> h") == "the slot is empty");
}

TEST_CASE("holdings agree wherever ways meet") {
    CHECK(code(" brz x0, b2\nb1:\n hempty h0\nb2:\n trap Unreachable\n") ==
          "holdings differ on two ways into a block");
    CHECK(code(" hempty h0\n brz x0, b2\nb1:\n hend h0\n ret\nb2:\n hend h0\n ret\n") == "");
    CHECK(code(" jump b1\nb1:\n hempty h0\n brz x0, b1\nb2:\n trap Unreachable\n") ==
          "holdings differ on two ways into a block");
    CHECK(code(" jump b1\nb1:\n hempty h0\n hend h0\n brz x0, b1\nb2:\n ret\n") == "");
}

TEST_CASE("a call takes holdings and gives one") {
    CHECK(code(" call x0, w0, h0, xyz\n ret\n") == "the slot is empty");
    CHECK(code(" hempty h1\n call x0, w0, h1, xyz\n hend h1\n ret\n") == "");
    CHECK(code(" hempty h1\n call x0, w0, h1, xyz\n ret\n") == "a holding is left at the return");
    CHECK(code(" hempty h1\n call x0, w0, h1, cash\n ret\n") == "the slot is full already");
    CHECK(code(" hempty h0\n callx x0, w0, h0, 0\n hend h0\n ret\n") == "the slot is empty");
}

TEST_CASE("a return is of the function's bank") {
    const std::string other = "the result is of another bank";
    CHECK(code(" retx x0\n", "(x0 w0 h0) -> x") == "");
    CHECK(code(" retw w0\n", "(x0 w0 h0) -> w") == "");
    CHECK(code(" retx x0\n") == other);
    CHECK(code(" ret\n", "(x0 w0 h0) -> x") == other);
    CHECK(code(" retw w0\n", "(x0 w0 h0) -> x") == other);
    CHECK(code(" hempty h0\n reth h0\n", "(x0 w0 h0) -> w") == other);
}

TEST_CASE("calls are acyclic") {
    CHECK(code(" call x0, w0, h0, f\n ret\n") == "the function can reach itself");
    Module pair = chain(2);
    pair.functions[1].code.insert(pair.functions[1].code.begin() + 1, {Op::Call, 0, 0, 0, 0});
    CHECK(complaint(pair) == "the function can reach itself");
}

TEST_CASE("the deepest chain fits the limits") {
    CHECK(complaint(chain(limits::call_depth)) == "");
    CHECK(complaint(chain(limits::call_depth + 1)) == "calls are nested too deeply");
    CHECK(complaint(chain(2, limits::frame_bytes / 2)) == "");
    CHECK(complaint(chain(3, limits::frame_bytes / 2)) ==
          "the frames of a call chain are too large");
}

TEST_CASE("an error names the place") {
    const auto result = verify(code_module("fn a(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n ret\n}\n"
                                           "fn b(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n"
                                           " ldi x0, 1\n ret\n}\n"));
    const auto& error = std::get<VerifyError>(result);
    CHECK(error.function == 1);
    CHECK(error.instruction == 1);
}

TEST_CASE("the lifecycle") {
    const auto loan = [](auto change) { return after([&](Module& m) { change(m.contracts[1]); }); };
    const std::string at = "contract `Loan`: ";
    CHECK(loan([](Contract& c) { c.states = {}; }) == at + "a contract without states");
    CHECK(loan([](Contract& c) { c.parent = 1; }) == at + "the parent is not before its child");
    CHECK(loan([](Contract& c) { c.initial = 3; }) == at + "no such initial state");
    CHECK(loan([](Contract& c) { c.final_states = 8; }) == at + "no such final state");
    CHECK(loan([](Contract& c) { c.edges = {c.edges[0], c.edges[1]}; }) == at + "edges of other states");
    CHECK(loan([](Contract& c) { c.edges[0] = 8; }) == at + "an edge to no state");
    CHECK(loan([](Contract& c) { c.entries[0].states = 8; }) == at + "an entry in no state");
    CHECK(loan([](Contract& c) { c.fields[2].states = 8; }) == at + "a field in no state");
    CHECK(loan([](Contract& c) {
              c.states.assign(64, "s");
              c.edges = std::vector<u64>(64, ~u64{0});
              c.final_states = u64{1} << 63;
          }) == "");
}

TEST_CASE("fields have a type of their kind") {
    const std::string differ = "contract `Loan`: a field's kind and type do not agree";
    const auto field = [](FieldKind kind, std::uint32_t type) {
        return after([&](Module& m) { m.contracts[1].fields.push_back({"new", kind, type, 0}); });
    };
    CHECK(field(FieldKind::Var, rich::pair) == "");
    CHECK(field(FieldKind::Var, 99) == "contract `Loan`: a field has no such type");
    CHECK(field(FieldKind::Var, rich::cash) == differ);
    CHECK(field(FieldKind::Var, rich::vaults) == differ);
    CHECK(field(FieldKind::Var, rich::unit) == differ);
    CHECK(field(FieldKind::Const, rich::accrual) == differ);
    CHECK(field(FieldKind::Accrual, rich::money) == differ);
    CHECK(field(FieldKind::Vault, rich::money) == differ);
    CHECK(field(FieldKind::Vault, rich::by_party) == differ);
    CHECK(field(FieldKind::Stored, rich::money) == differ);
    CHECK(field(FieldKind::Stored, rich::vaults) == differ);
    CHECK(field(FieldKind::Stored, rich::by_party) == "");
    CHECK(after([](Module& m) {
              for (int i = 0; i < 9; ++i)
                  m.contracts[1].fields.push_back({"big", FieldKind::Var, rich::big_list, 0});
          }) == "contract `Loan`: the record is too large");
}

TEST_CASE("an entry's function has the parameters that its types ask for") {
    const std::string other = "contract `Loan`: an entry's function has other parameters";
    const auto entry = [](std::size_t number, auto change) {
        return after([&](Module& m) { change(m.contracts[1].entries[number]); });
    };
    CHECK(entry(0, [](Entry& e) { e.params = {{"who", rich::party}}; }) == other);
    CHECK(entry(0, [](Entry& e) { e.params = {{"who", rich::money}, {"limit", rich::money}}; }) == other);
    CHECK(entry(0, [](Entry& e) { e.result = rich::integer; }) == other);
    CHECK(entry(0, [](Entry& e) { e.function = 99; }) == other);
    CHECK(entry(1, [](Entry& e) { e.result = rich::money; }) == other);
    CHECK(entry(1, [](Entry& e) { e.result = rich::date; }) == "");
    CHECK(entry(1, [](Entry& e) { e.params = {{"nothing", rich::unit}}; }) == "");
    CHECK(entry(3, [](Entry& e) { e.result = none; }) == other);
    CHECK(entry(0, [](Entry& e) { e.params = {{"who", rich::accrual}, {"limit", rich::money}}; }) ==
          "contract `Loan`: an entry's parameter has no such type");
    CHECK(entry(0, [](Entry& e) { e.params = {{"who", 99}, {"limit", rich::money}}; }) ==
          "contract `Loan`: an entry's parameter has no such type");
    CHECK(entry(0, [](Entry& e) { e.result = rich::vaults; }) ==
          "contract `Loan`: an entry's result has no such type");
}

TEST_CASE("clauses, invariants, tests, events") {
    const std::string at = "contract `Loan`: ";
    const auto clause = [](auto change) {
        return after([&](Module& m) { change(m.contracts[1].entries[2]); });
    };
    CHECK(clause([](Entry& e) { e.next_date = 0; }) ==
          at + "the next date takes a date and gives one");
    CHECK(clause([](Entry& e) { e.next_date = 99; }) ==
          at + "the next date takes a date and gives one");
    CHECK(clause([](Entry& e) { e.next_date = none; }) == "");
    CHECK(clause([](Entry& e) { e.kind = EntryKind::Action; }) ==
          at + "only a clause has a next date");
    CHECK(clause([](Entry& e) {
              e.function = 3;
              e.params = {{"d", rich::date}};
              e.result = rich::date;
          }) == at + "nobody calls a clause");
    CHECK(after([](Module& m) { m.contracts[1].invariants = 3; }) ==
          at + "the invariants take no parameters");
    CHECK(after([](Module& m) { m.contracts[1].invariants = 99; }) ==
          at + "the invariants take no parameters");
    CHECK(after([](Module& m) { m.tests[0].function = 3; }) == "a test takes its parameters and gives nothing");
    CHECK(after([](Module& m) { m.tests[0].function = 99; }) == "a test takes its parameters and gives nothing");
    const std::string not_record = "an event or error carries what is not a record";
    CHECK(after([](Module& m) { m.events[0].record = rich::money; }) == not_record);
    CHECK(after([](Module& m) { m.errors[0].record = 99; }) == not_record);
}

TEST_CASE("rights lead somewhere") {
    const std::string at = "contract `Loan`: ";
    const auto term = [](std::size_t child, auto change) {
        return after([&](Module& m) { change(m.contracts[1].entries[0].auth.children[child]); });
    };
    CHECK(term(0, [](Auth& a) { a.index = 7; }) == at + "a right starts nowhere");
    CHECK(term(0, [](Auth& a) {
              a.root = AuthRoot::Parameter;
              a.index = 2;
          }) == at + "a right starts nowhere");
    CHECK(term(0, [](Auth& a) {
              a.root = AuthRoot::Parameter;
              a.index = 1;
          }) == "");
    CHECK(term(0, [](Auth& a) { a.steps = {each_step}; }) == at + "a right leads nowhere");
    CHECK(term(1, [](Auth& a) { a.steps = {0}; }) == at + "a right leads nowhere");
    CHECK(term(2, [](Auth& a) { a.n = 4; }) == at + "an impossible quorum");
    CHECK(term(2, [](Auth& a) { a.n = 0; }) == at + "an impossible quorum");
    CHECK(term(2, [](Auth& a) { a.children[0].index = 2; }) == at + "a right starts nowhere");
    CHECK(term(2, [](Auth& a) {
              a.kind = AuthKind::KOf;
              a.n = 0;
          }) == at + "an impossible quorum");
    CHECK(after([](Module& m) { m.contracts[0].entries[0].auth = by_field(0, {}); }) == "");
    CHECK(after([](Module& m) {
              m.contracts[0].entries[0].auth = by_field(0, {});
              m.contracts[0].entries[0].auth.root = AuthRoot::ParentField;
          }) == "contract `Pool`: a right starts nowhere");
}

TEST_CASE("a table has as many cases as it says, and cases stand nowhere else") {
    CHECK(code(" brtab x0, 2\n case b1\n case b1\nb1:\n ret\n") == "");
    CHECK(code(" brtab x0, 1\n case b1\n case b1\nb1:\n ret\n") == "the table's length is not the number of its cases");
    CHECK(code(" brtab x0, 3\n case b1\n case b1\nb1:\n ret\n") == "the table's length is not the number of its cases");
    CHECK(code(" brtab x0, 0\nb1:\n ret\n") == "a table of no size, or too large a one");
    CHECK(code(" brtab x0, 1025\n case b1\nb1:\n ret\n") == "a table of no size, or too large a one");
    CHECK(code(" case b1\nb1:\n ret\n") == "a case outside a table");
    CHECK(code(" brtab x0, 1\n case b2\nb1:\n ret\n") == "no such block");
    CHECK(code(" brtab x0, 1\n case b1\n ret\n") == "an instruction after the end of its block");
    CHECK(code(" brtab x0, 9\n case b1\n") == "code runs past its end");
}

TEST_CASE("holdings are followed along every way out of a table") {
    CHECK(code(" hempty h0\n brtab x0, 1\n case b1\nb1:\n hend h0\n ret\n") == "");
    CHECK(code(" hempty h0\n brtab x0, 1\n case b2\nb1:\n hend h0\nb2:\n ret\n") == "holdings differ on two ways into a block");
}

namespace {

/// A program of one function that calls itself, and one function that is called through the table.
std::string program(const std::string& parts, const std::string& body = " ret\n") {
    return complaint(code_module(parts + "fn f(x0 w0 h0) regs x3 w1 h0 frame 0 {\nb0:\n" + body + "}\n"));
}

} // namespace

TEST_CASE("only a program may recurse, have memory of its own and call through a table") {
    CHECK(program("", " call x0, w0, h0, f\n ret\n") == "the function can reach itself");
    CHECK(program("program 64\n", " call x0, w0, h0, f\n ret\n") == "");
    CHECK(program("program 64\nshape x1 w0 -> x\n", " calli x1, w0, 0\n ret\n") == "");
    CHECK(program("program 64\nshape x1 w0 -> x\n", " calli x2, w0, 0\n ret\n") == "the call's window leaves the registers");
    CHECK(program("program 64\n", " calli x0, w0, 0\n ret\n") == "no such shape of a call");
    CHECK(program("shape x0 w0\n", " calli x0, w0, 0\n ret\n") == "a table or memory in a module that is no program");
    CHECK(program("program 48\n") == "a program's memory is too small, too large or not a multiple of 16");
    CHECK(program("program 72\n") == "a program's memory is too small, too large or not a multiple of 16");
    CHECK(program("program 67108864\n") == "");
    CHECK(program("program 67108880\n") == "a program's memory is too small, too large or not a multiple of 16");
    CHECK(program("program 64\ndata 01\n") == "a program's data leave its memory or end in zeros");
    CHECK(program("program 80\ndata 0100\n") == "a program's data leave its memory or end in zeros");
    CHECK(program("program 64\ntable @0\n") == "");
    CHECK(program("program 64\ntable @1\n") == "no such function in the table");
    CHECK(program("program 64\nimports 1\n") == "a program has no contracts, imports or tests");
    CHECK(program("program 64\n", " ret\n}\nfn g(x0 w0 h0) regs x0 w0 h1 frame 0 {\nb0:\n ret\n") == "a program has no holdings");
}
