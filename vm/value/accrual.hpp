/// Interest as an exact sum: a signed 256-bit numerator that is only ever divided when somebody
/// bills it. 80 bits of money × 80 of rate × 17 of days always fit.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"

#include <array>

namespace tally {

/// Two's complement, least significant limb first. Plain memory: it lives in contract records.
struct Wide {
    std::array<u64, 4> limbs{};
    friend bool operator==(const Wide&, const Wide&) = default;
};

/// sum += base × rate × days. Overflow leaves the sum untouched.
[[nodiscard]] Arithmetic accrual_add(Wide& sum, i128 base, i128 rate, i64 days);

/// out = round(sum ÷ denominator, mode); the sum itself stays. denominator > 0.
[[nodiscard]] Arithmetic accrual_round(const Wide& sum, i128 denominator, Rounding mode, i128& out);

/// sum −= amount × denominator: what has been billed is no longer owed. Overflow leaves it untouched.
[[nodiscard]] Arithmetic accrual_take(Wide& sum, i128 amount, i128 denominator);

} // namespace tally
