#include "compiler/plain/memory.hpp"

#include "compiler/plain/words.hpp"

#include <llvm/IR/GlobalAlias.h>
#include <llvm/IR/Operator.h>

#include <algorithm>

namespace tally::plain_detail {

namespace {

constexpr unsigned word = 64;

std::uint64_t up_to(std::uint64_t at, std::uint64_t align) { return (at + align - 1) / align * align; }

bool has_initialiser(const llvm::GlobalVariable& global) { return global.hasInitializer() && !is_zero(*global.getInitializer()); }

} // namespace

bool is_zero(const llvm::Constant& constant) { return llvm::isa<llvm::UndefValue>(constant) || constant.isNullValue(); }

/// What has content comes first: the image then needs no zeros.
Memory::Memory(const llvm::Module& program) : program_(program), layout_(program.getDataLayout()), end_(words_end) {
    for (const bool content : {true, false})
        for (const auto& global : program.globals())
            if (has_initialiser(global) == content && !global.isDeclaration()) lay_out(global);
    if (const auto* words = program.getGlobalVariable(words_name)) addresses_[words] = self_address;
}

/// Even a global of no size has an address of its own.
void Memory::lay_out(const llvm::GlobalVariable& global) {
    const auto align = std::max(layout_.getPreferredAlign(&global).value(), layout_.getABITypeAlign(global.getValueType()).value());
    const auto at = up_to(end_, align);
    addresses_[&global] = at;
    end_ = at + std::max<std::uint64_t>(layout_.getTypeAllocSize(global.getValueType()).getFixedValue(), 1);
}

std::uint64_t Memory::bytes() const { return up_to(end_, 16) + heap_bytes; }

std::nullopt_t Memory::none(const std::string& what) {
    if (complaint_.empty()) complaint_ = what;
    return std::nullopt;
}

/// The first is 1, so that 0 is no function.
std::uint64_t Memory::place(const llvm::Function& function) {
    const auto [known, fresh] = places_.emplace(&function, table_.size() + 1);
    if (fresh) table_.push_back(&function);
    return known->second;
}

std::uint64_t Memory::label(const llvm::BasicBlock& block) { return labels_.emplace(&block, labels_.size() + 1).first->second; }

std::optional<llvm::APInt> Memory::number(const llvm::Constant& constant) {
    const auto* type = constant.getType();
    if (const auto* integer = llvm::dyn_cast<llvm::ConstantInt>(&constant)) return integer->getValue();
    if (type->isIntegerTy() && llvm::isa<llvm::UndefValue>(constant)) return llvm::APInt(type->getIntegerBitWidth(), 0);
    if (type->isPointerTy() && is_zero(constant)) return llvm::APInt(word, 0);
    if (const auto* label = llvm::dyn_cast<llvm::BlockAddress>(&constant)) return llvm::APInt(word, this->label(*label->getBasicBlock()));
    if (const auto* value = llvm::dyn_cast<llvm::GlobalValue>(&constant)) return global(*value);
    if (const auto* computed = llvm::dyn_cast<llvm::ConstantExpr>(&constant)) return expression(*computed);
    return none("a constant of another kind");
}

/// Nobody defines a weak reference: its address is 0.
std::optional<llvm::APInt> Memory::global(const llvm::GlobalValue& value) {
    if (const auto* alias = llvm::dyn_cast<llvm::GlobalAlias>(&value)) return number(*alias->getAliasee());
    if (value.isDeclaration() && value.hasExternalWeakLinkage()) return llvm::APInt(word, 0);
    if (const auto* function = llvm::dyn_cast<llvm::Function>(&value)) {
        if (function->isDeclaration()) return none("the address of `" + value.getName().str() + "`, which nobody defines");
        return llvm::APInt(word, place(*function));
    }
    const auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(&value);
    const auto known = addresses_.find(variable);
    if (known == addresses_.end()) return none("`" + value.getName().str() + "`, which nobody defines");
    return llvm::APInt(word, known->second);
}

std::optional<llvm::APInt> Memory::expression(const llvm::ConstantExpr& e) {
    using llvm::Instruction;
    const auto left = number(*e.getOperand(0));
    if (!left) return std::nullopt;
    if (const auto* address = llvm::dyn_cast<llvm::GEPOperator>(&e)) {
        llvm::APInt offset(word, 0);
        if (!address->accumulateConstantOffset(layout_, offset)) return none("an address that is no constant");
        return *left + offset;
    }
    const unsigned bits = e.getType()->isPointerTy() ? word : e.getType()->getIntegerBitWidth();
    switch (e.getOpcode()) {
    case Instruction::PtrToInt: case Instruction::IntToPtr: case Instruction::BitCast: case Instruction::AddrSpaceCast: case Instruction::Trunc:
        return left->zextOrTrunc(bits);
    default: break;
    }
    const auto right = e.getNumOperands() > 1 ? number(*e.getOperand(1)) : std::nullopt;
    if (!right) return none(std::string("a constant made by ") + e.getOpcodeName());
    switch (e.getOpcode()) {
    case Instruction::Add: return *left + *right;
    case Instruction::Sub: return *left - *right;
    case Instruction::Mul: return *left * *right;
    case Instruction::Xor: return *left ^ *right;
    default: return none(std::string("a constant made by ") + e.getOpcodeName());
    }
}

void Memory::write(llvm::APInt number, std::uint64_t size, std::uint64_t at, std::vector<std::uint8_t>& out) {
    if (out.size() < at + size - self_address) out.resize(at + size - self_address);
    number = number.zextOrTrunc(static_cast<unsigned>(size) * 8);
    for (std::uint64_t i = 0; i < size; ++i) out[at - self_address + i] = static_cast<std::uint8_t>(number.extractBitsAsZExtValue(8, static_cast<unsigned>(i) * 8));
}

void Memory::write(const llvm::Constant& constant, std::uint64_t at, std::vector<std::uint8_t>& out) {
    if (is_zero(constant)) return;
    auto* type = constant.getType();
    const auto stride = [&](llvm::Type* element) { return layout_.getTypeAllocSize(element).getFixedValue(); };
    if (const auto* parts = llvm::dyn_cast<llvm::StructType>(type)) {
        const auto* offsets = layout_.getStructLayout(const_cast<llvm::StructType*>(parts));
        for (unsigned i = 0; i < parts->getNumElements(); ++i) write(*constant.getAggregateElement(i), at + offsets->getElementOffset(i), out);
    } else if (const auto* list = llvm::dyn_cast<llvm::ArrayType>(type)) {
        for (unsigned i = 0; i < list->getNumElements(); ++i) write(*constant.getAggregateElement(i), at + i * stride(list->getElementType()), out);
    } else if (const auto value = number(constant)) {
        write(*value, layout_.getTypeStoreSize(type).getFixedValue(), at, out);
    }
}

std::vector<std::uint8_t> Memory::image() {
    std::vector<std::uint8_t> out;
    write(llvm::APInt(word, bytes()), 8, stack_word, out);
    write(llvm::APInt(word, up_to(end_, 16)), 8, heap_word, out);
    for (const auto& global : program_.globals())
        if (has_initialiser(global)) write(*global.getInitializer(), addresses_.at(&global), out);
    while (!out.empty() && out.back() == 0) out.pop_back();
    return out;
}

} // namespace tally::plain_detail
