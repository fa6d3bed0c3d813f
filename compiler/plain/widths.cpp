#include "compiler/plain/widths.hpp"

namespace tally::plain_detail {

using llvm::Value;

llvm::IntegerType* legal_width(Builder& b, unsigned bits) { return b.getIntNTy(bits == 1 ? 1 : bits <= 64 ? 64 : bits_max); }

Value* masked(Builder& b, Value* value, unsigned bits) {
    const unsigned have = value->getType()->getIntegerBitWidth();
    if (have == bits) return value;
    return b.CreateAnd(value, llvm::ConstantInt::get(value->getType(), llvm::APInt::getLowBitsSet(have, bits)));
}

Value* with_sign(Builder& b, Value* value, unsigned bits) {
    if (bits == 1) return b.CreateSExt(value, b.getInt64Ty());
    const unsigned have = value->getType()->getIntegerBitWidth();
    if (have == bits) return value;
    // The machine has these three as one instruction.
    if (bits == 8 || bits == 16 || bits == 32) return b.CreateSExt(b.CreateTrunc(value, b.getIntNTy(bits)), value->getType());
    return b.CreateAShr(b.CreateShl(value, have - bits), have - bits);
}

Value* converted(Builder& b, Value* value, unsigned from, unsigned to, Fill fill) {
    if (from == to) return value;
    auto* const type = legal_width(b, to);
    if (to < from) return masked(b, b.CreateTrunc(value, type), to);
    if (fill == Fill::Zeros) return b.CreateZExt(value, type);
    return masked(b, b.CreateSExt(with_sign(b, value, from), type), to);
}

} // namespace tally::plain_detail
