#include "vm/value/annuity.hpp"

#include "vm/value/big.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {
namespace {

constexpr i128 million = 1'000'000;
constexpr i128 rate_max = million * decimal_one;
constexpr i128 principal_max = rate_max; // both happen to be 10^24
constexpr i64 periods_per_year_max = 366;

struct Ratio {
    Big numerator;
    Big denominator;
};

/// The rate of one period, in lowest terms: its denominator is raised to the n-th power.
Ratio period_rate(i128 rate, i64 periods_per_year) {
    const Big numerator = big(rate);
    const Big denominator = big(decimal_one) * periods_per_year;
    const Big common = gcd(numerator, denominator);
    return {numerator / common, denominator / common};
}

/// With r = p/q the instalment P·r·(1+r)^n ÷ ((1+r)^n − 1) is
/// P·p·(p+q)^n ÷ (q·((p+q)^n − q^n)): one division of whole numbers.
Ratio instalment(const Big& principal, const Ratio& rate, unsigned n) {
    const auto& [p, q] = rate;
    if (p == 0) return {principal, Big(n)};
    const Big grown = pow(Big(p + q), n);
    return {principal * p * grown, q * (grown - pow(q, n))};
}

bool arguments_good(i128 principal, i128 rate, i64 periods_per_year, i64 n) {
    return principal >= 0 && principal <= principal_max && rate >= 0 && rate <= rate_max &&
           periods_per_year >= 1 && periods_per_year <= periods_per_year_max && n >= 1 &&
           n <= annuity_periods_max;
}

} // namespace

Arithmetic annuity(i128 principal, i128 rate, i64 periods_per_year, i64 n, Rounding mode,
                   i128& out) {
    if (!arguments_good(principal, rate, periods_per_year, n)) return Arithmetic::BadArgument;
    const auto r = period_rate(rate, periods_per_year);
    const auto exact = instalment(big(principal), r, static_cast<unsigned>(n));
    return round_ratio(exact.numerator, exact.denominator, mode, out);
}

} // namespace tally
