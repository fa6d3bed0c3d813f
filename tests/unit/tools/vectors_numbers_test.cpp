#include "tools/vectors/numbers.hpp"

#include "vm/value/decimal_text.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

std::string number(std::string_view text) {
    const auto value = case_number(text);
    return value ? decimal_text(value->value, decimal_scale) : "none";
}
std::string last_digit(std::string_view text) {
    const auto value = case_number(text);
    return value ? decimal_text(value->last_digit, decimal_scale) : "none";
}
std::string time(std::string_view text) {
    const auto value = case_time(text);
    return value ? value->text() : "none";
}

} // namespace

TEST_CASE("numbers as cases write them") {
    CHECK(number("  500") == "500.000000000000000000");
    CHECK(number("-0.03") == "-0.030000000000000000");
    CHECK(number("+1.5e3") == "1500.000000000000000000");
    CHECK(number("1.5E-3") == "0.001500000000000000");
    CHECK(number(".5") == "0.500000000000000000");
    CHECK(number("5.") == "5.000000000000000000");
    CHECK(number("0e500") == "0.000000000000000000");
    CHECK(number("1e-500") == "0.000000000000000000");
    for (const char* bad : {"", " ", "-", ".", "1,5", "1.2.3", "0x1", "1e", "e5", "1e+", "NaN", "1e501", "1 2"}) CHECK_MESSAGE(number(bad) == "none", bad);
}

TEST_CASE("digits behind the 18th are rounded half-even") {
    CHECK(number("0.0000000000000000005") == "0.000000000000000000");
    CHECK(number("0.0000000000000000015") == "0.000000000000000002");
    CHECK(number("0.00000000000000000050001") == "0.000000000000000001");
    CHECK(number("0.0000000000000000004999") == "0.000000000000000000");
    CHECK(number("9.9999999999999999995") == "10.000000000000000000");
    CHECK(number("-0.0000000000000000015") == "-0.000000000000000002");
}

TEST_CASE("numbers are below 10^18") {
    CHECK(number("999999999999999999.999999999999999999") == "999999999999999999.999999999999999999");
    CHECK(number("1e17") == "100000000000000000.000000000000000000");
    CHECK(number("1000000000000000000") == "none");
    CHECK(number("1e18") == "none");
    CHECK(number("999999999999999999.9999999999999999995") == "none");
}

TEST_CASE("the unit of the last digit") {
    CHECK(last_digit("3508695") == "1.000000000000000000");
    CHECK(last_digit("25.50") == "0.010000000000000000");
    CHECK(last_digit("1.5E-3") == "0.000100000000000000");
    CHECK(last_digit("0.1234567890123456789") == "0.000000000000000000");
}

TEST_CASE("times") {
    for (const char* midnight : {"2013-01-01", "2013-01-01T00:00", " 2013-01-01T00:00:00", "2012-12-31T24:00:00"}) CHECK(time(midnight) == "2013-01-01");
    CHECK(time("2013-12-31T23:59:59") == "2013-12-31T23:59:59");
    for (const char* bad : {"", "2013-02-29", "1899-12-31", "2201-01-01", "2013-01-01T12:00:00", "2013-1-1", "2200-12-31T24:00:00"}) CHECK_MESSAGE(time(bad) == "none", bad);
}

TEST_CASE("cycles") {
    CHECK(*case_cycle("P1ML0") == R"({"length": 1, "unit": "M", "stub": "Long"})");
    CHECK(*case_cycle("P2WL1") == R"({"length": 2, "unit": "W", "stub": "Short"})");
    CHECK(*case_cycle("P31D") == R"({"length": 31, "unit": "D", "stub": "Short"})");
    CHECK(*case_cycle("1Q+") == R"({"length": 1, "unit": "Q", "stub": "Long"})");
    CHECK(*case_cycle("P0D") == "null");
    CHECK(*case_cycle("P10000D") != "null");
    for (const char* bad : {"", "P", "PM", "P1", "P1X", "P1ML2", "P-1M", "P10001D", "P1Y6M", "P1.5M"}) CHECK_MESSAGE(!case_cycle(bad), bad);
}
