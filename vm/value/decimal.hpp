/// Arithmetic on decimals (i128 at 10^-18) that is exact until one rounding at a chosen decimal place.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"

namespace tally {

inline constexpr i64 decimal_places_min = -20; ///< to hundreds of trillions of millions: 10^20 is the largest power that fits
inline constexpr i64 decimal_places_max = 18;

/// out = round((a × b + c) ÷ d) to a multiple of 10^-places, by mode. All five at 10^-18. One function for sums,
/// products, quotients and rounding, because each of those is it with ones and zeros.
/// Errors: BadArgument (places outside the range), DivideByZero (d == 0), Overflow (the result does not fit),
/// Inexact (mode Exact and a rest). `out` is untouched on error.
[[nodiscard]] Arithmetic decimal_fused(i128 a, i128 b, i128 c, i128 d, i64 places, Rounding mode, i128& out);

} // namespace tally
