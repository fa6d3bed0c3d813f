#include "vm/value/muldiv.hpp"

#include "tests/unit/value/numbers.hpp"

#include <doctest/doctest.h>

using namespace tally;
using tally::test::wide;

namespace {

i128 plain(i128 a, i128 b, i128 c, Rounding mode) {
    i128 out = 0;
    CHECK(muldiv_plain(a, b, c, mode, out) == Arithmetic::Ok);
    return out;
}

} // namespace

// The yardstick itself, against numbers written down by hand.
TEST_CASE("the plain muldiv rounds a tie as each mode says") {
    for (const int sign : {1, -1}) {
        CHECK(plain(5 * sign, 1, 2, Rounding::TowardZero) == 2 * sign);
        CHECK(plain(5 * sign, 1, 2, Rounding::Away) == 3 * sign);
        CHECK(plain(5 * sign, 1, 2, Rounding::HalfEven) == 2 * sign);
        CHECK(plain(7 * sign, 1, 2, Rounding::HalfEven) == 4 * sign);
        CHECK(plain(5 * sign, 1, 2, Rounding::HalfUp) == 3 * sign);
        CHECK(plain(5 * sign, 1, 2, Rounding::HalfDown) == 2 * sign);
    }
    CHECK(plain(5, 1, -2, Rounding::Floor) == -3);
    CHECK(plain(5, 1, -2, Rounding::Ceiling) == -2);
    CHECK(plain(5, 1, 2, Rounding::Floor) == 2);
    CHECK(plain(5, 1, 2, Rounding::Ceiling) == 3);
    CHECK(plain(1, 1, 3, Rounding::HalfUp) == 0);
    CHECK(plain(2, 1, 3, Rounding::HalfDown) == 1);
}

TEST_CASE("the plain muldiv knows its limits") {
    i128 out = 7;
    CHECK(muldiv_plain(1, 1, 0, Rounding::Floor, out) == Arithmetic::DivideByZero);
    CHECK(muldiv_plain(1, 1, 3, Rounding::Exact, out) == Arithmetic::Inexact);
    CHECK(muldiv_plain(i128_min, 1, -1, Rounding::Floor, out) == Arithmetic::Overflow);
    CHECK(muldiv_plain(i128_max, i128_max, 2, Rounding::Exact, out) == Arithmetic::Overflow);
    CHECK(out == 7);
    CHECK(plain(i128_min, i128_max, i128_max, Rounding::Exact) == i128_min);
    CHECK(plain(i128_max, -5, -5, Rounding::Exact) == i128_max);
    // −2^64 × (2^62 + 1)
    CHECK(plain(wide("-18446744073709551616"), wide("4611686018427387905"), 1, Rounding::Exact) ==
          wide("-85070591730234615884290395931651604480"));
}
