/// Numbers in the memory of the machine, which is little-endian on every processor. Whoever reads or writes
/// one there does it by these, so that no processor's own order can be seen in a result.
#pragma once

#include "vm/value/int128.hpp"

#include <bit>
#include <cstring>
#include <span>

namespace tally {

inline constexpr bool little_endian = std::endian::native == std::endian::little;
static_assert(little_endian || std::endian::native == std::endian::big);

/// The whole number with its bytes the other way round.
template <typename T> [[nodiscard]] T bytes_swapped(T value) {
    if constexpr (sizeof(T) == 1) return value;
    else if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
    else if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    else if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<u64>(value)));
    else {
        static_assert(sizeof(T) == 16);
        const auto v = static_cast<u128>(value);
        return static_cast<T>(static_cast<u128>(__builtin_bswap64(static_cast<u64>(v))) << 64 | __builtin_bswap64(static_cast<u64>(v >> 64)));
    }
}

/// On a little-endian processor a plain copy.
template <typename T> void read_word(const std::uint8_t* at, T& out) {
    std::memcpy(&out, at, sizeof(T));
    if constexpr (!little_endian) out = bytes_swapped(out);
}
template <typename T> [[nodiscard]] T read_word(const std::uint8_t* at) {
    T value{};
    read_word(at, value);
    return value;
}
template <typename T> void write_word(std::uint8_t* at, T value) {
    if constexpr (!little_endian) value = bytes_swapped(value);
    std::memcpy(at, &value, sizeof(T));
}

/// As many as `to` has, one behind the other.
template <typename T> void read_words(const std::uint8_t* at, std::span<T> to) {
    if (!to.empty()) std::memcpy(to.data(), at, to.size_bytes());
    if constexpr (!little_endian)
        for (T& word : to) word = bytes_swapped(word);
}
template <typename T> void write_words(std::uint8_t* at, std::span<const T> from) {
    if constexpr (little_endian) {
        if (!from.empty()) std::memcpy(at, from.data(), from.size_bytes());
    } else {
        for (const T& word : from) {
            write_word(at, word);
            at += sizeof(T);
        }
    }
}

} // namespace tally
