#include "vm/value/decimal_text.hpp"

#include "tests/unit/value/numbers.hpp"

#include <doctest/doctest.h>

using namespace tally;
using tally::test::Numbers;

namespace {

constexpr const char* max_text = "170141183460469231731687303715884105727";
constexpr const char* min_text = "-170141183460469231731687303715884105728";

} // namespace

TEST_CASE("scaled integers as text") {
    CHECK(decimal_text(-1234, 2) == "-12.34");
    CHECK(decimal_text(5, 2) == "0.05");
    CHECK(decimal_text(-5, 2) == "-0.05");
    CHECK(decimal_text(0, 2) == "0.00");
    CHECK(decimal_text(100, 2) == "1.00");
    CHECK(decimal_text(0, 0) == "0");
    CHECK(decimal_text(42, 0) == "42");
    CHECK(decimal_text(decimal_one, decimal_scale) == "1.000000000000000000");
    CHECK(int_text(i128_max) == max_text);
    CHECK(int_text(i128_min) == min_text);
    CHECK(decimal_text(i128_min, 38) == "-1.70141183460469231731687303715884105728");
    CHECK(decimal_text(i128_min, 39) == "-0.170141183460469231731687303715884105728");
}

TEST_CASE("text as scaled integers") {
    CHECK(decimal_parse("-12.34", 2) == i128{-1234});
    CHECK(decimal_parse("12", 2) == i128{1200});
    CHECK(decimal_parse("12.3", 2) == i128{1230});
    CHECK(decimal_parse("0.05", 2) == i128{5});
    CHECK(decimal_parse("-0", 2) == i128{0});
    CHECK(decimal_parse("007", 0) == i128{7});
    CHECK(decimal_parse("1_000_000.00", 2) == i128{100'000'000});
    CHECK(decimal_parse("0.000_000_000_000_000_001", 18) == i128{1});
}

TEST_CASE("more digits than the scale are refused, even zeros") {
    CHECK(decimal_parse("1.23", 2));
    CHECK_FALSE(decimal_parse("1.234", 2));
    CHECK_FALSE(decimal_parse("1.230", 2));
    CHECK_FALSE(decimal_parse("1.0", 0));
}

TEST_CASE("the largest and smallest values, and one beyond each") {
    CHECK(decimal_parse(max_text, 0) == i128_max);
    CHECK(decimal_parse(min_text, 0) == i128_min);
    CHECK_FALSE(decimal_parse("170141183460469231731687303715884105728", 0));
    CHECK_FALSE(decimal_parse("-170141183460469231731687303715884105729", 0));
    CHECK_FALSE(decimal_parse("340282366920938463463374607431768211456", 0));
    CHECK_FALSE(decimal_parse("1701411834604692317316873037158841057279", 0));
    CHECK(decimal_parse("1701411834604692317316873037158841057.27", 2) == i128_max);
    CHECK_FALSE(decimal_parse("1701411834604692317316873037158841057.28", 2));
    CHECK_FALSE(decimal_parse("1701411834604692317316873037158841058", 2));
    CHECK(decimal_parse("0", 60) == i128{0});
    CHECK_FALSE(decimal_parse("1", 39));
}

TEST_CASE("anything else is refused") {
    for (const auto* bad :
         {"",     "-",    ".",    "1.",    ".5",    "-.5", "+1",  "--1",  "1-",
          " 1",   "1 ",   "1e5",  "1.2.3", "1,000", "_1",  "1_",  "1__0", "-_1",
          "1_.0", "1._0", "1.0_", "0x10",  "1.-5",  "١",   "1\n", "abc",  "1..2"}) {
        CAPTURE(bad);
        CHECK_FALSE(decimal_parse(bad, 4));
    }
    CHECK_FALSE(decimal_parse(std::string_view("1\0", 2), 4));
}

TEST_CASE("every value comes back from its text") {
    Numbers numbers(8);
    for (int i = 0; i < 50'000; ++i) {
        const i128 v = numbers.adversarial();
        const int scale = static_cast<int>(numbers.below(40));
        if (decimal_parse(decimal_text(v, scale), scale) == v) continue;
        FAIL_CHECK(int_text(v), " at scale ", scale);
    }
}
