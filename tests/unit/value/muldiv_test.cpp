#include "vm/value/muldiv.hpp"

#include "tests/unit/value/numbers.hpp"

#include <doctest/doctest.h>

using namespace tally;
using tally::test::Numbers;
using tally::test::wide;

namespace {

constexpr i128 untouched = 424242;

/// The two implementations agree on the verdict, the value, and on not touching `out` on error.
bool agree(i128 a, i128 b, i128 c) {
    for (std::uint8_t mode = 0; mode < rounding_count; ++mode) {
        i128 fast = untouched;
        i128 plain = untouched;
        const auto fast_verdict = muldiv(a, b, c, Rounding{mode}, fast);
        const auto plain_verdict = muldiv_plain(a, b, c, Rounding{mode}, plain);
        if (fast_verdict != plain_verdict || fast != plain) return false;
        if (fast_verdict != Arithmetic::Ok && fast != untouched) return false;
    }
    return true;
}

i128 rounded(i128 a, i128 b, i128 c, Rounding mode) {
    i128 out = untouched;
    CHECK(muldiv(a, b, c, mode, out) == Arithmetic::Ok);
    return out;
}

Arithmetic verdict(i128 a, i128 b, i128 c, Rounding mode = Rounding::TowardZero) {
    i128 out = untouched;
    const auto result = muldiv(a, b, c, mode, out);
    if (result != Arithmetic::Ok) CHECK(out == untouched);
    return result;
}

Arithmetic verdict3(i128 a, i128 b, i64 c, i128 d, Rounding mode = Rounding::TowardZero) {
    i128 out = untouched;
    const auto result = muldiv3(a, b, c, d, mode, out);
    if (result != Arithmetic::Ok) CHECK(out == untouched);
    return result;
}

} // namespace

TEST_CASE("every rounding mode at halves and off them, both signs") {
    struct Row {
        int tenths;
        int floor, ceiling, toward_zero, away, half_even, half_up, half_down;
    };
    constexpr Row rows[] = {
        {14, 1, 2, 1, 2, 1, 1, 1},         {15, 1, 2, 1, 2, 2, 2, 1},
        {16, 1, 2, 1, 2, 2, 2, 2},         {25, 2, 3, 2, 3, 2, 3, 2},
        {5, 0, 1, 0, 1, 0, 1, 0},          {20, 2, 2, 2, 2, 2, 2, 2},
        {0, 0, 0, 0, 0, 0, 0, 0},          {-5, -1, 0, 0, -1, 0, -1, 0},
        {-14, -2, -1, -1, -2, -1, -1, -1}, {-15, -2, -1, -1, -2, -2, -2, -1},
        {-16, -2, -1, -1, -2, -2, -2, -2}, {-25, -3, -2, -2, -3, -2, -3, -2},
    };
    for (const Row& row : rows) {
        CAPTURE(row.tenths);
        CHECK(rounded(row.tenths, 1, 10, Rounding::Floor) == row.floor);
        CHECK(rounded(row.tenths, 1, 10, Rounding::Ceiling) == row.ceiling);
        CHECK(rounded(row.tenths, 1, 10, Rounding::TowardZero) == row.toward_zero);
        CHECK(rounded(row.tenths, 1, 10, Rounding::Away) == row.away);
        CHECK(rounded(row.tenths, 1, 10, Rounding::HalfEven) == row.half_even);
        CHECK(rounded(row.tenths, 1, 10, Rounding::HalfUp) == row.half_up);
        CHECK(rounded(row.tenths, 1, 10, Rounding::HalfDown) == row.half_down);
        const bool whole = row.tenths % 10 == 0;
        CHECK(verdict(row.tenths, 1, 10, Rounding::Exact) ==
              (whole ? Arithmetic::Ok : Arithmetic::Inexact));
    }
}

TEST_CASE("a zero divisor is refused before anything else") {
    CHECK(verdict(0, 0, 0) == Arithmetic::DivideByZero);
    CHECK(verdict(i128_max, i128_max, 0) == Arithmetic::DivideByZero);
    CHECK(verdict3(i128_max, i128_max, 2, 0) == Arithmetic::DivideByZero);
}

TEST_CASE("the largest and the smallest result, and one beyond each") {
    CHECK(rounded(i128_max, 1, 1, Rounding::Exact) == i128_max);
    CHECK(rounded(i128_min, 1, 1, Rounding::Exact) == i128_min);
    CHECK(rounded(i128_min, i128_min, i128_min, Rounding::Exact) == i128_min);
    CHECK(rounded(i128_max, i128_min, i128_min, Rounding::Exact) == i128_max);
    CHECK(verdict(i128_min, -1, 1) == Arithmetic::Overflow);
    CHECK(verdict(i128_min, 1, -1) == Arithmetic::Overflow);
    CHECK(verdict(i128_min, i128_min, i128_max) == Arithmetic::Overflow);
    CHECK(verdict(i128_max, i128_max, 1) == Arithmetic::Overflow);
}

TEST_CASE("rounding itself can overflow") {
    // (2^128 − 1) ÷ 2 == i128_max + ½
    const i128 three = 3;
    const i128 third = wide("113427455640312821154458202477256070485"); // (2^128 − 1) ÷ 3
    CHECK(rounded(third, three, 2, Rounding::HalfDown) == i128_max);
    CHECK(verdict(third, three, 2, Rounding::HalfUp) == Arithmetic::Overflow);
    CHECK(verdict(third, three, 2, Rounding::Exact) == Arithmetic::Inexact);
    CHECK(rounded(third, -three, 2, Rounding::HalfUp) == i128_min);
    // (2^128 − 1) × 3 ÷ 2 and (2^129 − 1) ÷ 2 == 2^128 − ½, which must not wrap to zero.
    CHECK(agree(third, 9, 2));
    CHECK(agree(wide("97223533405982418132392744980505203273"), 7, 2));
}

TEST_CASE("agrees with the plain implementation at every pair of edges") {
    const i128 two_64 = i128{1} << 64;
    const i128 edges[] = {0,
                          1,
                          -1,
                          2,
                          -2,
                          3,
                          10,
                          two_64 - 1,
                          two_64,
                          two_64 + 1,
                          1 - two_64,
                          -two_64,
                          -two_64 - 1,
                          two_64 >> 1,
                          (two_64 >> 1) - 1,
                          i128_max,
                          i128_min,
                          i128_max - 1,
                          i128_min + 1,
                          i128_max / 2,
                          i128_min / 2,
                          i128_max / 3};
    for (const i128 a : edges) {
        for (const i128 b : edges) {
            for (const i128 c : edges) {
                if (agree(a, b, c)) continue;
                FAIL_CHECK(int_text(a), " × ", int_text(b), " ÷ ", int_text(c));
            }
        }
    }
}

TEST_CASE("agrees with the plain implementation on random and adversarial numbers") {
    Numbers numbers(20240630);
    for (int i = 0; i < 200'000; ++i) {
        const i128 a = numbers.adversarial();
        const i128 b = numbers.adversarial();
        const i128 c = numbers.adversarial();
        if (agree(a, b, c)) continue;
        FAIL_CHECK(int_text(a), " × ", int_text(b), " ÷ ", int_text(c));
    }
}

TEST_CASE("agrees with the plain implementation where two digits are divided") {
    // Divisors of more than 64 bits and products close to divisor × 2^127: the long way.
    Numbers numbers(7);
    for (int i = 0; i < 50'000; ++i) {
        const i128 high_bit = i128{1} << (64 + numbers.below(63));
        const i128 c = numbers.adversarial() | high_bit;
        const i128 a = c - static_cast<i128>(numbers.below(3));
        const i128 b = static_cast<i128>(numbers.wide()) >> numbers.below(8);
        if (agree(a, b, c)) continue;
        FAIL_CHECK(int_text(a), " × ", int_text(b), " ÷ ", int_text(c));
    }
}

TEST_CASE("exact ties are met in two-digit division") {
    Numbers numbers(11);
    for (int i = 0; i < 20'000; ++i) {
        const i128 half = numbers.any() >> 2;
        const i128 odd = (numbers.any() >> 1) | 1;
        if (half == 0 || agree(half, odd, half * 2)) continue;
        FAIL_CHECK(int_text(half), " × ", int_text(odd));
    }
}

TEST_CASE("muldiv3 is muldiv when two of its factors fit in one") {
    Numbers numbers(3);
    for (int i = 0; i < 100'000; ++i) {
        const i128 a = numbers.adversarial() >> 1;
        const auto b = static_cast<i64>(numbers.any());
        const auto c = static_cast<i64>(numbers.next()) >> 1;
        const i128 d = numbers.adversarial();
        for (std::uint8_t mode = 0; mode < rounding_count; ++mode) {
            i128 three = untouched;
            i128 two = untouched;
            const i128 product = static_cast<i128>(b) * c;
            const auto verdict_three = muldiv3(a, b, c, d, Rounding{mode}, three);
            const auto verdict_two = muldiv_plain(a, product, d, Rounding{mode}, two);
            if (verdict_three == verdict_two && three == two) continue;
            FAIL_CHECK(int_text(a), " × ", int_text(b), " × ", c, " ÷ ", int_text(d));
        }
    }
}

TEST_CASE("muldiv3 through products of more than 128 bits") {
    // Computed with Python's fractions, rounded down.
    struct Row {
        const char* a;
        const char* b;
        i64 c;
        const char* d;
        const char* floor;
    };
    constexpr Row rows[] = {
        {"76031133515882304075256706996069902908", "478354874656289163", 276627,
         "177155208755590675375493", "56791365366258279710591328191430556611"},
        {"-9192121568499509846093544398924715531", "45347691754356351970897240", 218611,
         "-660759668873050517764879926030", "137911165671997368447331738569693708794"},
        {"26950362338486677070414742761545801325", "-171633166492522455", 2231104981906849039,
         "-88648042484731069180669469241486774", "116417073938087818277000076046314259037"},
        {"-853805809740683130", "522110236803548846741682119", 840607, "-8629150099363",
         "43425646506221127352976053219149838756"},
        {"-1033589538961873162", "501008021702826008", 885768, "-3713",
         "123534374884468179523399423189522062828"},
        {"827324678784836164616403274", "-1214365483493395554538210135", 4360568437315367293,
         "-39403572946846215739743070411173901", "111181594286379639346237744530803076532"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.floor);
        i128 out = 0;
        const auto result =
            muldiv3(wide(row.a), wide(row.b), row.c, wide(row.d), Rounding::Floor, out);
        const auto expected = decimal_parse(row.floor, 0);
        CHECK(result == (expected ? Arithmetic::Ok : Arithmetic::Overflow));
        if (expected) CHECK(int_text(out) == row.floor);
    }
}

TEST_CASE("muldiv3 refuses a product of more than 255 bits, whatever the divisor") {
    const i128 big = i128{1} << 126;
    const i64 eight = 8; // 2^126 × 2^126 × 2^3 == 2^255
    CHECK(verdict3(big, big, eight, i128_max) == Arithmetic::Overflow);
    CHECK(verdict3(big, big, 7, i128_max) == Arithmetic::Overflow); // fits, but not the quotient
    CHECK(verdict3(i128_min, i128_min, 2, i128_min) == Arithmetic::Overflow);
    i128 out = 0;
    CHECK(muldiv3(i128_min, i128_min, 1, i128_min, Rounding::Exact, out) == Arithmetic::Ok);
    CHECK(out == i128_min);
    // 2^126 × (2^126 − 1) × 8 ÷ −2^127 == −(2^128 − 4): the product fits in 255 bits
    CHECK(verdict3(big, big - 1, eight, i128_min) == Arithmetic::Overflow);
    CHECK(muldiv3(big, (big - 1) / 2, eight, i128_min, Rounding::Floor, out) == Arithmetic::Ok);
    CHECK(out == -((big - 1) / 2) * 4);
    CHECK(verdict3(i128_max, i128_max, i64{1} << 62, 1) == Arithmetic::Overflow);
}
