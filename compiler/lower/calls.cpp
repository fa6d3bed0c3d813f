// Calls of functions and of other contracts; money from slot to slot.
#include "compiler/lower/lowering.hpp"

namespace tally::lower_detail {

using COp = check::Op;
using llvm::MemoryEffects;

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

} // namespace tally::lower_detail
