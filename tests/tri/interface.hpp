/// What stands around the code of generated modules: types of every kind, a contract with vaults, imports, constants.
#pragma once

#include "tests/agreement/dice.hpp"
#include "vm/bytecode/module.hpp"

namespace tally::tri {

using agreement::Dice;

/// Type numbers that code has a use for.
namespace types {
enum : std::uint32_t { Int, Money, Enum, Record, List, IntMap, RecordMap, IntSet, MoneySet, Text, Optional, Fraction, Variant, Cash, CashMap, ListOfRecords, Accrual, count };
}

/// Fields of the contract that are vaults.
inline constexpr std::uint32_t plain_vault = 1, keyed_vault = 2;

/// Everything but functions.
[[nodiscard]] Module module_without_code();

/// A word as tests of arithmetic want it: mostly small, often at an edge, seldom anything.
[[nodiscard]] u64 edge_word(Dice& dice);
[[nodiscard]] i128 edge_wide(Dice& dice);
/// Only the edges: where signs, carries and overflows are.
[[nodiscard]] const std::vector<u64>& sharp_words();
[[nodiscard]] const std::vector<i128>& sharp_wides();
[[nodiscard]] inline u64 sharp_word(Dice& dice) { return dice.pick(sharp_words()); }
[[nodiscard]] inline i128 sharp_wide(Dice& dice) { return dice.pick(sharp_wides()); }
/// An address at the edge of what there is.
[[nodiscard]] u64 edge_address(Dice& dice);

/// Where a value of this type lies in low memory, the first or the second one.
[[nodiscard]] u64 place_of(std::uint32_t type, bool second);

} // namespace tally::tri
