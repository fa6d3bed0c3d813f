#include "tests/unit/engine/machine_kit.hpp"

using namespace tally;
using namespace tally::test;

TEST_CASE("money goes out of a vault, apart, together and back") {
    const ProgramRef program = must_load(with_vaults(R"(
fn f(x1 w2 h0) -> w regs x2 w3 h3 frame 0 {
b0:
    hwithdraw h0, w0, x0, 1
    htake h1, h0, w1
    hempty h2
    hjoin h2, h1
    hamount w2, h2
    hdeposit h2, x1, 0
    hpay h0, x0
    hempty h1
    hmove h0, h1
    hend h0
    retw w2
}
)"));
    Trial trial;
    const Outcome outcome = trial(program, {{5}, {100, 30}, {}});
    CHECK(outcome.trap == Trap::None);
    CHECK((outcome.w == 30));
    CHECK(trial.host.calls == std::vector<std::string>{"withdraw 1 5", "deposit 0 0", "pay 5"});
    CHECK(trial(program, {{5}, {-1, 0}, {}}).trap == Trap::NegativeAmount);
    CHECK(trial(program, {{5}, {10, 11}, {}}).trap == Trap::Insufficient);
}

TEST_CASE("a holding that is not empty does not end") {
    Trial trial;
    CHECK(trial(must_load(with_vaults("fn f(x1 w1 h0) regs x1 w1 h1 frame 0 {\nb0:\n"
                                      " hwithdraw h0, w0, x0, 0\n hend h0\n ret\n}\n")),
                {{0}, {1}, {}})
              .trap == Trap::AssetLeft);
}

TEST_CASE("holdings move through calls") {
    const ProgramRef program = must_load(with_vaults(R"(
fn f(x1 w1 h1) -> h regs x1 w1 h3 frame 0 {
b0:
    hempty h1
    hmove h2, h0
    call x0, w0, h1, merge
    reth h1
}
fn merge(x0 w0 h2) -> h regs x0 w0 h3 frame 0 {
b0:
    hjoin h0, h1
    hmove h2, h0
    reth h2
}
)"));
    Trial trial;
    trial.host.amounts.push_back(70); // holding 1
    const Outcome outcome = trial(program, {{0}, {0}, {1}});
    CHECK(outcome.trap == Trap::None);
    REQUIRE(outcome.h == 2);
    CHECK((trial.host.amounts[2] == 70));
}

TEST_CASE("the number zero is no holding, whatever the verifier believed") {
    const auto with_nothing = [](const std::string& line) {
        Trial trial;
        return trial(must_load(with_vaults("fn f(x1 w1 h1) regs x1 w1 h2 frame 0 {\nb0:\n " + line +
                                           "\n trap Unreachable\n}\n")),
                     {{0}, {0}, {0}})
            .trap;
    };
    for (const char* line :
         {"hmove h1, h0", "hamount w0, h0", "hdeposit h0, x0, 0", "hpay h0, x0", "htake h1, h0, w0",
          "hempty h1\n hjoin h0, h1", "hempty h1\n hjoin h1, h0", "hend h0"}) {
        CAPTURE(line);
        CHECK(with_nothing(line) == Trap::NoHolding);
    }
}
