/// Integers of any width up to 128 bits in values of the machine's widths: i1, i64 and i128. What a value has
/// beyond its own width is zero, always.
#pragma once

#include <llvm/IR/IRBuilder.h>

namespace tally::plain_detail {

using Builder = llvm::IRBuilder<>;

inline constexpr unsigned bits_max = 128;

/// i1, i64 or i128.
[[nodiscard]] llvm::IntegerType* legal_width(Builder& b, unsigned bits);
/// The value with everything beyond `bits` set to zero.
[[nodiscard]] llvm::Value* masked(Builder& b, llvm::Value* value, unsigned bits);
/// The value with its sign in all that lies beyond `bits`; i64 or i128.
[[nodiscard]] llvm::Value* with_sign(Builder& b, llvm::Value* value, unsigned bits);
/// From one width to another: cut off, or filled with zeros or with the sign.
enum class Fill { Zeros, Sign };
[[nodiscard]] llvm::Value* converted(Builder& b, llvm::Value* value, unsigned from, unsigned to, Fill fill);

} // namespace tally::plain_detail
