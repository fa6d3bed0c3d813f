#include "compiler/lower/lowering.hpp"

#include "vm/value/currency.hpp"

#include <algorithm>

namespace tally::lower_detail {

using COp = check::Op;

void Lowering::refuse(Trap trap) {
    auto callee = external("tally.trap." + std::to_string(static_cast<int>(trap)), llvm::Type::getVoidTy(out_.context), {},
                           llvm::MemoryEffects::unknown(), false, true);
    b_->CreateCall(callee);
    b_->CreateUnreachable();
}

void Lowering::check_or_trap(Value* good, Trap trap) {
    auto *ok = new_block("ok"), *bad = new_block("trap");
    b_->CreateCondBr(good, ok, bad);
    b_->SetInsertPoint(bad);
    refuse(trap);
    b_->SetInsertPoint(ok);
}

void Lowering::block(const std::vector<TStmtPtr>& stmts) {
    for (const auto& s : stmts) {
        if (b_->GetInsertBlock()->getTerminator() != nullptr) return;
        stmt(*s);
    }
}

/// The local or field that a path starts from.
const TExpr& Lowering::root_of(const TExpr& e) {
    const TExpr* at_root = &e;
    while (at_root->op == COp::Member || at_root->op == COp::Index || at_root->op == COp::MapAt) at_root = at_root->args[0].get();
    return *at_root;
}

/// Does evaluating it run other functions, which may change fields, or change a place itself?
bool Lowering::calls(const TExpr& e) {
    if (e.op == COp::Call || e.op == COp::Cross || e.op == COp::Waterfall || (e.op == COp::Allocate && e.args[2])) return true;
    return std::any_of(e.args.begin(), e.args.end(), [](const auto& a) { return a && calls(*a); });
}

/// Could the body change what `root` (a local or a field) holds?
bool Lowering::changes(const std::vector<TStmtPtr>& body, const TExpr& root) const {
    std::function<bool(const TExpr&)> in_expr;
    const auto same_root = [&](const TExpr& e) { return root_of(e).op == root.op && root_of(e).index == root.index; };
    std::function<bool(const std::vector<TTier>&)> in_tiers = [&](const std::vector<TTier>& tiers_list) {
        for (const auto& t : tiers_list)
            if ((t.list && same_root(*t.list)) || (t.amount && same_root(*t.amount)) || in_tiers(t.inner)) return true;
        return false;
    };
    in_expr = [&](const TExpr& e) {
        if ((e.op == COp::Call || e.op == COp::Cross) && root.op != COp::Local) return true;
        if ((e.op == COp::Push || e.op == COp::Insert || e.op == COp::InsertAll || e.op == COp::Remove) && same_root(*e.args[0])) return true;
        if (e.op == COp::Waterfall && in_tiers(e.tiers)) return true;
        if ((e.op == COp::DatedSet && same_root(*e.args[0])) || (e.op == COp::Allocate && e.args[2] && same_root(*e.args[2]))) return true;
        for (const auto& a : e.args)
            if (a && in_expr(*a)) return true;
        return false;
    };
    std::function<bool(const std::vector<TStmtPtr>&)> in_block = [&](const std::vector<TStmtPtr>& stmts) {
        for (const auto& s : stmts) {
            if (s->target && (same_root(*s->target) || in_expr(*s->target))) return true;
            if ((s->expr && in_expr(*s->expr)) || (s->other && in_expr(*s->other))) return true;
            for (const auto& init : s->inits)
                if ((root.op == COp::Field && init.first == root.index) || in_expr(*init.second)) return true;
            if (s->op == SOp::For && s->index == 1 && same_root(*s->expr)) return true; // drained meanwhile
            if (in_block(s->body) || in_block(s->otherwise)) return true;
            for (const auto& arm : s->arms)
                if (in_block(arm.second)) return true;
        }
        return false;
    };
    return in_block(body);
}

void Lowering::stmt(const TStmt& s) {
    set_line(s.span);
    switch (s.op) {
    case SOp::Let: {
        const Ty* type = fn_->locals[static_cast<std::size_t>(s.local)].type;
        Value* value = expr(*s.expr);
        if (type->aggregate()) {
            Value* mine = temporary(type);
            copy(mine, value, type);
            locals_[static_cast<std::size_t>(s.local)] = mine;
        } else {
            bind_local(s.local, value);
        }
        return;
    }
    case SOp::LetAsset: {
        const int slot = fn_->locals[static_cast<std::size_t>(s.local)].handle;
        if (s.expr->op == COp::As) run_as(*s.expr);
        else asset(*s.expr, slot);
        return;
    }
    case SOp::Assign: return assign(*s.target, *s.expr);
    case SOp::Compound: return compound(s);
    case SOp::If: {
        auto *yes = new_block("then"), *no = new_block("else"), *after = new_block("after");
        b_->CreateCondBr(expr(*s.expr), yes, no);
        b_->SetInsertPoint(yes);
        block(s.body);
        if (open()) b_->CreateBr(after);
        b_->SetInsertPoint(no);
        block(s.otherwise);
        if (open()) b_->CreateBr(after);
        b_->SetInsertPoint(after);
        return;
    }
    case SOp::For: return for_stmt(s);
    case SOp::ForSplit: return for_split(s);
    case SOp::Match: return match_stmt(s);
    case SOp::Become: return become(s);
    case SOp::Emit: host(HostFn::Emit, {i64c(event_number(*s.record)), expr(*s.expr)}, value_bytes(s.expr->type)); return;
    case SOp::Fail: return fail(s);
    case SOp::Return: return return_stmt(s);
    case SOp::Break: b_->CreateBr(breaks_.back()); return;
    case SOp::Expr: expr(*s.expr); return;
    case SOp::Touch: touch(s.index); return;
    case SOp::Advance: host(HostFn::TestAdvance, {expr(*s.expr)}); return;
    case SOp::Demand: check_or_trap(expr(*s.expr), s.trap); return;
    case SOp::Given: host(HostFn::TestGiven, {expr(*s.expr)}); return;
    case SOp::ExpectConserved: host(HostFn::TestConserved, {i64c(currency_by_name(s.text)->code), i64c(sources_.line(s.span))}); return;
    case SOp::Expect: return expect(s);
    case SOp::ExpectFail: return expect_fail(s);
    case SOp::ExpectEvent:
        host(HostFn::TestExpectEvent, {i64c(event_number(*s.record)), expr(*s.expr), i64c(sources_.line(s.span))});
        return;
    }
}

void Lowering::assign(const TExpr& target, const TExpr& value) {
    const bool by_key = (target.op == COp::MapAt || target.op == COp::Index) && target.args[0]->op == COp::Field && stored(contract_, target.args[0]->index);
    if (by_key) {
        Value* v = address_of(value);
        if (value.type->aggregate() && calls(*target.args[1])) v = in_memory(v, value.type);
        Value* key = address_of(*target.args[1]);
        if (target.op == COp::Index) { // an element that is there
            Value* count = b_->CreateAlignedLoad(i64_, self_field(target.args[0]->index), llvm::Align(8));
            check_or_trap(b_->CreateICmpULT(b_->CreateAlignedLoad(i64_, key, llvm::Align(8)), count), Trap::IndexRange);
        }
        host(HostFn::StoredPut, {i64c(target.args[0]->index), key, v}, value_bytes(target.type));
        return;
    }
    Value* v = expr(value);
    // What is read may lie where it is written: `rows = [r for r in rows …]` built a temporary, a plain
    // copy of a place is moved as a whole. But a new entry moves those behind it, and an index may be
    // worked out by a call that changes what was read.
    const bool moves = target.op == COp::MapAt || calls(target);
    if (value.type->aggregate() && moves) v = in_memory(v, value.type);
    store(v, target.type, assigned_place(target));
}

/// Where a value goes: an entry of a map that is not there yet is made.
Value* Lowering::assigned_place(const TExpr& target) {
    return target.op == COp::MapAt ? map_entry(*target.args[0], *target.args[1], HostFn::MapInsert) : place(target);
}

bool Lowering::is_sum(const TExpr& target) const {
    return target.op == COp::MapAt && target.args[0]->op == COp::Field && contract_->fields[static_cast<std::size_t>(target.args[0]->index)].is_sum;
}

/// A sum keeps no key whose total is nothing: keys that nobody is under any more must not fill it.
void Lowering::unless_zero(Value* total, const std::function<void()>& keep, const std::function<void()>& drop) {
    auto *kept = new_block("kept"), *dropped = new_block("dropped"), *after = new_block("after");
    b_->CreateCondBr(b_->CreateICmpNE(total, llvm::Constant::getNullValue(total->getType())), kept, dropped);
    b_->SetInsertPoint(kept);
    keep();
    b_->CreateBr(after);
    b_->SetInsertPoint(dropped);
    drop();
    b_->CreateBr(after);
    b_->SetInsertPoint(after);
}

void Lowering::compound(const TStmt& s) {
    const auto& target = *s.target;
    const Ty* type = target.type;
    const bool plus = s.text == "+";
    const bool wide = type->wide();
    Value* by = expr(*s.expr); // the value first, then the place, as in an assignment
    const auto combine = [&](Value* old) {
        Value* result = in_range(checked(wide ? (plus ? "waddc" : "wsubc") : (plus ? "addc" : "subc"), old, by), type);
        const bool never_negative = type->is(Kind::Amount) || type->is(Kind::Weight);
        if (never_negative) check_or_trap(b_->CreateICmpSGE(result, llvm::ConstantInt::get(result->getType(), 0)), Trap::NegativeAmount);
        return result;
    };
    const bool by_key = (target.op == COp::MapAt || target.op == COp::Index) && target.args[0]->op == COp::Field && stored(contract_, target.args[0]->index);
    if (by_key) {
        Value* key = address_of(*target.args[1]);
        Value* slot = temporary(type);
        b_->CreateAlignedStore(llvm::Constant::getNullValue(memory_type(type)), slot, llvm::Align(8));
        Value* found = host(HostFn::StoredGet, {i64c(target.args[0]->index), i64c(0), key, slot}, value_bytes(type));
        if (target.op == COp::Index) check_or_trap(b_->CreateICmpNE(found, i64c(0)), Trap::IndexRange);
        store(combine(load(type, slot)), type, slot);
        const auto put = [&] { host(HostFn::StoredPut, {i64c(target.args[0]->index), key, slot}, value_bytes(type)); };
        if (is_sum(target)) unless_zero(load(type, slot), put, [&] { host(HostFn::StoredRemove, {i64c(target.args[0]->index), key}); });
        else put();
        return;
    }
    if (is_sum(target)) {
        Value* map = place(*target.args[0]);
        Value* key = address_of(*target.args[1]);
        Value* number = i64c(type_number(target.args[0]->type));
        Value* entry = host(HostFn::MapInsert, {number, map, key});
        Value* total = combine(load(type, entry));
        store(total, type, entry);
        return unless_zero(total, [] {}, [&] { host(HostFn::MapRemove, {number, map, key}); });
    }
    Value* slot = assigned_place(target); // an index is evaluated once
    store(combine(load(type, slot)), type, slot);
}

void Lowering::for_stmt(const TStmt& s) {
    if (s.index == 1) return drain_stmt(s);
    const auto& over = *s.expr;
    const auto& root = root_of(over);
    const bool live = root.op == COp::Local || root.op == COp::Field || root.op == COp::ParentField;
    iterate(over, live && changes(s.body, root), [&](Value* key, Value* element) {
        bind(s.locals, key, element);
        block(s.body);
    });
}

/// Each element is taken out before its turn.
void Lowering::drain_stmt(const TStmt& s) {
    const auto& over = *s.expr;
    const auto body = [&](Value* key, Value* element) {
        bind(s.locals, key, element);
        block(s.body);
    };
    if (over.op == COp::Field && stored(contract_, over.index)) return iterate_stored(over, true, body);
    over.type->is(Kind::List) ? drain_list(over, body) : drain_table(over, body);
}

/// split(move cash, …): the amounts first, then each part out of the holding; what is left is nothing.
void Lowering::for_split(const TStmt& s) {
    const int from = fn_->locals[static_cast<std::size_t>(s.expr->index)].handle;
    const int part = fn_->locals[static_cast<std::size_t>(s.locals[1])].handle;
    const auto slot = [](int n) { return std::to_string(n); };
    const Ty* amounts_type = s.other->type;
    Value* amounts = expr(*s.other);
    iterate_memory(amounts, amounts_type, loop_name(*s.other->args[1]), [&](Value* index, Value* amount) {
        bind_local(s.locals[0], index);
        asset_op("htake.d" + slot(part) + ".u" + slot(from), {amount});
        block(s.body);
    });
    asset_op("hend.s" + slot(from), {});
}

void Lowering::match_stmt(const TStmt& s) {
    Value* subject = expr(*s.expr);
    auto* after = new_block("after");
    for (std::size_t i = 0; i < s.arms.size(); ++i) {
        auto* arm = new_block("arm");
        auto* next = new_block("next");
        b_->CreateCondBr(b_->CreateICmpEQ(subject, i64c(s.arms[i].first)), arm, next);
        b_->SetInsertPoint(arm);
        block(s.arms[i].second);
        if (open()) b_->CreateBr(after);
        b_->SetInsertPoint(next);
    }
    refuse(Trap::Unreachable); // `check` proved the match exhaustive
    b_->SetInsertPoint(after);
}

void Lowering::become(const TStmt& s) {
    std::vector<std::pair<int, Value*>> values;
    for (const auto& init : s.inits) {
        Value* v = expr(*init.second);
        values.emplace_back(init.first, init.second->type->aggregate() ? in_memory(v, init.second->type) : v);
    }
    host(HostFn::Become, {i64c(s.index)});
    for (const auto& [field, v] : values) store(v, contract_->fields[static_cast<std::size_t>(field)].type, self_field(field));
}

void Lowering::fail(const TStmt& s) {
    host(HostFn::Fail, {i64c(error_number(*s.record)), expr(*s.expr)});
    b_->CreateUnreachable();
}

void Lowering::return_stmt(const TStmt& s) {
    if (s.expr && s.expr->type->is(Kind::Cash)) asset(*s.expr, window_); // `ret` looks there
    else if (s.expr) store(expr(*s.expr), fn_->result, result_place_);
    b_->CreateBr(exit_);
}

// ---- tests --------------------------------------------------------------------------------------------------

Value* Lowering::peek(const TExpr& instance) {
    const auto size = record(instance.type->contract).size;
    Value* out = temporary_bytes(size);
    host(HostFn::TestPeek, {i64c(size), expr(instance), out});
    return out;
}

Value* Lowering::test_value(const TExpr& e) {
    if (e.op == COp::TestParty) return host(HostFn::TestParty, {expr(*e.args[0])});
    if (e.op == COp::TestBalance) return host(HostFn::TestBalance, {expr(*e.args[0]), i64c(currency_by_name(e.type->currency)->code)});
    Value* base = peek(*e.args[0]);
    return load(e.type, at(base, record(e.args[0]->type->contract).offsets[static_cast<std::size_t>(e.index)]));
}

Value* Lowering::run_as(const TExpr& e) {
    host(HostFn::TestSign, {i64c(0)}); // only these
    for (const int local : e.locals) host(HostFn::TestSign, {load(t_.party, locals_[static_cast<std::size_t>(local)])});
    if (e.args[0]->op != COp::Batch) return transaction(*e.args[0]);
    host(HostFn::TestBatch, {i64c(e.args[0]->index)});
    for (const auto& item : e.args[0]->args) transaction(*item);
    host(HostFn::TestBatchRun, {});
    return nullptr;
}

/// A call or create as a transaction of the test: money first, then the parameters as one record.
Value* Lowering::transaction(const TExpr& e) {
    const auto& fn = *e.function;
    Type parameters;
    parameters.kind = TypeKind::Record;
    std::vector<Field> fields;
    std::vector<const TExpr*> values;
    for (std::size_t i = 0; i < fn.params.size(); ++i) {
        const auto& value = *e.args[i + 1];
        if (fn.params[i].type->is(Kind::Cash)) {
            if (value.op != COp::TestCash) {
                sink_.report(Diag::NotYet, value.span, {"money from elsewhere in a test", "write `test.cash(…)`"});
                return undefined(e.type);
            }
            host(HostFn::TestCash, {expr(*value.args[0]), i64c(currency_by_name(value.type->currency)->code)});
            continue;
        }
        fields.push_back({fn.params[i].name, type_number(fn.params[i].type)});
        values.push_back(&value);
    }
    parameters.fields = fields;
    const auto number = add_type(std::move(parameters));
    const auto offsets = layout(number).offsets;
    Value* record_place = temporary_bytes(layout(number).size);
    for (std::size_t i = 0; i < values.size(); ++i) store(expr(*values[i]), values[i]->type, at(record_place, offsets[i]));
    Value* import = i64c(import_number(fn));
    if (e.op == COp::Create) {
        Value* parent = e.args[0] ? expr(*e.args[0]) : i64c(0);
        const auto currency = e.type->currency.empty() ? std::nullopt : currency_by_name(e.type->currency);
        return host(HostFn::TestCreate, {import, parent, i64c(currency && !e.args[0] ? currency->code : 0), record_place});
    }
    const bool gives = !e.type->is(Kind::Unit) && !e.type->is(Kind::Cash);
    Value* result = gives ? temporary(e.type) : static_cast<Value*>(llvm::ConstantPointerNull::get(ptr_));
    host(HostFn::TestCall, {import, expr(*e.args[0]), record_place, result});
    return gives ? load(e.type, result) : nullptr;
}

void Lowering::expect(const TStmt& s) {
    const auto& e = *s.expr;
    const bool comparison = e.op == COp::Eq || e.op == COp::Ne || e.op == COp::Lt || e.op == COp::Le || e.op == COp::Gt || e.op == COp::Ge;
    Value* nothing = llvm::ConstantPointerNull::get(ptr_);
    Value* line = i64c(sources_.line(s.span));
    if (!comparison) {
        host(HostFn::TestExpect, {expr(e), line, i64c(-1), nothing, nothing});
        return;
    }
    // Both values are kept, so that a failure can show them.
    const Ty* type = e.args[0]->type;
    Value* left = in_memory(expr(*e.args[0]), type);
    Value* right = in_memory(expr(*e.args[1]), type);
    TExpr shown;
    shown.op = e.op;
    shown.type = e.type;
    std::vector<Value*> saved = locals_;
    const auto as_local = [&](Value* place_of) {
        auto out = std::make_unique<TExpr>();
        out->op = COp::Local;
        out->type = type;
        out->index = static_cast<int>(locals_.size());
        locals_.push_back(place_of);
        return out;
    };
    shown.args.push_back(as_local(left));
    shown.args.push_back(as_local(right));
    host(HostFn::TestExpect, {compare(shown), line, i64c(type_number(type)), left, right});
    locals_ = saved;
}

void Lowering::expect_fail(const TStmt& s) {
    Value* nothing = llvm::ConstantPointerNull::get(ptr_);
    if (s.record != nullptr) {
        const bool fields = s.expr && !s.record->fields.empty();
        host(HostFn::TestExpectFail, {i64c(error_number(*s.record)), fields ? expr(*s.expr) : nothing, i64c(0)});
    } else {
        host(HostFn::TestExpectFail, {i64c(-1), nothing, i64c(static_cast<i64>(s.trap))});
    }
    expr(*s.other);
}

} // namespace tally::lower_detail
