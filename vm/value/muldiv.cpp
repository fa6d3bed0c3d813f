#include "vm/value/muldiv.hpp"

#include "vm/value/wide_division.hpp"

namespace tally {

Arithmetic muldiv(i128 a, i128 b, i128 c, Rounding mode, i128& out) {
    if (c == 0) return Arithmetic::DivideByZero;
    const bool negative = ((a < 0) != (b < 0)) != (c < 0);
    return wide_round(negative, wide_product(magnitude(a), magnitude(b)), magnitude(c), mode, out);
}

Arithmetic muldiv3(i128 a, i128 b, i64 c, i128 d, Rounding mode, i128& out) {
    if (d == 0) return Arithmetic::DivideByZero;
    const bool negative = ((a < 0) != (b < 0)) != ((c < 0) != (d < 0));
    const u128 factor = magnitude(c);
    const auto two = wide_product(magnitude(a), magnitude(b));
    const auto low = wide_product(two.low, factor);
    const auto high = wide_product(two.high, factor);
    const u128 upper = high.low + low.high;
    const bool carry = upper < high.low;
    if (high.high != 0 || carry || (upper >> 127) != 0) return Arithmetic::Overflow;
    return wide_round(negative, {upper, low.low}, magnitude(d), mode, out);
}

} // namespace tally
