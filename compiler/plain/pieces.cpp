#include "compiler/plain/pieces.hpp"

#include <algorithm>

namespace tally::plain_detail {

namespace {

void collect(llvm::Type* type, const llvm::DataLayout& layout, std::uint64_t at, std::vector<Piece>& out) {
    if (auto* const parts = llvm::dyn_cast<llvm::StructType>(type)) {
        const auto* offsets = layout.getStructLayout(parts);
        for (unsigned i = 0; i < parts->getNumElements(); ++i) collect(parts->getElementType(i), layout, at + offsets->getElementOffset(i), out);
    } else if (const auto* list = llvm::dyn_cast<llvm::ArrayType>(type)) {
        const auto stride = layout.getTypeAllocSize(list->getElementType()).getFixedValue();
        for (std::uint64_t i = 0; i < list->getNumElements(); ++i) collect(list->getElementType(), layout, at + i * stride, out);
    } else if (!type->isVoidTy()) {
        out.push_back({type->isPointerTy() ? 0 : type->getIntegerBitWidth(), at});
    }
}

} // namespace

std::vector<Piece> pieces_of(llvm::Type* type, const llvm::DataLayout& layout) {
    std::vector<Piece> out;
    collect(type, layout, 0, out);
    return out;
}

std::size_t first_piece(llvm::Type* type, llvm::ArrayRef<unsigned> indices, const llvm::DataLayout& layout) {
    std::size_t before = 0;
    for (const unsigned index : indices) {
        for (unsigned i = 0; i < index; ++i)
            before += pieces_of(llvm::GetElementPtrInst::getTypeAtIndex(type, std::uint64_t{i}), layout).size();
        type = llvm::GetElementPtrInst::getTypeAtIndex(type, std::uint64_t{index});
    }
    return before;
}

llvm::Type* legal_type(Builder& b, const Piece& piece) { return piece.bits == 0 ? static_cast<llvm::Type*>(b.getPtrTy()) : legal_width(b, piece.bits); }

Giving giving_of(const std::vector<Piece>& pieces) {
    if (pieces.empty()) return Giving::Nothing;
    if (pieces.size() == 1) return Giving::One;
    const bool words = std::all_of(pieces.begin(), pieces.end(), [](const Piece& p) { return p.bits <= 64; });
    return pieces.size() == 2 && words ? Giving::Pair : Giving::Memory;
}

llvm::Type* given_type(Builder& b, const std::vector<Piece>& pieces) {
    switch (giving_of(pieces)) {
    case Giving::One: return legal_type(b, pieces[0]);
    case Giving::Pair: return b.getInt128Ty();
    default: return b.getVoidTy();
    }
}

} // namespace tally::plain_detail
