/// A value of any type as the list of its scalars: a struct is what its fields are, one after the other.
#pragma once

#include "compiler/plain/widths.hpp"

#include <llvm/IR/DataLayout.h>

#include <vector>

namespace tally::plain_detail {

struct Piece {
    unsigned bits;        ///< of an integer; 0 for an address
    std::uint64_t offset; ///< from the start of the value in memory
};

/// Empty for `void`.
[[nodiscard]] std::vector<Piece> pieces_of(llvm::Type* type, const llvm::DataLayout& layout);
/// How many pieces stand before the part that the indices name.
[[nodiscard]] std::size_t first_piece(llvm::Type* type, llvm::ArrayRef<unsigned> indices, const llvm::DataLayout& layout);
[[nodiscard]] llvm::Type* legal_type(Builder& b, const Piece& piece);

/// How a function gives its value back: alone, two words in one wide register, or through an address that it gets first.
enum class Giving { Nothing, One, Pair, Memory };
[[nodiscard]] Giving giving_of(const std::vector<Piece>& pieces);
[[nodiscard]] llvm::Type* given_type(Builder& b, const std::vector<Piece>& pieces);
/// In the memory of `Giving::Memory` every piece has as much room.
inline constexpr std::uint64_t given_stride = 16;

} // namespace tally::plain_detail
