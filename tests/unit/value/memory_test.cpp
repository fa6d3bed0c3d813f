#include "vm/value/memory.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace tally;

namespace {

/// Written, the lowest byte comes first; read again, it is the same number.
template <typename T> void check_word(T word) {
    std::array<std::uint8_t, 18> memory{};
    memory.fill(0xee);
    write_word(memory.data() + 1, word); // at an odd address: memory promises no alignment
    u128 left = static_cast<u128>(word);
    for (std::size_t i = 0; i < sizeof(T); ++i, left >>= 8)
        CHECK(memory[1 + i] == static_cast<std::uint8_t>(left));
    CHECK(memory[0] == 0xee);
    CHECK(memory[1 + sizeof(T)] == 0xee);
    CHECK(read_word<T>(memory.data() + 1) == word);
}

} // namespace

TEST_CASE("a number lies in memory with its lowest byte first") {
    check_word<std::uint8_t>(0xa1);
    check_word<std::uint16_t>(0xa1b2);
    check_word<std::uint32_t>(0xa1b2c3d4);
    check_word<u64>(0xa1b2c3d4e5f60718);
    check_word<i64>(-2);
    check_word<i128>(from_halves(0x0102030405060708, 0x8990a1b2c3d4e5f6));
    check_word<i128>(i128_min);
}

TEST_CASE("numbers one behind the other, none included") {
    const std::array<i128, 3> words{i128{1}, i128{-1}, i128_max};
    std::array<std::uint8_t, 48> memory{}, each{};
    write_words<i128>(memory.data(), words);
    for (std::size_t i = 0; i < words.size(); ++i)
        write_word(each.data() + 16 * i, words[i]);
    CHECK(memory == each);
    std::array<i128, 3> again{};
    read_words<i128>(memory.data(), again);
    CHECK(again == words);
    read_words<i128>(nullptr, {});
    write_words<i128>(nullptr, {});
}

TEST_CASE("bytes the other way round") {
    CHECK(bytes_swapped<std::uint8_t>(0x12) == 0x12);
    CHECK(bytes_swapped<std::uint16_t>(0x1234) == 0x3412);
    CHECK(bytes_swapped<std::int32_t>(0x12345678) == 0x78563412);
    CHECK(bytes_swapped<i64>(1) == i64{1} << 56);
    CHECK(bytes_swapped<i128>(1) == i128{1} << 120);
    CHECK(bytes_swapped(bytes_swapped(i128_min)) == i128_min);
}
