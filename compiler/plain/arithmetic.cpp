// Operations on numbers of any width: on values with zeros beyond it, giving such values.
#include "compiler/plain/translator.hpp"

namespace tally::plain_detail {

namespace {

using llvm::Instruction;
using llvm::Value;

/// On one bit. A shift by more than nothing, or a division by anything but 1, has no result to speak of.
Value* bit_arithmetic(Builder& b, unsigned opcode, Value* left, Value* right) {
    switch (opcode) {
    case Instruction::Add: case Instruction::Sub: case Instruction::Xor: return b.CreateXor(left, right);
    case Instruction::Mul: case Instruction::And: return b.CreateAnd(left, right);
    case Instruction::Or: return b.CreateOr(left, right);
    case Instruction::URem: case Instruction::SRem: return b.getFalse();
    default: return left;
    }
}

bool is_signed(unsigned opcode) { return opcode == Instruction::SDiv || opcode == Instruction::SRem; }

/// Does the result of zeros beyond the width have zeros there?
bool stays_masked(unsigned opcode) {
    switch (opcode) {
    case Instruction::And: case Instruction::Or: case Instruction::Xor: case Instruction::LShr: case Instruction::UDiv: case Instruction::URem: return true;
    default: return false;
    }
}

} // namespace

Value* arithmetic(Builder& b, unsigned opcode, Value* left, Value* right, unsigned bits) {
    if (bits == 1) return bit_arithmetic(b, opcode, left, right);
    if (is_signed(opcode) || opcode == Instruction::AShr) left = with_sign(b, left, bits);
    if (is_signed(opcode)) right = with_sign(b, right, bits);
    auto* const out = b.CreateBinOp(static_cast<Instruction::BinaryOps>(opcode), left, right);
    return stays_masked(opcode) ? out : masked(b, out, bits);
}

Value* comparison(Builder& b, llvm::CmpInst::Predicate how, Value* left, Value* right, unsigned bits) {
    if (bits != 0 && llvm::CmpInst::isSigned(how)) {
        left = with_sign(b, left, bits);
        right = with_sign(b, right, bits);
    }
    return b.CreateICmp(how, left, right);
}

void Translator::binary(const llvm::BinaryOperator& i) {
    define(i, {arithmetic(b, i.getOpcode(), value(*i.getOperand(0)), value(*i.getOperand(1)), pieces(i)[0].bits)});
}

void Translator::compare(const llvm::ICmpInst& i) {
    define(i, {comparison(b, i.getPredicate(), value(*i.getOperand(0)), value(*i.getOperand(1)), pieces(*i.getOperand(0))[0].bits)});
}

void Translator::cast(const llvm::CastInst& i) {
    auto* const from = value(*i.getOperand(0));
    const unsigned have = pieces(*i.getOperand(0))[0].bits, want = pieces(i)[0].bits;
    switch (i.getOpcode()) {
    case Instruction::Trunc: case Instruction::ZExt: return define(i, {converted(b, from, have, want, Fill::Zeros)});
    case Instruction::SExt: return define(i, {converted(b, from, have, want, Fill::Sign)});
    case Instruction::PtrToInt: return define(i, {converted(b, b.CreatePtrToInt(from, b.getInt64Ty()), 64, want, Fill::Zeros)});
    case Instruction::IntToPtr: return define(i, {b.CreateIntToPtr(converted(b, from, have, 64, Fill::Zeros), b.getPtrTy())});
    default: return define(i, {from}); // one address as another: nothing to do
    }
}

void Translator::select(const llvm::SelectInst& i) {
    auto* const condition = value(*i.getCondition());
    const Values yes = values(*i.getTrueValue()), no = values(*i.getFalseValue());
    Values out;
    for (std::size_t k = 0; k < yes.size(); ++k) out.push_back(b.CreateSelect(condition, yes[k], no[k]));
    define(i, std::move(out));
}

void Translator::extract(const llvm::ExtractValueInst& i) {
    const Values& all = values(*i.getAggregateOperand());
    const auto first = static_cast<std::ptrdiff_t>(first_piece(i.getAggregateOperand()->getType(), i.getIndices(), layout()));
    define(i, Values(all.begin() + first, all.begin() + first + static_cast<std::ptrdiff_t>(pieces(i).size())));
}

void Translator::insert(const llvm::InsertValueInst& i) {
    Values all = values(*i.getAggregateOperand());
    const Values part = values(*i.getInsertedValueOperand());
    std::copy(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(first_piece(i.getType(), i.getIndices(), layout())));
    define(i, std::move(all));
}

} // namespace tally::plain_detail
