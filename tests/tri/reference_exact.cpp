// Exact arithmetic: a formula over whole numbers, rounded once.
#include "tests/tri/exact.hpp"
#include "tests/tri/reference_natives.hpp"

namespace tally::tri {
namespace {

constexpr i64 decimal_places = 18;
const Whole& one() {
    static const Whole value = power_of_ten(decimal_places);
    return value;
}

Trap muldiv3(const HostCall& args) {
    if (args.x[1] >= modes) return Trap::BadArgument;
    if (args.w[2] == 0) return Trap::DivideByZero;
    const Whole product = whole(args.w[0]) * whole(args.w[1]) * static_cast<i64>(args.x[0]);
    if (abs(product) >= power_of_two(255)) return Trap::Overflow;
    return rounded(product, whole(args.w[2]), static_cast<unsigned>(args.x[1]), args.w[0]);
}

/// P·r·(1+r)^n ÷ ((1+r)^n − 1) with r = rate ÷ (10^18 · periods), and P ÷ n when r is zero.
Trap annuity(const HostCall& args) {
    const auto periods = static_cast<i64>(args.x[0]), n = static_cast<i64>(args.x[1]);
    if (args.x[2] >= modes || n < 1 || n > 600) return Trap::BadArgument;
    if (!charge_units(HostFn::Annuity, args, args.x[1])) return Trap::OutOfGas;
    const Whole principal = whole(args.w[0]), p = whole(args.w[1]), highest = power_of_ten(24);
    if (principal < 0 || principal > highest || p < 0 || p > highest || periods < 1 || periods > 366) return Trap::BadArgument;
    const auto mode = static_cast<unsigned>(args.x[2]);
    if (p == 0) return rounded(principal, n, mode, args.w[0]);
    const Whole q = one() * periods;
    const Whole grown = pow(Whole(p + q), static_cast<unsigned>(n)), still = pow(q, static_cast<unsigned>(n));
    return rounded(principal * p * grown, q * (grown - still), mode, args.w[0]);
}

/// (x ÷ 10^18)^n · 10^18.
Trap power(const HostCall& args) {
    const auto n = static_cast<i64>(args.x[0]);
    if (args.x[1] >= modes || n < -600 || n > 600) return Trap::BadArgument;
    const auto size = static_cast<unsigned>(n < 0 ? -n : n);
    if (!charge_units(HostFn::Power, args, size)) return Trap::OutOfGas;
    if (n < 0 && args.w[0] == 0) return Trap::DivideByZero;
    const Whole above = pow(whole(args.w[0]), size), below = pow(one(), size);
    const auto mode = static_cast<unsigned>(args.x[1]);
    return n < 0 ? rounded(below * one(), above, mode, args.w[0]) : rounded(above * one(), below, mode, args.w[0]);
}

/// The largest r with r^n ≤ value, by halving.
Whole floor_root(const Whole& value, unsigned n) {
    Whole low = 0, high = 1;
    while (pow(high, n) <= value) high *= 2;
    while (high - low > 1) {
        const Whole middle = (low + high) / 2;
        (pow(middle, n) <= value ? low : high) = middle;
    }
    return low;
}

/// Of irrational roots none lies half way, so what is above a half is asked by (2r + 1)^n against 2^n · value.
Trap root(const HostCall& args) {
    const auto n = static_cast<i64>(args.x[0]);
    if (args.x[1] >= modes || n < 1 || n > 366) return Trap::BadArgument;
    if (!charge_units(HostFn::Root, args, args.x[0])) return Trap::OutOfGas;
    if (args.w[0] < 0) return Trap::BadArgument;
    const auto degree = static_cast<unsigned>(n);
    const auto mode = static_cast<unsigned>(args.x[1]);
    const Whole value = whole(args.w[0]) * pow(one(), degree - 1);
    const Whole down = floor_root(value, degree);
    if (pow(down, degree) == value) return exactly(down, args.w[0]);
    if (mode == Exact) return Trap::Inexact;
    const bool nearer_up = pow(Whole(2 * down + 1), degree) < (value << degree);
    const bool nearest = mode == HalfEven || mode == HalfUp || mode == HalfDown;
    const bool up = mode == Ceiling || mode == Away || (nearest && nearer_up);
    return exactly(up ? Whole(down + 1) : down, args.w[0]);
}

/// round((a·b + c) ÷ d) to a multiple of 10^-places, all of them in units of 10^-18.
Trap decimal_fused(const HostCall& args) {
    const auto places = static_cast<i64>(args.x[0]);
    if (args.x[1] >= modes || places < -20 || places > decimal_places) return Trap::BadArgument;
    if (args.w[3] == 0) return Trap::DivideByZero;
    const Whole step = power_of_ten(static_cast<unsigned>(decimal_places - places));
    i128 steps = 0;
    const Trap trap = rounded(whole(args.w[0]) * whole(args.w[1]) + whole(args.w[2]) * one(), whole(args.w[3]) * step, static_cast<unsigned>(args.x[1]), steps);
    return trap == Trap::None ? exactly(whole(steps) * step, args.w[0]) : trap;
}

// ---- accruals: a signed number of 256 bits in memory

Whole sum_at(const std::uint8_t* from) {
    Whole out = 0;
    for (unsigned i = 4; i-- > 0;) out = (out << 64) + word_at(from + 8 * i);
    return out >= power_of_two(255) ? Whole(out - power_of_two(256)) : out;
}

Trap put_sum(std::uint8_t* to, const Whole& sum) {
    if (!fits(sum, 256)) return Trap::Overflow;
    Whole rest = sum < 0 ? Whole(sum + power_of_two(256)) : sum;
    for (unsigned i = 0; i < 4; ++i, rest >>= 64) put_word(to + 8 * i, static_cast<u64>(Whole(rest & Whole(~u64{0}))));
    return Trap::None;
}

Trap accrual(HostFn fn, const HostCall& args) {
    std::uint8_t* const at = args.arena->at(args.x[0], 32);
    if (at == nullptr) return Trap::Bounds;
    const Whole sum = sum_at(at);
    const Whole first = whole(args.w[0]);
    if (fn == HostFn::AccrualAdd) return put_sum(at, sum + first * whole(args.w[1]) * static_cast<i64>(args.x[1]));
    if (fn == HostFn::AccrualTake) return put_sum(at, sum - first * whole(args.w[1]));
    if (first == 0) return Trap::DivideByZero;
    if (first < 0 || args.x[1] >= modes) return Trap::BadArgument;
    return rounded(sum, first, static_cast<unsigned>(args.x[1]), args.w[0]);
}

} // namespace

Trap reference_exact(HostFn fn, const HostCall& args) {
    switch (fn) {
    case HostFn::MulDiv3: return muldiv3(args);
    case HostFn::Annuity: return annuity(args);
    case HostFn::Power: return power(args);
    case HostFn::Root: return root(args);
    case HostFn::DecimalFused: return decimal_fused(args);
    default: return accrual(fn, args);
    }
}

} // namespace tally::tri
