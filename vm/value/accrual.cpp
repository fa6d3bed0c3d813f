#include "vm/value/accrual.hpp"

#include "vm/value/wide_division.hpp"

#include <algorithm>
#include <cstddef>

namespace tally {
namespace {

/// Two's complement with a spare limb on top: a product of an i128, an i128 and an i64 needs 318
/// bits, so neither it nor a sum with it can overflow here, and only the result must be checked.
using Roomy = std::array<u64, 5>;

u64 sign_limb(u64 top) { return (top >> 63) != 0 ? ~u64{0} : 0; }

Roomy widen(const Wide& v) {
    const auto& l = v.limbs;
    return {l[0], l[1], l[2], l[3], sign_limb(l[3])};
}

Arithmetic narrow(const Roomy& v, Wide& out) {
    if (v[4] != sign_limb(v[3])) return Arithmetic::Overflow;
    std::copy_n(v.begin(), out.limbs.size(), out.limbs.begin());
    return Arithmetic::Ok;
}

Roomy add(const Roomy& a, const Roomy& b) {
    Roomy sum{};
    u128 carry = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
        carry += static_cast<u128>(a[i]) + b[i];
        sum[i] = static_cast<u64>(carry);
        carry >>= 64;
    }
    return sum;
}

Roomy negated(Roomy v) {
    for (u64& limb : v)
        limb = ~limb;
    return add(v, Roomy{1});
}

Roomy product(i128 a, i128 b, i64 c) {
    const auto two = wide_product(magnitude(a), magnitude(b));
    const u128 factor = magnitude(c);
    const auto low = wide_product(two.low, factor);
    const auto high = wide_product(two.high, factor);
    const auto limb = [](u128 v, int index) { return static_cast<u64>(v >> (64 * index)); };
    const Roomy size = add({limb(low.low, 0), limb(low.low, 1), limb(low.high, 0), 0, 0},
                           {0, 0, limb(high.low, 0), limb(high.low, 1), limb(high.high, 0)});
    const bool negative = ((a < 0) != (b < 0)) != (c < 0);
    return negative ? negated(size) : size;
}

} // namespace

Arithmetic accrual_add(Wide& sum, i128 base, i128 rate, i64 days) {
    return narrow(add(widen(sum), product(base, rate, days)), sum);
}

Arithmetic accrual_round(const Wide& sum, i128 denominator, Rounding mode, i128& out) {
    if (denominator == 0) return Arithmetic::DivideByZero;
    if (denominator < 0) return Arithmetic::BadArgument;
    const bool negative = sign_limb(sum.limbs[3]) != 0;
    const Roomy size = negative ? negated(widen(sum)) : widen(sum);
    const auto pair = [&](std::size_t low) {
        return (static_cast<u128>(size[low + 1]) << 64) | size[low];
    };
    return wide_round(negative, {pair(2), pair(0)}, magnitude(denominator), mode, out);
}

Arithmetic accrual_take(Wide& sum, i128 amount, i128 denominator) {
    return narrow(add(widen(sum), product(amount, denominator, -1)), sum);
}

} // namespace tally
