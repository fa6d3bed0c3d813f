#include "compiler/check/checker.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/value/date.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>
#include <utility>

namespace tally::check {

using syntax::ExprKind;

namespace {

/// A sum of constants that does not fit its type is left to stop where it is worked out.
bool holds(const Ty* type, i128 value) { return type->wide() || value == static_cast<i64>(value); }

} // namespace

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
        if (inner->op == Op::Const && inner->value != i128_min && holds(type, -inner->value)) return constant(-inner->value, type, e.span);
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
        auto let = std::make_unique<TStmt>();
        let->op = SOp::Let;
        let->span = e.span;
        let->local = add_local("", inner->type, false, e.span);
        auto out = make(Op::Local, inner->type, e.span);
        out->index = let->local;
        let->expr = std::move(inner);
        c_->fn->olds.push_back(std::move(let));
        return out;
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

TExprPtr Checker::literal(const syntax::Expr& e, const Ty* expected) {
    const auto number = [&](int scale, const Ty* type) {
        const auto v = decimal_parse(e.text, scale);
        if (!v) return error(Diag::BadNumber, e.span, {e.text});
        return constant(*v, type, e.span);
    };
    switch (e.kind) {
    case ExprKind::Number: {
        const bool decimal = e.text.find('.') != std::string::npos;
        if (expected != nullptr && expected->is(Kind::Decimal)) return number(decimal_scale, t_->decimal);
        if (decimal && expected != nullptr && (expected->money() || expected->integer() || expected->is(Kind::Rate))) return whole_number(e, expected);
        if (decimal) return number(decimal_scale, t_->decimal);
        auto out = number(0, t_->integer);
        if (!out->type->error() && (out->value > static_cast<i128>(INT64_MAX))) return error(Diag::BadNumber, e.span, {e.text});
        return out;
    }
    case ExprKind::Percent: // n % = n × 10^-2, kept at 10^-18
        if (!e.names.empty() && e.names[0].text != "pa") return error(Diag::UnknownUnit, e.names[0].span, {"% " + e.names[0].text, ""});
        return number(decimal_scale - 2, t_->rate);
    case ExprKind::Unit: return unit_literal(e);
    case ExprKind::Date: {
        const auto d = date_parse(e.text);
        if (!d) return error(Diag::BadDateLiteral, e.span, {e.text});
        return constant(*d, t_->date, e.span);
    }
    case ExprKind::Text: {
        const bool fits = expected != nullptr && expected->is(Kind::Text) && e.text.size() <= expected->max;
        auto out = make(Op::TextConst, fits ? expected : t_->text(static_cast<std::uint32_t>(std::max<std::size_t>(1, e.text.size()))), e.span);
        out->text = e.text;
        return out;
    }
    case ExprKind::True: return constant(1, t_->boolean, e.span);
    case ExprKind::False: return constant(0, t_->boolean, e.span);
    default:
        if (expected == nullptr || !expected->is(Kind::Optional)) return error(Diag::TypeUnknownHere, e.span, {"`none`"});
        return make(Op::None, expected, e.span);
    }
}

namespace {

/// `0.0735` → `7.35`
std::string per_cent(const std::string& share) {
    const auto point = share.find('.');
    auto behind = share.substr(point + 1);
    while (behind.size() < 2) behind += '0';
    auto out = share.substr(0, point) + behind.substr(0, 2);
    out.erase(0, std::min(out.find_first_not_of('0'), out.size() - 1));
    return behind.size() > 2 ? out + "." + behind.substr(2) : out;
}

} // namespace

/// `1.5` alone: what it is meant to be, its author must write.
TExprPtr Checker::whole_number(const syntax::Expr& e, const Ty* expected) {
    auto& d = sink_.report(Diag::NumberForm, e.span, {e.text, "a number without a unit is whole, so that nothing is rounded unseen",
                                                      "write an amount (`1.50 USD`), a rate (`7.35%`) or a fraction (`3/2`)"});
    if (expected != nullptr && expected->money()) d.suggest(Applicability::Likely, {e.span.file, e.span.end, e.span.end}, " " + expected->currency);
    if (expected != nullptr && expected->is(Kind::Rate)) d.suggest(Applicability::Likely, e.span, per_cent(e.text) + "%");
    return poison(e.span);
}

TExprPtr Checker::unknown_unit(Span at, const std::string& unit) {
    std::string upper = unit;
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const bool currency = currency_by_name(upper).has_value();
    const auto near = currency ? upper : closest(unit, {"days", "day", "months", "month", "bp"});
    auto& d = sink_.report(Diag::UnknownUnit, at, {unit, near.empty() ? "" : "did you mean `" + near + "`? "});
    if (!near.empty()) d.suggest(currency ? Applicability::Automatic : Applicability::Likely, at, near);
    return poison(at);
}

TExprPtr Checker::unit_literal(const syntax::Expr& e) {
    const auto& unit = e.names[0].text;
    const bool glued = e.names[0].span.begin == e.span.begin + e.text.size() && unit.size() > 1;
    if (glued && (unit[0] == 'x' || ((unit[0] == 'e' || unit[0] == 'E') && unit.find_first_not_of("0123456789", 1) == std::string::npos)))
        return error(Diag::NumberForm, e.span, {e.text + unit, "numbers are decimal, with every digit written", "write the digits out, with `_` between groups if you like"});
    if (unit == "days" || unit == "day" || unit == "months" || unit == "month") {
        const auto v = decimal_parse(e.text, 0);
        if (!v || *v > 1'000'000) return error(Diag::BadNumber, e.span, {e.text});
        return constant(*v, unit[0] == 'd' ? t_->days : t_->months, e.span);
    }
    if (unit == "bp") {
        const auto v = decimal_parse(e.text, decimal_scale - 4);
        return v ? constant(*v, t_->rate, e.span) : error(Diag::BadNumber, e.span, {e.text});
    }
    if (!currency_param().empty() && unit == currency_param()) {
        if (!is_zero_currency(e.text)) return error(Diag::NotYet, e.span, {"an amount other than zero in a currency that is a parameter", "the only amount that means the same in every currency is `0 " + unit + "`"});
        return constant(0, t_->money(unit), e.span);
    }
    const auto currency = currency_by_name(unit);
    if (!currency) return unknown_unit(e.names[0].span, unit);
    const auto v = decimal_parse(e.text, currency->exponent);
    if (!v) return error(Diag::BadMoneyLiteral, e.span, {e.text, unit, std::to_string(currency->exponent)});
    return constant(*v, t_->money(unit), e.span);
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

/// A case by its bare name: of the expected enum, else of the one enum that has it.
const EnumDecl* Checker::enum_with_case(const std::string& text, const Ty* expected) const {
    if (expected != nullptr && expected->is(Kind::Optional)) expected = expected->element;
    if (expected != nullptr) {
        const auto* wanted = expected->is(Kind::Enum) ? expected->enumeration : expected->is(Kind::Record) ? expected->record->variant_of : nullptr;
        if (wanted != nullptr && wanted->find(text) >= 0) return wanted;
    }
    const EnumDecl* only = nullptr;
    std::size_t count = 0;
    const auto offer = [&](const EnumDecl* decl) {
        if (decl->find(text) < 0) return;
        only = decl;
        ++count;
    };
    for (const auto* builtin : {t_->rounding, t_->end_of_month, t_->tie, t_->day_count}) offer(builtin->enumeration);
    if (const auto table = symbols_.find(module_->name); table != symbols_.end())
        for (const auto& [known, s] : table->second)
            if (s.kind == Symbol::Kind::Enum) offer(static_cast<EnumDecl*>(s.decl));
    return count == 1 ? only : nullptr;
}

/// A value of an enum; `fields` are those of the case, in order.
TExprPtr Checker::case_value(const EnumDecl& decl, int number, std::vector<TExprPtr> fields, Span span) {
    auto tag = constant(number, t_->enumeration(&decl), span);
    if (!decl.variant) return tag;
    const auto& name = decl.cases[static_cast<std::size_t>(number)];
    auto out = make(Op::RecordLit, t_->record(decl.variant.get(), currency_param()), span);
    out->args.push_back(std::move(tag));
    std::size_t used = 0;
    for (std::size_t i = 1; i < decl.variant->fields.size(); ++i) {
        const auto& field = decl.variant->fields[i];
        const bool own = field.name.rfind(name + ".", 0) == 0;
        if (own && used >= fields.size()) return error(Diag::MissingField, span, {name, field.name.substr(name.size() + 1)});
        out->args.push_back(own ? std::move(fields[used++]) : make(Op::Zero, field.type, span));
    }
    return out;
}

/// `Fixed(rate: 5% pa)`
TExprPtr Checker::case_call(const EnumDecl& decl, int number, const syntax::Expr& e) {
    const auto& name = decl.cases[static_cast<std::size_t>(number)];
    std::vector<FieldDecl> params;
    if (decl.variant)
        for (const auto& f : decl.variant->fields)
            if (f.name.rfind(name + ".", 0) == 0) params.push_back({f.name.substr(name.size() + 1), f.type, f.span});
    std::string currency;
    auto args = arguments(name, params, e, 1, currency, "");
    if (args.size() != params.size()) return poison(e.span);
    return case_value(decl, number, std::move(args), e.span);
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
            if (!c_->ensure) return out;
            // In a promise money is what it was at the beginning: by the end somebody else has it.
            auto let = std::make_unique<TStmt>();
            let->op = SOp::Let;
            let->span = e.span;
            let->local = add_local("", out->type, false, e.span);
            auto then = make(Op::Local, out->type, e.span);
            then->index = let->local;
            let->expr = std::move(out);
            c_->fn->olds.push_back(std::move(let));
            return then;
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

// ---- operators ---------------------------------------------------------------------------------------

TExprPtr Checker::binary(const syntax::Expr& e, const Ty* expected) {
    if (e.text == "and" || e.text == "or") {
        auto out = make(e.text == "and" ? Op::And : Op::Or, t_->boolean, e.span);
        out->args.push_back(condition(*e.args[0]));
        if (out->args[0]->type->error()) return poison(e.span);
        out->args.push_back(condition(*e.args[1]));
        return out->args[1]->type->error() ? poison(e.span) : std::move(out);
    }
    const bool arithmetic_op = e.text == "+" || e.text == "-" || e.text == "*" || e.text == "/";
    auto left = expr(*e.args[0], arithmetic_op ? expected : nullptr);
    auto right = expr(*e.args[1], arithmetic_op ? expected : left->type);
    if (left->type->error()) return left;
    if (right->type->error()) return right;
    if (e.text == "*" || e.text == "/") return product(e.text, std::move(left), std::move(right), e.span);
    if (arithmetic_op) return arithmetic(e.text, std::move(left), std::move(right), e.span);
    return compare(e.text, std::move(left), std::move(right), e.span);
}

TExprPtr Checker::arithmetic(const std::string& op, TExprPtr left, TExprPtr right, Span span) {
    const Ty* a = left->type;
    const Ty* b = right->type;
    const Ty* result = nullptr;
    const bool plus = op == "+";
    if (a->is(Kind::Exact) || b->is(Kind::Exact)) return exact_sum(plus, std::move(left), std::move(right), span);
    if (a->money() && b->money()) {
        if (a->currency != b->currency) return two_currencies(*left, *right, span);
        result = plus && a->is(Kind::Amount) && b->is(Kind::Amount) ? t_->amount(a->currency) : t_->money(a->currency);
    } else if (a->integer() && b->integer()) result = t_->integer;
    else if (a->is(Kind::Rate) && b->is(Kind::Rate)) result = t_->rate;
    else if (a->is(Kind::Decimal) && b->is(Kind::Decimal)) result = t_->decimal;
    else if (a->is(Kind::Days) && b->is(Kind::Days)) result = t_->days;
    else if (a->is(Kind::Months) && b->is(Kind::Months)) result = t_->months;
    else if (a->is(Kind::Date) && b->is(Kind::Days)) result = t_->date;
    else if (a->is(Kind::Date) && b->is(Kind::Date) && !plus) result = t_->days;
    else if (a->is(Kind::Date) && b->is(Kind::Months)) {
        const Span between{span.file, left->span.end, right->span.begin}, end{span.file, right->span.end, right->span.end};
        return plus ? needs_month_rule(span, {{between, ".add("}}, end) : error(Diag::MonthNeedsRule, span);
    }
    if (result == nullptr) {
        const bool money_and_number = (a->money() && b->integer()) || (a->integer() && b->money());
        return bad_operands(op, *left, *right, span, money_and_number ? "a number has no currency" : "",
                            money_and_number ? "write the amount with its currency: `1.00 CNY`" : "");
    }
    if (left->op == Op::Const && right->op == Op::Const) {
        i128 folded = 0;
        const bool fits = plus ? add_fits(left->value, right->value, folded) : sub_fits(left->value, right->value, folded);
        if (fits && holds(result, folded)) return constant(folded, result, span);
    }
    auto out = make(plus ? Op::Add : Op::Sub, result, span);
    out->args.push_back(std::move(left));
    out->args.push_back(std::move(right));
    return out;
}

/// left ± right, both of one unit and at least one unrounded; `left` null: −right.
TExprPtr Checker::exact_sum(bool plus, TExprPtr left, TExprPtr right, Span span) {
    const auto exact_number = [](const Ty* t) { return t->integer() || t->is(Kind::Rate) || t->is(Kind::Decimal) || t->is(Kind::Fraction); };
    std::string currency;
    if (left) {
        const Ty* a = left->type;
        const Ty* b = right->type;
        const bool amounts = (a->money() || a->is(Kind::Exact)) && (b->money() || b->is(Kind::Exact)) && !a->currency.empty() && !b->currency.empty();
        const bool numbers = (exact_number(a) || (a->is(Kind::Exact) && a->currency.empty())) && (exact_number(b) || (b->is(Kind::Exact) && b->currency.empty()));
        if (amounts && a->currency != b->currency) return error(Diag::CurrencyMismatch, span, {a->currency, b->currency});
        if (!amounts && !numbers) return error(Diag::BadOperands, span, {plus ? "+" : "-", describe(a), describe(b), "", ""});
        currency = a->currency;
    } else {
        currency = right->type->currency;
    }
    auto out = make(Op::ExactSum, t_->exact(currency), span);
    const auto add = [&](TExprPtr term, int sign) {
        if (term->op == Op::ExactSum) {
            for (std::size_t i = 0; i < term->args.size(); ++i) {
                out->args.push_back(std::move(term->args[i]));
                out->locals.push_back(sign * term->locals[i]);
            }
            return;
        }
        if (term->op != Op::Exact) {
            auto one = make(Op::Exact, t_->exact(currency), term->span);
            one->index = 1;
            one->args.push_back(std::move(term));
            term = std::move(one);
        }
        out->args.push_back(std::move(term));
        out->locals.push_back(sign);
    };
    if (left) add(std::move(left), 1);
    add(std::move(right), plus ? 1 : -1);
    return out;
}

TExprPtr Checker::product(const std::string& op, TExprPtr left, TExprPtr right, Span span) {
    const Ty* a = left->type;
    const Ty* b = right->type;
    const bool times = op == "*";
    const auto plain = [&](Op code, const Ty* type) {
        auto out = make(code, type, span);
        out->args.push_back(std::move(left));
        out->args.push_back(std::move(right));
        return out;
    };
    if (times && a->integer() && b->integer()) return plain(Op::Mul, t_->integer);
    if (times && a->money() && b->integer()) return plain(Op::Mul, b->is(Kind::Weight) && a->is(Kind::Amount) ? a : t_->money(a->currency));
    if (times && a->integer() && b->money()) return plain(Op::Mul, t_->money(b->currency));
    if (times && a->is(Kind::Rate) && b->integer()) return plain(Op::Mul, t_->rate);
    if (times && a->integer() && b->is(Kind::Rate)) return plain(Op::Mul, t_->rate);
    if (times && a->is(Kind::Decimal) && b->integer()) return plain(Op::Mul, t_->decimal);
    if (times && a->integer() && b->is(Kind::Decimal)) return plain(Op::Mul, t_->decimal);
    if (times && ((a->is(Kind::Days) && b->integer()) || (a->integer() && b->is(Kind::Days)))) return plain(Op::Mul, t_->days);
    if (!times && a->integer() && b->integer()) return plain(Op::MakeFraction, t_->fraction);

    const auto number = [](const Ty* t) { return t->integer() || t->is(Kind::Rate) || t->is(Kind::Decimal) || t->is(Kind::Fraction) || (t->is(Kind::Exact) && t->currency.empty()); };
    const auto amount = [](const Ty* t) { return t->money() || (t->is(Kind::Exact) && !t->currency.empty()); };
    std::string currency;
    if (times && amount(a) && number(b)) currency = a->currency;
    else if (times && number(a) && amount(b)) currency = b->currency;
    else if (!times && amount(a) && (b->integer() || b->is(Kind::Fraction))) currency = a->currency;
    else if (times && amount(a) && amount(b)) return bad_operands(op, *left, *right, span, "an amount times an amount is no amount", "multiply by a number, a rate or a fraction");
    else if (!times && b->is(Kind::Rate)) return error(Diag::NotYet, span, {"division by a rate", "multiply by a fraction instead"});
    else if (!(number(a) && number(b) && (times || b->integer() || b->is(Kind::Fraction))))
        return bad_operands(op, *left, *right, span, "", "");
    if (left->op == Op::ExactSum || right->op == Op::ExactSum) return error(Diag::SumTimes, span);
    // Flatten: args[0…index) over args[index…).
    auto out = make(Op::Exact, t_->exact(currency), span);
    std::vector<TExprPtr> above, below;
    const auto add = [&](TExprPtr factor, bool inverted) {
        auto& numerators = inverted ? below : above;
        auto& denominators = inverted ? above : below;
        if (factor->op == Op::Exact) {
            const auto split = static_cast<std::size_t>(factor->index);
            for (std::size_t i = 0; i < factor->args.size(); ++i) (i < split ? numerators : denominators).push_back(std::move(factor->args[i]));
        } else if (factor->op == Op::MakeFraction) {
            numerators.push_back(std::move(factor->args[0]));
            denominators.push_back(std::move(factor->args[1]));
        } else {
            numerators.push_back(std::move(factor));
        }
    };
    add(std::move(left), false);
    add(std::move(right), !times);
    // At most an amount, two rates and a fraction fit the 256-bit product (language.md, decision 1).
    std::size_t moving = 0;
    for (const auto& f : above) moving += f->op == Op::Const ? 0U : 1U;
    if (moving > 4) return error(Diag::ExactTooWide, span);
    out->index = static_cast<int>(above.size());
    out->args = std::move(above);
    for (auto& f : below) out->args.push_back(std::move(f));
    return out;
}

TExprPtr Checker::compare(const std::string& op, TExprPtr left, TExprPtr right, Span span) {
    const Ty* a = left->type;
    const Ty* b = right->type;
    if (a->is(Kind::Exact) || b->is(Kind::Exact)) return unrounded(a->is(Kind::Exact) ? left->span : right->span);
    if (a->money() && b->money() && a->currency != b->currency) return two_currencies(*left, *right, span);
    if (a->is(Kind::Text) && b->is(Kind::Text) && a != b) { // of two maxima: the shorter as the longer
        auto& shorter = a->max < b->max ? left : right;
        auto longer = make(Op::Resize, a->max < b->max ? b : a, shorter->span);
        longer->args.push_back(std::move(shorter));
        shorter = std::move(longer);
        return compare(op, std::move(left), std::move(right), span);
    }
    const bool numbers = (a->money() && b->money()) || (a->integer() && b->integer());
    const bool contracts = (a->is(Kind::Contract) || a->is(Kind::AnyContract)) && (b->is(Kind::Contract) || b->is(Kind::AnyContract));
    if (!numbers && !contracts && a != b) return bad_operands(op, *left, *right, span, "only values of one type can be compared", "");
    if (a->is(Kind::Cash) || a->is(Kind::Unit) || a->is(Kind::Accrual)) return error(Diag::BadOperands, span, {op, describe(a), describe(b), "", a->is(Kind::Cash) ? "compare the amounts: `x.amount`" : ""});
    const bool ordered = op != "==" && op != "!=";
    const bool has_order = numbers || a->is(Kind::Rate) || a->is(Kind::Decimal) || a->is(Kind::Fraction) || a->is(Kind::Date) || a->is(Kind::Days) || a->is(Kind::Months);
    if (ordered && !has_order) return bad_operands(op, *left, *right, span, "they have no order", "compare with `==` or `!=`");
    static const std::map<std::string, Op> operations{{"==", Op::Eq}, {"!=", Op::Ne}, {"<", Op::Lt}, {"<=", Op::Le}, {">", Op::Gt}, {">=", Op::Ge}};
    auto out = make(operations.at(op), t_->boolean, span);
    out->args.push_back(std::move(left));
    out->args.push_back(std::move(right));
    return out;
}

TExprPtr Checker::membership(const syntax::Expr& e) {
    auto over = expr(*e.args[1]);
    if (over->type->error()) return over;
    if (!over->type->is(Kind::Set) && !over->type->is(Kind::Map))
        return error(Diag::BadOperands, e.span, {"in", "a value", describe(over->type), "", "use a Set or a Map; for a list write `some(x in list : x == …)`"});
    const Ty* key = over->type->is(Kind::Set) ? over->type->element : over->type->key;
    if (over->op == Op::VaultKeys) {
        auto out = make(Op::VaultHas, t_->boolean, e.span);
        out->index = over->index;
        out->args.push_back(value(*e.args[0], key));
        return out;
    }
    auto out = make(Op::Has, t_->boolean, e.span);
    out->args.push_back(std::move(over));
    out->args.push_back(value(*e.args[0], key));
    return out;
}

TExprPtr Checker::is_expr(const syntax::Expr& e) {
    auto object = expr(*e.args[0]);
    if (object->type->error()) return object;
    const Span at = e.names[0].span;
    if (object->type->is(Kind::Enum)) {
        const int number = object->type->enumeration->find(e.text);
        if (number < 0) return unknown(Diag::UnknownMember, at, {describe(object->type), e.text}, e.text, object->type->enumeration->cases);
        auto out = make(Op::Eq, t_->boolean, e.span);
        out->args.push_back(std::move(object));
        out->args.push_back(constant(number, out->args[0]->type, at));
        return out;
    }
    if (object->type->is(Kind::Record) && object->type->record->variant_of != nullptr) {
        const auto& decl = *object->type->record->variant_of;
        const int number = decl.find(e.text);
        if (number < 0) return error(Diag::UnknownMember, at, {describe(object->type), e.text, suggest(e.text, decl.cases)});
        auto tag = make(Op::Member, object->type->record->fields[0].type, e.span);
        tag->index = 0;
        tag->args.push_back(std::move(object));
        auto out = make(Op::Eq, t_->boolean, e.span);
        out->args.push_back(std::move(tag));
        out->args.push_back(constant(number, out->args[0]->type, at));
        return out;
    }
    if (!object->type->is(Kind::Contract) || (object->op != Op::SelfId && !c_->test))
        return error(Diag::BadOperands, e.span, {"is", describe(object->type), "a state", "", "`is` asks for the state of `self`, or for an enum's case"});
    if (c_->in_book) return error(Diag::BookSees, e.span, {"self is " + e.text});
    const auto* contract = object->type->contract;
    const int state = contract->state(e.text);
    if (state < 0) return unknown_state(*contract, at, e.text);
    auto out = make(Op::IsState, t_->boolean, e.span);
    out->index = state;
    if (object->op != Op::SelfId) out->args.push_back(std::move(object));
    return out;
}

// ---- compound values -----------------------------------------------------------------------------------

TExprPtr Checker::record_fields(const RecordDecl& record, const std::vector<syntax::Init>& inits, Span span, bool positional) {
    std::vector<TExprPtr> args(record.fields.size());
    std::string currency = record.currency_param.empty() ? "" : currency_param();
    // A field with an amount tells the currency where no parameter does.
    const auto check_one = [&](std::size_t field, const syntax::Expr& e) {
        const Ty* wanted = t_->substitute(record.fields[field].type, record.currency_param, currency.empty() ? record.currency_param : currency);
        auto v = expr(e, wanted);
        if (currency.empty() && !record.currency_param.empty() && !v->type->currency.empty()) {
            currency = v->type->currency;
            wanted = t_->substitute(record.fields[field].type, record.currency_param, currency);
        }
        const auto complaints = sink_.count();
        args[field] = coerce(std::move(v), wanted, e.span);
        wanted_by(complaints, e.span, record.fields[field].span, "`" + record.fields[field].name + "` is " + describe(wanted));
    };
    bool good = true;
    for (std::size_t i = 0; i < inits.size(); ++i) {
        const auto& init = inits[i];
        const int field = init.name.text.empty() && positional ? static_cast<int>(i) : record.field(init.name.text);
        if (field < 0 || static_cast<std::size_t>(field) >= args.size()) {
            std::string known;
            for (const auto& f : record.fields) known += (known.empty() ? "" : ", ") + f.name;
            auto& d = sink_.report(Diag::BadArgumentName, init.name.text.empty() ? init.value->span : init.name.span, {record.name, init.name.text, known.empty() ? "none" : known});
            std::vector<std::string> names;
            for (const auto& f : record.fields) names.push_back(f.name);
            if (const auto near = closest(init.name.text, names); !near.empty()) d.suggest(Applicability::Likely, d.span, near);
            good = false;
            continue;
        }
        if (args[static_cast<std::size_t>(field)]) {
            const auto first = std::find_if(inits.begin(), inits.end(), [&](const syntax::Init& other) { return other.name.text == init.name.text; });
            twice(init.name.span, init.name.text, first->name.span);
        }
        check_one(static_cast<std::size_t>(field), *init.value);
    }
    for (std::size_t i = 0; i < args.size(); ++i)
        if (!args[i] && record.fields[i].init != nullptr) args[i] = default_value(record, i, span);
    for (std::size_t i = 0; i < args.size(); ++i)
        if (!args[i]) {
            if (good) sink_.report(Diag::MissingField, span, {record.name, record.fields[i].name}).label(record.fields[i].span, "declared here");
            return poison(span);
        }
    if (!good) return poison(span);
    auto out = make(Op::RecordLit, t_->record(&record, currency), span);
    out->args = std::move(args);
    return out;
}

/// The default of a record's field: a value that needs nothing of where the record is made.
TExprPtr Checker::default_value(const RecordDecl& record, std::size_t field, Span span) {
    FnDecl scratch;
    Context context;
    context.fn = &scratch;
    context.scopes.emplace_back();
    auto* outer = std::exchange(c_, &context);
    auto* outer_module = std::exchange(module_, modules_[record.module]);
    auto out = value(*record.fields[field].init, record.fields[field].type);
    c_ = outer;
    module_ = outer_module;
    if (!scratch.locals.empty()) return error(Diag::NotYet, span, {"a default value with a loop in it", "give the value where the record is made"});
    return out;
}

TExprPtr Checker::record_literal(const syntax::Expr& e, const Ty* expected) {
    const auto* s = symbol(e.text);
    if (s == nullptr || s->kind != Symbol::Kind::Record) {
        std::vector<std::string> known;
        for (const auto& [n, other] : symbols_[module_->name])
            if (other.kind == Symbol::Kind::Record) known.push_back(n);
        return unknown(Diag::UnknownType, e.names[0].span, {e.text}, e.text, known);
    }
    (void)expected;
    std::vector<syntax::Init> inits;
    auto& mutable_e = const_cast<syntax::Expr&>(e);
    for (std::size_t i = 0; i < e.args.size(); ++i) inits.push_back({{e.arg_names[i], e.arg_spans[i]}, std::move(mutable_e.args[i])});
    auto out = record_fields(*static_cast<RecordDecl*>(s->decl), inits, e.span, false);
    for (std::size_t i = 0; i < inits.size(); ++i) mutable_e.args[i] = std::move(inits[i].value);
    return out;
}

TExprPtr Checker::list_literal(const syntax::Expr& e, const Ty* expected) {
    if (e.args.empty()) {
        if (expected == nullptr || !expected->collection()) return error(Diag::TypeUnknownHere, e.span, {"collection"});
        return make(Op::ListLit, expected, e.span);
    }
    const bool typed = expected != nullptr && (expected->is(Kind::List) || expected->is(Kind::Set));
    const Ty* element = typed ? expected->element : nullptr;
    std::vector<TExprPtr> values;
    for (const auto& arg : e.args) {
        values.push_back(element != nullptr ? value(*arg, element) : expr(*arg));
        if (values.back()->type->error()) return std::move(values.back());
        if (values.back()->type->is(Kind::Cash)) return error(Diag::AssetStored, arg->span, {"a list"});
        if (values.back()->type->is(Kind::Exact)) return unrounded(arg->span);
        if (element == nullptr) element = values.back()->type;
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = coerce(std::move(values[i]), element, e.args[i]->span);
    auto out = make(Op::ListLit, typed ? expected : t_->list(element, static_cast<std::uint32_t>(values.size())), e.span);
    if (typed && values.size() > expected->max) return error(Diag::MaxTooLarge, e.span, {std::to_string(expected->max)});
    out->args = std::move(values);
    return out;
}

TExprPtr Checker::iterable(const syntax::Expr& e) {
    auto over = expr(e);
    if (over->type->error()) return over;
    if (!over->type->collection()) return error(Diag::NotIterable, e.span, {describe(over->type)});
    if (over->type->element->is(Kind::Cash)) {
        return error(Diag::NotYet, e.span, {"going through a vault's entries", "go through its keys: `for k in vault.keys`"});
    }
    return over;
}

std::vector<int> Checker::bind_pattern(const std::vector<syntax::Name>& names, const Ty* over, Span span) {
    std::vector<const Ty*> types;
    if (over->is(Kind::Map)) types = {over->key, over->element};
    else if (over->is(Kind::List)) types = names.size() == 2 ? std::vector<const Ty*>{t_->integer, over->element} : std::vector<const Ty*>{over->element};
    else types = {over->element};
    std::vector<int> out;
    if (names.size() != types.size()) {
        sink_.report(Diag::BadPattern, span, {std::to_string(names.size()), describe(over), std::to_string(types.size())});
        for (const auto& n : names) out.push_back(add_local(n.text, t_->error, false, n.span));
        return out;
    }
    for (std::size_t i = 0; i < names.size(); ++i) out.push_back(add_local(names[i].text, types[i], false, names[i].span));
    return out;
}

TExprPtr Checker::fold(const syntax::Expr& e, const Ty* expected) {
    const bool collect = e.kind == ExprKind::Comprehension;
    if (collect && e.fors.size() > 1) return collect_several(e, 0, expected);
    const auto& over_syntax = collect ? *e.fors[0].over : e.kind == ExprKind::Sum ? *e.args[1] : *e.args[0];
    const auto& pattern = collect ? e.fors[0].pattern : e.names;
    auto over = iterable(over_syntax);
    c_->scopes.emplace_back();
    const auto locals = bind_pattern(pattern, over->type->collection() ? over->type : t_->list(t_->error, 1), e.span);
    TExprPtr out;
    if (e.kind == ExprKind::Every || e.kind == ExprKind::Some) {
        out = make(e.kind == ExprKind::Every ? Op::Every : Op::SomeOf, t_->boolean, e.span);
        auto test = condition(*e.args[1]);
        out->args.push_back(std::move(test));
        out->args.push_back(std::move(over));
    } else if (e.kind == ExprKind::Sum) {
        auto element = expr(*e.args[0], expected);
        if (element->type->is(Kind::Exact)) element = unrounded(e.args[0]->span);
        if (!element->type->error() && !element->type->money() && !element->type->integer() && !element->type->is(Kind::Rate) && !element->type->is(Kind::Decimal) && !element->type->is(Kind::Days))
            element = error(Diag::BadOperands, e.args[0]->span, {"sum", describe(element->type), "others", "", "sum amounts, numbers, rates or days"});
        out = make(Op::Fold, element->type->is(Kind::Weight) ? t_->integer : element->type, e.span);
        out->args.push_back(std::move(element));
        out->args.push_back(std::move(over));
        out->args.push_back(e.args[2] ? condition(*e.args[2]) : nullptr);
    } else {
        const bool typed = expected != nullptr && expected->is(Kind::List);
        auto element = typed ? value(*e.args[0], expected->element) : expr(*e.args[0]);
        if (element->type->is(Kind::Exact)) element = unrounded(e.args[0]->span);
        if (element->type->is(Kind::Cash)) element = error(Diag::AssetStored, e.args[0]->span, {"a list"});
        const Ty* type = element->type->error() || over->type->error() ? t_->error
                         : typed ? expected : t_->list(element->type, over->type->max);
        out = make(Op::Collect, type, e.span);
        out->args.push_back(std::move(element));
        out->args.push_back(std::move(over));
        out->args.push_back(e.args.size() > 1 ? condition(*e.args[1]) : nullptr);
    }
    out->locals = locals;
    c_->scopes.pop_back();
    for (const auto& arg : out->args)
        if (arg && arg->type->error()) return poison(e.span);
    return out;
}

/// `[x for a in as for x in a.xs]`: the outer pass gives the lists of the inner one, end to end.
TExprPtr Checker::collect_several(const syntax::Expr& e, std::size_t depth, const Ty* expected) {
    auto over = iterable(*e.fors[depth].over);
    c_->scopes.emplace_back();
    const auto locals = bind_pattern(e.fors[depth].pattern, over->type->collection() ? over->type : t_->list(t_->error, 1), e.span);
    const bool last = depth + 1 == e.fors.size();
    const bool typed = expected != nullptr && (expected->is(Kind::List) || expected->is(Kind::Set));
    TExprPtr element, test;
    if (over->type->error()) element = poison(e.span);
    else if (last) {
        element = typed ? value(*e.args[0], expected->element) : expr(*e.args[0]);
        if (element->type->is(Kind::Exact)) element = error(Diag::Unrounded, e.args[0]->span);
        if (element->type->is(Kind::Cash)) element = error(Diag::AssetStored, e.args[0]->span, {"a list"});
        if (e.args.size() > 1) test = condition(*e.args[1]);
    } else {
        element = collect_several(e, depth + 1, expected);
    }
    c_->scopes.pop_back();
    if (element->type->error() || (test && test->type->error())) return poison(e.span);
    std::uint64_t max = std::uint64_t{over->type->max} * (last ? 1 : element->type->max);
    const Ty* type = typed && expected->is(Kind::List) ? expected : nullptr;
    if (type == nullptr) {
        if (max > limits::collection_elements) return error(Diag::MaxTooLarge, e.span, {std::to_string(limits::collection_elements)});
        type = t_->list(last ? element->type : element->type->element, static_cast<std::uint32_t>(max));
        if (bytes_of(type) > limits::value_bytes) return error(Diag::ValueTooLarge, e.span, {describe(type), std::to_string(bytes_of(type)), std::to_string(limits::value_bytes)});
    }
    auto out = make(Op::Collect, type, e.span);
    out->index = last ? -1 : 1; // 1: args[0] is a pass of its own into the same list
    out->args.push_back(std::move(element));
    out->args.push_back(std::move(over));
    out->args.push_back(std::move(test));
    out->locals = locals;
    return out;
}

// ---- waterfalls ------------------------------------------------------------------------------------------

bool Checker::waterfall_tiers(const std::vector<syntax::Tier>& tiers, std::vector<TTier>& out, RecordDecl& result, const std::string& currency) {
    const auto result_field = [&](const syntax::Name& tier) {
        // The same name in two places adds up: `each r in rows { interest from r.interest; … }`.
        if (const int known = result.field(tier.text); known >= 0) return known;
        result.fields.push_back({tier.text, t_->amount(currency), tier.span});
        return static_cast<int>(result.fields.size() - 1);
    };
    const auto element_place = [&](const syntax::Expr& list_syntax, const syntax::Name& variable, TTier& tier) {
        tier.list = expr(list_syntax);
        std::string why;
        if (tier.list->type->error()) return false;
        if (!tier.list->type->is(Kind::List)) return sink_.report(Diag::NotIterable, list_syntax.span, {describe(tier.list->type)}), false;
        if (!place(*tier.list, why)) return sink_.report(Diag::NotAssignable, list_syntax.span, {"this list", why, "a waterfall tier takes from a list that can change"}), false;
        tier.variable = add_local(variable.text, tier.list->type->element, true, variable.span);
        return true;
    };
    for (const auto& s : tiers) {
        TTier tier{};
        if (s.kind == syntax::Tier::Kind::Each) {
            tier.kind = TTier::Kind::Each;
            c_->scopes.emplace_back();
            const bool good = element_place(*s.list, s.name, tier) && waterfall_tiers(s.inner, tier.inner, result, currency);
            c_->scopes.pop_back();
            if (!good) return false;
        } else if (s.kind == syntax::Tier::Kind::UpTo) {
            tier.kind = TTier::Kind::UpTo;
            tier.amount = value(*s.amount, t_->money(currency));
            if (tier.amount->type->error()) return false;
            tier.result = result_field(s.name);
        } else {
            const bool over = s.kind == syntax::Tier::Kind::Over;
            tier.kind = over ? TTier::Kind::Over : TTier::Kind::From;
            c_->scopes.emplace_back();
            if (over && !element_place(*s.list, s.variable, tier)) return c_->scopes.pop_back(), false;
            tier.amount = expr(*s.amount);
            c_->scopes.pop_back();
            std::string why;
            if (tier.amount->type->error()) return false;
            if (!tier.amount->type->is(Kind::Amount) || tier.amount->type->currency != currency)
                return sink_.report(Diag::TypeMismatch, s.amount->span, {"`Amount<" + currency + ">`", describe(tier.amount->type)}), false;
            if (!place(*tier.amount, why)) return sink_.report(Diag::NotAssignable, s.amount->span, {"this", why, "`from` takes out of something that can change; use `up_to` for a plain amount"}), false;
            tier.result = result_field(s.name);
        }
        out.push_back(std::move(tier));
    }
    return true;
}

TExprPtr Checker::waterfall(const syntax::Expr& e) {
    auto amount = expr(*e.args[0]);
    if (amount->type->error()) return amount;
    if (amount->type->is(Kind::Exact)) return unrounded(e.args[0]->span);
    if (!amount->type->money()) return error(Diag::TypeMismatch, e.args[0]->span, {"an amount of money", describe(amount->type)});
    if (e.text.empty()) return error(Diag::WaterfallRest, e.span);
    const auto currency = amount->type->currency;
    results_.push_back(std::make_unique<RecordDecl>());
    auto& result = *results_.back();
    result.name = "waterfall";
    result.module = module_->name;
    auto out = make(Op::Waterfall, t_->error, e.span);
    out->args.push_back(coerce(std::move(amount), t_->amount(currency), e.args[0]->span));
    if (!waterfall_tiers(e.tiers, out->tiers, result, currency)) return poison(e.span);
    if (result.field(e.text) >= 0) return error(Diag::Duplicate, e.names[0].span, {e.text});
    result.fields.push_back({e.text, t_->amount(currency), e.names[0].span});
    out->type = t_->record(&result, "");
    out->text = e.text;
    return out;
}

// ---- tests ---------------------------------------------------------------------------------------------------

TExprPtr Checker::as_expr(const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"`as`"});
    auto out = make(Op::As, t_->error, e.span);
    for (const auto& n : e.names) {
        syntax::Expr party;
        party.kind = ExprKind::Name;
        party.span = n.span;
        party.text = n.text;
        auto signer = value(party, t_->party);
        if (signer->type->error()) return signer;
        out->locals.push_back(signer->index);
    }
    c_->signing = true;
    auto inner = expr(*e.args[0]);
    c_->signing = false;
    if (inner->type->error()) return inner;
    if (inner->op != Op::Cross && inner->op != Op::Create && inner->op != Op::Batch)
        return error(Diag::BadOperands, e.span, {"as", "a party", "this", "", "`as` signs a transaction: `as bank contract.action(…)`"});
    out->type = inner->type;
    out->args.push_back(std::move(inner));
    return out;
}

/// `as (a, b) batch all { x.pay(1.00 USD); y.close(); }`
TExprPtr Checker::batch_expr(const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"`batch`"});
    if (!c_->signing) return error(Diag::NobodyNamed, e.span, {"`as party batch " + e.text + " { … }`"});
    auto out = make(Op::Batch, t_->unit, e.span);
    out->index = e.text == "all" ? 1 : 0;
    for (const auto& arg : e.args) {
        c_->signing = true;
        auto item = expr(*arg);
        c_->signing = false;
        if (item->type->error()) return item;
        if (item->op != Op::Cross || item->function->kind != syntax::FnKind::Action || item->type->is(Kind::Cash))
            return error(Diag::BadOperands, arg->span, {"batch", "actions", "this", "", "a batch holds calls of actions that give no money back: `contract.action(…);`"});
        out->args.push_back(std::move(item));
    }
    return out;
}

TExprPtr Checker::create_expr(const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"creating a contract"});
    const Ty* type = resolve(*e.type, currency_param());
    if (!type->is(Kind::Contract)) return type->error() ? poison(e.span) : error(Diag::TypeMismatch, e.span, {"a contract", describe(type)});
    const auto* fn = type->contract->fn("create");
    if (fn == nullptr || e.names[0].text != "create") return error(Diag::UnknownMember, e.names[0].span, {"`" + type->contract->name + "`", e.names[0].text, "write `.create(…)`"});
    if (!c_->signing) return error(Diag::NobodyNamed, e.span, {"`as party " + type->contract->name + "…`"});
    c_->signing = false;
    auto out = make(Op::Create, type, e.span);
    out->function = fn;
    out->contract = type->contract;
    std::string currency = type->currency;
    std::size_t first = 0;
    TExprPtr parent;
    if (type->contract->parent != nullptr) {
        if (e.args.empty() || e.arg_names[0] != "of") return error(Diag::MissingField, e.span, {type->contract->name + ".create", "of"});
        parent = value(*e.args[0], t_->contract(type->contract->parent, currency));
        first = 1;
    }
    out->args = arguments(type->contract->name + ".create", fn->params, e, first, currency, fn->currency_param);
    if (out->args.size() != fn->params.size() || (parent && parent->type->error())) return poison(e.span);
    out->args.insert(out->args.begin(), std::move(parent));
    return out;
}

} // namespace tally::check
