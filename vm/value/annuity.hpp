/// The equal instalment of an annuity loan, correctly rounded.
#pragma once

#include "vm/value/int128.hpp"
#include "vm/value/rounding.hpp"

namespace tally {

inline constexpr i64 annuity_periods_max = 600;

/// The payment A with principal = Σ A·(1+r)^-k for k = 1…n, r = rate ÷ periods_per_year,
/// i.e. A = P·r·(1+r)^n ÷ ((1+r)^n − 1), or P ÷ n when the rate is zero, computed in exact
/// rationals and rounded once.
///   principal         minor units, 0 ≤ principal ≤ 10^24
///   rate              per year, at 10^-18; 0 ≤ rate ≤ 10^6, that is 10^24 units of 10^-18
///   periods_per_year  1…366
///   n                 number of payments, 1…annuity_periods_max
/// Errors: BadArgument outside those ranges, Inexact under Rounding::Exact, Overflow.
[[nodiscard]] Arithmetic annuity(i128 principal, i128 rate, i64 periods_per_year, i64 n,
                                 Rounding mode, i128& out);

} // namespace tally
