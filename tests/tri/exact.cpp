#include "tests/tri/exact.hpp"

namespace tally::tri {

Whole power_of_ten(unsigned n) { return pow(Whole(10), n); }

bool fits(const Whole& v, unsigned bits) {
    const Whole bound = power_of_two(bits - 1);
    return v >= -bound && v < bound;
}

namespace {

/// 0 ≤ v < 2^128.
i128 from_pattern(const Whole& v) {
    const Whole low = v & Whole(~u64{0}), high = v >> 64;
    return from_halves(static_cast<u64>(low), static_cast<u64>(high));
}

Whole to_nearest(const Whole& down, const Whole& rest, const Whole& d, const Whole& at_a_tie) {
    const int order = Whole(rest * 2).compare(d);
    return order == 0 ? at_a_tie : Whole(order < 0 ? down : down + 1);
}

/// Of a quotient that lies strictly between `down` and the next whole number.
Whole between(const Whole& down, const Whole& rest, const Whole& d, unsigned mode) {
    const Whole up = down + 1;
    const bool below_zero = down < 0;
    const Whole& inward = below_zero ? up : down;
    const Whole& outward = below_zero ? down : up;
    switch (mode) {
    case Floor: return down;
    case Ceiling: return up;
    case Away: return outward;
    case HalfEven: return to_nearest(down, rest, d, down % 2 == 0 ? down : up);
    case HalfUp: return to_nearest(down, rest, d, outward);
    case HalfDown: return to_nearest(down, rest, d, inward);
    default: return inward; // toward zero; Exact asks whether this one fits
    }
}

} // namespace

i128 wrapped(const Whole& v) {
    const Whole modulus = power_of_two(128);
    Whole rest = v % modulus;
    if (rest < 0) rest += modulus;
    return from_pattern(rest);
}

Trap exactly(const Whole& v, i128& out) {
    if (!fits(v, 128)) return Trap::Overflow;
    out = wrapped(v);
    return Trap::None;
}

Whole floor_division(const Whole& n, const Whole& d) {
    const Whole toward_zero = n / d;
    const bool lost = toward_zero * d != n;
    return lost && (n < 0) != (d < 0) ? Whole(toward_zero - 1) : toward_zero;
}

Trap rounded(const Whole& n, const Whole& d, unsigned mode, i128& out) {
    if (d == 0) return Trap::DivideByZero;
    const Whole down = floor_division(n, d);
    const Whole size = abs(d), rest = abs(Whole(n - down * d));
    if (rest == 0) return exactly(down, out);
    const Whole result = between(down, rest, size, mode);
    if (mode == Exact) return fits(result, 128) ? Trap::Inexact : Trap::Overflow;
    return exactly(result, out);
}

} // namespace tally::tri
