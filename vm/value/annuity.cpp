#include "vm/value/annuity.hpp"

#include "vm/value/decimal_text.hpp"
#include "vm/value/wide_division.hpp"

#include <boost/multiprecision/cpp_int.hpp>

namespace tally {
namespace {

using boost::multiprecision::cpp_int;

constexpr i128 million = 1'000'000;
constexpr i128 rate_max = million * decimal_one;
constexpr i128 principal_max = rate_max; // both happen to be 10^24
constexpr i64 periods_per_year_max = 366;

cpp_int big(i128 v) { return (cpp_int(high_half(v)) << 64) + cpp_int(low_half(v)); }

struct Ratio {
    cpp_int numerator;
    cpp_int denominator;
};

/// The rate of one period, in lowest terms: its denominator is raised to the n-th power.
Ratio period_rate(i128 rate, i64 periods_per_year) {
    const cpp_int numerator = big(rate);
    const cpp_int denominator = big(decimal_one) * periods_per_year;
    const cpp_int common = gcd(numerator, denominator);
    return {numerator / common, denominator / common};
}

/// With r = p/q the instalment P·r·(1+r)^n ÷ ((1+r)^n − 1) is
/// P·p·(p+q)^n ÷ (q·((p+q)^n − q^n)): one division of whole numbers.
Ratio instalment(const cpp_int& principal, const Ratio& rate, unsigned n) {
    const auto& [p, q] = rate;
    if (p == 0) return {principal, cpp_int(n)};
    const cpp_int grown = pow(cpp_int(p + q), n);
    return {principal * p * grown, q * (grown - pow(q, n))};
}

/// Neither part of the ratio is negative.
Arithmetic round(const Ratio& value, Rounding mode, i128& out) {
    const cpp_int whole = value.numerator / value.denominator;
    const cpp_int remainder = value.numerator - whole * value.denominator;
    if (whole > big(i128_max)) return Arithmetic::Overflow;
    if (remainder != 0 && mode == Rounding::Exact) return Arithmetic::Inexact;
    const int order = cpp_int(remainder * 2).compare(value.denominator);
    const int half = order < 0 ? -1 : (order > 0 ? 1 : 0);
    const bool up = remainder != 0 && rounds_away(mode, false, whole % 2 != 0, half);
    const cpp_int rounded = whole + (up ? 1 : 0);
    const auto low = static_cast<u64>(rounded & cpp_int(~u64{0}));
    const auto high = static_cast<u64>(rounded >> 64);
    return signed_result(false, (static_cast<u128>(high) << 64) | low, out);
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
    return round(instalment(big(principal), r, static_cast<unsigned>(n)), mode, out);
}

} // namespace tally
