// Expressions: what each node of the typed tree becomes.
#include "compiler/check/natives.hpp"
#include "compiler/lower/lowering.hpp"

#include "vm/value/date.hpp"

#include <numeric>

namespace tally::lower_detail {

using COp = check::Op;
using llvm::MemoryEffects;

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
    case COp::Range: return range_list(e);
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
    case COp::Native: return native(e);
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
    case COp::Add: return in_range(checked(wide ? "waddc" : "addc", a, b), e.type);
    case COp::Sub: return in_range(checked(wide ? "wsubc" : "subc", a, b), e.type);
    case COp::Mul: return checked(wide ? "wmulc" : "mulc", a, b);
    case COp::DivFloor: return checked("divf", a, b);
    default: return checked("modf", a, b);
    }
}

/// A date that is worked out lies between the first and the last that there are.
Value* Lowering::in_range(Value* value, const Ty* type) {
    if (!type->is(Kind::Date)) return value;
    Value* since_first = b_->CreateSub(value, i64c(date_min)); // wraps to a huge one for what lies before
    check_or_trap(b_->CreateICmpULE(since_first, i64c(date_max - date_min)), Trap::BadDate);
    return value;
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

Value* Lowering::native(const TExpr& e) {
    const auto& native = check::natives[e.index];
    std::vector<Value*> args;
    for (const auto& a : e.args) args.push_back(expr(*a));
    return host(native.fn, args, static_cast<std::uint64_t>(native.units_max));
}

} // namespace tally::lower_detail
