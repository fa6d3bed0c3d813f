#include "runtime/bench.hpp"

#include "tests/unit/runtime/jar_module.hpp"

namespace tally::test {
namespace {

/// `alice` in the frame at 0, as a Text.
constexpr std::string_view name_alice = R"(
    frame x0, 0
    ldi x1, 5
    stx x1, x0, 0
    ldc x1, 0
    stx x1, x0, 8
    host x0, w0, test_party
    movx x9, x0
    host x0, w0, test_sign
)";
/// A jar of alice's in CNY; its number in x8.
constexpr std::string_view make_jar = R"(
    frame x4, 32
    stx x9, x4, 0
    ldi x0, 0
    ldi x1, 0
    ldc x2, 1
    movx x3, x4
    host x0, w0, test_create
    movx x8, x0
)";
/// jar.add(x7)
constexpr std::string_view add_x7 = R"(
    frame x2, 48
    stx x7, x2, 0
    ldi x0, 1
    movx x1, x8
    ldi x3, 0
    host x0, w0, test_call
)";
/// jar.count() into x6
constexpr std::string_view count_x6 = R"(
    ldi x0, 2
    movx x1, x8
    ldi x2, 0
    frame x3, 64
    host x0, w0, test_call
    frame x3, 64
    ldx x6, x3, 0
)";

std::string test_fn(const std::string& name, const std::string& body) {
    return "fn " + name + "(x0 w0 h0) regs x16 w2 h0 frame 96 {\n.line 5\nb0:\n" + body +
           "    ret\n}\n";
}

Bytes bench_module(const std::string& body) {
    const std::string start = std::string(name_alice) + std::string(make_jar);
    auto assembled =
        assemble("imports 5\nconst x 0 = 435459550305\nconst x 1 = " + std::to_string(cny) +
                 "\nconst x 2 = 20600\n" + test_fn("t", start + body));
    INFO((std::holds_alternative<ModuleError>(assembled) ? std::get<ModuleError>(assembled).what
                                                         : ""));
    REQUIRE(std::holds_alternative<Module>(assembled));
    Module m = std::get<Module>(std::move(assembled));
    m.name = "test.bench";
    m.types = jar_types();
    m.imports = {{"test.jar", "Jar", "create", {jar::party}, none},
                 {"test.jar", "Jar", "add", {jar::integer}, none},
                 {"test.jar", "Jar", "count", {}, jar::integer},
                 {"test.jar", "Jar", "put", {jar::cash}, none},
                 {"test.jar", "Jar", "take", {jar::money}, jar::cash}};
    m.errors = {{"test.jar.Failed", jar::failed, "it did not work"}};
    m.tests = {{"it counts", 0, 3, {}, 0}};
    return encode(m);
}

TestResult run(const std::string& body) {
    TestBench bench({encode(jar_module()), bench_module(body)});
    REQUIRE(bench.names() == std::vector<std::string>{"it counts"});
    return bench.run(0);
}

} // namespace

TEST_CASE("a test makes parties, instances and calls, and compares") {
    const std::string add = "    ldi x7, 4\n" + std::string(add_x7) + std::string(count_x6);
    const std::string expect = "    ldi x5, 4\n    eq x0, x6, x5\n    ldi x1, 77\n    ldi x2, 1\n"
                               "    frame x3, 64\n    frame x4, 48\n    host x0, w0, test_expect\n";
    const TestResult good = run(add + expect);
    INFO(good.message);
    CHECK(good.passed);
    CHECK(good.gas_used > 0);
    const TestResult bad =
        run(add + "    ldi x7, 3\n" + std::string(add_x7) + std::string(count_x6) + expect);
    CHECK_FALSE(bad.passed);
    CHECK(bad.line == 77);
    CHECK(bad.message == "the expectation does not hold: left is 7, right is 3");
}

TEST_CASE("an unexpected refusal fails the test, an expected one does not, a missing one does") {
    const std::string wrong = "    ldi x7, -4\n" + std::string(add_x7);
    const TestResult refused = run(wrong);
    CHECK_FALSE(refused.passed);
    CHECK(refused.line == 5);
    CHECK(refused.message.find("Jar.add was refused: InvariantBroken") == 0);
    const auto expecting = [](int trap) {
        return "    ldi x0, -1\n    ldi x1, 0\n    ldi x2, " + std::to_string(trap) +
               "\n    host x0, w0, test_expect_fail\n";
    };
    CHECK(run(expecting(19) + wrong).passed);
    CHECK(run(expecting(2) + wrong)
              .message.find("should have been refused with Overflow, but got: InvariantBroken") !=
          std::string::npos);
    CHECK(run(expecting(2) + "    ldi x7, 4\n" + std::string(add_x7))
              .message.find("it went through") != std::string::npos);
    CHECK_FALSE(run(expecting(2)).passed);
}

TEST_CASE("a test brings money, takes it out again and looks at the balance") {
    const std::string put =
        "    ldi x0, 0\n    ldc x0, 1\n    ldiw w0, 700\n    host x0, w0, test_cash\n"
        "    ldi x0, 3\n    movx x1, x8\n    ldi x2, 0\n    ldi x3, 0\n    host x0, w0, "
        "test_call\n";
    const std::string take =
        "    frame x2, 64\n    ldiw w0, 250\n    stw w0, x2, 0\n    ldi x0, 4\n    movx x1, x8\n"
        "    ldi x3, 0\n    host x0, w0, test_call\n";
    const std::string balance =
        "    movx x0, x9\n    ldc x1, 1\n    host x0, w0, test_balance\n    ldiw w1, 250\n"
        "    weq x0, w0, w1\n    ldi x1, 9\n    ldi x2, -1\n    ldi x3, 0\n    ldi x4, 0\n"
        "    host x0, w0, test_expect\n";
    const TestResult result = run(put + take + balance);
    INFO(result.message);
    CHECK(result.passed);
}

TEST_CASE("a test moves the date and peeks at a record") {
    const std::string body =
        "    ldc x0, 2\n    host x0, w0, test_advance\n    host x0, w0, today\n    ldc x1, 2\n"
        "    eq x0, x0, x1\n    ldi x1, 9\n    ldi x2, -1\n    ldi x3, 0\n    ldi x4, 0\n"
        "    host x0, w0, test_expect\n"
        "    ldi x0, 48\n    movx x1, x8\n    frame x2, 0\n    host x0, w0, test_peek\n"
        "    frame x2, 0\n    ldx x0, x2, 8\n    eq x0, x0, x9\n    ldi x1, 10\n    ldi x2, -1\n"
        "    ldi x3, 0\n    ldi x4, 0\n    host x0, w0, test_expect\n";
    const TestResult result = run(body);
    INFO(result.message);
    CHECK(result.passed);
}

} // namespace tally::test
