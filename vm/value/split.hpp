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

/// The same with a memory: carry[i] is what rounding owes row i so far, a numerator over W = Σ weights,
/// Σ carry == 0 (all zero at first). due[i] = total × weights[i] + carry[i]; every row gets
/// max(0, ⌊due[i] ÷ W⌋), each unit that is missing from the total goes to the row that is owed most, each
/// one too many comes back from the row that is owed least and has one; then carry[i] = due[i] − parts[i] × W.
/// No part is negative, Σ parts == total and Σ carry stays what it was; of a carry that began as zeros |carry[i]|
/// stays below rows × W. A tie goes to the earlier row, counted from row `first` modulo the rows. The weights must be
/// the same each time.
/// Errors: as `split`; BadArgument for a carry of another size, or one so far from zero in sum that a row would have to
/// take or give more than a unit on average, or give what it has not; Overflow when a numerator or what is left to
/// hand out does not fit 127 bits.
/// parts and carry are untouched on error. Source: language-refined, point 9.
[[nodiscard]] Arithmetic share(i128 total, std::span<const i128> weights, std::span<i128> carry, std::size_t first, std::span<i128> parts);

inline constexpr std::size_t split_parts_max = 256;

} // namespace tally
