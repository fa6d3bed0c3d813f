/// Powers and roots of decimals, correctly rounded: the result is that of exact arithmetic, rounded once, so its
/// error is below one unit of 10^-18 in the directed modes and at most half of one in the nearest ones.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"

namespace tally {

inline constexpr i64 power_exponent_max = 600;
inline constexpr i64 root_degree_max = 366;

/// out = round(x^n, mode); x and out at 10^-18, n from −power_exponent_max to power_exponent_max; 0^0 is 1.
/// Errors: BadArgument for another n, DivideByZero for 0 to a negative power, Overflow, Inexact under Exact.
[[nodiscard]] Arithmetic power(i128 x, i64 n, Rounding mode, i128& out);

/// out = round(x^(1/n), mode), not negative; x ≥ 0 and out at 10^-18, n from 1 to root_degree_max.
/// Errors: BadArgument for another n or x < 0, Inexact under Exact.
[[nodiscard]] Arithmetic root(i128 x, i64 n, Rounding mode, i128& out);

} // namespace tally
