/// The two integer widths of the machine, and checked arithmetic on them.
/// Every operation here either gives the mathematical result or says that it does not fit.
#pragma once

#include <cstdint>

namespace tally {

using i64 = std::int64_t;
using u64 = std::uint64_t;
__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

inline constexpr i128 i128_max = static_cast<i128>(~u128{0} >> 1);
inline constexpr i128 i128_min = -i128_max - 1;

/// Why an arithmetic operation has no result. The machine maps each to a trap of the same name.
enum class Arithmetic : std::uint8_t { Ok, Overflow, DivideByZero, Inexact, BadArgument };

template <typename Int> [[nodiscard]] constexpr bool add_fits(Int a, Int b, Int& out) {
    return !__builtin_add_overflow(a, b, &out);
}
template <typename Int> [[nodiscard]] constexpr bool sub_fits(Int a, Int b, Int& out) {
    return !__builtin_sub_overflow(a, b, &out);
}
template <typename Int> [[nodiscard]] constexpr bool mul_fits(Int a, Int b, Int& out) {
    return !__builtin_mul_overflow(a, b, &out);
}

[[nodiscard]] constexpr u64 low_half(i128 v) { return static_cast<u64>(static_cast<u128>(v)); }
[[nodiscard]] constexpr i64 high_half(i128 v) { return static_cast<i64>(v >> 64); }
[[nodiscard]] constexpr i128 from_halves(u64 low, u64 high) {
    return static_cast<i128>((static_cast<u128>(high) << 64) | low);
}

} // namespace tally
