#include "vm/value/muldiv.hpp"

#include <array>

namespace tally {

Arithmetic muldiv_wide(i128 a, i128 b, i128 c, Rounding mode, i128& out) {
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

namespace {

constexpr auto powers_of_ten = [] {
    std::array<i128, rescale_digits_max + 1> out{};
    out[0] = 1;
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = out[i - 1] * 10;
    return out;
}();

} // namespace

Arithmetic rescale(i128 a, int digits, Rounding mode, i128& out) {
    if (digits < -rescale_digits_max || digits > rescale_digits_max) return Arithmetic::BadArgument;
    const i128 power = powers_of_ten[static_cast<std::size_t>(digits < 0 ? -digits : digits)];
    if (digits < 0) return muldiv(a, 1, power, mode, out);
    i128 scaled = 0;
    if (!mul_fits(a, power, scaled)) return Arithmetic::Overflow;
    out = scaled;
    return Arithmetic::Ok;
}

} // namespace tally
