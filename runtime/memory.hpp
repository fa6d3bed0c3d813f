/// Words in an arena's memory. Little-endian, as the machine sees them.
#pragma once

#include "vm/value/int128.hpp"

#include <bit>
#include <cstring>

namespace tally {

static_assert(std::endian::native == std::endian::little, "memory is little-endian");

template <typename T> [[nodiscard]] T read_word(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}
template <typename T> void write_word(std::uint8_t* at, T value) {
    std::memcpy(at, &value, sizeof(T));
}

} // namespace tally
