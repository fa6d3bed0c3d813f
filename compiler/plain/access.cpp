// Memory: addresses, loads and stores in pieces that the machine has instructions for, blocks of the frame.
#include "compiler/plain/translator.hpp"
#include "compiler/plain/words.hpp"

#include <limits>

namespace tally::plain_detail {

using llvm::Value;

namespace {

/// The next part of a number of so many bytes that one instruction moves.
std::uint64_t part_of(std::uint64_t bytes) {
    for (const std::uint64_t size : {8u, 4u, 2u})
        if (bytes >= size) return size;
    return 1;
}

std::uint64_t bytes_of(unsigned bits) { return (bits + 7) / 8; }

/// What an instruction takes beside an address.
bool fits_an_offset(const llvm::APInt& v) { return v.isSignedIntN(32); }

} // namespace

Value* Translator::further(Value* address, std::uint64_t bytes) {
    return bytes == 0 ? address : b.CreateConstGEP1_64(b.getInt8Ty(), address, bytes);
}

Value* Translator::load(Value* address, const Piece& piece) {
    address = further(address, piece.offset);
    if (piece.bits == 0) return b.CreateAlignedLoad(b.getPtrTy(), address, llvm::Align(1));
    if (piece.bits == bits_max) return b.CreateAlignedLoad(b.getInt128Ty(), address, llvm::Align(1));
    auto* const type = legal_width(b, std::max(piece.bits, 2u));
    Value* out = nullptr;
    for (std::uint64_t at = 0; at < bytes_of(piece.bits);) {
        const auto size = part_of(bytes_of(piece.bits) - at);
        Value* part = b.CreateAlignedLoad(b.getIntNTy(static_cast<unsigned>(size) * 8), further(address, at), llvm::Align(1));
        part = b.CreateZExt(part, type);
        if (at > 0) part = b.CreateShl(part, at * 8);
        out = out == nullptr ? part : b.CreateOr(out, part);
        at += size;
    }
    return piece.bits == 1 ? b.CreateTrunc(out, b.getInt1Ty()) : out;
}

void Translator::store(Value* value, Value* address, const Piece& piece) {
    address = further(address, piece.offset);
    if (piece.bits == 0 || piece.bits == bits_max) {
        b.CreateAlignedStore(value, address, llvm::Align(1));
        return;
    }
    if (piece.bits == 1) value = b.CreateZExt(value, b.getInt64Ty());
    for (std::uint64_t at = 0; at < bytes_of(piece.bits);) {
        const auto size = part_of(bytes_of(piece.bits) - at);
        auto* const rest = at == 0 ? value : b.CreateLShr(value, at * 8);
        auto* const part = b.CreateTrunc(rest, b.getIntNTy(static_cast<unsigned>(size) * 8));
        b.CreateAlignedStore(part, further(address, at), llvm::Align(1));
        at += size;
    }
}

void Translator::load(const llvm::LoadInst& i) {
    auto* const address = value(*i.getPointerOperand());
    Values out;
    for (const auto& piece : pieces(i)) out.push_back(load(address, piece));
    define(i, std::move(out));
}

void Translator::store(const llvm::StoreInst& i) {
    auto* const address = value(*i.getPointerOperand());
    const Values parts = values(*i.getValueOperand());
    const auto places = pieces(*i.getValueOperand());
    for (std::size_t k = 0; k < parts.size(); ++k) store(parts[k], address, places[k]);
}

/// What moves goes first, so that the constant rest can be part of a load or store.
void Translator::address(const llvm::GetElementPtrInst& i) {
    llvm::MapVector<Value*, llvm::APInt> moving;
    llvm::APInt fixed(64, 0);
    if (!i.collectOffset(layout(), 64, moving, fixed)) return complain("an address of a size that nobody knows");
    Value* offset = nullptr;
    const auto add = [&](Value* more) { offset = offset == nullptr ? more : b.CreateAdd(offset, more); };
    for (const auto& [index, scale] : moving) {
        auto* const step = converted(b, value(*index), pieces(*index)[0].bits, 64, Fill::Sign);
        add(scale.isOne() ? step : scale.isPowerOf2() ? b.CreateShl(step, scale.logBase2()) : b.CreateMul(step, b.getInt(scale)));
    }
    if (!fits_an_offset(fixed)) {
        add(b.getInt(fixed));
        fixed = 0;
    }
    Value* at = value(*i.getPointerOperand());
    if (offset != nullptr) at = b.CreateGEP(b.getInt8Ty(), at, offset);
    define(i, {further(at, fixed.getZExtValue())});
}

/// The frame keeps 16 bytes; who wants more gets room to move in.
Value* Translator::slot(std::uint64_t bytes, std::uint64_t align) {
    constexpr std::uint64_t kept = 16;
    Builder at(entry_, entry_->begin());
    if (align <= kept) return at.CreateAlloca(llvm::ArrayType::get(at.getInt8Ty(), bytes));
    auto* const room = at.CreateAlloca(llvm::ArrayType::get(at.getInt8Ty(), bytes + align));
    at.SetInsertPoint(entry_->getTerminator());
    auto* const high = at.CreateAdd(at.CreatePtrToInt(room, at.getInt64Ty()), at.getInt64(align - 1));
    return at.CreateIntToPtr(at.CreateAnd(high, at.getInt64(~(align - 1))), at.getPtrTy());
}

/// A block of a size or at a time that only the run knows comes from the stack that the library keeps.
void Translator::alloca(const llvm::AllocaInst& i) {
    const auto size = layout().getTypeAllocSize(i.getAllocatedType()).getFixedValue();
    if (i.isStaticAlloca()) {
        const auto count = llvm::cast<llvm::ConstantInt>(i.getArraySize())->getZExtValue();
        return define(i, {slot(std::max<std::uint64_t>(size * count, 1), i.getAlign().value())});
    }
    auto* const count = converted(b, value(*i.getArraySize()), pieces(*i.getArraySize())[0].bits, 64, Fill::Zeros);
    auto* const library = shared_.out.getFunction(llvm::StringRef(alloca_name.data(), alloca_name.size()));
    define(i, {b.CreateCall(library, {b.CreateMul(count, number(size)), number(std::max<std::uint64_t>(i.getAlign().value(), 16))})});
}

/// One thread: what is atomic elsewhere is a load and a store here.
void Translator::exchange(const llvm::AtomicRMWInst& i) {
    using Op = llvm::AtomicRMWInst;
    static const std::map<Op::BinOp, unsigned> plain{{Op::Add, llvm::Instruction::Add}, {Op::Sub, llvm::Instruction::Sub}, {Op::And, llvm::Instruction::And},
                                                     {Op::Or, llvm::Instruction::Or},   {Op::Xor, llvm::Instruction::Xor}};
    static const std::map<Op::BinOp, llvm::CmpInst::Predicate> chosen{{Op::Max, llvm::CmpInst::ICMP_SGT}, {Op::Min, llvm::CmpInst::ICMP_SLT},
                                                                      {Op::UMax, llvm::CmpInst::ICMP_UGT}, {Op::UMin, llvm::CmpInst::ICMP_ULT}};
    const auto piece = pieces(i)[0];
    auto* const at = value(*i.getPointerOperand());
    auto* const given = value(*i.getValOperand());
    auto* const before = load(at, piece);
    Value* after = given;
    if (const auto found = plain.find(i.getOperation()); found != plain.end()) after = arithmetic(b, found->second, before, given, piece.bits);
    else if (const auto choice = chosen.find(i.getOperation()); choice != chosen.end()) after = b.CreateSelect(comparison(b, choice->second, before, given, piece.bits), before, given);
    else if (i.getOperation() == Op::Nand)
        after = arithmetic(b, llvm::Instruction::Xor, b.CreateAnd(before, given), masked(b, llvm::Constant::getAllOnesValue(before->getType()), piece.bits), piece.bits);
    else if (i.getOperation() != Op::Xchg) complain("an atomic exchange of a rare kind");
    store(after, at, piece);
    define(i, {before});
}

void Translator::exchange(const llvm::AtomicCmpXchgInst& i) {
    const auto piece = pieces(*i.getCompareOperand())[0];
    auto* const at = value(*i.getPointerOperand());
    auto* const before = load(at, piece);
    auto* const equal = b.CreateICmpEQ(before, value(*i.getCompareOperand()));
    store(b.CreateSelect(equal, value(*i.getNewValOperand()), before), at, piece);
    define(i, {before, equal});
}

} // namespace tally::plain_detail
