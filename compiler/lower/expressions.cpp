#include "compiler/lower/lowering.hpp"

#include "vm/value/annuity.hpp"
#include "vm/value/currency.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tally::lower_detail {

using COp = check::Op;
using llvm::MemoryEffects;

namespace {

constexpr i128 decimal_one = 1'000'000'000'000'000'000;

i128 common_divisor(i128 a, i128 b) {
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b != 0) {
        const i128 r = a % b;
        a = b;
        b = r;
    }
    return a;
}

} // namespace

// ---- small things --------------------------------------------------------------------------------------

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
    if (fn == HostFn::MapFind) return static_cast<std::uint64_t>(std::bit_width(out_.interface.types[number].max));
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
    case HostFn::ParentOf: case HostFn::MulDiv3: case HostFn::Annuity: case HostFn::AddMonths: case HostFn::DatePart: case HostFn::MakeDate:
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

// ---- memory ------------------------------------------------------------------------------------------------

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

// ---- expressions --------------------------------------------------------------------------------------------

Value* Lowering::scalar_constant(const TExpr& e) {
    if (e.type->is(Kind::Bool)) return llvm::ConstantInt::get(i1_, e.value != 0);
    if (e.type->wide()) return i128c(e.value);
    return i64c(static_cast<i64>(e.value));
}

Value* Lowering::text(const std::string& content, const Ty* t) {
    Value* out = temporary(t);
    b_->CreateAlignedStore(i64c(static_cast<i64>(content.size())), out, llvm::Align(8));
    const std::uint32_t room = (t->max + 7) / 8 * 8;
    for (std::uint32_t i = 0; i < room; i += 8) {
        u64 word = 0;
        for (std::uint32_t k = 0; k < 8 && i + k < content.size(); ++k) word |= static_cast<u64>(static_cast<unsigned char>(content[i + k])) << (8 * k);
        b_->CreateAlignedStore(llvm::ConstantInt::get(i64_, word), at(out, 8 + i), llvm::Align(8));
    }
    return out;
}

Value* Lowering::expr(const TExpr& e) {
    switch (e.op) {
    case COp::Const: return e.type->aggregate() ? undefined(e.type) : scalar_constant(e);
    case COp::TextConst: return text(e.text, e.type);
    case COp::None: {
        Value* out = temporary(e.type);
        b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
        return out;
    }
    case COp::Wrap: {
        Value* value = expr(*e.args[0]);
        Value* out = temporary(e.type);
        b_->CreateAlignedStore(i64c(1), out, llvm::Align(8));
        store(value, e.args[0]->type, at(out, layout(e.type).first));
        return out;
    }
    case COp::IsNone: return b_->CreateICmpEQ(b_->CreateAlignedLoad(i64_, expr(*e.args[0]), llvm::Align(8)), i64c(0));
    case COp::ValueOr: return value_or(e);
    case COp::Local: {
        Value* slot = locals_[static_cast<std::size_t>(e.index)];
        if (slot == nullptr) return internal(e.span, "a local without a place"), undefined(e.type);
        return e.type->aggregate() ? slot : load(e.type, slot);
    }
    case COp::Field: case COp::ParentField:
        if (e.op == COp::ParentField && e.index < 0) return host(HostFn::ParentOf, {host(HostFn::SelfId, {})});
        return load(e.type, e.op == COp::Field ? self_field(e.index) : parent_field(e.index));
    case COp::Member: return load(e.type, at(expr(*e.args[0]), layout(e.args[0]->type).offsets[static_cast<std::size_t>(e.index)]));
    case COp::Index: case COp::MapAt: {
        const auto& object = *e.args[0];
        const bool by_key = (object.op == COp::Field && stored(contract_, object.index)) ||
                            (object.op == COp::ParentField && stored(contract_->parent, object.index));
        if (by_key) {
            Value* found = nullptr;
            Value* value = stored_lookup(object, *e.args[1], e.type, &found);
            check_or_trap(b_->CreateICmpNE(found, i64c(0)), e.op == COp::Index ? Trap::IndexRange : Trap::MissingKey);
            return load(e.type, value);
        }
        return load(e.type, place(e));
    }
    case COp::Zero: {
        if (!e.type->aggregate()) return llvm::Constant::getNullValue(llvm_type(e.type));
        Value* out = temporary(e.type);
        b_->CreateMemSet(out, llvm::ConstantInt::get(llvm::Type::getInt8Ty(out_.context), 0), layout(e.type).size, llvm::Align(8));
        return out;
    }
    case COp::With: {
        Value* out = in_memory(expr(*e.args[0]), e.type);
        const auto offsets = layout(e.type).offsets;
        for (std::size_t i = 0; i < e.locals.size(); ++i) {
            const auto& value = *e.args[i + 1];
            store(expr(value), value.type, at(out, offsets[static_cast<std::size_t>(e.locals[i])]));
        }
        return out;
    }
    case COp::Unwrap: return load(e.type, at(expr(*e.args[0]), layout(e.args[0]->type).first));
    case COp::Union: return union_of(e);
    case COp::ListFilled: return list_filled(e);
    case COp::MapFilled: return map_filled(e);
    case COp::DatedOn: return dated_on(e);
    case COp::DatedSet: dated_set(e); return nullptr;
    case COp::Rescale: {
        i128 factor_value = 1;
        for (int i = 0; i < e.index; ++i) factor_value *= 10;
        Value* v = expr(*e.args[0]);
        if (!v->getType()->isIntegerTy(128)) v = b_->CreateSExt(v, i128_);
        return checked("wmulc", v, i128c(factor_value));
    }
    case COp::RecordLit: {
        Value* out = temporary(e.type);
        const auto offsets = layout(e.type).offsets;
        for (std::size_t i = 0; i < e.args.size(); ++i) store(expr(*e.args[i]), e.args[i]->type, at(out, offsets[i]));
        return out;
    }
    case COp::ListLit: {
        Value* out = temporary(e.type);
        b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
        const auto l = layout(e.type);
        for (std::size_t i = 0; i < e.args.size(); ++i) {
            if (e.type->is(Kind::Set)) host(HostFn::MapInsert, {i64c(type_number(e.type)), out, address_of(*e.args[i])});
            else store(expr(*e.args[i]), e.args[i]->type, at(out, l.first + i * l.stride));
        }
        if (e.type->is(Kind::List) && !e.args.empty()) b_->CreateAlignedStore(i64c(static_cast<i64>(e.args.size())), out, llvm::Align(8));
        return out;
    }
    case COp::Add: case COp::Sub: case COp::Mul: case COp::Neg: case COp::DivFloor: case COp::ModFloor: return arithmetic(e);
    case COp::Min: case COp::Max: return min_max(e);
    case COp::MakeFraction: return make_fraction(e);
    case COp::Round: return round(e);
    case COp::Eq: case COp::Ne: case COp::Lt: case COp::Le: case COp::Gt: case COp::Ge: return compare(e);
    case COp::And: case COp::Or: return logic(e);
    case COp::Not: return b_->CreateNot(expr(*e.args[0]));
    case COp::CheckAmount: {
        Value* v = expr(*e.args[0]);
        check_or_trap(b_->CreateICmpSGE(v, llvm::ConstantInt::get(v->getType(), 0)), Trap::NegativeAmount);
        return v;
    }
    case COp::Resize: return resize(e);
    case COp::Call: return call(e);
    case COp::Cross: return cross(e);
    case COp::Today: return host(HostFn::Today, {});
    case COp::SelfId: return host(HostFn::SelfId, {});
    case COp::Caller: return host(HostFn::Caller, {});
    case COp::Desk: {
        Value* instance = expr(*e.args[0]);
        Value* parent = host(HostFn::ParentOf, {instance});
        return b_->CreateSelect(b_->CreateICmpEQ(parent, i64c(0)), instance, parent);
    }
    case COp::Count: case COp::IsEmpty: case COp::Has: case COp::Get: case COp::Keys: case COp::Insert: case COp::InsertAll: case COp::Remove: case COp::Push:
        return collection(e);
    case COp::Fold: case COp::Every: case COp::SomeOf: return fold(e);
    case COp::Collect: return collect(e);
    case COp::Allocate: return allocate(e);
    case COp::Waterfall: return waterfall(e);
    case COp::AddMonths: return host(HostFn::AddMonths, {expr(*e.args[0]), expr(*e.args[1]), expr(*e.args[2])});
    case COp::DatePart: return host(HostFn::DatePart, {expr(*e.args[0]), i64c(e.index)});
    case COp::MakeDate: return host(HostFn::MakeDate, {expr(*e.args[0]), expr(*e.args[1]), expr(*e.args[2])});
    case COp::Annuity: {
        std::vector<Value*> args;
        for (const auto& a : e.args) args.push_back(expr(*a));
        return host(HostFn::Annuity, args, annuity_periods_max);
    }
    case COp::AccrualAccrue: case COp::AccrualClear: case COp::AccrualSave: case COp::AccrualLoad: case COp::AccruedValue: return book_accrual(e);
    case COp::AccrualValue: case COp::AccrualBill: case COp::AccrualClose: case COp::AccrualDrop: return accrual(e);
    case COp::IsState: {
        Value* state = b_->CreateAlignedLoad(i64_, e.args.empty() ? self_base() : peek(*e.args[0]), llvm::Align(8));
        return b_->CreateICmpEQ(state, i64c(e.index));
    }
    case COp::CashAmount:
        return b_->CreateCall(external("tally.h.hamount.u" + std::to_string(fn_->locals[static_cast<std::size_t>(e.index)].handle), i128_, {},
                                       MemoryEffects::inaccessibleMemOnly(llvm::ModRefInfo::Ref), false));
    case COp::VaultAmount: return host(HostFn::VaultAmount, {i64c(e.index), vault_key(e)});
    case COp::VaultHas: return b_->CreateICmpNE(host(HostFn::VaultHas, {i64c(e.index), vault_key(e)}), i64c(0));
    case COp::VaultKeys: { // in key order: as a set is kept
        Value* out = temporary(e.type);
        b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
        iterate_vault(e, [&](Value*, Value* key) { append(out, e.type, key); });
        return out;
    }
    case COp::VaultOpen: host(HostFn::VaultOpen, {i64c(e.index), vault_key(e)}); return nullptr;
    case COp::VaultDeposit: case COp::Pay: case COp::Join: case COp::EndCash: case COp::EmptyCash: case COp::VaultWithdraw: case COp::Take:
    case COp::MoveLocal: asset(e); return nullptr;
    case COp::As: return run_as(e);
    case COp::TestMigrate: host(HostFn::TestMigrate, {expr(*e.args[0]), i64c(e.index)}); return nullptr;
    case COp::TestParty: case COp::TestBalance: case COp::Peek: return test_value(e);
    default: internal(e.span, "expression " + std::to_string(static_cast<int>(e.op))); return undefined(e.type);
    }
}

Value* Lowering::value_or(const TExpr& e) {
    Value* optional = expr(*e.args[0]);
    Value* out = temporary(e.type);
    auto *some = new_block("some"), *other = new_block("other"), *done = new_block("done");
    b_->CreateCondBr(b_->CreateICmpNE(b_->CreateAlignedLoad(i64_, optional, llvm::Align(8)), i64c(0)), some, other);
    b_->SetInsertPoint(some);
    store(load(e.type, at(optional, layout(e.args[0]->type).first)), e.type, out);
    b_->CreateBr(done);
    b_->SetInsertPoint(other);
    store(expr(*e.args[1]), e.type, out);
    b_->CreateBr(done);
    b_->SetInsertPoint(done);
    return load(e.type, out);
}

Value* Lowering::arithmetic(const TExpr& e) {
    Value* a = expr(*e.args[0]);
    const bool wide = e.type->wide();
    if (e.op == COp::Neg) return checked(wide ? "wsubc" : "subc", llvm::ConstantInt::get(a->getType(), 0), a);
    Value* b = expr(*e.args[1]);
    if (wide) { // an amount or a rate times a whole number, in either order
        a = b_->CreateSExtOrTrunc(a, i128_);
        b = b_->CreateSExtOrTrunc(b, i128_);
    }
    switch (e.op) {
    case COp::Add: return checked(wide ? "waddc" : "addc", a, b);
    case COp::Sub: return checked(wide ? "wsubc" : "subc", a, b);
    case COp::Mul: return checked(wide ? "wmulc" : "mulc", a, b);
    case COp::DivFloor: return checked("divf", a, b);
    default: return checked("modf", a, b);
    }
}

Value* Lowering::min_max(const TExpr& e) {
    Value* a = expr(*e.args[0]);
    if (e.type->is(Kind::Fraction) && calls(*e.args[1])) a = in_memory(a, e.type); // as it is now
    Value* b = expr(*e.args[1]);
    if (e.type->is(Kind::Fraction)) {
        return b_->CreateSelect(compare_fraction_values(e.op == COp::Min ? COp::Le : COp::Ge, a, b), a, b);
    }
    return b_->CreateBinaryIntrinsic(e.op == COp::Min ? llvm::Intrinsic::smin : llvm::Intrinsic::smax, a, b);
}

Value* Lowering::make_fraction(const TExpr& e) {
    Value* out = temporary(e.type);
    Value *n = nullptr, *d = nullptr;
    if (e.args[0]->op == COp::Const && e.args[1]->op == COp::Const && e.args[1]->value > 0) { // lowest terms
        const auto divisor = std::max<i64>(1, std::gcd(static_cast<i64>(e.args[0]->value), static_cast<i64>(e.args[1]->value)));
        n = i64c(static_cast<i64>(e.args[0]->value) / divisor);
        d = i64c(static_cast<i64>(e.args[1]->value) / divisor);
    } else {
        n = expr(*e.args[0]);
        d = expr(*e.args[1]);
        check_or_trap(b_->CreateICmpNE(d, i64c(0)), Trap::DivideByZero);
        // The sign goes above. By a factor: what is not turned must not stop because turning it would.
        Value* sign = b_->CreateSelect(b_->CreateICmpSLT(d, i64c(0)), i64c(-1), i64c(1));
        n = checked("mulc", n, sign);
        d = checked("mulc", d, sign);
    }
    b_->CreateAlignedStore(n, out, llvm::Align(8));
    b_->CreateAlignedStore(d, at(out, 8), llvm::Align(8));
    return out;
}

Value* Lowering::compare_fraction_values(COp op, Value* a, Value* b) {
    const auto halves = [&](Value* p) {
        return std::pair(b_->CreateSExt(b_->CreateAlignedLoad(i64_, p, llvm::Align(8)), i128_),
                         b_->CreateSExt(b_->CreateAlignedLoad(i64_, at(p, 8), llvm::Align(8)), i128_));
    };
    const auto [an, ad] = halves(a);
    const auto [bn, bd] = halves(b);
    Value* left = checked("wmulc", an, bd); // 64 × 64 bits always fit
    Value* right = checked("wmulc", bn, ad);
    switch (op) {
    case COp::Eq: return b_->CreateICmpEQ(left, right);
    case COp::Ne: return b_->CreateICmpNE(left, right);
    case COp::Lt: return b_->CreateICmpSLT(left, right);
    case COp::Le: return b_->CreateICmpSLE(left, right);
    case COp::Gt: return b_->CreateICmpSGT(left, right);
    default: return b_->CreateICmpSGE(left, right);
    }
}

Value* Lowering::compare(const TExpr& e) {
    const Ty* t = e.args[0]->type;
    Value* a = expr(*e.args[0]);
    if (t->aggregate() && calls(*e.args[1])) a = in_memory(a, t); // as it is now
    Value* b = expr(*e.args[1]);
    if (t->is(Kind::Fraction)) return compare_fraction_values(e.op, a, b);
    if (t->aggregate()) {
        Value* equal = b_->CreateICmpNE(host(HostFn::Equal, {i64c(type_number(t)), a, b}), i64c(0));
        return e.op == COp::Eq ? equal : b_->CreateNot(equal);
    }
    switch (e.op) {
    case COp::Eq: return b_->CreateICmpEQ(a, b);
    case COp::Ne: return b_->CreateICmpNE(a, b);
    case COp::Lt: return b_->CreateICmpSLT(a, b);
    case COp::Le: return b_->CreateICmpSLE(a, b);
    case COp::Gt: return b_->CreateICmpSGT(a, b);
    default: return b_->CreateICmpSGE(a, b);
    }
}

Value* Lowering::logic(const TExpr& e) {
    Value* left = expr(*e.args[0]);
    auto* from = b_->GetInsertBlock();
    auto *right_block = new_block("right"), *done = new_block("done");
    const bool conjunction = e.op == COp::And;
    b_->CreateCondBr(left, conjunction ? right_block : done, conjunction ? done : right_block);
    b_->SetInsertPoint(right_block);
    Value* right = expr(*e.args[1]);
    auto* right_end = b_->GetInsertBlock();
    b_->CreateBr(done);
    b_->SetInsertPoint(done);
    auto* phi = b_->CreatePHI(i1_, 2);
    phi->addIncoming(llvm::ConstantInt::get(i1_, conjunction ? 0 : 1), from);
    phi->addIncoming(right, right_end);
    return phi;
}

// ---- unrounded products -----------------------------------------------------------------------------------------

void Lowering::factor(const TExpr& e, bool inverted, Product& out) {
    const auto constant = [&](i128 value, bool below) {
        auto& slot = below ? out.below_constant : out.above_constant;
        i128 product_value = 0;
        if (!mul_fits(slot, value, product_value)) return sink_.report(Diag::ExactTooWide, e.span), void();
        slot = product_value;
    };
    if (e.op == COp::Exact) { // worked out as they stand in the source, taken in the order of the tree
        std::vector<std::pair<std::uint32_t, std::size_t>> order;
        for (std::size_t i = 0; i < e.args.size(); ++i) order.emplace_back(e.args[i]->span.begin, i);
        std::sort(order.begin(), order.end());
        std::vector<Product> parts(e.args.size());
        for (const auto& [begin, i] : order) factor(*e.args[i], inverted != (i >= static_cast<std::size_t>(e.index)), parts[i]);
        for (auto& part : parts) {
            out.wide.insert(out.wide.end(), part.wide.begin(), part.wide.end());
            out.narrow.insert(out.narrow.end(), part.narrow.begin(), part.narrow.end());
            out.below.insert(out.below.end(), part.below.begin(), part.below.end());
            constant(part.above_constant, false);
            constant(part.below_constant, true);
        }
        return;
    }
    if (e.type->is(Kind::Rate) || e.type->is(Kind::Decimal)) constant(decimal_one, !inverted);
    if (e.op == COp::Const) return constant(e.value, inverted);
    if (e.op == COp::MakeFraction) {
        factor(*e.args[0], inverted, out);
        return factor(*e.args[1], !inverted, out);
    }
    if (e.type->is(Kind::Fraction)) {
        Value* p = expr(e);
        Value* n = b_->CreateAlignedLoad(i64_, p, llvm::Align(8));
        Value* d = b_->CreateAlignedLoad(i64_, at(p, 8), llvm::Align(8));
        (inverted ? out.below : out.narrow).push_back(n);
        (inverted ? out.narrow : out.below).push_back(d);
        return;
    }
    Value* v = expr(e);
    if (inverted) {
        if (e.type->wide()) return internal(e.span, "division by an amount");
        out.below.push_back(v);
    } else {
        (e.type->wide() ? out.wide : out.narrow).push_back(v);
    }
}

Lowering::Product Lowering::product(const TExpr& exact) {
    Product out;
    factor(exact, false, out);
    lowest_terms(out);
    return out;
}

/// Constants in lowest terms keep the numerators small.
void Lowering::lowest_terms(Product& p) {
    const i128 divisor = common_divisor(p.above_constant, p.below_constant);
    if (divisor <= 1) return;
    p.above_constant /= divisor;
    p.below_constant /= divisor;
}

Value* Lowering::denominator(const Product& p) {
    Value* d = i128c(p.below_constant);
    for (auto* v : p.below) d = checked("wmulc", d, b_->CreateSExt(v, i128_));
    return d;
}

/// Terms over one denominator, summed exactly in 256 bits and divided once. Its sign goes above.
Value* Lowering::round_sum(const TExpr& e) {
    const auto& sum = *e.args[0];
    std::vector<Product> terms;
    i128 common = 1; // of the constant denominators
    bool moving = false;
    const auto too_wide = [&] { sink_.report(Diag::ExactTooWide, e.span); };
    for (const auto& term : sum.args) {
        terms.push_back(product(*term));
        auto& p = terms.back();
        if (e.type->is(Kind::Decimal)) {
            i128 scaled = 0;
            if (!mul_fits(p.above_constant, decimal_one, scaled)) too_wide();
            p.above_constant = scaled;
            lowest_terms(p);
        }
        if (p.below_constant == 0) { // stops where the sum is worked out
            p.below_constant = 1;
            p.below.push_back(i64c(0));
        }
        if (p.below_constant < 0 && (!sub_fits(i128{0}, p.below_constant, p.below_constant) || !sub_fits(i128{0}, p.above_constant, p.above_constant))) too_wide();
        moving = moving || !p.below.empty();
        i128 next = 0;
        if (!mul_fits(common / common_divisor(common, p.below_constant), p.below_constant, next)) too_wide(), next = 1;
        common = next;
    }
    Value* denominator_value = i128c(common);
    for (const auto& p : terms)
        for (auto* v : p.below) denominator_value = checked("wmulc", denominator_value, b_->CreateSExt(v, i128_));
    Value* sign = nullptr;
    if (moving) {
        sign = b_->CreateSelect(b_->CreateICmpSLT(denominator_value, i128c(0)), i128c(-1), i128c(1));
        denominator_value = checked("wmulc", denominator_value, sign);
    }
    Value* cell = temporary_bytes(32);
    b_->CreateMemSet(cell, llvm::ConstantInt::get(llvm::Type::getInt8Ty(out_.context), 0), 32, llvm::Align(8));
    for (std::size_t i = 0; i < terms.size(); ++i) {
        auto& p = terms[i];
        i128 scale = 0;
        if (!mul_fits(p.above_constant, (common / p.below_constant) * sum.locals[i], scale)) too_wide();
        std::vector<Value*> factors = p.wide;
        for (auto* v : p.narrow) factors.push_back(b_->CreateSExt(v, i128_));
        for (std::size_t k = 0; k < terms.size(); ++k) // what the other terms are divided by
            if (k != i)
                for (auto* v : terms[k].below) factors.push_back(b_->CreateSExt(v, i128_));
        Value* base = factors.empty() ? i128c(1) : factors[0];
        Value* rest = sign == nullptr ? static_cast<Value*>(i128c(scale)) : checked("wmulc", i128c(scale), sign);
        for (std::size_t f = 1; f < factors.size(); ++f) rest = checked("wmulc", rest, factors[f]);
        host(HostFn::AccrualAdd, {cell, base, rest, i64c(1)});
    }
    return host(HostFn::AccrualRound, {cell, denominator_value, expr(*e.args[1])});
}

Value* Lowering::round(const TExpr& e) {
    if (e.args[0]->op == COp::ExactSum) return round_sum(e);
    auto p = product(*e.args[0]);
    if (e.type->is(Kind::Decimal)) {
        i128 scaled = 0;
        if (!mul_fits(p.above_constant, decimal_one, scaled)) sink_.report(Diag::ExactTooWide, e.span);
        p.above_constant = scaled;
        lowest_terms(p);
    }
    Value* d = denominator(p);
    // The narrow numerators together, checked; wide ones beyond two likewise.
    Value* narrow = nullptr;
    for (auto* v : p.narrow) narrow = narrow == nullptr ? v : checked("mulc", narrow, v);
    if (p.above_constant != 1 || p.wide.empty()) {
        const bool fits = p.above_constant <= INT64_MAX && p.above_constant >= INT64_MIN;
        if (!fits || p.wide.empty()) p.wide.push_back(i128c(p.above_constant));
        else narrow = narrow == nullptr ? i64c(static_cast<i64>(p.above_constant)) : checked("mulc", narrow, i64c(static_cast<i64>(p.above_constant)));
    }
    while (p.wide.size() > 2) {
        Value* last = p.wide.back();
        p.wide.pop_back();
        p.wide.back() = checked("wmulc", p.wide.back(), last);
    }
    const auto& mode = *e.args[1];
    const bool fixed = mode.op == COp::Const;
    if (fixed && (p.wide.size() == 1 || narrow == nullptr)) {
        Value* second = p.wide.size() == 2 ? p.wide[1] : narrow != nullptr ? b_->CreateSExt(narrow, i128_) : i128c(1);
        auto callee = external("tally.muldiv." + std::to_string(static_cast<int>(mode.value)), i128_, {i128_, i128_, i128_}, MemoryEffects::none(), false);
        return b_->CreateCall(callee, {p.wide[0], second, d});
    }
    Value* second = p.wide.size() == 2 ? p.wide[1] : i128c(1);
    return host(HostFn::MulDiv3, {p.wide[0], second, narrow != nullptr ? narrow : i64c(1), d, expr(mode)});
}

// ---- calls ----------------------------------------------------------------------------------------------------

Value* Lowering::call(const TExpr& e, int h_dest) {
    const auto& fn = *e.function;
    const auto number = function_number(fn);
    std::vector<Value*> args;
    const int base = window_ + temporaries_;
    int holdings = 0;
    for (const auto& a : e.args) {
        if (a->type->is(Kind::Cash)) {
            asset(*a, base + holdings);
            ++holdings;
            ++temporaries_;
            continue;
        }
        Value* v = expr(*a);
        // The callee reads its parameter in place: what it could change must be copied first.
        const auto from = root_of(*a).op;
        if (a->type->aggregate() && (from == COp::Field || from == COp::ParentField)) v = in_memory(v, a->type);
        args.push_back(to_word(v));
    }
    temporaries_ -= holdings;
    Value* out = nullptr;
    if (fn.result->aggregate()) {
        out = temporary(fn.result);
        args.push_back(out);
    }
    Value* result = nullptr;
    if (has_assets(fn)) {
        auto* type = out_.functions[number].llvm->getFunctionType();
        auto callee = external("tally.callh." + std::to_string(number) + ".h" + std::to_string(base), type->getReturnType(),
                               llvm::ArrayRef<llvm::Type*>(type->param_begin(), type->param_end()), MemoryEffects::unknown(), false);
        result = b_->CreateCall(callee, args);
    } else {
        result = b_->CreateCall(out_.functions[number].llvm, args);
    }
    if (fn.result->is(Kind::Cash) && h_dest >= 0 && h_dest != base) asset_op("hmove.d" + std::to_string(h_dest) + ".s" + std::to_string(base), {});
    if (out != nullptr) return out;
    if (fn.result->is(Kind::Bool)) return b_->CreateICmpNE(result, i64c(0));
    return result;
}

Value* Lowering::cross(const TExpr& e, int h_dest) {
    if (fn_ != nullptr && fn_->syntax == nullptr && fn_->contract == nullptr) return transaction(e); // in a test a view is asked without signers
    const auto& fn = *e.function;
    const auto number = import_number(fn);
    std::vector<Value*> args{expr(*e.args[0])};
    std::vector<llvm::Type*> types{i64_};
    const int base = window_ + temporaries_;
    int holdings = 0;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
        const auto& a = *e.args[i];
        if (a.type->is(Kind::Cash)) {
            asset(a, base + holdings);
            ++holdings;
            ++temporaries_;
            continue;
        }
        Value* v = expr(a);
        const bool may_change = std::any_of(e.args.begin() + static_cast<std::ptrdiff_t>(i) + 1, e.args.end(), [](const auto& later) { return calls(*later); });
        if (a.type->aggregate() && may_change) v = in_memory(v, a.type); // as it is now
        args.push_back(to_word(v));
        types.push_back(args.back()->getType());
    }
    temporaries_ -= holdings;
    Value* out = nullptr;
    if (fn.result->aggregate()) {
        out = temporary(fn.result);
        args.push_back(out);
        types.push_back(ptr_);
    }
    const bool scalar = !fn.result->aggregate() && !fn.result->is(Kind::Unit) && !fn.result->is(Kind::Cash);
    llvm::Type* result_type = scalar ? memory_type(fn.result) : llvm::Type::getVoidTy(out_.context);
    // Another contract's code may change this one's parent: LLVM must assume everything.
    auto callee = external("tally.import." + std::to_string(number) + ".h" + std::to_string(base), result_type, types, MemoryEffects::unknown(), false);
    Value* result = b_->CreateCall(callee, args);
    if (fn.result->is(Kind::Cash) && h_dest >= 0 && h_dest != base) asset_op("hmove.d" + std::to_string(h_dest) + ".s" + std::to_string(base), {});
    if (out != nullptr) return out;
    if (fn.result->is(Kind::Bool)) return b_->CreateICmpNE(result, i64c(0));
    return result;
}

// ---- assets -----------------------------------------------------------------------------------------------------

int Lowering::temporary_slot() { return window_ + temporaries_; }

Value* Lowering::vault_key(const TExpr& e) {
    if (e.args.empty() || e.args[0] == nullptr) return llvm::ConstantPointerNull::get(ptr_);
    return address_of(*e.args[0]);
}

void Lowering::asset_op(const std::string& name, llvm::ArrayRef<Value*> args) {
    std::vector<llvm::Type*> types;
    for (auto* a : args) types.push_back(a->getType());
    b_->CreateCall(external("tally.h." + name, llvm::Type::getVoidTy(out_.context), types, MemoryEffects::inaccessibleOrArgMemOnly(), false), args);
}

/// Evaluates something that is or uses money. Gives the slot that holds the result; `wanted` asks for one.
int Lowering::asset(const TExpr& e, int wanted) {
    const auto slot_of = [&](int local) { return fn_->locals[static_cast<std::size_t>(local)].handle; };
    const auto n = [](int slot) { return std::to_string(slot); };
    const auto operand = [&](const TExpr& a) { // the slot of an operand that this instruction consumes
        if (a.op == COp::MoveLocal) return slot_of(a.index);
        return asset(a, temporary_slot());
    };
    const int dest = wanted >= 0 ? wanted : temporary_slot();
    switch (e.op) {
    case COp::MoveLocal:
        if (wanted < 0) return slot_of(e.index);
        if (wanted != slot_of(e.index)) asset_op("hmove.d" + n(dest) + ".s" + n(slot_of(e.index)), {});
        return dest;
    case COp::EmptyCash: asset_op("hempty.d" + n(dest), {}); return dest;
    case COp::VaultWithdraw: {
        Value* key = vault_key(e);
        asset_op("hwithdraw.d" + n(dest) + ".v" + n(e.index), {expr(*e.args[1]), key});
        return dest;
    }
    case COp::Take: asset_op("htake.d" + n(dest) + ".u" + n(slot_of(e.index)), {expr(*e.args[0])}); return dest;
    case COp::Call: call(e, dest); return dest;
    case COp::Cross: cross(e, dest); return dest;
    case COp::VaultDeposit: {
        const int from = operand(*e.args[1]);
        Value* key = vault_key(e);
        asset_op("hdeposit.s" + n(from) + ".v" + n(e.index), {key});
        return -1;
    }
    case COp::Pay: {
        Value* account = expr(*e.args[0]);
        asset_op("hpay.s" + n(operand(*e.args[1])), {account});
        return -1;
    }
    case COp::Join: asset_op("hjoin.u" + n(slot_of(e.index)) + ".s" + n(operand(*e.args[0])), {}); return -1;
    case COp::EndCash: asset_op("hend.s" + n(slot_of(e.index)), {}); return -1;
    default: internal(e.span, "money from here"); return dest;
    }
}

// ---- accruals -----------------------------------------------------------------------------------------------------

Value* Lowering::accrual_rate(const ContractFieldDecl& accrual) {
    const auto p = apart(*accrual.rate, [&](const TExpr& e) { return product(e); });
    Value* rate = i128c(p.above_constant);
    for (auto* w : p.wide) rate = checked("wmulc", rate, w);
    for (auto* x : p.narrow) rate = checked("wmulc", rate, b_->CreateSExt(x, i128_));
    return rate;
}

Value* Lowering::accrual_denominator(int field) {
    const auto& decl = contract_->fields[static_cast<std::size_t>(field)];
    auto p = apart(*decl.rate, [&](const TExpr& e) { return product(e); });
    i128 constant = 0;
    if (decl.day_count) {
        p.below.push_back(b_->CreateSelect(b_->CreateICmpEQ(expr(*decl.day_count), i64c(1)), i64c(360), i64c(365)));
    } else {
        if (!mul_fits(p.below_constant, static_cast<i128>(decl.days_per_year), constant)) sink_.report(Diag::ExactTooWide, decl.span);
        p.below_constant = constant;
    }
    return denominator(p);
}

/// The date up to which it counts.
Value* Lowering::accrual_day(int field) {
    if (!contract_->fields[static_cast<std::size_t>(field)].in_book) return host(HostFn::Today, {});
    return b_->CreateAlignedLoad(i64_, self_field(contract_->field("book__day")), llvm::Align(8));
}

Value* Lowering::book_accrual(const TExpr& e) {
    if (e.op == COp::AccruedValue) {
        Value* saved = expr(*e.args[0]);
        const auto offsets = layout(e.args[0]->type).offsets;
        Value* per = b_->CreateAlignedLoad(i128_, at(saved, offsets[5]), llvm::Align(16));
        Value* never_negative = b_->CreateAlignedLoad(i64_, at(saved, offsets[6]), llvm::Align(8));
        Value* amount = host(HostFn::AccrualRound, {saved, per, expr(*e.args[1])});
        Value* least = b_->CreateSelect(b_->CreateICmpNE(never_negative, i64c(0)), i128c(0), amount);
        return b_->CreateBinaryIntrinsic(llvm::Intrinsic::smax, amount, least);
    }
    const auto& decl = contract_->fields[static_cast<std::size_t>(e.index)];
    const std::uint32_t since = layout(decl.type).offsets[0];
    const std::uint32_t whole = since + 8;
    Value* sum = self_field(e.index);
    switch (e.op) {
    case COp::AccrualAccrue: b_->CreateCall(touch_function(*contract_, e.index), {expr(*e.args[0])}); return nullptr;
    case COp::AccrualClear:
        b_->CreateMemSet(sum, llvm::ConstantInt::get(llvm::Type::getInt8Ty(out_.context), 0), since, llvm::Align(8));
        b_->CreateAlignedStore(accrual_day(e.index), at(sum, since), llvm::Align(8));
        return nullptr;
    case COp::AccrualSave: {
        Value* out = temporary(e.type);
        const auto offsets = layout(e.type).offsets;
        b_->CreateMemCpy(out, llvm::Align(8), sum, llvm::Align(8), whole);
        b_->CreateAlignedStore(accrual_denominator(e.index), at(out, offsets[5]), llvm::Align(16));
        b_->CreateAlignedStore(i64c(decl.never_negative ? 1 : 0), at(out, offsets[6]), llvm::Align(8));
        return out;
    }
    default: b_->CreateMemCpy(sum, llvm::Align(8), expr(*e.args[0]), llvm::Align(8), whole); return nullptr;
    }
}

Value* Lowering::accrual(const TExpr& e) {
    Value* sum = self_field(e.index);
    const auto& decl = contract_->fields[static_cast<std::size_t>(e.index)];
    const auto since = layout(decl.type).offsets[0];
    const auto clear = [&] {
        b_->CreateMemSet(sum, llvm::ConstantInt::get(llvm::Type::getInt8Ty(out_.context), 0), since, llvm::Align(8));
        b_->CreateAlignedStore(accrual_day(e.index), at(sum, since), llvm::Align(8));
    };
    // After a rounding up the sum is what was billed too much, below zero until it has been earned. Billing
    // is cumulative, so that must not come back as a negative bill: round(total) − billed is zero then.
    const auto rounded = [&](Value* of, Value* d) -> Value* {
        Value* amount = host(HostFn::AccrualRound, {of, d, expr(*e.args[0])});
        return decl.never_negative ? b_->CreateBinaryIntrinsic(llvm::Intrinsic::smax, amount, i128c(0)) : amount;
    };
    if (e.op == COp::AccrualDrop) return clear(), nullptr;
    if (e.op == COp::AccrualBill || e.op == COp::AccrualClose) {
        touch(e.index);
        Value* d = accrual_denominator(e.index);
        Value* amount = rounded(sum, d);
        if (e.op == COp::AccrualClose) clear();                // the residue goes: nothing follows
        else host(HostFn::AccrualTake, {sum, amount, d});      // the residue stays: billing is cumulative
        return amount;
    }
    // Asking writes nothing: a copy is brought to date.
    Value* now = temporary_bytes(since);
    b_->CreateMemCpy(now, llvm::Align(8), sum, llvm::Align(8), since);
    Value* rate = accrual_rate(decl);
    Value* days = b_->CreateSub(accrual_day(e.index), b_->CreateAlignedLoad(i64_, at(sum, since), llvm::Align(8)));
    Value* base = apart(*decl.base, [&](const TExpr& base_of) { return expr(base_of); });
    host(HostFn::AccrualAdd, {now, base, rate, days});
    return rounded(now, accrual_denominator(e.index));
}

} // namespace tally::lower_detail
