/// 256-bit magnitudes: what `muldiv`, `accrual` and `split` multiply into and divide out of.
/// Inline because every money instruction ends here.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"

#include <type_traits>

namespace tally {

struct WideMagnitude {
    u128 high;
    u128 low;
};

struct Quotient {
    u128 whole;
    u128 remainder;
};

struct Step {
    u64 whole;
    u64 rest;
};

/// high·2^64 + low by a divisor above `high`: what the processor's division does in one instruction,
/// which compilers do not use on their own because the quotient of other operands would not fit.
[[nodiscard]] constexpr Step divide_step(u64 high, u64 low, u64 divisor) {
#if defined(__x86_64__)
    if (!std::is_constant_evaluated()) {
        u64 whole = 0, rest = 0;
        __asm__("divq %4" : "=a"(whole), "=d"(rest) : "0"(low), "1"(high), "rm"(divisor) : "cc");
        return {whole, rest};
    }
#endif
    const u128 n = (u128{high} << 64) | low;
    return {static_cast<u64>(n / divisor), static_cast<u64>(n % divisor)};
}

/// |v|, also of the one value whose negation does not fit.
[[nodiscard]] constexpr u128 magnitude(i128 v) {
    return v < 0 ? u128{0} - static_cast<u128>(v) : static_cast<u128>(v);
}

[[nodiscard]] constexpr WideMagnitude wide_product(u128 a, u128 b) {
    const u64 a0 = static_cast<u64>(a);
    const u64 a1 = static_cast<u64>(a >> 64);
    const u64 b0 = static_cast<u64>(b);
    const u64 b1 = static_cast<u64>(b >> 64);
    if ((a1 | b1) == 0) return {0, static_cast<u128>(a0) * b0};
    const u128 low = static_cast<u128>(a0) * b0;
    // Neither sum can overflow: (2^64−1)^2 + 2·(2^64−1) == 2^128−1.
    const u128 middle = static_cast<u128>(a1) * b0 + (low >> 64);
    const u128 other = static_cast<u128>(a0) * b1 + static_cast<u64>(middle);
    return {static_cast<u128>(a1) * b1 + (middle >> 64) + (other >> 64),
            (other << 64) | static_cast<u64>(low)};
}

/// One digit of schoolbook division in base 2^64 (Knuth, TAOCP 4.3.1 D): divides
/// rest·2^64 + next by a divisor whose top bit is set, and leaves the new rest. rest < divisor.
[[nodiscard]] constexpr u64 quotient_digit(u128& rest, u64 next, u128 divisor) {
    const u64 top = static_cast<u64>(divisor >> 64);
    const u64 bottom = static_cast<u64>(divisor);
    const u64 upper = static_cast<u64>(rest >> 64);
    u128 digit = upper >= top ? ~u64{0} : divide_step(upper, static_cast<u64>(rest), top).whole;
    u128 left = rest - digit * top;
    // The guess is never too small, and too big by at most two.
    while ((left >> 64) == 0 && digit * bottom > ((left << 64) | next)) {
        --digit;
        left += top;
    }
    rest = ((left << 64) | next) - digit * bottom; // wraps on purpose: the true rest fits
    return static_cast<u64>(digit);
}

/// n ÷ divisor. The caller has made sure that n.high < divisor, so the quotient fits.
[[nodiscard]] constexpr Quotient wide_divide(WideMagnitude n, u128 divisor) {
    if ((divisor >> 64) == 0) {
        // A divisor of one digit: two steps when n.high < divisor < 2^64, of which the first may be by itself.
        const u64 by = static_cast<u64>(divisor), middle = static_cast<u64>(n.low >> 64);
        const u64 above = static_cast<u64>(n.high);
        Step first{0, middle};
        if (above != 0 || middle >= by) first = divide_step(above, middle, by);
        const Step second = divide_step(first.rest, static_cast<u64>(n.low), by);
        return {(u128{first.whole} << 64) | second.whole, second.rest};
    }
    if (n.high == 0) return {n.low / divisor, n.low % divisor};
    const int shift = __builtin_clzll(static_cast<u64>(divisor >> 64));
    if (shift != 0) n = {(n.high << shift) | (n.low >> (128 - shift)), n.low << shift};
    divisor <<= shift;
    u128 rest = n.high;
    const u128 high = quotient_digit(rest, static_cast<u64>(n.low >> 64), divisor);
    const u128 low = quotient_digit(rest, static_cast<u64>(n.low), divisor);
    return {(high << 64) | low, rest >> shift};
}

/// Whether a magnitude with a non-zero fraction rounds to the next one up.
///   half   the fraction against one half: −1 below, 0 a tie, 1 above
/// Exact never asks.
[[nodiscard]] constexpr bool rounds_away(Rounding mode, bool negative, bool odd, int half) {
    switch (mode) {
    case Rounding::Floor: return negative;
    case Rounding::Ceiling: return !negative;
    case Rounding::TowardZero: return false;
    case Rounding::Away: return true;
    case Rounding::HalfEven: return half > 0 || (half == 0 && odd);
    case Rounding::HalfUp: return half >= 0;
    case Rounding::HalfDown: return half > 0;
    case Rounding::Exact: return false;
    }
    return false;
}

/// out = ±whole, if an i128 holds it.
[[nodiscard]] constexpr Arithmetic signed_result(bool negative, u128 whole, i128& out) {
    const u128 limit = static_cast<u128>(i128_max) + (negative ? 1U : 0U);
    if (whole > limit) return Arithmetic::Overflow;
    out = static_cast<i128>(negative ? u128{0} - whole : whole);
    return Arithmetic::Ok;
}

/// out = round(±n ÷ divisor, mode) for any n and divisor > 0.
[[nodiscard]] constexpr Arithmetic wide_round(bool negative, const WideMagnitude& n, u128 divisor,
                                              Rounding mode, i128& out) {
    if (n.high >= divisor) return Arithmetic::Overflow;
    const auto [whole, remainder] = wide_divide(n, divisor);
    if (remainder == 0) return signed_result(negative, whole, out);
    if (mode == Rounding::Exact) {
        i128 ignored = 0;
        const auto fits = signed_result(negative, whole, ignored);
        return fits == Arithmetic::Ok ? Arithmetic::Inexact : fits;
    }
    const u128 complement = divisor - remainder; // compared instead of doubling, which could wrap
    const int half = remainder > complement ? 1 : (remainder < complement ? -1 : 0);
    const bool up = rounds_away(mode, negative, (whole & 1U) != 0, half);
    if (up && whole == ~u128{0}) return Arithmetic::Overflow;
    return signed_result(negative, whole + (up ? 1U : 0U), out);
}

} // namespace tally
