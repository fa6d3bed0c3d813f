/// a × b ÷ c through a 256-bit product, rounded once. The one division that money knows.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"

namespace tally {

/// out = round(a × b ÷ c, mode). Errors: DivideByZero (c == 0), Overflow (the result needs more
/// than 127 bits and a sign), Inexact (mode Exact and a remainder). `out` is untouched on error.
/// A quotient that does not fit is an Overflow even where Exact would also find a remainder.
[[nodiscard]] Arithmetic muldiv(i128 a, i128 b, i128 c, Rounding mode, i128& out);

/// The same meaning written on Boost.Multiprecision, slow and obvious: the yardstick of `muldiv`.
[[nodiscard]] Arithmetic muldiv_plain(i128 a, i128 b, i128 c, Rounding mode, i128& out);

/// out = round(a × b × c ÷ d, mode) through a 256-bit product. |c| < 2^63. Overflow also when
/// the product of the three numerators needs more than 255 bits.
[[nodiscard]] Arithmetic muldiv3(i128 a, i128 b, i64 c, i128 d, Rounding mode, i128& out);

inline constexpr int rescale_digits_max = 38; ///< 10^38 is the largest power of ten in an i128

/// out = round(a × 10^digits, mode). Errors: BadArgument (|digits| > 38), Overflow, Inexact.
[[nodiscard]] Arithmetic rescale(i128 a, int digits, Rounding mode, i128& out);

} // namespace tally
