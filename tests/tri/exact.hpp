/// Whole numbers of any size, and how they become numbers of 128 bits again. What the reference counts with.
#pragma once

#include "vm/bytecode/tables.hpp"

#include <boost/multiprecision/cpp_int.hpp>

namespace tally::tri {

using Whole = boost::multiprecision::cpp_int;

[[nodiscard]] inline Whole whole(i128 v) { return (Whole(static_cast<i64>(v >> 64)) << 64) + static_cast<u64>(v); }
[[nodiscard]] inline Whole power_of_two(unsigned n) { return Whole(1) << n; }
[[nodiscard]] Whole power_of_ten(unsigned n);
[[nodiscard]] bool fits(const Whole& v, unsigned bits);
/// The number of 128 bits that is congruent modulo 2^128.
[[nodiscard]] i128 wrapped(const Whole& v);
/// The same number, or Overflow.
[[nodiscard]] Trap exactly(const Whole& v, i128& out);
[[nodiscard]] Whole floor_division(const Whole& n, const Whole& d);

/// By number, as vm/value/rounding.hpp gives them.
enum Mode : unsigned { Floor, Ceiling, TowardZero, Away, HalfEven, HalfUp, HalfDown, Exact };
inline constexpr unsigned modes = 8;

/// out = n ÷ d rounded by the definition of the mode; DivideByZero, Overflow, Inexact.
[[nodiscard]] Trap rounded(const Whole& n, const Whole& d, unsigned mode, i128& out);

} // namespace tally::tri
