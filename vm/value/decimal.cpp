#include "vm/value/decimal.hpp"

#include "vm/value/big.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {

Arithmetic decimal_fused(i128 a, i128 b, i128 c, i128 d, i64 places, Rounding mode, i128& out) {
    if (places < decimal_places_min || places > decimal_places_max) return Arithmetic::BadArgument;
    if (d == 0) return Arithmetic::DivideByZero;
    const Big step = pow(Big(10), static_cast<unsigned>(decimal_places_max - places)); // in 10^-18
    Big above = big(a) * big(b) + big(c) * big(decimal_one);                           // at 10^-36
    Big below = big(d) * step;                                                         // at 10^-36 as well
    if (below < 0) {
        above = -above;
        below = -below;
    }
    i128 steps = 0;
    if (const auto status = round_ratio(above, below, mode, steps); status != Arithmetic::Ok) return status;
    const Big whole = abs(big(steps)) * step;
    return from_big(steps < 0, whole, out);
}

} // namespace tally
