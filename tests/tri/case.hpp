/// One run to compare: a program, a function of it, its arguments, a gas limit, and the seed of all that surrounds it.
#pragma once

#include "vm/engine/machine.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::tri {

struct Case {
    std::shared_ptr<const Program> program;
    std::uint32_t function = 0;
    Arguments arguments;
    i64 gas = 0;
    u64 seed = 0; ///< of the host's answers and of what lies in memory before
};

/// Below the stack of a module that is no program: where an instance's record would be.
inline constexpr std::uint32_t low_memory = 4096;
/// The arena of nearly every case: code that aims at the end of memory knows it.
inline constexpr std::uint32_t usual_arena = 8192;

[[nodiscard]] std::uint32_t stack_of(const Case& c);
/// The arena before the run, the null page included. A program's memory is what it says; anything else finds zeros or
/// whatever the seed makes of it, up to the very end: a frame must be cleared by whoever enters it.
[[nodiscard]] std::vector<std::uint8_t> memory_of(const Case& c);

/// As the text of a regression file, and back. The module stands there twice: as a listing for people and in its
/// canonical bytes, because types, vaults and imports have no listing.
[[nodiscard]] std::string text_of(const Case& c, const std::string& why);
/// Nothing, with the reason in `error`, if it is no such text or the module does not verify.
[[nodiscard]] std::optional<Case> case_of(std::string_view text, std::string& error);

} // namespace tally::tri
