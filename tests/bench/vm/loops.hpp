/// The three loops of the machine's benchmark, each as bytecode and as C++ that makes the same checks:
/// no overflow, no address outside the memory, one exact rounding. Same start, same result.
#pragma once

#include "vm/value/int128.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tally::bench {

/// One period: interest by an exact division, then three checked additions.
struct Amortisation {
    i128 balance, rate, scale, payment, interest_paid;
};
/// False where the machine would trap.
[[nodiscard]] bool amortise(Amortisation& state, u64 periods);
extern const std::string_view amortise_code;

/// A generator of pseudo-random numbers picks one word of 128, which it changes in one of two ways.
[[nodiscard]] bool control(std::span<std::uint8_t> memory, u64& state, u64 rounds);
extern const std::string_view control_code;

/// What is there is paid to one row after the other, each up to what it is owed.
/// `memory` holds rows of two 128-bit numbers: owed, paid.
[[nodiscard]] bool waterfall(std::span<std::uint8_t> memory, i128& left, u64 rows);
extern const std::string_view waterfall_code;

} // namespace tally::bench
