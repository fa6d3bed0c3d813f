/// a × b ÷ c through a 256-bit product, rounded once. The one division that money knows.
#pragma once

#include "vm/value/wide_division.hpp"

namespace tally {

/// out = round(a × b ÷ c, mode). Errors: DivideByZero (c == 0), Overflow (the result needs more
/// than 127 bits and a sign), Inexact (mode Exact and a remainder). `out` is untouched on error.
/// A quotient that does not fit is an Overflow even where Exact would also find a remainder.
[[nodiscard]] Arithmetic muldiv(i128 a, i128 b, i128 c, Rounding mode, i128& out);

/// The same for operands of any size; `muldiv` comes here when its short way does not fit.
[[nodiscard]] Arithmetic muldiv_wide(i128 a, i128 b, i128 c, Rounding mode, i128& out);

/// The same meaning written on Boost.Multiprecision, slow and obvious: the yardstick of `muldiv`.
[[nodiscard]] Arithmetic muldiv_plain(i128 a, i128 b, i128 c, Rounding mode, i128& out);

/// out = round(a × b × c ÷ d, mode) through a 256-bit product. |c| < 2^63. Overflow also when
/// the product of the three numerators needs more than 255 bits.
[[nodiscard]] Arithmetic muldiv3(i128 a, i128 b, i64 c, i128 d, Rounding mode, i128& out);

/// Everyday money is three operands and a quotient between 0 and 2^64: one multiplication, one division.
/// False if these are not of that kind; else `status` is Ok with `out`, or Inexact.
inline bool muldiv_short(i128 a, i128 b, i128 c, Rounding mode, i128& out, Arithmetic& status) {
    const u64 divisor = low_half(c);
    if ((high_half(a) | high_half(b) | high_half(c)) != 0) [[unlikely]]
        return false;
    const u128 product = u128{low_half(a)} * low_half(b);
    if (static_cast<u64>(product >> 64) >= divisor) [[unlikely]]
        return false;
    const auto [whole, rest] = divide_step(static_cast<u64>(product >> 64), static_cast<u64>(product), divisor);
    status = rest != 0 && mode == Rounding::Exact ? Arithmetic::Inexact : Arithmetic::Ok;
    if (status == Arithmetic::Inexact) return true;
    const u64 complement = divisor - rest;
    const int half = rest > complement ? 1 : (rest < complement ? -1 : 0);
    const bool up = rest != 0 && rounds_away(mode, false, (whole & 1U) != 0, half);
    out = i128{whole} + (up ? 1 : 0);
    return true;
}

inline Arithmetic muldiv(i128 a, i128 b, i128 c, Rounding mode, i128& out) {
    Arithmetic status = Arithmetic::Ok;
    return muldiv_short(a, b, c, mode, out, status) ? status : muldiv_wide(a, b, c, mode, out);
}

inline constexpr int rescale_digits_max = 38; ///< 10^38 is the largest power of ten in an i128

/// out = round(a × 10^digits, mode). Errors: BadArgument (|digits| > 38), Overflow, Inexact.
[[nodiscard]] Arithmetic rescale(i128 a, int digits, Rounding mode, i128& out);

} // namespace tally
