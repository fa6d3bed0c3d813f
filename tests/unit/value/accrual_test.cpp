#include "vm/value/accrual.hpp"

#include "tests/unit/value/numbers.hpp"
#include "vm/value/muldiv.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tally;
using tally::test::Numbers;

namespace {

Wide sum_of(i128 base, i128 rate, i64 days) {
    Wide sum;
    CHECK(accrual_add(sum, base, rate, days) == Arithmetic::Ok);
    return sum;
}

i128 rounded(const Wide& sum, i128 denominator, Rounding mode = Rounding::HalfUp) {
    i128 out = 0;
    CHECK(accrual_round(sum, denominator, mode, out) == Arithmetic::Ok);
    return out;
}

constexpr u64 all_ones = ~u64{0};
constexpr Wide wide_max{{all_ones, all_ones, all_ones, all_ones >> 1}};
constexpr Wide wide_min{{0, 0, 0, u64{1} << 63}};

} // namespace

// money.md, vector C: 12 345.67 at 0.05 % a day.
TEST_CASE("cumulative accrual posts what the vector says and does not drift") {
    constexpr i128 balance = 12'345'67;
    constexpr i128 rate_per_day = decimal_one / 2000;
    const std::vector<int> first_posts{617, 618, 617, 617, 617, 618, 617, 617};
    Wide sum;
    i128 posted = 0;
    for (std::size_t day = 0; day < 30; ++day) {
        REQUIRE(accrual_add(sum, balance, rate_per_day, 1) == Arithmetic::Ok);
        const i128 post = rounded(sum, decimal_one) - posted;
        if (day < first_posts.size()) CHECK(post == first_posts[day]);
        posted += post;
    }
    CHECK(posted == 185'19);
    CHECK(sum == sum_of(balance, rate_per_day, 30));
}

TEST_CASE("taking what was billed leaves the fraction, of either sign") {
    // 185.185050 was accrued; 185.19 is billed; 0.00495 too much remains.
    Wide sum = sum_of(12'345'67, decimal_one / 2000, 30);
    REQUIRE(accrual_take(sum, rounded(sum, decimal_one), decimal_one) == Arithmetic::Ok);
    CHECK(rounded(sum, decimal_one) == 0);
    CHECK(rounded(sum, decimal_one / 1000) == -495);
    CHECK(rounded(sum, decimal_one, Rounding::Floor) == -1);
    REQUIRE(accrual_add(sum, 495, decimal_one, 1) == Arithmetic::Ok);
    REQUIRE(accrual_take(sum, 495, decimal_one) == Arithmetic::Ok);
    CHECK(rounded(sum, decimal_one / 1000, Rounding::Exact) == -495);
}

TEST_CASE("a sum of one term rounds as muldiv does") {
    Numbers numbers(5);
    for (int i = 0; i < 50'000; ++i) {
        const i128 base = numbers.adversarial();
        const i128 rate = numbers.adversarial() >> 64;
        const i64 days = static_cast<i64>(numbers.next()) >> 1;
        const i128 denominator = numbers.adversarial();
        const auto mode = Rounding{static_cast<std::uint8_t>(numbers.below(rounding_count))};
        if (denominator <= 0) continue;
        const Wide sum = sum_of(base, rate, days);
        i128 out = 1;
        i128 plain = 1;
        const auto verdict = accrual_round(sum, denominator, mode, out);
        CHECK(verdict == muldiv_plain(base, rate * days, denominator, mode, plain));
        CHECK(out == plain);
    }
}

TEST_CASE("terms cancel exactly") {
    Numbers numbers(6);
    for (int i = 0; i < 20'000; ++i) {
        const i128 a = numbers.any() >> 1;
        const i128 b = numbers.any() >> 1;
        Wide sum = sum_of(a, b, 1);
        REQUIRE(accrual_add(sum, a, -b, 1) == Arithmetic::Ok);
        REQUIRE(sum == Wide{});
        REQUIRE(accrual_add(sum, -a, b, 1) == Arithmetic::Ok);
        REQUIRE(accrual_take(sum, -a, b) == Arithmetic::Ok);
        REQUIRE(sum == Wide{});
    }
}

TEST_CASE("overflow leaves the sum as it was") {
    Wide sum = wide_max;
    CHECK(accrual_add(sum, 1, 1, 1) == Arithmetic::Overflow);
    CHECK(accrual_take(sum, -1, 1) == Arithmetic::Overflow);
    CHECK(accrual_add(sum, i128_min, i128_min, 2) == Arithmetic::Overflow);
    CHECK(sum == wide_max);
    CHECK(accrual_add(sum, -1, 1, 1) == Arithmetic::Ok);
    CHECK(accrual_add(sum, 1, 1, 1) == Arithmetic::Ok);
    CHECK(sum == wide_max);
    sum = wide_min;
    CHECK(accrual_add(sum, 1, 1, -1) == Arithmetic::Overflow);
    CHECK(accrual_take(sum, 1, 1) == Arithmetic::Overflow);
    CHECK(sum == wide_min);
    CHECK(accrual_take(sum, -1, 1) == Arithmetic::Ok);
    CHECK(sum != wide_min);
}

TEST_CASE("a term too large for the sum is fine when the result fits") {
    // The term alone is 2^255, which no signed 256-bit number holds.
    Wide sum = wide_min;
    CHECK(accrual_add(sum, i128_min, i128_min, 2) == Arithmetic::Ok);
    CHECK(sum == Wide{});
    CHECK(accrual_add(sum, i128_min, i128_min, 2) == Arithmetic::Overflow);
    CHECK(accrual_add(sum, i128_min, i128_min, -2) == Arithmetic::Ok);
    CHECK(sum == wide_min);
    sum = Wide{};
    CHECK(accrual_add(sum, i128_min, i128_min, INT64_MIN) == Arithmetic::Overflow);
    CHECK(sum == Wide{});
}

TEST_CASE("rounding a sum states its errors") {
    i128 out = 9;
    const Wide sum = sum_of(7, 1, 1);
    CHECK(accrual_round(sum, 0, Rounding::Floor, out) == Arithmetic::DivideByZero);
    CHECK(accrual_round(sum, -1, Rounding::Floor, out) == Arithmetic::BadArgument);
    CHECK(accrual_round(sum, 2, Rounding::Exact, out) == Arithmetic::Inexact);
    CHECK(accrual_round(wide_max, 1, Rounding::Floor, out) == Arithmetic::Overflow);
    CHECK(accrual_round(wide_min, i128_max, Rounding::Floor, out) == Arithmetic::Overflow);
    CHECK(out == 9);
    CHECK(rounded(sum_of(i128_min, 1, 1), 1, Rounding::Exact) == i128_min);
    CHECK(accrual_round(sum_of(i128_min, -1, 1), 1, Rounding::Exact, out) == Arithmetic::Overflow);
}
