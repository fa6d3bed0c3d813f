/// Whole numbers of any size, for what does not fit 256 bits. Heavy: only sources include this.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"
#include "vm/value/wide_division.hpp"

#include <boost/multiprecision/cpp_int.hpp>

namespace tally {

using Big = boost::multiprecision::cpp_int;

[[nodiscard]] inline Big big(i128 v) {
    const u128 size = magnitude(v);
    const Big out = (Big(static_cast<u64>(size >> 64)) << 64) + Big(static_cast<u64>(size));
    return v < 0 ? Big(-out) : out;
}

/// out = ±whole, if an i128 holds it. whole ≥ 0.
[[nodiscard]] inline Arithmetic from_big(bool negative, const Big& whole, i128& out) {
    if (whole > big(i128_max) + 1) return Arithmetic::Overflow;
    const auto low = static_cast<u64>(whole & Big(~u64{0}));
    const auto high = static_cast<u64>(whole >> 64);
    return signed_result(negative, (static_cast<u128>(high) << 64) | low, out);
}

/// out = round(numerator ÷ denominator, mode); denominator > 0. Overflow, Inexact as `muldiv`.
[[nodiscard]] inline Arithmetic round_ratio(const Big& numerator, const Big& denominator, Rounding mode, i128& out) {
    const bool negative = numerator < 0;
    const Big above = negative ? Big(-numerator) : numerator;
    const Big whole = above / denominator;
    const Big remainder = above - whole * denominator;
    if (mode == Rounding::Exact && remainder != 0) {
        i128 ignored = 0;
        const auto fits = from_big(negative, whole, ignored);
        return fits == Arithmetic::Ok ? Arithmetic::Inexact : fits;
    }
    const int order = Big(remainder * 2).compare(denominator);
    const int half = order < 0 ? -1 : (order > 0 ? 1 : 0);
    const bool up = remainder != 0 && rounds_away(mode, negative, whole % 2 != 0, half);
    return from_big(negative, whole + (up ? 1 : 0), out);
}

} // namespace tally
