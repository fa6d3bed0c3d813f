// Accruals: exact sums that are only divided when they are asked for.
#include "compiler/lower/lowering.hpp"

namespace tally::lower_detail {

using COp = check::Op;

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
