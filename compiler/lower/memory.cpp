// Values in registers and in memory, host functions, records of instances.
#include "compiler/lower/lowering.hpp"

#include "vm/value/currency.hpp"

#include <bit>

namespace tally::lower_detail {

using COp = check::Op;
using llvm::MemoryEffects;

Value* Lowering::i128c(i128 v) {
    const u64 words[2] = {low_half(v), static_cast<u64>(high_half(v))};
    return llvm::ConstantInt::get(out_.context, llvm::APInt(128, words));
}
llvm::Type* Lowering::llvm_type(const Ty* t) {
    if (t->is(Kind::Bool)) return i1_;
    if (t->aggregate() || t->is(Kind::Accrual)) return ptr_;
    return t->wide() ? i128_ : i64_;
}
llvm::Type* Lowering::memory_type(const Ty* t) { return t->wide() ? static_cast<llvm::Type*>(i128_) : i64_; }

Value* Lowering::undefined(const Ty* t) {
    if (t->aggregate()) return temporary(t);
    return llvm::Constant::getNullValue(llvm_type(t));
}

llvm::BasicBlock* Lowering::new_block(const char* name) { return llvm::BasicBlock::Create(out_.context, name, function_); }

/// Frame memory: in the entry block, so that a loop does not grow the frame.
Value* Lowering::temporary_bytes(std::uint32_t size) {
    auto& entry = function_->getEntryBlock();
    llvm::IRBuilder<> at_entry(&entry, entry.getFirstInsertionPt());
    auto* slot = at_entry.CreateAlloca(llvm::ArrayType::get(llvm::Type::getInt8Ty(out_.context), std::max<std::uint32_t>(size, 8)));
    slot->setAlignment(llvm::Align(16));
    return slot;
}
Value* Lowering::temporary(const Ty* t) {
    if (t->aggregate()) return temporary_bytes(layout(t).size);
    auto& entry = function_->getEntryBlock();
    llvm::IRBuilder<> at_entry(&entry, entry.getFirstInsertionPt());
    auto* slot = at_entry.CreateAlloca(memory_type(t));
    slot->setAlignment(llvm::Align(t->wide() ? 16 : 8));
    return slot;
}

Value* Lowering::at(Value* base, std::uint64_t offset) {
    return offset == 0 ? base : b_->CreatePtrAdd(base, llvm::ConstantInt::get(i64_, offset));
}
Value* Lowering::at(Value* base, Value* offset) { return b_->CreatePtrAdd(base, offset); }

llvm::FunctionCallee Lowering::external(const std::string& name, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params,
                                        MemoryEffects memory, bool will_return, bool no_return) {
    if (auto* known = out_.module->getFunction(name)) return {known->getFunctionType(), known};
    auto* f = llvm::Function::Create(llvm::FunctionType::get(result, params, false), llvm::Function::ExternalLinkage, name, *out_.module);
    f->addFnAttr(llvm::Attribute::NoUnwind);
    f->setMemoryEffects(memory);
    if (will_return) f->addFnAttr(llvm::Attribute::WillReturn);
    if (no_return) f->addFnAttr(llvm::Attribute::NoReturn);
    return {f->getFunctionType(), f};
}

llvm::CallInst* Lowering::charges(llvm::CallInst* call, std::uint64_t gas) {
    auto* amount = llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(i64_, gas));
    call->setMetadata("tally.gas", llvm::MDNode::get(out_.context, {amount}));
    return call;
}

/// What the functions on values of a type are charged for, from the type that they are told.
std::uint64_t Lowering::units_of(HostFn fn, llvm::ArrayRef<Value*> args) {
    if (fn != HostFn::Equal && fn != HostFn::MapFind && fn != HostFn::MapInsert && fn != HostFn::MapRemove) return 0;
    const auto number = static_cast<std::uint32_t>(llvm::cast<llvm::ConstantInt>(args[0])->getZExtValue());
    const std::uint64_t size = layout(number).size;
    if (fn == HostFn::Equal) return (size + 7) / 8;
    if (fn == HostFn::MapFind) {
        const auto& type = out_.interface.types[number];
        const std::uint64_t key_size = layout(type.kind == TypeKind::Map ? type.key : type.element).size;
        return static_cast<std::uint64_t>(std::bit_width(type.max)) * ((key_size + 63) / 64);
    }
    return (size + 63) / 64;
}

Value* Lowering::host(HostFn fn, llvm::ArrayRef<Value*> args, std::uint64_t units) {
    const auto& info = host_info(fn);
    const bool address = fn == HostFn::MapFind || fn == HostFn::MapInsert;
    llvm::Type* result = info.result() == 'x' ? (address ? static_cast<llvm::Type*>(ptr_) : i64_)
                         : info.result() == 'w' ? static_cast<llvm::Type*>(i128_) : llvm::Type::getVoidTy(out_.context);
    std::vector<llvm::Type*> types;
    for (const char c : info.signature) {
        if (c == ':') break;
        types.push_back(c == 'w' ? static_cast<llvm::Type*>(i128_) : c == 'p' ? static_cast<llvm::Type*>(ptr_) : i64_);
    }
    // A native that may trap is not `willreturn`: LLVM may merge two equal calls, but neither drop
    // one nor move it past another effect. That is all that exactness needs (docs/decisions/0004).
    MemoryEffects memory = MemoryEffects::unknown();
    bool will_return = false;
    switch (fn) {
    case HostFn::Today: // changes under a test's `advance`
        memory = MemoryEffects::inaccessibleMemOnly(llvm::ModRefInfo::Ref);
        will_return = true;
        break;
    case HostFn::SelfId: case HostFn::Caller: memory = MemoryEffects::none(); will_return = true; break;
    case HostFn::ParentOf: case HostFn::MulDiv3: case HostFn::Annuity: case HostFn::DecimalFused: case HostFn::Power: case HostFn::Root: case HostFn::AddMonths: case HostFn::DatePart: case HostFn::MakeDate:
        memory = MemoryEffects::none();
        break;
    case HostFn::Split: case HostFn::Share: case HostFn::AccrualAdd: case HostFn::AccrualTake: memory = MemoryEffects::argMemOnly(); break;
    case HostFn::AccrualRound: case HostFn::Equal: memory = MemoryEffects::argMemOnly(llvm::ModRefInfo::Ref); break;
    case HostFn::Emit: case HostFn::StoredGet: case HostFn::StoredNext: case HostFn::VaultNext: case HostFn::VaultHas:
    case HostFn::VaultAmount: case HostFn::VaultOpen: memory = MemoryEffects::inaccessibleOrArgMemOnly(); break;
    default: break;
    }
    auto callee = external("tally.host." + std::string(info.name), result, types, memory, will_return, fn == HostFn::Fail);
    std::vector<Value*> values;
    for (auto* a : args) values.push_back(to_word(a));
    return charges(b_->CreateCall(callee, values), (units + units_of(fn, args)) * static_cast<std::uint64_t>(info.gas_unit));
}

Value* Lowering::checked(const char* name, Value* a, Value* b) {
    auto callee = external(std::string("tally.") + name, a->getType(), {a->getType(), b->getType()}, MemoryEffects::none(), false);
    return b_->CreateCall(callee, {a, b});
}

Value* Lowering::self_base() {
    const auto name = "tally.self." + contract_->name;
    const auto size = record(contract_).size;
    out_.module->getOrInsertGlobal(name, llvm::ArrayType::get(llvm::Type::getInt8Ty(out_.context), size));
    auto* global = out_.module->getNamedGlobal(name);
    global->setAlignment(llvm::Align(16));
    return global;
}
Value* Lowering::parent_base() {
    // The address depends on the size of the child's own record, so the name says whose parent it is.
    const auto name = "tally.parent." + contract_->name;
    const auto size = record(contract_->parent).size;
    out_.module->getOrInsertGlobal(name, llvm::ArrayType::get(llvm::Type::getInt8Ty(out_.context), size));
    auto* global = out_.module->getNamedGlobal(name);
    global->setAlignment(llvm::Align(16));
    return global;
}
Value* Lowering::self_field(int field) { return at(self_base(), record(contract_).offsets[static_cast<std::size_t>(field)]); }
Value* Lowering::parent_field(int field) { return at(parent_base(), record(contract_->parent).offsets[static_cast<std::size_t>(field)]); }

Value* Lowering::load(const Ty* t, Value* from) {
    if (t->aggregate()) return from;
    Value* v = b_->CreateAlignedLoad(memory_type(t), from, llvm::Align(t->wide() ? 16 : 8));
    return t->is(Kind::Bool) ? b_->CreateICmpNE(v, i64c(0)) : v;
}

void Lowering::copy(Value* to, Value* from, const Ty* t) {
    if (to == from) return;
    const auto& l = layout(t);
    Value* size = i64c(l.size);
    if (t->collection() && l.size > 256) { // only the live part
        Value* count = b_->CreateAlignedLoad(i64_, from, llvm::Align(8));
        size = b_->CreateAdd(b_->CreateMul(count, i64c(l.stride)), i64c(l.first));
    }
    const auto align = llvm::Align(l.align >= 16 ? 16 : 8);
    charges(b_->CreateMemMove(to, align, from, align, size), l.size / 8 + 1);
}

void Lowering::store(Value* value, const Ty* t, Value* to) {
    if (t->aggregate()) return copy(to, value, t);
    b_->CreateAlignedStore(to_word(value), to, llvm::Align(t->wide() ? 16 : 8));
}

Value* Lowering::in_memory(Value* value, const Ty* t) {
    Value* slot = temporary(t);
    store(value, t, slot);
    return slot;
}

/// Somewhere to read an aggregate; a scalar is put into memory first.
Value* Lowering::address_of(const TExpr& e) {
    Value* v = expr(e);
    return e.type->aggregate() ? v : in_memory(v, e.type);
}

Value* Lowering::place(const TExpr& e) {
    switch (e.op) {
    case COp::Local: return locals_[static_cast<std::size_t>(e.index)];
    case COp::Field: return self_field(e.index);
    case COp::ParentField: return parent_field(e.index);
    case COp::Member: return at(place(*e.args[0]), layout(e.args[0]->type).offsets[static_cast<std::size_t>(e.index)]);
    case COp::Index: return list_element(*e.args[0], *e.args[1]);
    case COp::MapAt: { // on the way to a part of an entry: only what is there has parts
        Value* entry = map_entry(*e.args[0], *e.args[1], HostFn::MapFind);
        check_or_trap(b_->CreateICmpNE(entry, llvm::ConstantPointerNull::get(ptr_)), Trap::MissingKey);
        return entry;
    }
    default: return address_of(e);
    }
}

Value* Lowering::list_element(const TExpr& object, const TExpr& index) {
    Value* list = object.op == COp::Field || object.op == COp::Local || object.op == COp::Member || object.op == COp::ParentField
                      ? place(object) : expr(object);
    Value* i = expr(index);
    Value* count = b_->CreateAlignedLoad(i64_, list, llvm::Align(8));
    check_or_trap(b_->CreateICmpULT(i, count), Trap::IndexRange);
    const auto& l = layout(object.type);
    return at(list, b_->CreateAdd(b_->CreateMul(i, i64c(l.stride)), i64c(l.first)));
}

Value* Lowering::map_entry(const TExpr& object, const TExpr& key, HostFn fn) {
    Value* map = object.op == COp::Field || object.op == COp::Local || object.op == COp::Member ? place(object) : expr(object);
    Value* k = address_of(key);
    return host(fn, {i64c(type_number(object.type)), map, k});
}

/// The value of a key of a stored collection, in a temporary; `found` is 1 or 0.
/// The most bytes of a value in the state.
std::uint64_t Lowering::value_bytes(const Ty* type) { return encoded_bytes(out_.interface, type_number(type)); }

Value* Lowering::stored_lookup(const TExpr& object, const TExpr& key, const Ty* element, Value** found) {
    Value* k = address_of(key);
    Value* out = temporary(element);
    const bool parent = object.op == COp::ParentField;
    *found = host(HostFn::StoredGet, {i64c(object.index), i64c(parent ? 1 : 0), k, out}, value_bytes(element));
    return out;
}

} // namespace tally::lower_detail
