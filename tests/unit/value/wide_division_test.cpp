#include "vm/value/wide_division.hpp"

#include "tests/unit/value/numbers.hpp"

#include <doctest/doctest.h>

using namespace tally;
using tally::test::Numbers;

namespace {

/// whole × divisor + remainder == n with remainder < divisor: the definition, not a second method.
bool divides(const WideMagnitude& n, u128 divisor) {
    const auto [whole, remainder] = wide_divide(n, divisor);
    const auto product = wide_product(whole, divisor);
    const u128 low = product.low + remainder;
    const u128 carry = low < remainder ? 1 : 0;
    return remainder < divisor && low == n.low && product.high + carry == n.high;
}

constexpr u128 joined(u64 high, u64 low) { return (static_cast<u128>(high) << 64) | low; }

} // namespace

TEST_CASE("division is exact where the first guess of a digit is at its limit") {
    // A divisor that begins like the dividend saturates the guess; with a large second digit the
    // guess is still too big and must be corrected.
    const u64 ones = ~u64{0};
    const u64 edges[] = {0, 1, 2, ones >> 1, u64{1} << 63, (u64{1} << 63) + 1, ones - 1, ones};
    for (const u64 top : edges) {
        for (const u64 bottom : edges) {
            for (const u64 rest : edges) {
                for (const u64 next : edges) {
                    const u128 divisor = joined(top, bottom);
                    const WideMagnitude same_top{joined(top, rest), joined(next, bottom)};
                    const WideMagnitude later{top, joined(rest, next)};
                    if (same_top.high < divisor) CHECK(divides(same_top, divisor));
                    if (later.high < divisor) CHECK(divides(later, divisor));
                }
            }
        }
    }
}

TEST_CASE("division is exact for divisors of every width") {
    Numbers numbers(13);
    for (int i = 0; i < 300'000; ++i) {
        const u128 divisor = static_cast<u128>(numbers.adversarial());
        if (divisor == 0) continue;
        const u128 high = numbers.wide() % divisor;
        const u128 low = static_cast<u128>(numbers.adversarial());
        const u128 below = divisor - 1;
        if (divides({high, low}, divisor) && divides({below, low}, divisor)) continue;
        FAIL_CHECK("case ", i);
    }
}

TEST_CASE("the largest product and the largest magnitude") {
    const u128 ones = ~u128{0};
    const auto product = wide_product(ones, ones);
    CHECK(product.high == ones - 1);
    CHECK(product.low == 1);
    CHECK(magnitude(i128_min) == u128{1} << 127);
    CHECK(magnitude(-1) == 1);
    CHECK(magnitude(i128_max) == ones >> 1);
}
