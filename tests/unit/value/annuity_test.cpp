#include "vm/value/annuity.hpp"

#include "tests/unit/value/numbers.hpp"
#include "vm/value/muldiv.hpp"

#include <doctest/doctest.h>

using namespace tally;
using tally::test::wide;

namespace {

i128 percent(std::string_view text) { return decimal_parse(text, decimal_scale - 2).value_or(-1); }

i128 instalment(i128 principal, i128 rate, i64 periods_per_year, i64 n, Rounding mode) {
    i128 out = -1;
    CHECK(annuity(principal, rate, periods_per_year, n, mode, out) == Arithmetic::Ok);
    return out;
}

Arithmetic verdict(i128 principal, i128 rate, i64 periods_per_year, i64 n,
                   Rounding mode = Rounding::HalfUp) {
    i128 out = -1;
    const auto result = annuity(principal, rate, periods_per_year, n, mode, out);
    if (result != Arithmetic::Ok) CHECK(out == -1);
    return result;
}

const i128 million = 1'000'000;

} // namespace

TEST_CASE("published instalments") {
    // money.md, vector D and the re-amortised tail of vector I.
    CHECK(instalment(10'000'00, percent("18.25"), 12, 12, Rounding::HalfUp) == 917'99);
    CHECK(instalment(10'000'00, percent("18.25"), 12, 12, Rounding::Ceiling) == 918'00);
    CHECK(instalment(5'667'16, percent("18.25"), 12, 9, Rounding::HalfUp) == 678'53);
    // Fineract, ProgressiveEMICalculatorTest: 100.00 at 9.4822 %, 30/360, six payments.
    CHECK(instalment(100'00, percent("9.4822"), 12, 6, Rounding::HalfUp) == 17'13);
}

TEST_CASE("the schedule of vector D closes with a last payment of 917.98") {
    const i128 rate = percent("18.25");
    const i128 payment = instalment(10'000'00, rate, 12, 12, Rounding::HalfUp);
    i128 balance = 10'000'00;
    i128 interest_paid = 0;
    i128 interest = 0;
    for (int n = 1; n <= 12; ++n) {
        REQUIRE(muldiv(balance, rate, 12 * decimal_one, Rounding::HalfUp, interest) ==
                Arithmetic::Ok);
        interest_paid += interest;
        if (n < 12) balance -= payment - interest;
    }
    CHECK(balance == 904'23);
    CHECK(balance + interest == 917'98);
    CHECK(interest_paid == 1'015'87);
}

TEST_CASE("exact values from an independent rational computation") {
    // Python fractions, rounded half up.
    const i128 top = million * million * million * million;
    CHECK(instalment(top, top, 1, 600, Rounding::Floor) == wide("1000000000000000000000000000000"));
    CHECK(instalment(top, top, 1, 600, Rounding::Ceiling) ==
          wide("1000000000000000000000000000001"));
    CHECK(instalment(top, top, 366, 600, Rounding::HalfUp) == wide("2732240437158469945355191257"));
    CHECK(instalment(top, 1, 366, 600, Rounding::HalfUp) == wide("1666666666666666668035"));
    CHECK(instalment(wide("12345678901234567890123"), percent("4.9999999999999999"), 52, 599,
                     Rounding::HalfUp) == wide("27122179938970505954"));
    CHECK(instalment(1'000'000'00, percent("3.5"), 12, 360, Rounding::HalfUp) == 4'490'45);
}

TEST_CASE("without interest the instalment is an equal share") {
    CHECK(instalment(100'00, 0, 12, 3, Rounding::HalfUp) == 33'33);
    CHECK(instalment(100'00, 0, 12, 3, Rounding::Ceiling) == 33'34);
    CHECK(instalment(99'99, 0, 12, 3, Rounding::Exact) == 33'33);
    CHECK(instalment(5, 0, 1, 2, Rounding::HalfEven) == 2);
    CHECK(instalment(7, 0, 1, 2, Rounding::HalfEven) == 4);
    CHECK(instalment(5, 0, 1, 2, Rounding::HalfDown) == 2);
    CHECK(instalment(5, 0, 1, 2, Rounding::Away) == 3);
    CHECK(instalment(0, 0, 1, 1, Rounding::Exact) == 0);
    CHECK(instalment(0, percent("5"), 1, 1, Rounding::Exact) == 0);
}

TEST_CASE("one payment is principal and one period's interest") {
    CHECK(instalment(100'00, percent("12"), 12, 1, Rounding::Exact) == 101'00);
    CHECK(verdict(100'01, percent("12"), 12, 1, Rounding::Exact) == Arithmetic::Inexact);
}

TEST_CASE("each argument at both limits and beyond") {
    const i128 top = million * million * million * million;
    CHECK(verdict(top, 0, 1, 1) == Arithmetic::Ok);
    CHECK(verdict(top + 1, 0, 1, 1) == Arithmetic::BadArgument);
    CHECK(verdict(-1, 0, 1, 1) == Arithmetic::BadArgument);
    CHECK(verdict(1, million * decimal_one, 1, 1) == Arithmetic::Ok);
    CHECK(verdict(1, million * decimal_one + 1, 1, 1) == Arithmetic::BadArgument);
    CHECK(verdict(1, -1, 1, 1) == Arithmetic::BadArgument);
    CHECK(verdict(1, 0, 0, 1) == Arithmetic::BadArgument);
    CHECK(verdict(1, 0, 366, 1) == Arithmetic::Ok);
    CHECK(verdict(1, 0, 367, 1) == Arithmetic::BadArgument);
    CHECK(verdict(1, 0, 1, 0) == Arithmetic::BadArgument);
    CHECK(verdict(1, 0, 1, annuity_periods_max) == Arithmetic::Ok);
    CHECK(verdict(1, 0, 1, annuity_periods_max + 1) == Arithmetic::BadArgument);
}
