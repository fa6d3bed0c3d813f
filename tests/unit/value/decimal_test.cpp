#include "vm/value/decimal.hpp"

#include "tests/unit/value/numbers.hpp"
#include "vm/value/muldiv.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

i128 decimal(std::string_view text) { return decimal_parse(text, decimal_scale).value_or(i128_min); }

std::string fused(std::string_view a, std::string_view b, std::string_view c, std::string_view d, i64 places, Rounding mode) {
    i128 out = -1;
    const auto status = decimal_fused(decimal(a), decimal(b), decimal(c), decimal(d), places, mode, out);
    return status == Arithmetic::Ok ? decimal_text(out, decimal_scale) : "error " + std::to_string(static_cast<int>(status));
}
std::string error(Arithmetic status) { return "error " + std::to_string(static_cast<int>(status)); }

} // namespace

TEST_CASE("sums, products and quotients are rounded once, at a place") {
    CHECK(fused("1", "2", "0", "3", 18, Rounding::HalfEven) == "0.666666666666666667");
    CHECK(fused("1", "2", "0", "3", 2, Rounding::HalfEven) == "0.670000000000000000");
    CHECK(fused("1", "2", "0", "-3", 2, Rounding::Floor) == "-0.670000000000000000");
    CHECK(fused("-1", "-2", "0", "-3", 2, Rounding::Ceiling) == "-0.660000000000000000");
    CHECK(fused("1.1", "1.1", "0.005", "1", 2, Rounding::HalfDown) == "1.210000000000000000");
    CHECK(fused("1.1", "1.1", "0.005", "1", 2, Rounding::HalfUp) == "1.220000000000000000");
    CHECK(fused("15000", "1", "0", "1", -4, Rounding::HalfEven) == "20000.000000000000000000");
    CHECK(fused("25000", "1", "0", "1", -4, Rounding::HalfEven) == "20000.000000000000000000");
    CHECK(fused("100000000000000000000", "1000000000000", "0", "1000000000000", 18, Rounding::Exact) == "100000000000000000000.000000000000000000");
}

TEST_CASE("what does not fit or has no quotient") {
    CHECK(fused("1", "1", "0", "1", 19, Rounding::Floor) == error(Arithmetic::BadArgument));
    CHECK(fused("1", "1", "0", "1", -21, Rounding::Floor) == error(Arithmetic::BadArgument));
    CHECK(fused("1", "1", "0", "0", 2, Rounding::Floor) == error(Arithmetic::DivideByZero));
    CHECK(fused("1", "1", "0", "3", 18, Rounding::Exact) == error(Arithmetic::Inexact));
    CHECK(fused("100000000000000000000", "2", "0", "1", 0, Rounding::Floor) == error(Arithmetic::Overflow));
    CHECK(fused("1", "1", "0", "1", -20, Rounding::Ceiling) == "100000000000000000000.000000000000000000");
}

TEST_CASE("the least and the greatest decimal of all") {
    const std::string least = "-170141183460469231731.687303715884105728", greatest = "170141183460469231731.687303715884105727";
    i128 out = 0;
    CHECK(decimal_fused(i128_min, decimal_one, 0, decimal_one, 18, Rounding::Floor, out) == Arithmetic::Ok);
    CHECK((out == i128_min));
    CHECK(decimal_fused(i128_min, decimal_one, 0, -decimal_one, 18, Rounding::Floor, out) == Arithmetic::Overflow);
    CHECK(decimal_fused(i128_max, -decimal_one, -1, decimal_one, 18, Rounding::Exact, out) == Arithmetic::Ok);
    CHECK((out == i128_min));
    CHECK(decimal_fused(i128_max, decimal_one, 0, decimal_one, 0, Rounding::Ceiling, out) == Arithmetic::Overflow);
    CHECK(decimal_fused(i128_min, i128_min, i128_min, 1, 18, Rounding::Floor, out) == Arithmetic::Overflow);
    CHECK(decimal_fused(i128_min, i128_min, i128_min, i128_min, -20, Rounding::HalfEven, out) == Arithmetic::Overflow);
    CHECK(decimal_text(i128_min, decimal_scale) == least);
    CHECK(decimal_text(i128_max, decimal_scale) == greatest);
}

TEST_CASE("at the last place it agrees with mul_div") {
    test::Numbers numbers(11);
    for (int i = 0; i < 2000; ++i) {
        const i128 a = numbers.any(), b = numbers.any(), d = numbers.any();
        const auto mode = static_cast<Rounding>(numbers.below(rounding_count));
        i128 left = 0, right = 0;
        const auto one = decimal_fused(a, b, 0, d, 18, mode, left);
        const auto other = muldiv(a, b, d, mode, right);
        CHECK(one == other);
        CHECK((left == right));
    }
}
