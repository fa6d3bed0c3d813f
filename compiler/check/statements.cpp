#include "compiler/check/checker.hpp"

#include <algorithm>

namespace tally::check {

using syntax::StmtKind;

namespace {

TStmtPtr make_stmt(SOp op, Span span) {
    auto out = std::make_unique<TStmt>();
    out->op = op;
    out->span = span;
    return out;
}

} // namespace

bool Checker::place(const TExpr& e, std::string& why) const {
    switch (e.op) {
    case Op::Local: {
        const auto& local = c_->fn->locals[static_cast<std::size_t>(e.index)];
        if (!local.is_var) why = "`" + local.name + "` was bound once";
        return local.is_var;
    }
    case Op::Field: {
        const auto& field = c_->contract->fields[static_cast<std::size_t>(e.index)];
        if (field.in_book != c_->in_book && !field.name.starts_with("book__"))
            return why = field.in_book ? "`" + field.name + "` changes by entries of the book" : "the book changes its own fields only", false;
        if (field.only_grows) return why = "what is written in `" + field.name + "` stays", false;
        if (field.is_sum) return why = "a `sum` changes by `.add(key, amount)`", false;
        if (c_->read_only) return why = "a view changes nothing", false;
        const bool creating = c_->fn->kind == syntax::FnKind::Create || c_->fn->migrates;
        const bool fixed = (field.kind == FieldKind::Const || field.kind == FieldKind::Role) && !creating;
        if (fixed) why = "`" + field.name + "` is set once, in `create`";
        return !fixed && field.kind != FieldKind::Accrual && field.kind != FieldKind::Vault;
    }
    case Op::Member: case Op::Index: case Op::MapAt: return place(*e.args[0], why);
    case Op::ParentField: why = "the parent's fields are its own"; return false;
    default: why = "it is a value, not a place"; return false;
    }
}

std::vector<TStmtPtr> Checker::check_block(const std::vector<syntax::StmtPtr>& block) {
    std::vector<TStmtPtr> out;
    c_->scopes.emplace_back();
    for (std::size_t i = 0; i < block.size(); ++i) {
        if (i > 0 && always_returns(out)) {
            sink_.report(Diag::UnreachableCode, block[i]->span);
            break;
        }
        check_stmt(*block[i], out);
    }
    c_->scopes.pop_back();
    return out;
}

bool Checker::always_returns(const std::vector<TStmtPtr>& block) const {
    for (const auto& s : block) {
        if (s->op == SOp::Return || s->op == SOp::Fail || s->op == SOp::Break) return true;
        if (s->op == SOp::If && always_returns(s->body) && always_returns(s->otherwise)) return true;
        if (s->op == SOp::Match && !s->arms.empty()) {
            bool all = true;
            for (const auto& arm : s->arms) all = all && always_returns(arm.second);
            if (all) return true;
        }
    }
    return false;
}

void Checker::check_stmt(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    switch (s.kind) {
    case StmtKind::Let: case StmtKind::Var: return check_let(s, out);
    case StmtKind::Assign: return check_assign(s, out);
    case StmtKind::If: {
        auto stmt = make_stmt(SOp::If, s.span);
        stmt->expr = condition(*s.expr);
        stmt->body = check_block(s.body);
        stmt->otherwise = check_block(s.other);
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::For: return check_for(s, out);
    case StmtKind::Match: return check_match(s, out);
    case StmtKind::Become: return check_become(s, out);
    case StmtKind::Emit: {
        const auto* symbol_found = symbol(s.text);
        if (symbol_found == nullptr || symbol_found->kind != Symbol::Kind::Event) {
            std::vector<std::string> known;
            for (const auto& [n, other] : symbols_[module_->name])
                if (other.kind == Symbol::Kind::Event) known.push_back(n);
            (void)unknown(Diag::UnknownName, s.text_span, {s.text}, s.text, known);
            return;
        }
        if (c_->in_book) sink_.report(Diag::PureViolation, s.span, {"a book", "emit an event", "it may be played again"});
        if (c_->read_only) sink_.report(Diag::PureViolation, s.span, {"a view", "emit an event", "asking must change nothing"});
        auto stmt = make_stmt(SOp::Emit, s.span);
        stmt->record = static_cast<RecordDecl*>(symbol_found->decl);
        stmt->expr = record_fields(*stmt->record, s.fields, s.span, false);
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::Fail:
        if (auto stmt = failure(s)) out.push_back(std::move(stmt));
        return;
    case StmtKind::Return: {
        auto stmt = make_stmt(SOp::Return, s.span);
        const Ty* wanted = c_->fn->result;
        if (s.expr) {
            if (wanted->is(Kind::Unit)) {
                sink_.report(Diag::TypeMismatch, s.expr->span, {"nothing", "a value", "name the type behind the parameters: `-> Type`"});
                return;
            }
            const auto complaints = sink_.count();
            stmt->expr = value(*s.expr, wanted);
            if (c_->fn->syntax != nullptr && c_->fn->syntax->result) wanted_by(complaints, s.expr->span, c_->fn->syntax->result->span, "`" + c_->fn->name + "` gives back " + describe(wanted));
            if (stmt->expr->type->is(Kind::Cash) && stmt->expr->op == Op::Local)
                (void)not_moved(s.expr->span, *stmt->expr);
        } else if (!wanted->is(Kind::Unit) && !wanted->error()) {
            sink_.report(Diag::NoReturn, s.span, {c_->fn->name, describe(wanted)});
        }
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::Break:
        if (c_->loops == 0) {
            sink_.report(Diag::UnexpectedToken, s.span, {"break", "it belongs inside a `for`"});
            return;
        }
        out.push_back(make_stmt(SOp::Break, s.span));
        return;
    case StmtKind::Expr: {
        if (s.expr->kind == syntax::ExprKind::Call && s.expr->args[0]->text == "book__demand" && c_->in_book) {
            auto stmt = make_stmt(SOp::Demand, s.span);
            stmt->expr = condition(*s.expr->args[1]);
            stmt->trap = Trap::BadArgument;
            out.push_back(std::move(stmt));
            return;
        }
        if (check_sum_add(s, out)) return;
        auto stmt = make_stmt(SOp::Expr, s.span);
        stmt->expr = expr(*s.expr);
        if (stmt->expr->type->is(Kind::Cash) && stmt->expr->op != Op::As) {
            sink_.report(Diag::AssetLost, s.expr->span, {"this money"});
            return;
        }
        static const std::vector<Op> effects{Op::Call, Op::Cross, Op::As, Op::Create, Op::Push, Op::Insert, Op::Remove, Op::VaultDeposit,
            Op::VaultOpen, Op::Pay, Op::Join, Op::EndCash, Op::AccrualBill, Op::AccrualClose, Op::AccrualDrop, Op::InsertAll, Op::DatedSet,
            Op::AccrualAccrue, Op::AccrualClear, Op::AccrualLoad, Op::TestMigrate};
        bool effect = stmt->expr->type->error();
        for (const auto op : effects) effect = effect || stmt->expr->op == op;
        if (!effect) useless(s, *stmt->expr);
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::Advance: {
        if (!c_->test) {
            sink_.report(Diag::OutsideTest, s.span, {"`advance`"});
            return;
        }
        auto stmt = make_stmt(SOp::Advance, s.span);
        stmt->expr = value(*s.expr, t_->date);
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::Given: {
        if (!c_->property) return sink_.report(Diag::OutsideTest, s.span, {"`given`"}), void();
        auto stmt = make_stmt(SOp::Given, s.span);
        stmt->expr = condition(*s.expr);
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::ExpectConserved: {
        if (!c_->test) return sink_.report(Diag::OutsideTest, s.span, {"`expect conserved`"}), void();
        auto stmt = make_stmt(SOp::ExpectConserved, s.span);
        stmt->text = s.expr->text;
        if (s.expr->kind != syntax::ExprKind::Name || !currency_by_name(s.expr->text)) return sink_.report(Diag::UnknownUnit, s.expr->span, {s.expr->text.empty() ? "this" : s.expr->text}), void();
        out.push_back(std::move(stmt));
        return;
    }
    case StmtKind::Expect: case StmtKind::ExpectFail: case StmtKind::ExpectEvent: return check_expect(s, out);
    case StmtKind::Enter: case StmtKind::Reverse: return check_enter(s, out);
    }
}

/// `n == 2;` is an assignment with one sign too many, where `n` can be assigned.
void Checker::useless(const syntax::Stmt& s, const TExpr& e) {
    std::string why;
    if (e.op != Op::Eq || s.expr->text != "==" || !place(*e.args[0], why)) {
        sink_.report(Diag::UselessValue, s.expr->span);
        return;
    }
    const Span between{s.span.file, e.args[0]->span.end, e.args[1]->span.begin};
    sink_.report(Diag::CompareForAssign, s.expr->span).suggest(Applicability::Automatic, between, " = ");
}

void Checker::check_let(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    if (s.names.size() != 1) return check_let_several(s, out);
    const Ty* wanted = s.type ? resolve(*s.type, currency_param()) : nullptr;
    const auto complaints = sink_.count();
    auto v = wanted == nullptr ? expr(*s.expr) : wanted->error() ? poison(s.expr->span) : value(*s.expr, wanted);
    if (v->type->is(Kind::Unit)) v = error(Diag::TypeMismatch, s.expr->span, {"a value", "nothing", "call it as a statement of its own"});
    if (v->type->is(Kind::Exact)) v = unrounded(s.expr->span);
    if (s.type) wanted_by(complaints, s.expr->span, s.type->span, "this is what it is said to be");
    const bool asset = v->type->is(Kind::Cash);
    if (asset && v->op == Op::Local) v = not_moved(s.expr->span, *v);
    auto stmt = make_stmt(asset ? SOp::LetAsset : SOp::Let, s.span);
    const Ty* type = wanted != nullptr && !wanted->error() ? wanted : v->type;
    // A `var` that starts with an amount may go below zero later; it says `Amount` if it must not.
    if (s.kind == StmtKind::Var && wanted == nullptr && type->is(Kind::Amount)) type = t_->money(type->currency);
    if (s.kind == StmtKind::Var && wanted == nullptr && type->is(Kind::Weight)) type = t_->integer;
    if (find_local(s.names[0].text) >= 0 && !s.names[0].text.empty() && c_->scopes.back().names.contains(s.names[0].text))
        twice(s.names[0].span, s.names[0].text, c_->fn->locals[static_cast<std::size_t>(find_local(s.names[0].text))].span);
    stmt->expr = coerce(std::move(v), type, s.expr->span);
    stmt->local = add_local(s.names[0].text, type, s.kind == StmtKind::Var, s.names[0].span);
    if (stmt->expr->op == Op::Waterfall) {
        c_->waterfall_rests.emplace_back(stmt->local, stmt->expr->text);
    }
    out.push_back(std::move(stmt));
}

TStmtPtr Checker::call_hidden(const std::string& name, std::vector<TExprPtr> args, Span span) {
    const auto* fn = c_->contract->fn(name);
    auto stmt = make_stmt(SOp::Expr, span);
    stmt->expr = make(Op::Call, t_->unit, span);
    stmt->expr->function = fn;
    stmt->expr->args = std::move(args);
    c_->fn->calls.emplace_back(fn, span);
    return stmt;
}

/// `enter Repay(amount) valued date ref reference;` and `reverse reference;`
void Checker::check_enter(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    const bool enters = s.kind == StmtKind::Enter;
    const bool has_book = c_->contract != nullptr && c_->contract->field("book__day") >= 0;
    if (!has_book) return sink_.report(Diag::OutsideContract, s.span, {enters ? "enter` (of a contract with a `book`)" : "reverse` (of a contract with a `book`)"}), void();
    if (c_->in_book || c_->read_only) return sink_.report(Diag::PureViolation, s.span, {c_->in_book ? "a book" : "a view", "make an entry", c_->in_book ? "entries are booked by actions and clauses" : "asking must change nothing"}), void();
    std::vector<TExprPtr> args;
    if (enters) {
        const auto* decl = static_cast<EnumDecl*>(symbol("book__" + c_->contract->name + "__Entry")->decl);
        const int number = decl->find(s.text);
        if (number < 0) return sink_.report(Diag::UnknownMember, s.text_span, {"the book", s.text, suggest(s.text, decl->cases)}), void();
        args.push_back(value(*s.target, t_->date));
        args.push_back(value(*s.ref, t_->text(64)));
        args.push_back(case_call(*decl, number, *s.expr));
        if (!decl->variant) args.back()->type = t_->enumeration(decl);
    } else {
        args.push_back(value(*s.expr, t_->text(64)));
    }
    for (const auto& a : args)
        if (a->type->error()) return;
    out.push_back(call_hidden(enters ? "book__enter" : "book__reverse", std::move(args), s.span));
}

int Checker::hidden_local(TExprPtr value, std::vector<TStmtPtr>& out) {
    auto let = make_stmt(SOp::Let, value->span);
    let->local = add_local("", value->type, false, value->span);
    let->expr = std::move(value);
    out.push_back(std::move(let));
    return out.back()->local;
}

/// `let (a, b) = record;` names the fields in their order.
void Checker::check_let_several(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    auto v = expr(*s.expr);
    if (v->type->error()) return;
    const bool record = v->type->is(Kind::Record) && v->type->record->variant_of == nullptr;
    if (!record || v->type->record->fields.size() != s.names.size()) {
        sink_.report(Diag::BadPattern, s.span, {std::to_string(s.names.size()), describe(v->type), record ? std::to_string(v->type->record->fields.size()) : "1"});
        for (const auto& n : s.names) add_local(n.text, t_->error, false, n.span);
        return;
    }
    const Ty* type = v->type;
    // All of a waterfall's parts get a name: the rest is among them.
    const int whole = hidden_local(std::move(v), out);
    for (std::size_t i = 0; i < s.names.size(); ++i) {
        if (c_->scopes.back().names.contains(s.names[i].text)) sink_.report(Diag::Duplicate, s.names[i].span, {s.names[i].text});
        auto let = make_stmt(SOp::Let, s.names[i].span);
        let->expr = make(Op::Member, t_->field_type(type, i), s.names[i].span);
        let->expr->index = static_cast<int>(i);
        let->expr->args.push_back(make(Op::Local, type, s.names[i].span));
        let->expr->args[0]->index = whole;
        let->local = add_local(s.names[i].text, let->expr->type, false, s.names[i].span);
        out.push_back(std::move(let));
    }
}

/// `total.add(key, amount)` on a `sum`: the one way to change it.
bool Checker::check_sum_add(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    const auto& e = *s.expr;
    if (e.kind != syntax::ExprKind::Call || e.args[0]->kind != syntax::ExprKind::Member || e.args[0]->text != "add") return false;
    const auto& object = *e.args[0]->args[0];
    if (object.kind != syntax::ExprKind::Name || c_->contract == nullptr || find_local(object.text) >= 0) return false;
    const int field = c_->contract->field(object.text);
    if (field < 0 || !c_->contract->fields[static_cast<std::size_t>(field)].is_sum) return false;
    const auto& decl = c_->contract->fields[static_cast<std::size_t>(field)];
    if (c_->read_only) return sink_.report(Diag::PureViolation, s.span, {"a view", "change a `sum`", "asking must change nothing"}), true;
    if (!arity(e, 2, "add", "a key and what to add: `" + decl.name + ".add(key, amount)`")) return true;
    auto target = make(Op::MapAt, decl.type->element, s.span);
    target->index = 1;
    target->args.push_back(make(Op::Field, decl.type, object.span));
    target->args[0]->index = field;
    target->args.push_back(value(*e.args[1], decl.type->key));
    auto stmt = make_stmt(SOp::Compound, s.span);
    stmt->text = "+";
    stmt->expr = value(*e.args[2], decl.type->element);
    if (target->args[1]->type->error() || stmt->expr->type->error()) return true;
    stmt->target = std::move(target);
    out.push_back(std::move(stmt));
    return true;
}

/// A change of something an accrual depends on brings the accrual to date first.
void Checker::touch_accruals(int field, Span span, std::vector<TStmtPtr>& out) {
    std::function<bool(const TExpr&)> reads = [&](const TExpr& e) -> bool {
        if (e.op == Op::Field && e.index == field) return true;
        for (const auto& arg : e.args)
            if (arg && reads(*arg)) return true;
        return false;
    };
    for (std::size_t i = 0; i < c_->contract->fields.size(); ++i) {
        const auto& accrual = c_->contract->fields[i];
        if (accrual.kind != FieldKind::Accrual || !accrual.base || !accrual.rate || accrual.in_book) continue;
        if (!reads(*accrual.base) && !reads(*accrual.rate)) continue;
        auto touch = make_stmt(SOp::Touch, span);
        touch->index = static_cast<int>(i);
        out.push_back(std::move(touch));
    }
}

void Checker::check_assign(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    auto target = expr(*s.target);
    if (target->type->error()) return;
    std::string why;
    if (target->type->is(Kind::Cash)) {
        sink_.report(Diag::AssetOverwritten, s.span, {"this"});
        return;
    }
    if (!place(*target, why)) {
        const bool fixed_local = target->op == Op::Local;
        auto& d = sink_.report(Diag::NotAssignable, s.target->span, {"this", why, fixed_local ? "put the new value under a new name, or begin with `var`" : ""});
        if (fixed_local) d.label(c_->fn->locals[static_cast<std::size_t>(target->index)].span, "bound here");
        if (target->op == Op::Field) d.label(c_->contract->fields[static_cast<std::size_t>(target->index)].span, "declared here");
        return;
    }
    const Ty* type = target->type;
    auto stmt = make_stmt(s.text == "=" ? SOp::Assign : SOp::Compound, s.span);
    stmt->text = s.text.substr(0, 1);
    const auto complaints = sink_.count();
    if (s.text == "=") {
        stmt->expr = value(*s.expr, type);
        wanted_by(complaints, s.expr->span, s.target->span, name_of(type));
    } else {
        if (!type->money() && !type->integer() && !type->is(Kind::Rate) && !type->is(Kind::Decimal) && !type->is(Kind::Days) && !type->is(Kind::Date)) {
            sink_.report(Diag::BadOperands, s.span, {s.text, describe(type), "a number", "", ""});
            return;
        }
        const Ty* wanted = type->is(Kind::Amount) ? t_->money(type->currency) : type->is(Kind::Weight) ? t_->integer
                           : type->is(Kind::Date) ? t_->days : type;
        stmt->expr = value(*s.expr, wanted);
        wanted_by(complaints, s.expr->span, s.target->span, name_of(type));
        if (target->op == Op::MapAt) target->index = 1; // `m[k] += x` starts from zero
    }
    if (stmt->expr->type->error()) return;
    const TExpr* root = target.get();
    while (root->op == Op::Member || root->op == Op::Index || root->op == Op::MapAt) root = root->args[0].get();
    if (root->op == Op::Field) touch_accruals(root->index, s.span, out);
    stmt->target = std::move(target);
    out.push_back(std::move(stmt));
}

void Checker::check_for(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    const auto& over_syntax = *s.expr;
    if (over_syntax.kind == syntax::ExprKind::Call && over_syntax.args[0]->kind == syntax::ExprKind::Name && over_syntax.args[0]->text == "split")
        return check_for_split(s, out);
    const bool drain = over_syntax.kind == syntax::ExprKind::Call && over_syntax.args[0]->kind == syntax::ExprKind::Member && over_syntax.args[0]->text == "drain";
    auto over = iterable(drain ? *over_syntax.args[0]->args[0] : over_syntax);
    if (over->type->error()) return;
    auto stmt = make_stmt(SOp::For, s.span);
    if (drain) {
        const bool sum_field = over->op == Op::Field && c_->contract->fields[static_cast<std::size_t>(over->index)].is_sum && !c_->read_only;
        std::string why;
        if (over_syntax.args.size() != 1) return sink_.report(Diag::BadArity, s.expr->span, {"drain", "nothing"}), void();
        if (!sum_field && !place(*over, why)) return sink_.report(Diag::NotAssignable, over_syntax.span, {"this collection", why, ""}), void();
        if (over->op == Op::Field) touch_accruals(over->index, s.span, out);
        stmt->index = 1;
    }
    c_->scopes.emplace_back();
    stmt->locals = bind_pattern(s.names, over->type, s.span);
    stmt->expr = std::move(over);
    ++c_->loops;
    stmt->body = check_block(s.body);
    --c_->loops;
    c_->scopes.pop_back();
    out.push_back(std::move(stmt));
}

/// `for (i, part) in split(move cash, weights: …, tie: first) { … }`: every part must be given on.
void Checker::check_for_split(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    const auto& e = *s.expr;
    if (e.args.size() < 2) return sink_.report(Diag::BadArity, e.span, {"split", "money, `weights: …` and `tie: first`"}), void();
    auto cash = expr(*e.args[1]);
    if (cash->type->error()) return;
    if (!cash->type->is(Kind::Cash)) return sink_.report(Diag::SplitOfAmount, e.args[1]->span, {describe(cash->type)}), void();
    if (cash->op != Op::MoveLocal) {
        sink_.report(Diag::AssetNotMoved, e.args[1]->span, {cash->op == Op::Local ? c_->fn->locals[static_cast<std::size_t>(cash->index)].name : "a named holding"});
        return;
    }
    auto whole = make(Op::CashAmount, t_->amount(cash->type->currency), e.args[1]->span);
    whole->index = cash->index;
    auto parts = shares(std::move(whole), e, "split");
    if (parts->type->error()) return;
    if (s.names.size() != 2) return sink_.report(Diag::BadPattern, s.span, {std::to_string(s.names.size()), "`split`", "2: (index, part)"}), void();
    auto stmt = make_stmt(SOp::ForSplit, s.span);
    c_->scopes.emplace_back();
    stmt->locals = {add_local(s.names[0].text, t_->integer, false, s.names[0].span), add_local(s.names[1].text, cash->type, false, s.names[1].span)};
    stmt->expr = std::move(cash);
    stmt->other = std::move(parts);
    ++c_->loops;
    stmt->body = check_block(s.body);
    --c_->loops;
    c_->scopes.pop_back();
    out.push_back(std::move(stmt));
}

void Checker::check_match(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    auto subject = expr(*s.expr);
    if (subject->type->error()) return;
    if (subject->type->is(Kind::Optional)) return check_match_optional(s, std::move(subject), out);
    const Ty* whole = subject->type;
    const bool variant = whole->is(Kind::Record) && whole->record->variant_of != nullptr;
    if (!variant && !whole->is(Kind::Enum)) {
        sink_.report(Diag::BadOperands, s.expr->span, {"match", describe(whole), "cases", "", "match an enum or an optional; use `if` for the rest"});
        return;
    }
    const auto& decl = variant ? *whole->record->variant_of : *whole->enumeration;
    int held = -1; // the value whose fields the arms name
    if (variant) {
        held = hidden_local(std::move(subject), out);
        subject = make(Op::Member, whole->record->fields[0].type, s.expr->span);
        subject->index = 0;
        subject->args.push_back(make(Op::Local, whole, s.expr->span));
        subject->args[0]->index = held;
    }
    /// The fields of the case that the arm names, bound in its scope.
    const auto bind_fields = [&](const syntax::Arm& arm, std::vector<TStmtPtr>& body) {
        std::vector<std::size_t> fields;
        if (variant)
            for (std::size_t f = 1; f < whole->record->fields.size(); ++f)
                if (whole->record->fields[f].name.rfind(arm.name.text + ".", 0) == 0) fields.push_back(f);
        if (!arm.binds.empty() && arm.binds.size() != fields.size()) {
            sink_.report(Diag::BadPattern, arm.span, {std::to_string(arm.binds.size()), "`" + arm.name.text + "`", std::to_string(fields.size())});
            return;
        }
        for (std::size_t i = 0; i < arm.binds.size(); ++i) {
            auto let = make_stmt(SOp::Let, arm.binds[i].span);
            let->expr = make(Op::Member, whole->record->fields[fields[i]].type, arm.binds[i].span);
            let->expr->index = static_cast<int>(fields[i]);
            let->expr->args.push_back(make(Op::Local, whole, arm.binds[i].span));
            let->expr->args[0]->index = held;
            let->local = add_local(arm.binds[i].text, let->expr->type, false, arm.binds[i].span);
            body.push_back(std::move(let));
        }
    };
    auto stmt = make_stmt(SOp::Match, s.span);
    std::vector<bool> seen(decl.cases.size(), false);
    const auto complaints = sink_.count();
    for (const auto& arm : s.arms) {
        const int number = decl.find(arm.name.text);
        if (number < 0) {
            static const std::set<std::string> rest{"default", "_", "otherwise", "other"};
            if (rest.contains(arm.name.text)) sink_.report(Diag::UnknownMember, arm.name.span, {describe(whole), arm.name.text, "write every case out, so that a new one cannot be forgotten"});
            else (void)unknown(Diag::UnknownMember, arm.name.span, {describe(whole), arm.name.text}, arm.name.text, decl.cases);
            continue;
        }
        if (seen[static_cast<std::size_t>(number)]) {
            const auto first = std::find_if(s.arms.begin(), s.arms.end(), [&](const syntax::Arm& other) { return other.name.text == arm.name.text; });
            twice(arm.name.span, arm.name.text, first->name.span);
        }
        seen[static_cast<std::size_t>(number)] = true;
        std::vector<TStmtPtr> body;
        c_->scopes.emplace_back();
        bind_fields(arm, body);
        for (auto& inner : check_block(arm.body)) body.push_back(std::move(inner));
        c_->scopes.pop_back();
        stmt->arms.emplace_back(number, std::move(body));
    }
    std::string forgotten, arms;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (seen[i]) continue;
        forgotten += (forgotten.empty() ? "`" : ", `") + decl.cases[i] + "`";
        arms += (arms.empty() ? "" : " ") + decl.cases[i] + " => { … }";
    }
    if (!forgotten.empty()) { // a misspelt case is not also a forgotten one
        if (sink_.count() == complaints) sink_.report(Diag::NotExhaustive, s.expr->span, {forgotten, arms});
        return;
    }
    stmt->expr = std::move(subject);
    out.push_back(std::move(stmt));
}

/// `match x { none => …  some(v) => … }`
void Checker::check_match_optional(const syntax::Stmt& s, TExprPtr subject, std::vector<TStmtPtr>& out) {
    const Ty* type = subject->type;
    const int held = hidden_local(std::move(subject), out);
    const auto local = [&](Span span) {
        auto e = make(Op::Local, type, span);
        e->index = held;
        return e;
    };
    auto stmt = make_stmt(SOp::If, s.span);
    stmt->expr = make(Op::IsNone, t_->boolean, s.expr->span);
    stmt->expr->args.push_back(local(s.expr->span));
    bool none_seen = false, some_seen = false;
    for (const auto& arm : s.arms) {
        const bool none_arm = arm.name.text == "none";
        if (!none_arm && arm.name.text != "some") {
            sink_.report(Diag::UnknownMember, arm.name.span, {describe(type), arm.name.text, "its cases: `none` and `some(value)`"});
            continue;
        }
        auto& seen = none_arm ? none_seen : some_seen;
        if (seen) sink_.report(Diag::Duplicate, arm.name.span, {arm.name.text});
        seen = true;
        if (arm.binds.size() > (none_arm ? 0U : 1U)) sink_.report(Diag::BadPattern, arm.span, {std::to_string(arm.binds.size()), "`" + arm.name.text + "`", none_arm ? "0" : "1"});
        std::vector<TStmtPtr> body;
        c_->scopes.emplace_back();
        if (!none_arm && !arm.binds.empty()) {
            auto let = make_stmt(SOp::Let, arm.binds[0].span);
            let->expr = make(Op::Unwrap, type->element, arm.binds[0].span);
            let->expr->args.push_back(local(arm.binds[0].span));
            let->local = add_local(arm.binds[0].text, type->element, false, arm.binds[0].span);
            body.push_back(std::move(let));
        }
        for (auto& inner : check_block(arm.body)) body.push_back(std::move(inner));
        c_->scopes.pop_back();
        (none_arm ? stmt->body : stmt->otherwise) = std::move(body);
    }
    if (!none_seen || !some_seen) return sink_.report(Diag::NotExhaustive, s.expr->span, {none_seen ? "`some`" : "`none`", none_seen ? "some(value) => { … }" : "none => { … }"}), void();
    out.push_back(std::move(stmt));
}

void Checker::check_become(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    if (c_->in_book) return sink_.report(Diag::PureViolation, s.span, {"a book", "change the contract's state", "it may be played again"}), void();
    if (c_->contract == nullptr || c_->read_only) {
        sink_.report(c_->read_only ? Diag::PureViolation : Diag::OutsideContract, s.span,
                     c_->read_only ? std::vector<std::string>{"a view", "change the state", "asking must change nothing"} : std::vector<std::string>{"become"});
        return;
    }
    auto& contract = *c_->contract;
    const int state = contract.state(s.text);
    if (state < 0) {
        (void)unknown_state(contract, s.text_span, s.text);
        return;
    }
    c_->fn->becomes.emplace_back(state, s.text_span);
    auto stmt = make_stmt(SOp::Become, s.span);
    stmt->index = state;
    const std::uint64_t bit = std::uint64_t{1} << state;
    std::vector<bool> given(contract.fields.size(), false);
    for (const auto& init : s.fields) {
        const int field = contract.field(init.name.text);
        if (field < 0 || (contract.fields[static_cast<std::size_t>(field)].states & bit) == 0) {
            sink_.report(Diag::BadArgumentName, init.name.span, {s.text, init.name.text, "those of its `data in`"});
            return;
        }
        given[static_cast<std::size_t>(field)] = true;
        stmt->inits.emplace_back(field, value(*init.value, contract.fields[static_cast<std::size_t>(field)].type));
    }
    for (std::size_t i = 0; i < contract.fields.size(); ++i)
        if ((contract.fields[i].states & bit) != 0 && !given[i]) {
            sink_.report(Diag::StateDataMissing, s.span, {s.text, contract.fields[i].name});
            return;
        }
    out.push_back(std::move(stmt));
}

TStmtPtr Checker::failure(const syntax::Stmt& s) {
    const auto* found = symbol(s.text);
    if (found == nullptr || found->kind != Symbol::Kind::Error) {
        std::vector<std::string> known;
        for (const auto& [n, other] : symbols_[module_->name])
            if (other.kind == Symbol::Kind::Error) known.push_back(n);
        (void)unknown(Diag::UnknownName, s.text_span, {s.text}, s.text, known);
        return nullptr;
    }
    auto stmt = make_stmt(SOp::Fail, s.span);
    stmt->record = static_cast<RecordDecl*>(found->decl);
    stmt->expr = record_fields(*stmt->record, s.fields, s.span, true);
    c_->fn->fails.emplace_back(stmt->record, s.text_span);
    return stmt;
}

void Checker::check_expect(const syntax::Stmt& s, std::vector<TStmtPtr>& out) {
    if (!c_->test) {
        sink_.report(Diag::OutsideTest, s.span, {"`expect`"});
        return;
    }
    if (s.kind == StmtKind::Expect) {
        auto stmt = make_stmt(SOp::Expect, s.span);
        stmt->expr = condition(*s.expr);
        out.push_back(std::move(stmt));
        return;
    }
    const bool fail = s.kind == StmtKind::ExpectFail;
    auto stmt = make_stmt(fail ? SOp::ExpectFail : SOp::ExpectEvent, s.span);
    const auto* found = symbol(s.text);
    const auto kind = fail ? Symbol::Kind::Error : Symbol::Kind::Event;
    if (found != nullptr && found->kind == kind) {
        stmt->record = static_cast<RecordDecl*>(found->decl);
        if (s.has_fields || stmt->record->fields.empty()) stmt->expr = record_fields(*stmt->record, s.fields, s.span, false);
        else if (!fail) sink_.report(Diag::MissingField, s.span, {s.text, stmt->record->fields[0].name});
    } else if (const auto trap = trap_by_name(s.text); fail && trap) {
        stmt->trap = *trap;
    } else {
        std::vector<std::string> known;
        for (const auto& [n, other] : symbols_[module_->name])
            if (other.kind == kind) known.push_back(n);
        (void)unknown(Diag::UnknownName, s.text_span, {s.text}, s.text, known);
        return;
    }
    if (fail) {
        stmt->other = expr(*s.expr);
        const auto op = stmt->other->op;
        const bool of_the_ledger = op == Op::As || op == Op::Batch || op == Op::Cross || op == Op::Create || op == Op::TestMigrate;
        if (!of_the_ledger && !stmt->other->type->error()) return sink_.report(Diag::ExpectFailHere, s.expr->span), void();
    }
    out.push_back(std::move(stmt));
}

} // namespace tally::check
