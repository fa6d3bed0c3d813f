// Operators: what two types make of each other, and when a value is not rounded yet.
#include "compiler/check/checker.hpp"

#include <algorithm>
#include <functional>

namespace tally::check {

using syntax::ExprKind;

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
        if (fits && result->holds(folded)) return constant(folded, result, span);
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
    else if (!times && amount(a) && number(b)) currency = a->currency;
    else if (times && amount(a) && amount(b)) return bad_operands(op, *left, *right, span, "an amount times an amount is no amount", "multiply by a number, a rate or a fraction");
    else if (!(number(a) && number(b)))
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

} // namespace tally::check
