#include "vm/value/muldiv.hpp"

#include <boost/multiprecision/cpp_int.hpp>

namespace tally {
namespace {

using boost::multiprecision::cpp_int;

// Through halves: Boost's own conversions from __int128 depend on the dialect of the compiler.
cpp_int big(i128 v) { return (cpp_int(high_half(v)) << 64) + cpp_int(low_half(v)); }

i128 small(const cpp_int& v) {
    const cpp_int size = abs(v);
    const auto low = static_cast<u64>(size & cpp_int(~u64{0}));
    const auto high = static_cast<u64>(size >> 64);
    const u128 bits = static_cast<u128>(from_halves(low, high));
    return static_cast<i128>(v < 0 ? u128{0} - bits : bits);
}

bool fits(const cpp_int& v) { return v >= big(i128_min) && v <= big(i128_max); }

/// A value strictly between two neighbouring integers.
struct Between {
    cpp_int low;
    cpp_int high;
    int half; ///< the distance from `low` against one half: −1, 0, 1

    [[nodiscard]] const cpp_int& inner() const { return low < 0 ? high : low; }
    [[nodiscard]] const cpp_int& outer() const { return low < 0 ? low : high; }
    [[nodiscard]] const cpp_int& even() const { return low % 2 == 0 ? low : high; }
    [[nodiscard]] const cpp_int& nearest(const cpp_int& tie) const {
        return half == 0 ? tie : (half < 0 ? low : high);
    }
};

const cpp_int& choose(const Between& v, Rounding mode) {
    switch (mode) {
    case Rounding::Floor: return v.low;
    case Rounding::Ceiling: return v.high;
    case Rounding::TowardZero: return v.inner();
    case Rounding::Away: return v.outer();
    case Rounding::HalfEven: return v.nearest(v.even());
    case Rounding::HalfUp: return v.nearest(v.outer());
    case Rounding::HalfDown: return v.nearest(v.inner());
    case Rounding::Exact: return v.inner();
    }
    return v.inner();
}

} // namespace

Arithmetic muldiv_plain(i128 a, i128 b, i128 c, Rounding mode, i128& out) {
    if (c == 0) return Arithmetic::DivideByZero;
    const cpp_int sign = c < 0 ? -1 : 1;
    const cpp_int numerator = big(a) * big(b) * sign;
    const cpp_int denominator = big(c) * sign;
    cpp_int low = numerator / denominator;
    cpp_int above = numerator - low * denominator;
    const bool exact = above == 0;
    if (above < 0) {
        low -= 1;
        above += denominator;
    }
    const int half = cpp_int(above * 2).compare(denominator);
    const Between between{low, low + 1, half < 0 ? -1 : (half > 0 ? 1 : 0)};
    const cpp_int& result = exact ? low : choose(between, mode);
    if (!fits(result)) return Arithmetic::Overflow;
    if (!exact && mode == Rounding::Exact) return Arithmetic::Inexact;
    out = small(result);
    return Arithmetic::Ok;
}

} // namespace tally
