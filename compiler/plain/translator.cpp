#include "compiler/plain/translator.hpp"

#include "compiler/plain/words.hpp"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/IR/CFG.h>

#include <set>

namespace tally::plain_detail {

using llvm::Value;

llvm::FunctionType* legal_signature(Builder& b, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params, const llvm::DataLayout& layout) {
    const auto given = pieces_of(result, layout);
    std::vector<llvm::Type*> legal;
    if (giving_of(given) == Giving::Memory) legal.push_back(b.getPtrTy());
    for (auto* const param : params)
        for (const auto& piece : pieces_of(param, layout)) legal.push_back(legal_type(b, piece));
    return llvm::FunctionType::get(given_type(b, given), legal, false);
}

namespace {

/// Does it take blocks from the stack that the library keeps?
bool moves_the_stack(const llvm::Function& f) {
    for (const auto& block : f)
        for (const auto& i : block)
            if (const auto* taken = llvm::dyn_cast<llvm::AllocaInst>(&i); taken != nullptr && !taken->isStaticAlloca()) return true;
    return false;
}

} // namespace

Translator::Translator(const llvm::Function& source, Shared& shared)
    : b(shared.out.getContext()), source_(source), shared_(shared), target_(shared.functions.at(&source)),
      entry_(llvm::BasicBlock::Create(shared.out.getContext(), "", target_)) {}

void Translator::complain(const std::string& what) {
    if (shared_.complaint.empty()) shared_.complaint = what + " in `" + source_.getName().str() + "`";
}

llvm::Function* Translator::legal(const llvm::Function& of) const {
    const auto known = shared_.functions.find(&of);
    return known == shared_.functions.end() ? nullptr : known->second;
}

/// Reverse post-order: a value is there before it is used, but for phis.
void Translator::run() {
    const llvm::ReversePostOrderTraversal<const llvm::Function*> order(&source_);
    for (const auto* block : order) blocks_[block] = new_block();
    b.SetInsertPoint(entry_);
    b.SetInsertPoint(b.CreateBr(blocks_.at(&source_.getEntryBlock())));
    parameters();
    if (moves_the_stack(source_)) stack_before_ = b.CreateLoad(b.getPtrTy(), word_at(stack_word));
    for (const auto* block : order) {
        b.SetInsertPoint(blocks_.at(block));
        phis(*block);
        for (const auto& i : *block)
            if (!llvm::isa<llvm::PHINode>(i)) instruction(i);
    }
    finish_phis();
}

void Translator::parameters() {
    auto next = target_->arg_begin();
    if (giving_of(pieces_of(source_.getReturnType(), layout())) == Giving::Memory) result_address_ = &*next++;
    for (const auto& parameter : source_.args()) {
        Values is;
        for (std::size_t k = 0; k < pieces(parameter).size(); ++k) is.push_back(&*next++);
        define(parameter, std::move(is));
    }
}

void Translator::phis(const llvm::BasicBlock& block) {
    for (const auto& phi : block.phis()) {
        Values is;
        for (const auto& piece : pieces(phi)) is.push_back(b.CreatePHI(legal_type(b, piece), phi.getNumIncomingValues()));
        define(phi, std::move(is));
        phis_.push_back(&phi);
    }
}

void Translator::finish_phis() {
    for (const auto* phi : phis_) {
        const Values is = values(*phi);
        std::set<const llvm::BasicBlock*> seen;
        for (const auto* from : phi->blocks()) {
            const auto ways = edges_.find({from, phi->getParent()});
            if (ways == edges_.end() || !seen.insert(from).second) continue; // nobody comes from there, or it was had
            const Values coming = values(*phi->getIncomingValueForBlock(from));
            for (auto* const way : ways->second)
                for (std::size_t k = 0; k < is.size(); ++k) llvm::cast<llvm::PHINode>(is[k])->addIncoming(coming[k], way);
        }
    }
}

const Values& Translator::values(const llvm::Value& v) {
    if (const auto* constant = llvm::dyn_cast<llvm::Constant>(&v)) return values_[&v] = constants(*constant);
    const auto known = values_.find(&v);
    if (known != values_.end()) return known->second;
    complain("a value that stands nowhere");
    return values_[&v] = Values(std::max<std::size_t>(pieces(v).size(), 1), b.getInt64(0));
}

Values Translator::constants(const llvm::Constant& c) {
    Values out;
    if (c.getType()->isAggregateType()) {
        for (const auto& piece : pieces(c)) out.push_back(llvm::Constant::getNullValue(legal_type(b, piece)));
        if (is_zero(c)) return out;
        out.clear();
        for (unsigned i = 0; const auto* part = c.getAggregateElement(i); ++i) {
            const Values more = constants(*part);
            out.insert(out.end(), more.begin(), more.end());
        }
        return out;
    }
    const auto is = shared_.memory.number(c);
    if (!is) complain(shared_.memory.complaint());
    const auto bits = pieces(c)[0].bits;
    if (bits == 0) {
        auto* const address = b.getInt(is.value_or(llvm::APInt(64, 0)));
        return {is && is->isZero() ? llvm::ConstantPointerNull::get(b.getPtrTy()) : llvm::ConstantExpr::getIntToPtr(address, b.getPtrTy())};
    }
    auto* const type = legal_width(b, bits);
    return {llvm::ConstantInt::get(type, is.value_or(llvm::APInt(bits, 0)).zext(type->getBitWidth()))};
}

Value* Translator::machine(const std::string& name, llvm::Type* result, llvm::ArrayRef<Value*> arguments) {
    std::vector<llvm::Type*> types;
    for (auto* const argument : arguments) types.push_back(argument->getType());
    return b.CreateCall(shared_.out.getOrInsertFunction("tally." + name, llvm::FunctionType::get(result, types, false)), arguments);
}

// ---- two words in one wide register

Value* Translator::packed(Value* low, Value* high) { return machine("pack", b.getInt128Ty(), {low, high}); }

Value* Translator::as_word(Value* v) { return v->getType()->isPointerTy() ? b.CreatePtrToInt(v, b.getInt64Ty()) : b.CreateZExt(v, b.getInt64Ty()); }

Value* Translator::from_word(Value* word, const Piece& piece) {
    return piece.bits == 0 ? b.CreateIntToPtr(word, b.getPtrTy()) : b.CreateTrunc(word, legal_width(b, piece.bits));
}

Values Translator::unpacked(Value* wide, const std::vector<Piece>& pieces) {
    auto* const low = b.CreateTrunc(wide, b.getInt64Ty());
    return {from_word(low, pieces[0]), from_word(machine("high", b.getInt64Ty(), {wide}), pieces[1])};
}

// ---- one instruction

void Translator::branch(const llvm::BranchInst& i) {
    auto* const from = b.GetInsertBlock();
    for (const auto* to : i.successors()) edge(*i.getParent(), *to, from);
    if (i.isUnconditional()) b.CreateBr(block(*i.getSuccessor(0)));
    else b.CreateCondBr(value(*i.getCondition()), block(*i.getSuccessor(0)), block(*i.getSuccessor(1)));
}

void Translator::instruction(const llvm::Instruction& i) {
    using namespace llvm;
    if (const auto* s = dyn_cast<BinaryOperator>(&i)) return binary(*s);
    if (const auto* s = dyn_cast<ICmpInst>(&i)) return compare(*s);
    if (const auto* s = dyn_cast<CastInst>(&i)) return cast(*s);
    if (const auto* s = dyn_cast<SelectInst>(&i)) return select(*s);
    if (const auto* s = dyn_cast<ExtractValueInst>(&i)) return extract(*s);
    if (const auto* s = dyn_cast<InsertValueInst>(&i)) return insert(*s);
    if (const auto* s = dyn_cast<GetElementPtrInst>(&i)) return address(*s);
    if (const auto* s = dyn_cast<LoadInst>(&i)) return load(*s);
    if (const auto* s = dyn_cast<StoreInst>(&i)) return store(*s);
    if (const auto* s = dyn_cast<AllocaInst>(&i)) return alloca(*s);
    if (const auto* s = dyn_cast<AtomicRMWInst>(&i)) return exchange(*s);
    if (const auto* s = dyn_cast<AtomicCmpXchgInst>(&i)) return exchange(*s);
    if (const auto* s = dyn_cast<IntrinsicInst>(&i)) return translate_intrinsic(*this, *s);
    if (const auto* s = dyn_cast<CallInst>(&i)) return call(*s);
    if (const auto* s = dyn_cast<ReturnInst>(&i)) return give_back(*s);
    if (const auto* s = dyn_cast<BranchInst>(&i)) return branch(*s);
    if (const auto* s = dyn_cast<SwitchInst>(&i)) return translate_switch(*this, *s);
    if (const auto* s = dyn_cast<IndirectBrInst>(&i)) return translate_jump(*this, *s);
    if (isa<UnreachableInst>(i)) return void(b.CreateUnreachable());
    if (isa<FreezeInst>(i)) return define(i, values(*i.getOperand(0))); // what is not defined is 0 here, always
    if (!isa<FenceInst>(i)) complain(std::string("the instruction `") + i.getOpcodeName() + "`");
}

} // namespace tally::plain_detail
