/// What a contract tells against what an official case expects.
#pragma once

#include "tools/vectors/run.hpp"

namespace tally {

/// The first event in which they differ: number, what was expected, what came. Nothing if all agree. Date and kind
/// are the same; payoff and, where the case prints them, notional, rate, accrued interest, exercised amount and
/// currency too: numbers within the larger of 10^-9 and one unit of the last digit that the case prints (of a
/// number printed with few digits, at most a millionth of it).
[[nodiscard]] std::optional<std::string> first_difference(const Json& expected, const std::vector<CaseRow>& got);

} // namespace tally
