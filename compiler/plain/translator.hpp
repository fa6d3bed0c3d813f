/// One function on its way into legal IR. Every value of the source is here the list of its pieces; integers
/// have zeros beyond their width.
#pragma once

#include "compiler/plain/memory.hpp"
#include "compiler/plain/pieces.hpp"

#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include <map>
#include <string>

namespace tally::plain_detail {

using Values = std::vector<llvm::Value*>;

/// What all functions of a program share.
struct Shared {
    const llvm::DataLayout& layout;
    Memory& memory;
    llvm::Module& out;
    std::map<const llvm::Function*, llvm::Function*> functions; ///< of the source → of the legal IR
    std::string complaint;
};

/// The legal type of a function or of a call with these parameters.
[[nodiscard]] llvm::FunctionType* legal_signature(Builder& b, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params, const llvm::DataLayout& layout);

class Translator {
public:
    Translator(const llvm::Function& source, Shared& shared);
    void run();

    // ---- for the parts below, one file each
    Builder b;

    [[nodiscard]] const llvm::DataLayout& layout() const { return shared_.layout; }
    [[nodiscard]] std::vector<Piece> pieces(const llvm::Value& v) const { return pieces_of(v.getType(), shared_.layout); }
    [[nodiscard]] const Values& values(const llvm::Value& v);
    [[nodiscard]] llvm::Value* value(const llvm::Value& v) { return values(v)[0]; }
    void define(const llvm::Value& v, Values is) { values_[&v] = std::move(is); }
    void complain(const std::string& what);
    /// `tally.NAME`, an instruction of the machine or a way to stop.
    llvm::Value* machine(const std::string& name, llvm::Type* result, llvm::ArrayRef<llvm::Value*> arguments);
    /// A block of the frame, there from the start of the function on.
    llvm::Value* slot(std::uint64_t bytes, std::uint64_t align);
    /// An address some bytes further.
    llvm::Value* further(llvm::Value* address, std::uint64_t bytes);
    llvm::Value* load(llvm::Value* address, const Piece& piece);
    void store(llvm::Value* value, llvm::Value* address, const Piece& piece);
    llvm::Value* number(std::uint64_t v) { return b.getInt64(v); }
    llvm::Value* word_at(std::uint32_t address) { return b.CreateIntToPtr(b.getInt64(address), b.getPtrTy()); }
    /// Two words in a wide value, and apart again.
    llvm::Value* packed(llvm::Value* low, llvm::Value* high);
    llvm::Value* as_word(llvm::Value* v);
    llvm::Value* from_word(llvm::Value* word, const Piece& piece);
    Values unpacked(llvm::Value* wide, const std::vector<Piece>& pieces);
    [[nodiscard]] llvm::BasicBlock* block(const llvm::BasicBlock& of) { return blocks_.at(&of); }
    /// A way from a block of the source to another, as it stands in the legal IR.
    void edge(const llvm::BasicBlock& from, const llvm::BasicBlock& to, llvm::BasicBlock* legal_from) { edges_[{&from, &to}].push_back(legal_from); }
    [[nodiscard]] llvm::BasicBlock* new_block() { return llvm::BasicBlock::Create(b.getContext(), "", target_); }
    [[nodiscard]] llvm::Function* legal(const llvm::Function& of) const;
    [[nodiscard]] std::uint64_t label(const llvm::BasicBlock& of) { return shared_.memory.label(of); }

private:
    void parameters();
    void instruction(const llvm::Instruction& i);
    void phis(const llvm::BasicBlock& block);
    void finish_phis();
    [[nodiscard]] Values constants(const llvm::Constant& c);

    void binary(const llvm::BinaryOperator& i);
    void compare(const llvm::ICmpInst& i);
    void cast(const llvm::CastInst& i);
    void select(const llvm::SelectInst& i);
    void extract(const llvm::ExtractValueInst& i);
    void insert(const llvm::InsertValueInst& i);
    void address(const llvm::GetElementPtrInst& i);
    void load(const llvm::LoadInst& i);
    void store(const llvm::StoreInst& i);
    void alloca(const llvm::AllocaInst& i);
    void exchange(const llvm::AtomicRMWInst& i);
    void exchange(const llvm::AtomicCmpXchgInst& i);
    void call(const llvm::CallInst& i);
    [[nodiscard]] Values arguments(const llvm::CallInst& i);
    [[nodiscard]] llvm::Value* own_copy(const llvm::CallInst& i, unsigned argument);
    [[nodiscard]] llvm::Value* call_known(llvm::Function& callee, const Values& arguments);
    [[nodiscard]] llvm::Value* call_by_place(const llvm::CallInst& i, const Values& arguments);
    [[nodiscard]] Values taken(llvm::Value* out, llvm::Value* memory, const std::vector<Piece>& given);
    void give_back(const llvm::ReturnInst& i);
    void branch(const llvm::BranchInst& i);

    const llvm::Function& source_;
    Shared& shared_;
    llvm::Function* target_;
    llvm::BasicBlock* entry_;
    std::map<const llvm::Value*, Values> values_;
    std::map<const llvm::BasicBlock*, llvm::BasicBlock*> blocks_;
    std::map<std::pair<const llvm::BasicBlock*, const llvm::BasicBlock*>, std::vector<llvm::BasicBlock*>> edges_;
    std::vector<const llvm::PHINode*> phis_;
    llvm::Value* result_address_ = nullptr; ///< Giving::Memory
    llvm::Value* stack_before_ = nullptr;   ///< of a function with blocks of moving size
};

/// silent_assembly.cpp: inline assembly without an instruction only hides a value from the optimiser
[[nodiscard]] bool is_silent(const llvm::CallInst& i);
void translate_silent(Translator& t, const llvm::CallInst& i);
/// switches.cpp
void translate_switch(Translator& t, const llvm::SwitchInst& i);
void translate_jump(Translator& t, const llvm::IndirectBrInst& i);
/// intrinsics.cpp
[[nodiscard]] bool known_intrinsic(llvm::Intrinsic::ID id);
void translate_intrinsic(Translator& t, const llvm::IntrinsicInst& i);
/// arithmetic.cpp: in the legal width of `bits`
[[nodiscard]] llvm::Value* arithmetic(Builder& b, unsigned opcode, llvm::Value* left, llvm::Value* right, unsigned bits);
[[nodiscard]] llvm::Value* comparison(Builder& b, llvm::CmpInst::Predicate how, llvm::Value* left, llvm::Value* right, unsigned bits);

} // namespace tally::plain_detail
