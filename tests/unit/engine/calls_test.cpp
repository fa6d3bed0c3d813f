#include "tests/unit/engine/machine_kit.hpp"

#include "vm/bytecode/limits.hpp"

using namespace tally;
using namespace tally::test;

namespace {

constexpr const char* loop = R"(
fn sum(x1 w0 h0) -> x regs x2 w0 h0 frame 0 {
b0:
    ldi x1, 0
b1:
    add x1, x1, x0
    addi x0, x0, -1
    brnz x0, b1
b2:
    retx x1
}
)";

/// Functions 0…n-1, each adding one to what the next one gives.
std::string tower(std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) {
        text += "fn f(x1 w0 h0) -> x regs x1 w0 h0 frame 16 {\nb0:\n";
        if (i + 1 < n) text += " call x0, w0, h0, @" + std::to_string(i + 1) + "\n";
        text += " addi x0, x0, 1\n retx x0\n}\n";
    }
    return text;
}

} // namespace

TEST_CASE("gas is charged by the block, and one unit short is out of gas") {
    const ProgramRef program = must_load(must_assemble(loop));
    constexpr i64 used = 2 + 10 * 4 + 2;
    Trial enough;
    enough.gas.left = 1000;
    CHECK(enough(program, {{10}, {}, {}}).x == 55);
    CHECK(enough.gas.left == 1000 - used);
    for (i64 limit = 0; limit <= used; ++limit) {
        Trial trial;
        trial.gas.left = limit;
        const Outcome outcome = trial(program, {{10}, {}, {}});
        CAPTURE(limit);
        CHECK(outcome.trap == (limit < used ? Trap::OutOfGas : Trap::None));
        CHECK(trial.gas.left == 0);
    }
}

TEST_CASE("a loop without end runs out of gas") {
    Trial trial;
    CHECK(trial("fn f(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n jump b0\n}\n").trap ==
          Trap::OutOfGas);
}

TEST_CASE("memory operations charge for their size first") {
    const ProgramRef program = must_load(
        must_assemble("fn f(x3 w0 h0) regs x3 w0 h0 frame 0 {\nb0:\n fill x0, x1, x2\n ret\n}\n"));
    constexpr i64 block = 1 + 4 + 1;
    for (const u64 bytes : {0u, 1u, 64u, 65u, 512u}) {
        const i64 units = static_cast<i64>((bytes + 63) / 64);
        CAPTURE(bytes);
        Trial trial;
        trial.gas.left = block + units;
        CHECK(trial(program, {{64, 7, bytes}, {}, {}}).trap == Trap::None);
        CHECK(trial.gas.left == 0);
        if (units == 0) continue;
        Trial poor;
        poor.gas.left = block + units - 1;
        CHECK(poor(program, {{64, 7, bytes}, {}, {}}).trap == Trap::OutOfGas);
        CHECK(poor.word(64) == 0); // nothing was written
    }
}

TEST_CASE("a call also pays for the frame and the registers it zeroes") {
    const auto gas_of = [](std::string head) {
        Trial trial;
        CHECK(trial("fn f(x0 w0 h0) regs x0 w0 h0 frame 0 {\nb0:\n call x0, w0, h0, g\n ret\n}\n"
                    "fn g(x0 w0 h0) regs " +
                    head + " {\nb0:\n ret\n}\n")
                  .trap == Trap::None);
        return 1'000'000 - trial.gas.left;
    };
    constexpr i64 bare = 12 + 2;
    CHECK(gas_of("x0 w0 h0 frame 0") == bare);
    CHECK(gas_of("x7 w0 h0 frame 0") == bare);
    CHECK(gas_of("x8 w0 h0 frame 0") == bare + 1);
    CHECK(gas_of("x0 w4 h0 frame 0") == bare + 1);
    CHECK(gas_of("x2 w1 h0 frame 1056") == bare + 17);
}

TEST_CASE("a callee has registers and a frame of its own") {
    Trial trial;
    const Outcome outcome = trial(R"(
fn f(x2 w1 h0) -> x regs x6 w3 h0 frame 16 {
b0:
    frame x2, 0
    stx x0, x2, 0
    movx x3, x0
    movx x4, x1
    movw w1, w0
    call x3, w1, h0, g
    ldx x2, x2, 0
    add x3, x3, x2
    retx x3
}
fn g(x2 w1 h0) -> x regs x4 w2 h0 frame 16 {
b0:
    frame x2, 0
    ldx x3, x2, 0
    stx x0, x2, 0
    low x2, w0
    add x3, x3, x2
    sub x0, x0, x1
    add x0, x0, x3
    narrow x1, w1
    add x0, x0, x1
    retx x0
}
)",
                                  {{100, 1}, {7}, {}});
    CHECK(outcome.trap == Trap::None);
    CHECK(outcome.x == 100 - 1 + 7 + 100);
}

TEST_CASE("results come back in every bank, and nothing else changes") {
    Trial trial;
    const Outcome outcome = trial(R"(
fn f(x0 w0 h0) -> w regs x2 w3 h0 frame 0 {
b0:
    ldi x0, 5
    ldiw w0, 1
    ldiw w1, 2
    ldiw w2, 4
    call x0, w1, h0, double
    call x0, w0, h0, nothing
    wadd w1, w1, w0
    wadd w1, w1, w2
    widen w0, x0
    wadd w1, w1, w0
    retw w1
}
fn double(x0 w1 h0) -> w regs x0 w1 h0 frame 0 {
b0:
    wadd w0, w0, w0
    retw w0
}
fn nothing(x1 w1 h0) regs x1 w1 h0 frame 0 {
b0:
    ldi x0, 9
    ldiw w0, 9
    ret
}
)");
    CHECK((outcome.w == 4 + 1 + 4 + 5));
}

TEST_CASE("the deepest tower runs") {
    Trial trial;
    const Outcome outcome = trial(tower(limits::call_depth), {{0}, {}, {}});
    CHECK(outcome.trap == Trap::None);
    CHECK(outcome.x == limits::call_depth);
}

TEST_CASE("promises of the caller are checked") {
    const ProgramRef program = must_load(must_assemble(loop));
    Trial trial;
    CHECK(trial(program, {}).trap == Trap::BadArgument);
    CHECK(trial(program, {{1, 2}, {}, {}}).trap == Trap::BadArgument);
    CHECK(trial(program, {{1}, {1}, {}}).trap == Trap::BadArgument);
    const ProgramRef framed =
        must_load(must_assemble("fn f(x0 w0 h0) regs x0 w0 h0 frame 3088 {\nb0:\n ret\n}\n"));
    CHECK(trial(framed).trap == Trap::BadArgument); // 1024 + 3088 > 4096
}

TEST_CASE("the host sees the window and answers in it") {
    const ProgramRef program = must_load(must_assemble(
        "fn f(x1 w0 h0) -> x regs x3 w1 h0 frame 0 {\nb0:\n movx x2, x0\n host x2, w0, signed\n"
        " retx x2\n}\n"));
    Trial trial;
    trial.host.answer_x = 1;
    CHECK(trial(program, {{42}, {}, {}}).x == 1);
    CHECK(trial.host.calls == std::vector<std::string>{"signed 42"});
    trial.host.answer = Trap::Refused;
    const Outcome refused = trial(program, {{42}, {}, {}});
    CHECK(refused.trap == Trap::Refused);
    CHECK(refused.instruction == 2);
}

TEST_CASE("an import takes a holding and gives one back") {
    const ProgramRef program = must_load(with_vaults(
        "fn f(x1 w0 h1) -> h regs x1 w0 h2 frame 0 {\nb0:\n hmove h1, h0\n callx x0, w0, h1, 0\n"
        " reth h1\n}\n"));
    Trial trial;
    trial.host.answer_h = 9;
    const Outcome outcome = trial(program, {{77}, {}, {3}});
    CHECK(outcome.trap == Trap::None);
    CHECK(outcome.h == 9);
    CHECK(trial.host.calls == std::vector<std::string>{"import 0 77"});
    trial.host.answer = Trap::CyclicCall;
    CHECK(trial(program, {{77}, {}, {3}}).trap == Trap::CyclicCall);
}

namespace {

/// x0 more rounds of a function that calls itself, each with a frame of 16 bytes.
constexpr const char* recursion = R"(
program 1024
fn f(x1 w0 h0) -> x regs x2 w0 h0 frame 16 {
b0:
    brz x0, b2
b1:
    addi x1, x0, -1
    call x1, w0, h0, f
    addi x1, x1, 1
    retx x1
b2:
    retx x0
}
)";

/// Calls place x0 of a table whose first function doubles and whose second takes nothing.
constexpr const char* pointers = R"(
program 1024
shape x1 w0 -> x
table @1
table @2
fn f(x2 w0 h0) -> x regs x2 w0 h0 frame 0 {
b0:
    calli x0, w0, 0
    retx x0
}
fn double(x1 w0 h0) -> x regs x1 w0 h0 frame 640 {
b0:
    add x0, x0, x0
    retx x0
}
fn nothing(x0 w0 h0) regs x0 w0 h0 frame 0 {
b0:
    ret
}
)";

} // namespace

TEST_CASE("a program recurses as deep as its stack and the limit allow") {
    const ProgramRef program = must_load(must_assemble(recursion));
    Trial trial; // frames from 1024 to 4096: 192 of them
    CHECK(trial(program, {{191}, {}, {}}).x == 191);
    CHECK(trial(program, {{192}, {}, {}}).trap == Trap::CallDepth);
    Trial deep;
    deep.arena.resize(1024 + 16 * limits::program_call_depth + 16);
    CHECK(deep(program, {{limits::program_call_depth - 1}, {}, {}}).x == limits::program_call_depth - 1);
    CHECK(deep(program, {{limits::program_call_depth}, {}, {}}).trap == Trap::CallDepth);
}

TEST_CASE("a call through the table reaches a function of its shape, or traps") {
    const ProgramRef program = must_load(must_assemble(pointers));
    Trial trial;
    CHECK(trial(program, {{1, 21}, {}, {}}).x == 42);
    CHECK(trial.gas.left == 1'000'000 - (1 + 15 + 1) - (640 + 8) / 64 - 3);
    for (const u64 place : {u64{0}, u64{2}, u64{3}, ~u64{0}}) {
        const Outcome outcome = trial(program, {{place, 21}, {}, {}});
        CHECK(outcome.trap == Trap::BadCall);
        CHECK(outcome.instruction == 1);
    }
    // The callee's frame is charged before it runs.
    trial.gas.left = 1 + 15 + 1 + 9;
    CHECK(trial(program, {{1, 21}, {}, {}}).trap == Trap::OutOfGas);
}
