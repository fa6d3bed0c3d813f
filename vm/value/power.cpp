#include "vm/value/power.hpp"

#include "vm/value/big.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {

Arithmetic power(i128 x, i64 n, Rounding mode, i128& out) {
    if (n < -power_exponent_max || n > power_exponent_max) return Arithmetic::BadArgument;
    if (n < 0 && x == 0) return Arithmetic::DivideByZero;
    const auto size = static_cast<unsigned>(n < 0 ? -n : n);
    const Big one = big(decimal_one);
    const Big grown = pow(big(x), size); // over one^size
    const Big unit = pow(one, size);
    if (n >= 0) return round_ratio(grown * one, unit, mode, out);
    return grown < 0 ? round_ratio(-unit * one, -grown, mode, out) : round_ratio(unit * one, grown, mode, out);
}

namespace {

/// The whole r with r^n ≤ value < (r + 1)^n, bit by bit from the highest.
Big floor_root(const Big& value, unsigned n) {
    Big out = 0;
    if (value == 0) return out;
    for (int bit = static_cast<int>(msb(value) / n); bit >= 0; --bit) {
        const Big candidate = out | (Big(1) << static_cast<unsigned>(bit));
        if (pow(candidate, n) <= value) out = candidate;
    }
    return out;
}

} // namespace

Arithmetic root(i128 x, i64 n, Rounding mode, i128& out) {
    if (x < 0 || n < 1 || n > root_degree_max) return Arithmetic::BadArgument;
    const auto degree = static_cast<unsigned>(n);
    const Big value = big(x) * pow(big(decimal_one), degree - 1); // (10^18 · root)^n
    const Big below = floor_root(value, degree);
    if (pow(below, degree) == value) return from_big(false, below, out);
    if (mode == Rounding::Exact) return Arithmetic::Inexact;
    // An irrational root never lies half way between two whole numbers: (r + ½)^n is no whole number.
    const int half = pow(Big(2 * below + 1), degree) < (value << degree) ? 1 : -1;
    return from_big(false, below + (rounds_away(mode, false, below % 2 != 0, half) ? 1 : 0), out);
}

} // namespace tally
