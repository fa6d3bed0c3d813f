/// What the oracle counts with: rational numbers of any size, rounded by the definition of each mode and by nothing
/// that the product uses.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include <string>

namespace oracle {

using Whole = boost::multiprecision::cpp_int;
using Ratio = boost::multiprecision::cpp_rational;

inline Whole floor_of(const Ratio& x) {
    const Whole n = numerator(x), d = denominator(x); // d > 0
    Whole q = n / d;                                  // towards zero
    return n % d < 0 ? Whole(q - 1) : q;
}

/// The whole number that a mode names; "exact" is not among them.
inline Whole rounded(const Ratio& x, const std::string& mode) {
    const Whole down = floor_of(x), up = -floor_of(-x);
    if (mode == "floor" || down == up) return down;
    if (mode == "ceiling") return up;
    const Whole inward = x < 0 ? up : down, outward = x < 0 ? down : up;
    if (mode == "toward_zero") return inward;
    if (mode == "away") return outward;
    const Ratio below = x - Ratio(down), above = Ratio(up) - x;
    if (below != above) return below < above ? down : up;
    if (mode == "half_up") return outward;
    if (mode == "half_down") return inward;
    return down % 2 == 0 ? down : up;
}

/// Units as text with two decimals.
inline std::string money(const Whole& units) {
    const Whole size = units < 0 ? Whole(-units) : units;
    const std::string cents = Whole(size % 100).str();
    return (units < 0 ? "-" : "") + Whole(size / 100).str() + "." + (cents.size() < 2 ? "0" : "") + cents;
}

} // namespace oracle
