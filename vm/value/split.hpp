/// Dividing a whole into parts that add up to it: largest remainder on exact integers.
#pragma once

#include "vm/value/int128.hpp"

#include <cstddef>
#include <span>

namespace tally {

/// parts[i] ≈ total × weights[i] ÷ Σ weights; Σ parts == total exactly; a tie goes to the earlier
/// row; a zero weight gets nothing. Σ weights == 0 is fine only for total == 0.
/// Errors: BadArgument (a negative total or weight, no weights for a non-zero total, sizes differ
/// or more than `split_parts_max`), Overflow (Σ weights does not fit). parts is untouched on error.
/// Source: money.md R5, vector A.
[[nodiscard]] Arithmetic split(i128 total, std::span<const i128> weights, std::span<i128> parts);

inline constexpr std::size_t split_parts_max = 256;

} // namespace tally
