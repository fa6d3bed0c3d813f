// Expressions: conversions, names, members, elements.
#include "compiler/check/checker.hpp"

#include <algorithm>
#include <utility>

namespace tally::check {

using syntax::ExprKind;

TExprPtr Checker::make(Op op, const Ty* type, Span span) {
    auto out = std::make_unique<TExpr>();
    out->op = op;
    out->type = type;
    out->span = span;
    return out;
}
TExprPtr Checker::constant(i128 value, const Ty* type, Span span) {
    auto out = make(Op::Const, type, span);
    out->value = value;
    return out;
}
TExprPtr Checker::error(Diag kind, Span span, std::vector<std::string> args) {
    sink_.report(kind, span, std::move(args));
    return poison(span);
}

int Checker::add_local(const std::string& name, const Ty* type, bool is_var, Span span) {
    auto& locals = c_->fn->locals;
    locals.push_back({name, type, is_var, span, -1});
    const int number = static_cast<int>(locals.size() - 1);
    if (!name.empty()) c_->scopes.back().names[name] = number;
    return number;
}
TExprPtr Checker::at_entry(TExprPtr value, Span span) {
    auto let = std::make_unique<TStmt>();
    let->op = SOp::Let;
    let->span = span;
    let->local = add_local("", value->type, false, span);
    auto out = make(Op::Local, value->type, span);
    out->index = let->local;
    let->expr = std::move(value);
    c_->fn->olds.push_back(std::move(let));
    return out;
}
int Checker::find_local(const std::string& name) const {
    for (auto scope = c_->scopes.rbegin(); scope != c_->scopes.rend(); ++scope)
        if (const auto found = scope->names.find(name); found != scope->names.end()) return found->second;
    return -1;
}
std::string Checker::currency_param() const { return c_->fn != nullptr ? c_->fn->currency_param : ""; }
bool Checker::is_zero_currency(const std::string& text) { return text.find_first_not_of("0._") == std::string::npos; }

// ---- conversions ---------------------------------------------------------------------------------

TExprPtr Checker::coerce(TExprPtr e, const Ty* type, Span span) {
    const Ty* from = e->type;
    if (type == nullptr || from == type || from->error() || type->error()) return e;
    const auto wrap = [&](Op op) {
        auto out = make(op, type, span);
        out->args.push_back(std::move(e));
        return out;
    };
    if (type->is(Kind::Optional)) {
        auto inner = coerce(std::move(e), type->element, span);
        if (inner->type->error()) return inner;
        auto out = make(Op::Wrap, type, span);
        out->args.push_back(std::move(inner));
        return out;
    }
    if (from->is(Kind::Exact) && (!from->currency.empty() || type->money())) return unrounded(span);
    if (from->money() && type->money()) {
        if (from->currency != type->currency) return sink_.report(Diag::CurrencyMismatch, span, {type->currency, from->currency}).note(name_of(from)), poison(span);
        if (type->is(Kind::Amount)) {
            if (e->op == Op::Const && e->value >= 0) {
                e->type = type;
                return e;
            }
            return wrap(Op::CheckAmount);
        }
        e->type = type; // an Amount is Money
        return e;
    }
    if (from->integer() && type->integer()) {
        if (type->is(Kind::Weight) && !(e->op == Op::Const && e->value >= 0)) return wrap(Op::CheckAmount);
        e->type = type;
        return e;
    }
    if (from->is(Kind::Contract) && type->is(Kind::AnyContract)) {
        e->type = type;
        return e;
    }
    if (from->is(Kind::Text) && type->is(Kind::Text) && e->op == Op::TextConst && e->text.size() <= type->max) {
        e->type = type;
        return e;
    }
    if (from->collection() && from->kind == type->kind && from->element == type->element && from->key == type->key)
        return wrap(Op::Resize);
    // List<Amount> and List<Money> have one form in memory; only the promise differs.
    if (from->is(Kind::List) && type->is(Kind::List) && from->element->is(Kind::Amount) && type->element->is(Kind::Money) &&
        from->element->currency == type->element->currency)
        return wrap(Op::Resize);
    return mismatch(type, *e, span);
}

TExprPtr Checker::value(const syntax::Expr& e, const Ty* expected) { return coerce(expr(e, expected), expected, e.span); }

TExprPtr Checker::condition(const syntax::Expr& e) {
    auto out = expr(e, t_->boolean);
    if (!out->type->is(Kind::Bool) && !out->type->error()) return error(Diag::NotABool, e.span, {describe(out->type)});
    return out;
}

// ---- expressions -----------------------------------------------------------------------------------

TExprPtr Checker::expr(const syntax::Expr& e, const Ty* expected) {
    switch (e.kind) {
    case ExprKind::Number: case ExprKind::Percent: case ExprKind::Unit: case ExprKind::Date:
    case ExprKind::Text: case ExprKind::True: case ExprKind::False: case ExprKind::None: return literal(e, expected);
    case ExprKind::Name: return name(e, expected);
    case ExprKind::Member: return member(e, expected);
    case ExprKind::Index: return index(e);
    case ExprKind::Call: return call(e, expected);
    case ExprKind::Binary: return e.text == "in" ? membership(e) : binary(e, expected);
    case ExprKind::Record: return record_literal(e, expected);
    case ExprKind::List: return list_literal(e, expected);
    case ExprKind::Sum: case ExprKind::Every: case ExprKind::Some: case ExprKind::Comprehension: return fold(e, expected);
    case ExprKind::Waterfall: return waterfall(e);
    case ExprKind::Is: return is_expr(e);
    case ExprKind::As: return as_expr(e);
    case ExprKind::Batch: return batch_expr(e);
    case ExprKind::Create: return create_expr(e);
    case ExprKind::Negate: {
        auto inner = expr(*e.args[0], expected);
        if (inner->type->error()) return inner;
        if (inner->type->is(Kind::Exact)) return exact_sum(false, nullptr, std::move(inner), e.span);
        if (!inner->type->money() && !inner->type->integer() && !inner->type->is(Kind::Rate) && !inner->type->is(Kind::Decimal) && !inner->type->is(Kind::Days))
            return error(Diag::BadOperands, e.span, {"-", describe(inner->type), "nothing", "", "use it on a number"});
        const Ty* type = inner->type->is(Kind::Amount) ? t_->money(inner->type->currency) : inner->type->is(Kind::Weight) ? t_->integer : inner->type;
        if (inner->op == Op::Const && inner->value != i128_min && type->holds(-inner->value)) return constant(-inner->value, type, e.span);
        auto out = make(Op::Neg, type, e.span);
        out->args.push_back(std::move(inner));
        return out;
    }
    case ExprKind::Not: {
        auto out = make(Op::Not, t_->boolean, e.span);
        out->args.push_back(condition(*e.args[0]));
        return out;
    }
    case ExprKind::Old: {
        if (!c_->ensure) return error(Diag::OutsideContract, e.span, {"old(…) outside `ensure`"});
        c_->ensure = false;
        auto inner = expr(*e.args[0], expected);
        c_->ensure = true;
        if (inner->type->error()) return inner;
        return at_entry(std::move(inner), e.span);
    }
    case ExprKind::Move: {
        auto inner = expr(*e.args[0], expected);
        if (inner->type->error()) return inner;
        if (!inner->type->is(Kind::Cash)) return error(Diag::MoveOfPlain, e.span, {describe(inner->type)});
        if (inner->op == Op::Local) inner->op = Op::MoveLocal;
        return inner;
    }
    }
    return poison(e.span);
}

TExprPtr Checker::name(const syntax::Expr& e, const Ty* expected) {
    const auto& text = e.text;
    if (const int local = find_local(text); local >= 0) {
        auto out = make(Op::Local, c_->fn->locals[static_cast<std::size_t>(local)].type, e.span);
        out->index = local;
        return out;
    }
    if (c_->in_book && text == "day") {
        auto out = make(Op::Field, t_->date, e.span);
        out->index = c_->contract->field("book__day");
        return out;
    }
    if (c_->in_book && !c_->fn->of_template && text == "today") return error(Diag::BookSees, e.span, {text});
    if (c_->contract != nullptr) {
        if (const int field = c_->contract->field(text); field >= 0) {
            const auto& decl = c_->contract->fields[static_cast<std::size_t>(field)];
            if (decl.states != 0 && (c_->states == 0 || (c_->states & ~decl.states) != 0)) {
                std::string where;
                for (std::size_t s = 0; s < c_->contract->states.size(); ++s)
                    if ((decl.states >> s & 1) != 0) where += (where.empty() ? "" : " | ") + c_->contract->states[s];
                return error(Diag::FieldNotInState, e.span, {text, where});
            }
            if (c_->in_book && (!seen_from_book(decl, *c_->contract) || still_grows(decl))) return error(Diag::BookSees, e.span, {text});
            if (decl.is_sum && c_->invariant) return error(Diag::SumInInvariant, e.span, {text});
            auto out = make(Op::Field, decl.type, e.span);
            out->index = field;
            return out;
        }
        if (text == "self") return make(Op::SelfId, t_->contract(c_->contract, c_->contract->currency_param), e.span);
        if (text == "caller" && c_->in_book) return error(Diag::BookSees, e.span, {text});
        if (text == "caller") return make(Op::Caller, t_->any_contract, e.span);
    }
    if (text == "today") return make(Op::Today, t_->date, e.span);
    if (const auto* s = symbol(text); s != nullptr && s->kind == Symbol::Kind::Const) {
        auto* decl = static_cast<ConstDecl*>(s->decl);
        if (decl->value == nullptr) return poison(e.span);
        return constant(decl->value->value, decl->type, e.span);
    }
    if (const auto* decl = enum_with_case(text, expected)) return case_value(*decl, decl->find(text), {}, e.span);

    std::vector<std::string> known{"today"};
    for (const auto& scope : c_->scopes)
        for (const auto& [n, local] : scope.names) known.push_back(n);
    if (c_->contract != nullptr)
        for (const auto& f : c_->contract->fields) known.push_back(f.name);
    for (const auto& [n, s] : symbols_[module_->name]) known.push_back(n);
    for (const auto& local : c_->fn->locals) // one that is out of reach by now
        if (local.name == text) {
            sink_.report(Diag::UnknownName, e.span, {text, "declare it in front of the braces"}).label(local.span, "this one is known within its braces only");
            return poison(e.span);
        }
    return unknown(Diag::UnknownName, e.span, {text}, text, known);
}

TExprPtr Checker::member(const syntax::Expr& e, const Ty* expected) {
    const auto& object = *e.args[0];
    if (object.kind == ExprKind::Name && object.text == "book" && find_local("book") < 0 && c_->contract != nullptr && c_->contract->field("book__day") >= 0) return book_member(e);
    if (object.kind == ExprKind::Name && find_local(object.text) < 0) {
        if (c_->contract != nullptr && c_->contract->parent != nullptr && object.text == c_->contract->parent_name) {
            const int field = c_->contract->parent->field(e.text);
            if (field < 0) {
                std::vector<std::string> known;
                for (const auto& f : c_->contract->parent->fields) known.push_back(f.name);
                return unknown(Diag::UnknownMember, e.names[0].span, {"`" + c_->contract->parent->name + "`", e.text}, e.text, known);
            }
            const auto& decl = c_->contract->parent->fields[static_cast<std::size_t>(field)];
            if (c_->in_book && (!seen_from_book(decl, *c_->contract->parent) || still_grows(decl))) return error(Diag::BookSees, e.span, {object.text + "." + e.text});
            auto out = make(Op::ParentField, t_->substitute(decl.type, c_->contract->parent->currency_param, c_->contract->currency_param), e.span);
            out->index = field;
            return out;
        }
        if (const auto* s = symbol(object.text); s != nullptr && s->kind == Symbol::Kind::Enum) {
            auto* decl = static_cast<EnumDecl*>(s->decl);
            const int number = decl->find(e.text);
            if (number < 0) return unknown(Diag::UnknownMember, e.names[0].span, {"`" + decl->name + "`", e.text}, e.text, decl->cases);
            return case_value(*decl, number, {}, e.span);
        }
    }
    (void)expected;
    return member_of(expr(object), e);
}

TExprPtr Checker::member_of(TExprPtr object, const syntax::Expr& e) {
    const Ty* type = object->type;
    const auto& text = e.text;
    const Span at = e.names[0].span;
    const auto with = [&](Op op, const Ty* result, int number = -1) {
        auto out = make(op, result, e.span);
        out->index = number;
        out->args.push_back(std::move(object));
        return out;
    };
    if (type->error()) return object;
    if (type->is(Kind::Record) && type->record->variant_of != nullptr)
        return error(Diag::UnknownMember, at, {describe(type), text, "use `match` to get at the fields of a case"});
    if (type->is(Kind::Record)) {
        const int field = type->record->field(text);
        if (object->op == Op::Local)
            for (const auto& [local, rest] : c_->waterfall_rests)
                if (local == object->index && rest == text) c_->rests_used.insert(local);
        if (field >= 0) return with(Op::Member, t_->field_type(type, static_cast<std::size_t>(field)), field);
        std::vector<std::string> known;
        for (const auto& f : type->record->fields) known.push_back(f.name);
        return unknown(Diag::UnknownMember, at, {describe(type), text}, text, known);
    }
    if (type->is(Kind::List) && type->element->is(Kind::Record) && type->element->record->dated && text == "changes") {
        syntax::Expr from;
        from.span = e.span;
        from.text = "from";
        from.names = e.names;
        return every_field(std::move(object), from);
    }
    if (type->collection() && !(type->element->is(Kind::Cash))) {
        if (text == "count") return with(Op::Count, t_->integer);
        if (text == "is_empty") return with(Op::IsEmpty, t_->boolean);
        if (text == "keys" && type->is(Kind::Map)) return with(Op::Keys, t_->list(type->key, type->max));
    }
    if (object->op == Op::Field && type->is(Kind::Map) && text == "keys") {
        auto out = make(Op::VaultKeys, t_->set(type->key, type->max), e.span);
        out->index = object->index;
        return out;
    }
    if (type->is(Kind::Cash) && text == "amount") {
        if (object->op == Op::Local) {
            auto out = make(Op::CashAmount, t_->amount(type->currency), e.span);
            out->index = object->index;
            // In a promise money is what it was at the beginning: by the end somebody else has it.
            return c_->ensure ? at_entry(std::move(out), e.span) : std::move(out);
        }
        if (object->op == Op::Field || object->op == Op::MapAt) {
            auto out = make(Op::VaultAmount, t_->amount(type->currency), e.span);
            out->index = object->op == Op::Field ? object->index : object->args[0]->index;
            if (object->op == Op::MapAt) out->args.push_back(std::move(object->args[1]));
            return out;
        }
    }
    if ((type->is(Kind::Text) || type->is(Kind::Blob)) && text == "count") return with(Op::Count, t_->integer);
    if ((type->is(Kind::Text) || type->is(Kind::Blob)) && text == "is_empty") return with(Op::IsEmpty, t_->boolean);
    if (type->is(Kind::Optional) && text == "is_none") return with(Op::IsNone, t_->boolean);
    if (type->is(Kind::Date)) {
        static const std::map<std::string, int> parts{{"year", 0}, {"month", 1}, {"day", 2}, {"days_in_month", 3}};
        if (const auto part = parts.find(text); part != parts.end()) return with(Op::DatePart, t_->integer, part->second);
    }
    if (type->is(Kind::AnyContract) && text == "desk") return with(Op::Desk, t_->any_contract);
    if (type->is(Kind::Contract) && c_->test) {
        const int field = type->contract->field(text);
        if (field >= 0) {
            const auto& decl = type->contract->fields[static_cast<std::size_t>(field)];
            if (decl.kind == FieldKind::Vault || decl.kind == FieldKind::Accrual)
                return error(Diag::NotYet, at, {"looking into another contract's vaults and accruals", "ask one of its views"});
            return with(Op::Peek, t_->substitute(decl.type, type->contract->currency_param, type->currency), field);
        }
    }
    if (object->op == Op::SelfId && type->contract->field(text) >= 0) {
        sink_.report(Diag::UnknownMember, at, {"`self`", text, "a field of the contract itself is named alone: `" + text + "`"}).suggest(Applicability::Automatic, e.span, text);
        return poison(e.span);
    }
    if (type->is(Kind::Contract) && !c_->test)
        return error(Diag::UnknownMember, at, {describe(type), text, "another contract's fields are its own; call one of its views"});
    if (type->is(Kind::List) && type->element->is(Kind::Record)) return every_field(std::move(object), e);
    static const std::set<std::string> called{"push", "insert", "insert_all", "remove", "has", "get", "deposit", "withdraw", "take", "add", "value_or"};
    if (called.contains(text)) return error(Diag::UnknownMember, at, {describe(type), text, "it is called: `." + text + "(…)`"});
    return unknown(Diag::UnknownMember, at, {describe(type), text}, text, {"count", "is_empty", "keys", "amount", "is_none", "year", "month", "day", "days_in_month"});
}

/// `list.field`: the field of every element, as `[x.field for x in list]`.
TExprPtr Checker::every_field(TExprPtr list, const syntax::Expr& e) {
    const Ty* element = list->type->element;
    const int field = element->record->field(e.text);
    if (field < 0) return error(Diag::UnknownMember, e.names[0].span, {describe(list->type), e.text, ""});
    const int local = add_local("", element, false, e.span);
    auto one = make(Op::Local, element, e.span);
    one->index = local;
    auto member_expr = make(Op::Member, t_->field_type(element, static_cast<std::size_t>(field)), e.span);
    member_expr->index = field;
    member_expr->args.push_back(std::move(one));
    auto out = make(Op::Collect, t_->list(member_expr->type, list->type->max), e.span);
    out->args.push_back(std::move(member_expr));
    out->args.push_back(std::move(list));
    out->args.push_back(nullptr);
    out->locals = {local};
    return out;
}

TExprPtr Checker::index(const syntax::Expr& e) {
    const bool named = e.args[0]->kind == ExprKind::Name || (e.args[0]->kind == ExprKind::Member && e.args[0]->args[0]->kind == ExprKind::Name);
    const bool outer = std::exchange(c_->by_index, named);
    auto object = expr(*e.args[0]);
    c_->by_index = outer;
    const Ty* type = object->type;
    if (type->error()) return object;
    if (!type->is(Kind::List) && !type->is(Kind::Map))
        return error(Diag::BadOperands, e.span, {"[ ]", describe(type), "an index", "", "only a List or a Map has elements by index or key"});
    auto key = value(*e.args[1], type->is(Kind::List) ? t_->integer : type->key);
    if (key->type->error()) return key;
    const auto* holder = object->op == Op::Peek ? object->args[0]->type->contract : object->op == Op::Field ? c_->contract : object->op == Op::ParentField && object->index >= 0 ? c_->contract->parent : nullptr;
    if (holder != nullptr && holder->fields[static_cast<std::size_t>(object->index)].is_sum) { // what nobody added to is zero
        auto out = make(Op::Get, type->element, e.span);
        out->args.push_back(std::move(object));
        out->args.push_back(std::move(key));
        out->args.push_back(constant(0, type->element, e.span));
        return out;
    }
    // Whether the collection is stored by key is a matter of layout: `lower` decides.
    auto out = make(type->is(Kind::List) ? Op::Index : Op::MapAt, type->element, e.span);
    out->args.push_back(std::move(object));
    out->args.push_back(std::move(key));
    return out;
}

} // namespace tally::check
