#include "vm/value/power.hpp"

#include "tests/unit/value/numbers.hpp"
#include "vm/value/big.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

i128 decimal(std::string_view text) { return decimal_parse(text, decimal_scale).value_or(i128_min); }

i128 raised(std::string_view x, i64 n, Rounding mode = Rounding::HalfEven) {
    i128 out = -1;
    REQUIRE(power(decimal(x), n, mode, out) == Arithmetic::Ok);
    return out;
}

i128 rooted(std::string_view x, i64 n, Rounding mode = Rounding::HalfEven) {
    i128 out = -1;
    REQUIRE(root(decimal(x), n, mode, out) == Arithmetic::Ok);
    return out;
}

} // namespace

TEST_CASE("powers are rounded once") {
    CHECK(raised("1.1", 2, Rounding::Exact) == decimal("1.21"));
    CHECK(raised("1.01", 12) == decimal("1.126825030131969721"));          // 1.126825030131969720661…
    CHECK(raised("1.01", 12, Rounding::Floor) == decimal("1.126825030131969720"));
    CHECK(raised("1.01", 360) == decimal("35.949641327684920563"));        // 35.94964132768492056269…
    CHECK(raised("-2", 3) == decimal("-8"));
    CHECK(raised("-2", -3) == decimal("-0.125"));
    CHECK(raised("3", -1, Rounding::Ceiling) == decimal("0.333333333333333334"));
    CHECK(raised("-3", -1, Rounding::Floor) == decimal("-0.333333333333333334"));
    CHECK(raised("0", 0) == decimal("1"));
    CHECK(raised("0.5", 600) == 0);
    CHECK(raised("0.5", 600, Rounding::Ceiling) == 1);
}

TEST_CASE("roots are rounded once") {
    CHECK(rooted("2", 2) == decimal("1.414213562373095049"));              // …0488016…
    CHECK(rooted("2", 2, Rounding::Floor) == decimal("1.414213562373095048"));
    CHECK(rooted("1.21", 2, Rounding::Exact) == decimal("1.1"));
    CHECK(rooted("1.05", 12) == decimal("1.004074123783648302"));          // 1.00407412378364830160…
    CHECK(rooted("0", 5) == 0);
    CHECK(rooted("0.000000000000000001", 366) == decimal("0.892934642191483210"));
    CHECK(rooted("7", 1, Rounding::Exact) == decimal("7"));
}

TEST_CASE("what has no power or root") {
    i128 out = -1;
    CHECK(power(decimal("2"), 601, Rounding::Floor, out) == Arithmetic::BadArgument);
    CHECK(power(decimal("2"), -601, Rounding::Floor, out) == Arithmetic::BadArgument);
    CHECK(power(0, -1, Rounding::Floor, out) == Arithmetic::DivideByZero);
    CHECK(power(decimal("10"), 21, Rounding::Floor, out) == Arithmetic::Overflow);
    CHECK(power(decimal("0.1"), 19, Rounding::Exact, out) == Arithmetic::Inexact);
    CHECK(root(-1, 2, Rounding::Floor, out) == Arithmetic::BadArgument);
    CHECK(root(1, 0, Rounding::Floor, out) == Arithmetic::BadArgument);
    CHECK(root(1, 367, Rounding::Floor, out) == Arithmetic::BadArgument);
    CHECK(root(decimal("2"), 2, Rounding::Exact, out) == Arithmetic::Inexact);
    CHECK(out == -1);
}

TEST_CASE("a root lies within one unit of the number whose power it is") {
    test::Numbers numbers(7);
    for (int i = 0; i < 300; ++i) {
        const i128 x = static_cast<i128>(numbers.below(1'000'000'000'000'000'000));
        const i64 n = 1 + static_cast<i64>(numbers.below(24));
        i128 low = 0, high = 0;
        REQUIRE(root(x, n, Rounding::Floor, low) == Arithmetic::Ok);
        REQUIRE(root(x, n, Rounding::Ceiling, high) == Arithmetic::Ok);
        const Big value = big(x) * pow(big(decimal_one), static_cast<unsigned>(n - 1));
        CHECK(pow(big(low), static_cast<unsigned>(n)) <= value);
        CHECK(pow(big(high), static_cast<unsigned>(n)) >= value);
        CHECK(high - low <= 1);
    }
}
