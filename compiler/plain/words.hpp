/// What the compiler and the library agree on: the head of a program's memory and the ways out of it.
#pragma once

#include "vm/bytecode/layout.hpp"

#include <cstdint>
#include <string_view>

namespace tally::plain_detail {

// The first words of a program's memory; `struct tally_words` of compiler/plain/libc/words.h.
inline constexpr std::string_view words_name = "__tally_words";
inline constexpr std::uint32_t status_word = self_address;    ///< what `exit` was given
inline constexpr std::uint32_t stack_word = self_address + 8; ///< the lowest byte of blocks of moving size; goes down
inline constexpr std::uint32_t heap_word = self_address + 16; ///< the first byte that no `malloc` gave away; goes up
inline constexpr std::uint32_t words_end = self_address + 32;

/// Between them lies the room that both share.
inline constexpr std::uint32_t heap_bytes = 8 * 1024 * 1024;

inline constexpr std::string_view exit_name = "__tally_exit";   ///< stops with Trap::Exit
inline constexpr std::string_view abort_name = "__tally_abort"; ///< stops with Trap::Abort
inline constexpr std::string_view alloca_name = "__tally_alloca";

} // namespace tally::plain_detail
