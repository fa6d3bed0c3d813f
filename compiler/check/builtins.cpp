// Calls: the language's own functions and methods, functions of modules, entries of other contracts.
#include "compiler/check/checker.hpp"
#include "compiler/check/natives.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>

namespace tally::check {

using syntax::ExprKind;

namespace {

constexpr std::size_t first_of(const syntax::Expr& e) { return e.kind == ExprKind::Call ? 1 : 0; }

} // namespace

const syntax::Expr* Checker::named_argument(const syntax::Expr& e, const std::string& name) const {
    for (std::size_t i = 0; i < e.args.size() && i < e.arg_names.size(); ++i)
        if (e.arg_names[i] == name) return e.args[i].get();
    return nullptr;
}

bool Checker::arity(const syntax::Expr& e, std::size_t count, const std::string& name, const std::string& takes) {
    if (e.args.size() == count + first_of(e)) return true;
    sink_.report(Diag::BadArity, e.span, {name, takes});
    return false;
}

std::vector<TExprPtr> Checker::arguments(const std::string& callee, const std::vector<FieldDecl>& params, const syntax::Expr& e,
                                         std::size_t first, std::string& currency, const std::string& param) {
    std::vector<TExprPtr> out(params.size());
    const auto listed = [&] {
        std::string known;
        for (const auto& p : params) known += (known.empty() ? "" : ", ") + p.name;
        return known.empty() ? std::string("none") : known;
    };
    const auto wrong_count = [&] {
        for (std::size_t i = first; i + 1 < e.args.size(); ++i) { // `pay(1,000.00 USD)`
            const auto& a = *e.args[i];
            const auto& b = *e.args[i + 1];
            const bool numbers = a.kind == ExprKind::Number && (b.kind == ExprKind::Number || b.kind == ExprKind::Unit);
            if (!numbers || a.span.end + 1 != b.span.begin || std::min(b.text.find('.'), b.text.size()) != 3) continue;
            sink_.report(Diag::NumberForm, {a.span.file, a.span.begin, b.span.end}, {a.text + "," + b.text, "a comma separates values", "write `" + a.text + "_" + b.text + "`"})
                .suggest(Applicability::Automatic, {a.span.file, a.span.end, b.span.begin}, "_");
            return;
        }
        auto& d = sink_.report(Diag::BadArity, e.span, {callee, params.empty() ? "no arguments" : "these arguments: " + listed()});
        if (!params.empty()) d.label({params[0].span.file, params[0].span.begin, params.back().span.end}, "its parameters");
    };
    if (e.args.size() - first > params.size()) {
        wrong_count();
        return {};
    }
    for (std::size_t i = first; i < e.args.size(); ++i) {
        std::size_t target = i - first;
        if (!e.arg_names[i].empty()) {
            target = params.size();
            for (std::size_t p = 0; p < params.size(); ++p)
                if (params[p].name == e.arg_names[i]) target = p;
        }
        if (target >= params.size()) {
            std::vector<std::string> names;
            for (const auto& p : params) names.push_back(p.name);
            auto& d = sink_.report(Diag::BadArgumentName, e.arg_spans[i], {callee, e.arg_names[i], listed()});
            if (const auto near = closest(e.arg_names[i], names); !near.empty()) d.suggest(Applicability::Likely, d.span, near);
            return {};
        }
        const Ty* wanted = t_->substitute(params[target].type, param, currency.empty() ? param : currency);
        // As long as no amount has told the currency, a literal is asked: the first element of a list, a record.
        const auto& given = *e.args[i];
        const bool list_given = given.kind == ExprKind::List && !given.args.empty() && wanted->element != nullptr;
        // It is looked at twice, so not in calls within calls within calls: there each level would double the work.
        constexpr int asked_within_max = 3;
        if (currency.empty() && !param.empty() && (list_given || given.kind == ExprKind::Record) && asked_within_ < asked_within_max) {
            const auto complaints = sink_.count();
            ++asked_within_;
            const Ty* seen = (list_given ? expr(*given.args[0], wanted->element) : expr(given, nullptr))->type;
            --asked_within_;
            if (sink_.count() != complaints) return {};
            if (seen->currency != param) currency = seen->currency;
            wanted = t_->substitute(params[target].type, param, currency.empty() ? param : currency);
        }
        auto v = expr(given, wanted);
        if (currency.empty() && !param.empty()) { // the first amount tells the currency
            const Ty* seen = v->type;
            while (seen->currency.empty() && seen->element != nullptr) seen = seen->element;
            if (!seen->currency.empty()) {
                currency = seen->currency;
                wanted = t_->substitute(params[target].type, param, currency);
            }
        }
        if (v->type->is(Kind::Cash) && v->op == Op::Local) {
            (void)not_moved(e.args[i]->span, *v);
            return {};
        }
        const auto complaints = sink_.count();
        out[target] = coerce(std::move(v), wanted, e.args[i]->span);
        wanted_by(complaints, e.args[i]->span, params[target].span, "`" + params[target].name + "` is " + describe(wanted));
    }
    for (std::size_t p = 0; p < params.size(); ++p)
        if (!out[p]) {
            wrong_count();
            return {};
        }
    for (const auto& v : out)
        if (v->type->error()) return {};
    return out;
}

TExprPtr Checker::call_fn(const FnDecl& fn, const syntax::Expr& e, std::size_t first) {
    std::string currency = fn.contract != nullptr ? fn.currency_param : "";
    if (currency.empty() && !fn.currency_param.empty() && c_->fn->contract != nullptr && fn.contract == nullptr) currency = "";
    auto args = arguments(fn.name, fn.params, e, first, currency, fn.currency_param);
    if (args.size() != fn.params.size()) return poison(e.span);
    auto out = make(Op::Call, t_->substitute(fn.result, fn.currency_param, currency.empty() ? fn.currency_param : currency), e.span);
    out->function = &fn;
    out->args = std::move(args);
    c_->fn->calls.emplace_back(&fn, e.span);
    if (!fn.native.empty()) {
        out->op = Op::Native;
        const auto* known = std::find_if(std::begin(natives), std::end(natives), [&](const auto& native) { return native.name == fn.native; });
        out->index = static_cast<int>(known - std::begin(natives));
        if (known == std::end(natives)) return error(Diag::Internal, e.span, {"the machine has no `" + fn.native + "`"});
    }
    return out;
}

TExprPtr Checker::contract_call(TExprPtr instance, const FnDecl& fn, const syntax::Expr& e, Span span) {
    if (c_->in_book) return error(Diag::BookSees, e.span, {fn.contract->name + "." + fn.name});
    if (instance->op == Op::SelfId) return error(Diag::OwnAction, e.span, {fn.name});
    if (fn.kind != syntax::FnKind::Action && fn.kind != syntax::FnKind::View)
        return error(Diag::UnknownMember, span, {"`" + fn.contract->name + "`", fn.name, "only actions and views can be called from outside"});
    if (c_->test && fn.kind == syntax::FnKind::Action && !c_->signing) return error(Diag::NobodyNamed, e.span, {"`as party contract." + fn.name + "(…)`"});
    c_->signing = false;
    std::string currency = instance->op == Op::SelfId || instance->type->currency.empty() ? fn.currency_param : instance->type->currency;
    auto args = arguments(fn.contract->name + "." + fn.name, fn.params, e, first_of(e), currency, fn.currency_param);
    if (args.size() != fn.params.size()) return poison(e.span);
    if (!c_->test) c_->fn->calls.emplace_back(&fn, e.span);
    auto out = make(Op::Cross, t_->substitute(fn.result, fn.currency_param, currency), e.span);
    out->function = &fn;
    out->contract = fn.contract;
    out->args.push_back(std::move(instance));
    for (auto& a : args) out->args.push_back(std::move(a));
    return out;
}

TExprPtr Checker::call(const syntax::Expr& e, const Ty* expected) {
    const auto& callee = *e.args[0];
    if (callee.kind == ExprKind::Member) return call_method(e, expected);
    if (callee.kind != ExprKind::Name) return error(Diag::BadOperands, e.span, {"( )", "this", "arguments", "", "only functions can be called"});
    const auto& text = callee.text;
    if (c_->contract != nullptr)
        if (const auto* fn = c_->contract->fn(text); fn != nullptr && find_local(text) < 0) {
            if (c_->in_book && !fn->in_book) return error(Diag::BookSees, callee.span, {text});
            if (fn->kind != syntax::FnKind::Fn && fn->kind != syntax::FnKind::View)
                return error(Diag::OwnAction, e.span, {text});
            return call_fn(*fn, e, 1);
        }
    if (const auto* s = symbol(text); s != nullptr && s->kind == Symbol::Kind::Fn) return call_fn(*static_cast<FnDecl*>(s->decl), e, 1);
    if (const auto* decl = enum_with_case(text, expected)) return case_call(*decl, decl->find(text), e);
    if (c_->in_book && text.starts_with("book__")) return book_call(text, e);
    if (const auto* s = symbol(text); s != nullptr && s->kind == Symbol::Kind::Record) return record_in_brackets(*static_cast<RecordDecl*>(s->decl), e);
    bool known = false;
    auto out = call_builtin(text, e, expected, known);
    if (known) return out;
    const bool value = find_local(text) >= 0 || (c_->contract != nullptr && c_->contract->field(text) >= 0);
    if (value) {
        auto& d = sink_.report(Diag::BadOperands, e.span, {"( )", "`" + text + "`", "arguments", "it is a value", "an element is `" + text + "[…]`; only functions are called"});
        if (e.args.size() == 2) d.suggest(Applicability::Likely, {{{e.span.file, callee.span.end, e.args[1]->span.begin}, "["}, {{e.span.file, e.args[1]->span.end, e.span.end}, "]"}});
        return poison(e.span);
    }
    std::vector<std::string> names{"round", "allocate", "min", "max", "days", "months", "count", "div_floor", "mod", "range"};
    if (c_->contract != nullptr)
        for (const auto& f : c_->contract->fns) names.push_back(f->name);
    for (const auto& [n, s] : symbols_[module_->name])
        if (s.kind == Symbol::Kind::Fn) names.push_back(n);
    return unknown(Diag::UnknownName, callee.span, {text}, text, names);
}

/// `Point(x: 1)`: the form of other languages.
TExprPtr Checker::record_in_brackets(const RecordDecl& record, const syntax::Expr& e) {
    std::string listed;
    for (const auto& f : record.fields) listed += (listed.empty() ? "" : ", ") + f.name + ": …";
    auto& d = sink_.report(Diag::RecordInBrackets, e.args[0]->span, {record.name, listed});
    d.label(record.span, "declared here");
    const bool named = e.args.size() > 1 && std::none_of(e.arg_names.begin() + 1, e.arg_names.end(), [](const auto& n) { return n.empty(); });
    if (named) d.suggest(Applicability::Automatic, {{{e.span.file, e.args[0]->span.end, e.arg_spans[1].begin}, " { "}, {{e.span.file, e.args.back()->span.end, e.span.end}, " }"}});
    return poison(e.span);
}

// ---- books -----------------------------------------------------------------------------------------------

/// A book's state is a function of its entries, of constants and of what only grows: anything else could be
/// another value when it is played again.
bool Checker::seen_from_book(const ContractFieldDecl& field, const ContractDecl& holder) const {
    if (field.kind == FieldKind::Const || field.kind == FieldKind::Role || field.only_grows) return true;
    return &holder == c_->contract && (field.in_book || field.name.starts_with("book__"));
}

/// A row of a log stays as it is, the log as a whole does not; a history is only written ahead.
bool Checker::still_grows(const ContractFieldDecl& field) const {
    const bool history = field.type->is(Kind::List) && field.type->element->is(Kind::Record) && field.type->element->record->dated;
    return field.only_grows && !history && !c_->by_index;
}

/// What only the book's own template says.
TExprPtr Checker::book_call(const std::string& callee, const syntax::Expr& e) {
    auto object = expr(*e.args[1]);
    if (object->type->error()) return object;
    const auto made = [&](Op op, const Ty* type, bool second, const Ty* wanted = nullptr) {
        auto out = make(op, type, e.span);
        out->index = object->index;
        if (second) out->args.push_back(value(*e.args[2], wanted));
        return out;
    };
    const Ty* accrued = t_->accrued(object->type->currency);
    if (callee == "book__accrue") return made(Op::AccrualAccrue, t_->unit, true, t_->date);
    if (callee == "book__clear") return made(Op::AccrualClear, t_->unit, false);
    if (callee == "book__save") return made(Op::AccrualSave, accrued, false);
    return made(Op::AccrualLoad, t_->unit, true, accrued);
}

TExprPtr Checker::book_member(const syntax::Expr& e) {
    const auto field = [&](const char* name, Span span) {
        auto out = make(Op::Field, c_->contract->fields[static_cast<std::size_t>(c_->contract->field(name))].type, span);
        out->index = c_->contract->field(name);
        return out;
    };
    if (e.text == "last") return field("book__day", e.span);
    if (e.text == "count") {
        auto out = make(Op::Count, t_->integer, e.span);
        out->args.push_back(field("book__rows", e.span));
        return out;
    }
    return error(Diag::UnknownMember, e.names[0].span, {"`book`", e.text, "at(date), date_of(ref), has(ref), last, count"});
}

TExprPtr Checker::round_call(const syntax::Expr& e) {
    const auto* step_syntax = named_argument(e, "to");
    if (e.args.size() == 2) {
        auto& d = sink_.report(Diag::NeedsMode, e.span);
        for (const auto* mode : {"half_even", "floor", "ceiling"}) d.suggest(Applicability::Choice, {e.args[1]->span.file, e.args[1]->span.end, e.args[1]->span.end}, std::string(", ") + mode);
        return poison(e.span);
    }
    if (!arity(e, step_syntax != nullptr ? 3 : 2, "round", "an unrounded amount and a mode: `round(x, half_even)`, and a step if it is a multiple of one: `round(x, half_up, to: 0.05 CHF)`")) return poison(e.span);
    auto exact = expr(*e.args[1]);
    if (exact->type->error()) return exact;
    if (step_syntax != nullptr && (exact->type->money() || exact->type->is(Kind::Decimal))) { // whole already, but perhaps no multiple
        auto whole = make(Op::Exact, t_->exact(exact->type->currency), exact->span);
        whole->index = 1;
        whole->args.push_back(std::move(exact));
        exact = std::move(whole);
    }
    if (exact->type->money()) { // already whole: rounding changes nothing, and says so
        return error(Diag::TypeMismatch, e.args[1]->span, {"an unrounded amount", describe(exact->type) + ", whole already"});
    }
    if (!exact->type->is(Kind::Exact)) return error(Diag::TypeMismatch, e.args[1]->span, {"an unrounded amount", describe(exact->type)});
    const auto& mode_syntax = *e.args[2];
    const bool plain_word = mode_syntax.kind == ExprKind::Name && find_local(mode_syntax.text) < 0 && symbol(mode_syntax.text) == nullptr &&
                            (c_->contract == nullptr || c_->contract->field(mode_syntax.text) < 0);
    if (plain_word && t_->rounding->enumeration->find(mode_syntax.text) < 0) {
        const auto near = closest(mode_syntax.text, t_->rounding->enumeration->cases);
        auto& d = sink_.report(Diag::BadRounding, mode_syntax.span, {mode_syntax.text, near.empty() ? "" : "did you mean `" + near + "`? "});
        if (!near.empty()) d.suggest(Applicability::Likely, mode_syntax.span, near);
        return poison(e.span);
    }
    auto mode = expr(mode_syntax, t_->rounding);
    if (mode->type->error()) return mode;
    if (mode->type != t_->rounding) return error(Diag::TypeMismatch, e.args[2]->span, {"a rounding mode", describe(mode->type)});
    auto out = make(Op::Round, exact->type->currency.empty() ? t_->decimal : t_->money(exact->type->currency), e.span);
    out->args.push_back(std::move(exact));
    out->args.push_back(std::move(mode));
    if (step_syntax == nullptr) return out;
    auto step = expr(*step_syntax, out->type);
    if (step->type->error()) return step;
    if (step->type->money() ? step->type->currency != out->type->currency : step->type != out->type)
        return error(Diag::TypeMismatch, step_syntax->span, {describe(out->type), describe(step->type)});
    out->args.push_back(std::move(step));
    return out;
}

TExprPtr Checker::allocate_call(const syntax::Expr& e) {
    if (e.args.size() < 2) return error(Diag::BadArity, e.span, {"allocate", "an amount, `weights: …` and `tie: first`"});
    auto amount = expr(*e.args[1]);
    if (amount->type->error()) return amount;
    if (amount->type->is(Kind::Exact)) return unrounded(e.args[1]->span);
    if (!amount->type->money()) return error(Diag::TypeMismatch, e.args[1]->span, {"an amount of money", describe(amount->type)});
    return shares(std::move(amount), e, "allocate");
}

/// What `allocate` and `split` have in common: weights, who gets the odd unit, what rounding owes from before.
TExprPtr Checker::shares(TExprPtr amount, const syntax::Expr& e, const std::string& name) {
    const auto* weights_syntax = named_argument(e, "weights");
    const auto* tie = named_argument(e, "tie");
    const auto* carry_syntax = named_argument(e, "carry");
    for (std::size_t i = 2; i < e.args.size(); ++i)
        if (e.args[i].get() != weights_syntax && e.args[i].get() != tie && e.args[i].get() != carry_syntax)
            return error(Diag::BadArgumentName, e.args[i]->span, {name, e.arg_names[i], "weights, tie, carry"});
    if (weights_syntax == nullptr) return error(Diag::BadArity, e.span, {name, "an amount, `weights: …` and `tie: first`"});
    if (tie == nullptr) {
        sink_.report(Diag::NeedsTie, e.span, {name}).suggest(Applicability::Likely, {e.span.file, e.span.end - 1, e.span.end - 1}, ", tie: first");
        return poison(e.span);
    }
    auto rule = value(*tie, t_->tie);
    auto weights = expr(*weights_syntax);
    if (rule->type->error()) return rule;
    if (weights->type->error()) return weights;
    const bool good = weights->type->is(Kind::List) && (weights->type->element->money() || weights->type->element->integer());
    if (!good) return error(Diag::TypeMismatch, weights_syntax->span, {"a list of weights (whole numbers or amounts)", describe(weights->type)});
    TExprPtr carry;
    if (carry_syntax != nullptr) {
        carry = expr(*carry_syntax);
        std::string why;
        if (carry->type->error()) return carry;
        if (!carry->type->is(Kind::List) || !carry->type->element->is(Kind::Number)) return error(Diag::TypeMismatch, carry_syntax->span, {"a `Carry`", describe(carry->type)});
        if (carry->type->max <= weights->type->max) return error(Diag::TypeMismatch, carry_syntax->span, {"a `Carry` for " + std::to_string(weights->type->max) + " rows", describe(carry->type)});
        if (!place(*carry, why)) return error(Diag::NotAssignable, carry_syntax->span, {"this carry", why, "it remembers what rounding owes each row: keep it in a `var`"});
    }
    const bool rotate = rule->value == 1;
    if (rotate && c_->contract == nullptr) return error(Diag::OutsideContract, tie->span, {"rotate"});
    auto out = make(Op::Allocate, t_->list(t_->amount(amount->type->currency), weights->type->max), e.span);
    out->index = rotate ? 1 : 0;
    out->args.push_back(coerce(std::move(amount), out->type->element, e.args[1]->span));
    out->args.push_back(std::move(weights));
    out->args.push_back(std::move(carry));
    return out;
}

/// `range(a, b, max: n)`: the maximum is written down, so that what a loop can cost is known.
TExprPtr Checker::range_call(const syntax::Expr& e) {
    const auto* max = named_argument(e, "max");
    std::uint64_t most = 0;
    if (max != nullptr && max->kind == ExprKind::Number) {
        const auto number = decimal_parse(max->text, 0);
        most = number && *number > 0 && *number <= static_cast<i128>(limits::collection_elements) ? static_cast<std::uint64_t>(*number) : limits::collection_elements + 1;
    }
    if (most == 0 || e.args.size() != 4 || !e.arg_names[1].empty() || !e.arg_names[2].empty())
        return error(Diag::BadArity, e.span, {"range", "two whole numbers and how many there can be: `range(0, n, max: 600)`"});
    if (most > limits::collection_elements) return error(Diag::MaxTooLarge, max->span, {std::to_string(limits::collection_elements)});
    auto out = make(Op::Range, t_->list(t_->integer, static_cast<std::uint32_t>(most)), e.span);
    for (std::size_t i = 1; i <= 2; ++i) out->args.push_back(value(*e.args[i], t_->integer));
    return out->args[0]->type->error() || out->args[1]->type->error() ? poison(e.span) : std::move(out);
}

TExprPtr Checker::call_builtin(const std::string& callee, const syntax::Expr& e, const Ty* expected, bool& known) {
    known = true;
    if (callee == "round") return round_call(e);
    if (callee == "allocate") return allocate_call(e);
    if (callee == "split") return error(Diag::SplitOfAmount, e.span, {"used as a value"});
    if (callee == "min" || callee == "max") {
        if (!arity(e, 2, callee, "two values of one type")) return poison(e.span);
        auto a = expr(*e.args[1], expected);
        auto b = expr(*e.args[2], a->type);
        if (a->type->error()) return a;
        if (b->type->error()) return b;
        auto test = compare("<", std::move(a), std::move(b), e.span); // the same rules
        if (test->type->error()) return test;
        const Ty* first = test->args[0]->type;
        const Ty* second = test->args[1]->type;
        const bool both = first->is(Kind::Amount) && second->is(Kind::Amount);
        const bool any = first->is(Kind::Amount) || second->is(Kind::Amount);
        // The larger of an amount and anything is not negative.
        const Ty* type = !first->money() ? first : both || (callee == "max" && any) ? t_->amount(first->currency) : t_->money(first->currency);
        if (first->money() && callee == "max" && !any)
            for (const auto& arg : test->args)
                if (arg->op == Op::Const && arg->value >= 0) type = t_->amount(first->currency);
        auto out = make(callee == "min" ? Op::Min : Op::Max, first->integer() ? t_->integer : type, e.span);
        out->args = std::move(test->args);
        return out;
    }
    const auto retyped = [&](const Ty* from, const Ty* to, const std::string& takes) {
        if (!arity(e, 1, callee, takes)) return poison(e.span);
        auto a = expr(*e.args[1]);
        if (a->type->error()) return a;
        if (from == t_->integer ? !a->type->integer() : !(a->type->is(Kind::Days) || a->type->is(Kind::Months)))
            return error(Diag::TypeMismatch, e.args[1]->span, {takes, describe(a->type)});
        a->type = to;
        return a;
    };
    if (callee == "decimal") { // exact: what it was, counted in 10^-18
        if (!arity(e, 1, callee, "a whole number, a rate or an amount")) return poison(e.span);
        auto a = expr(*e.args[1]);
        if (a->type->error()) return a;
        if (a->type->is(Kind::Rate)) {
            a->type = t_->decimal;
            return a;
        }
        const auto currency = a->type->money() ? currency_by_name(a->type->currency) : std::nullopt;
        if (!a->type->integer() && !currency) return error(Diag::TypeMismatch, e.args[1]->span, {"a whole number, a rate or an amount in a known currency", describe(a->type)});
        auto out = make(Op::Rescale, t_->decimal, e.span);
        out->index = decimal_scale - (currency ? currency->exponent : 0);
        out->args.push_back(std::move(a));
        return out;
    }
    if (callee == "rate") {
        if (!arity(e, 1, callee, "a decimal")) return poison(e.span);
        auto a = value(*e.args[1], t_->decimal);
        if (!a->type->error()) a->type = t_->rate;
        return a;
    }
    if (callee == "days") return retyped(t_->integer, t_->days, "a whole number");
    if (callee == "months") return retyped(t_->integer, t_->months, "a whole number");
    if (callee == "count") return retyped(t_->days, t_->integer, "Days or Months");
    if (callee == "div_floor" || callee == "mod") {
        if (!arity(e, 2, callee, "two whole numbers")) return poison(e.span);
        auto out = make(callee == "mod" ? Op::ModFloor : Op::DivFloor, t_->integer, e.span);
        out->args.push_back(value(*e.args[1], t_->integer));
        out->args.push_back(value(*e.args[2], t_->integer));
        for (const auto& a : out->args)
            if (a->type->error()) return poison(e.span);
        return out;
    }
    if (callee == "range") return range_call(e);
    if (callee == "date") {
        if (!arity(e, 3, callee, "a year, a month and a day")) return poison(e.span);
        auto out = make(Op::MakeDate, t_->date, e.span);
        for (std::size_t i = 1; i <= 3; ++i) out->args.push_back(value(*e.args[i], t_->integer));
        for (const auto& a : out->args)
            if (a->type->error()) return poison(e.span);
        return out;
    }
    known = false;
    return nullptr;
}

// ---- methods -----------------------------------------------------------------------------------------

TExprPtr Checker::call_method(const syntax::Expr& e, const Ty* expected) {
    const auto& callee = *e.args[0];
    const auto& object_syntax = *callee.args[0];
    const auto& method = callee.text;
    if (object_syntax.kind == ExprKind::Name && find_local(object_syntax.text) < 0) {
        const auto& n = object_syntax.text;
        if (n == "book" && c_->contract != nullptr && c_->contract->field("book__day") >= 0) {
            const auto* fn = method == "at" || method == "has" || method == "date_of" ? c_->contract->fn("book__" + method) : nullptr;
            if (fn == nullptr) return error(Diag::UnknownMember, callee.names[0].span, {"`book`", method, "at(date), date_of(ref), has(ref), last, count"});
            if (c_->in_book) return error(Diag::BookSees, e.span, {"book." + method});
            return call_fn(*fn, e, 1);
        }
        if ((n == "List" || n == "Map") && method == "filled") return filled(n == "Map", e, expected);
        if (const auto* s = symbol(n); s != nullptr && s->kind == Symbol::Kind::Enum) {
            const auto* decl = static_cast<const EnumDecl*>(s->decl);
            const int number = decl->find(method);
            if (number < 0) return error(Diag::UnknownMember, callee.names[0].span, {"`" + decl->name + "`", method, suggest(method, decl->cases)});
            return case_call(*decl, number, e);
        }
        if (n == "test") return test_call(method, e);
        if (n == "Cash" && method == "empty") {
            if (c_->contract == nullptr) return error(Diag::OutsideContract, e.span, {"Cash.empty()"});
            const auto& own = c_->contract->currency.empty() ? c_->contract->currency_param : c_->contract->currency;
            return make(Op::EmptyCash, t_->with_currency(Kind::Cash, own), e.span);
        }
        if (c_->contract != nullptr && c_->contract->parent != nullptr && n == c_->contract->parent_name) {
            const auto* fn = c_->contract->parent->fn(method);
            if (fn != nullptr) {
                auto parent = make(Op::ParentField, t_->contract(c_->contract->parent, currency_param()), object_syntax.span);
                parent->index = -1; // the parent itself
                return contract_call(std::move(parent), *fn, e, callee.names[0].span);
            }
        }
        if (const auto* s = symbol(n); s != nullptr && s->kind == Symbol::Kind::Contract && c_->test) {
            // `Loan.create(of: …)` where the currency is plain.
            syntax::Expr create;
            create.kind = ExprKind::Create;
            create.span = e.span;
            create.text = n;
            create.names = callee.names;
            syntax::Type type;
            type.span = object_syntax.span;
            type.name = n;
            create.type = type;
            auto& mutable_e = const_cast<syntax::Expr&>(e);
            for (std::size_t i = 1; i < e.args.size(); ++i) {
                create.args.push_back(std::move(mutable_e.args[i]));
                create.arg_names.push_back(e.arg_names[i]);
                create.arg_spans.push_back(e.arg_spans[i]);
            }
            auto out = create_expr(create);
            for (std::size_t i = 1; i < e.args.size(); ++i) mutable_e.args[i] = std::move(create.args[i - 1]);
            return out;
        }
    }
    auto object = expr(object_syntax);
    const Ty* type = object->type;
    if (type->error()) return object;
    static const std::set<std::string> plain{"count", "is_empty", "keys", "amount", "is_none", "year", "month", "day", "days_in_month"};
    if (plain.contains(method) && e.args.size() == 1 && !type->is(Kind::Contract)) {
        sink_.report(Diag::UnknownMember, callee.names[0].span, {describe(type), method + "()", "write it without brackets: `." + method + "`"})
            .suggest(Applicability::Automatic, {e.span.file, callee.span.end, e.span.end}, "");
        return poison(e.span);
    }
    const bool vault = (object->op == Op::Field || (object->op == Op::MapAt && object->args[0]->op == Op::Field)) &&
                       (type->is(Kind::Cash) || (type->is(Kind::Map) && type->element->is(Kind::Cash)));
    if (vault) return vault_method(std::move(object), method, e);
    if (type->is(Kind::Cash)) return cash_method(std::move(object), method, e);
    if (type->is(Kind::Accrual)) return accrual_method(std::move(object), method, e);
    if (type->is(Kind::List) && type->element->is(Kind::Record) && type->element->record->dated) return dated_method(std::move(object), method, e);
    if (type->is(Kind::Record) && type->record->accrued && method == "value") {
        if (!arity(e, 1, method, "a rounding mode")) return poison(e.span);
        auto out = make(Op::AccruedValue, t_->money(type->currency), e.span);
        out->args.push_back(std::move(object));
        out->args.push_back(value(*e.args[1], t_->rounding));
        return out->args[1]->type->error() ? poison(e.span) : std::move(out);
    }
    if (type->is(Kind::Record) && method == "with") return with_fields(std::move(object), e);
    if (type->collection()) return collection_method(std::move(object), method, e);
    if (type->is(Kind::Contract)) {
        const auto* fn = type->contract->fn(method);
        if (fn == nullptr) {
            std::vector<std::string> known;
            for (const auto& f : type->contract->fns) known.push_back(f->name);
            return unknown(Diag::UnknownMember, callee.names[0].span, {describe(type), method}, method, known);
        }
        return contract_call(std::move(object), *fn, e, callee.names[0].span);
    }
    if (type->is(Kind::Date) && method == "add") {
        const auto* rule_syntax = named_argument(e, "end_of_month");
        if (e.args.size() < 2) return error(Diag::BadArity, e.span, {"add", "a number of days, or months and `end_of_month: …`"});
        auto amount = expr(*e.args[1]);
        if (amount->type->error()) return amount;
        if (amount->type->is(Kind::Days)) return arithmetic("+", std::move(object), std::move(amount), e.span);
        if (!amount->type->is(Kind::Months)) return error(Diag::TypeMismatch, e.args[1]->span, {"Days or Months", describe(amount->type)});
        if (rule_syntax == nullptr) return needs_month_rule(e.span, {}, {e.span.file, e.args[1]->span.end, e.args[1]->span.end});
        auto out = make(Op::AddMonths, t_->date, e.span);
        out->args.push_back(std::move(object));
        out->args.push_back(std::move(amount));
        out->args.push_back(value(*rule_syntax, t_->end_of_month));
        return out->args[2]->type->error() ? poison(e.span) : std::move(out);
    }
    if (type->is(Kind::Optional) && method == "value_or") {
        if (!arity(e, 1, method, "what to use when there is none")) return poison(e.span);
        auto out = make(Op::ValueOr, type->element, e.span);
        out->args.push_back(std::move(object));
        out->args.push_back(value(*e.args[1], type->element));
        return out->args[1]->type->error() ? poison(e.span) : std::move(out);
    }
    if (type->is(Kind::Account) && method == "deposit") {
        if (!arity(e, 1, method, "money: `deposit(move cash)`")) return poison(e.span);
        auto asset = value(*e.args[1], t_->with_currency(Kind::Cash, type->currency));
        if (asset->type->error()) return asset;
        if (asset->op == Op::Local) return not_moved(e.args[1]->span, *asset);
        auto out = make(Op::Pay, t_->unit, e.span);
        out->args.push_back(std::move(object));
        out->args.push_back(std::move(asset));
        return out;
    }
    return error(Diag::UnknownMember, callee.names[0].span, {describe(type), method, ""});
}

TExprPtr Checker::collection_method(TExprPtr object, const std::string& method, const syntax::Expr& e) {
    const Ty* type = object->type;
    const Ty* key = type->is(Kind::Map) ? type->key : type->element;
    std::string why;
    const auto changes = [&] {
        if (place(*object, why)) return true;
        sink_.report(Diag::NotAssignable, e.args[0]->args[0]->span, {"this collection", why, ""});
        return false;
    };
    const auto finish = [&](Op op, const Ty* result, std::vector<TExprPtr> args) {
        for (const auto& a : args)
            if (a->type->error()) return poison(e.span);
        auto out = make(op, result, e.span);
        out->args.push_back(std::move(object));
        for (auto& a : args) out->args.push_back(std::move(a));
        return out;
    };
    const auto one = [&](const Ty* wanted) {
        std::vector<TExprPtr> args;
        args.push_back(value(*e.args[1], wanted));
        return args;
    };
    const bool list = type->is(Kind::List);
    if (method == "has" && !list) return arity(e, 1, method, "a key") ? finish(Op::Has, t_->boolean, one(key)) : poison(e.span);
    if (method == "get" && type->is(Kind::Map)) {
        if (!arity(e, 2, method, "a key and what to give when it is missing")) return poison(e.span);
        auto args = one(key);
        args.push_back(value(*e.args[2], type->element));
        return finish(Op::Get, type->element, std::move(args));
    }
    const bool log = method == "push" && object->op == Op::Field && c_->contract->fields[static_cast<std::size_t>(object->index)].only_grows;
    if (log && c_->read_only) return error(Diag::PureViolation, e.span, {"a view", "add to a log", "asking must change nothing"});
    if (method == "union" && !type->is(Kind::Map)) {
        if (!arity(e, 1, method, "a list or a set")) return poison(e.span);
        auto other = iterable(*e.args[1]);
        if (other->type->error()) return other;
        if (other->type->is(Kind::Map) || other->type->element != key || !key_type(key)) return error(Diag::TypeMismatch, e.args[1]->span, {"a list or set of " + describe(key), describe(other->type)});
        const Ty* both = t_->set(key, static_cast<std::uint32_t>(std::min<std::uint64_t>(limits::collection_elements, std::uint64_t{type->max} + other->type->max)));
        std::vector<TExprPtr> args;
        args.push_back(std::move(other));
        return finish(Op::Union, both, std::move(args));
    }
    if (method == "push" && list) return arity(e, 1, method, "an element") && (log || changes()) ? finish(Op::Push, t_->unit, one(type->element)) : poison(e.span);
    if (method == "insert" && type->is(Kind::Set)) return arity(e, 1, method, "an element") && changes() ? finish(Op::Insert, t_->unit, one(key)) : poison(e.span);
    if (method == "remove" && !list) return arity(e, 1, method, "a key") && changes() ? finish(Op::Remove, t_->unit, one(key)) : poison(e.span);
    if (method == "insert_all" && type->is(Kind::Set)) {
        if (!arity(e, 1, method, "a list or a set") || !changes()) return poison(e.span);
        auto others = iterable(*e.args[1]);
        if (others->type->error()) return others;
        if (others->type->is(Kind::Map) || others->type->element != key) return error(Diag::TypeMismatch, e.args[1]->span, {"a list or set of " + describe(key), describe(others->type)});
        std::vector<TExprPtr> args;
        args.push_back(std::move(others));
        return finish(Op::InsertAll, t_->unit, std::move(args));
    }
    if (method == "drain") return error(Diag::BadOperands, e.span, {"drain", "this", "a value", "it empties the collection element by element", "write `for … in x.drain() { … }`"});
    const std::vector<std::string> known = list ? std::vector<std::string>{"push", "count", "is_empty"} : type->is(Kind::Map)
        ? std::vector<std::string>{"has", "get", "remove", "count", "is_empty", "keys"} : std::vector<std::string>{"has", "insert", "remove", "count", "is_empty"};
    return unknown(Diag::UnknownMember, e.args[0]->names[0].span, {describe(type), method}, method, known);
}

/// A `dated` field: `.on(date)`, `.set(from: …, value)`, `.changes`.
TExprPtr Checker::dated_method(TExprPtr rows, const std::string& method, const syntax::Expr& e) {
    const Ty* value_type = rows->type->element->record->fields[1].type;
    if (method == "on") {
        if (!arity(e, 1, method, "a date")) return poison(e.span);
        auto out = make(Op::DatedOn, value_type, e.span);
        out->args.push_back(std::move(rows));
        out->args.push_back(value(*e.args[1], t_->date));
        return out->args[1]->type->error() ? poison(e.span) : std::move(out);
    }
    if (method == "set") {
        if (rows->op != Op::Field) return error(Diag::NotAssignable, e.span, {"this history", "another contract's fields are its own", ""});
        if (c_->read_only) return error(Diag::PureViolation, e.span, {"a view", "change a history", "asking must change nothing"});
        const auto* from = named_argument(e, "from");
        if (e.args.size() != 3 || from == nullptr) return error(Diag::BadArity, e.span, {method, "a date and a value: `set(from: date, value)`"});
        const auto& other = e.args[1].get() == from ? *e.args[2] : *e.args[1];
        auto out = make(Op::DatedSet, t_->unit, e.span);
        out->args.push_back(std::move(rows));
        out->args.push_back(value(*from, t_->date));
        out->args.push_back(value(other, value_type));
        return out->args[1]->type->error() || out->args[2]->type->error() ? poison(e.span) : std::move(out);
    }
    return error(Diag::UnknownMember, e.args[0]->names[0].span, {"a history", method, "on(date), set(from: date, value), changes"});
}

/// `List.filled(n, x)`: n times x. `Map.filled(keys, x)`: x under every key.
TExprPtr Checker::filled(bool map, const syntax::Expr& e, const Ty* expected) {
    if (!arity(e, 2, "filled", map ? "the keys and a value" : "how many, and a value")) return poison(e.span);
    if (map) {
        auto keys = iterable(*e.args[1]);
        const bool typed = expected != nullptr && expected->is(Kind::Map);
        auto element = typed ? value(*e.args[2], expected->element) : expr(*e.args[2]);
        if (keys->type->error() || element->type->error()) return poison(e.span);
        if (keys->type->is(Kind::Map) || !key_type(keys->type->element)) return error(Diag::TypeMismatch, e.args[1]->span, {"a list or set of keys", describe(keys->type)});
        if (typed && expected->key != keys->type->element) return error(Diag::TypeMismatch, e.args[1]->span, {"a list or set of " + describe(expected->key), describe(keys->type)});
        const Ty* plain = element->type->is(Kind::Amount) ? t_->money(element->type->currency) : element->type;
        auto out = make(Op::MapFilled, typed ? expected : t_->map(keys->type->element, plain, keys->type->max), e.span);
        out->args.push_back(std::move(keys));
        out->args.push_back(coerce(std::move(element), out->type->element, e.args[2]->span));
        return out;
    }
    if (expected == nullptr || !expected->is(Kind::List)) return error(Diag::TypeUnknownHere, e.span, {"list"});
    auto out = make(Op::ListFilled, expected, e.span);
    out->args.push_back(value(*e.args[1], t_->integer));
    out->args.push_back(value(*e.args[2], expected->element));
    return out->args[0]->type->error() || out->args[1]->type->error() ? poison(e.span) : std::move(out);
}

/// `record.with(field: value, …)`: a copy with some fields changed.
TExprPtr Checker::with_fields(TExprPtr record, const syntax::Expr& e) {
    const Ty* type = record->type;
    auto out = make(Op::With, type, e.span);
    out->args.push_back(std::move(record));
    for (std::size_t i = 1; i < e.args.size(); ++i) {
        const int field = type->record->variant_of != nullptr ? -1 : type->record->field(e.arg_names[i]);
        if (field < 0) {
            std::string known;
            for (const auto& f : type->record->fields) known += (known.empty() ? "" : ", ") + f.name;
            return error(Diag::BadArgumentName, e.args[i]->span, {"with", e.arg_names[i], known});
        }
        out->locals.push_back(field);
        out->args.push_back(value(*e.args[i], t_->field_type(type, static_cast<std::size_t>(field))));
        if (out->args.back()->type->error()) return poison(e.span);
    }
    if (out->locals.empty()) return error(Diag::BadArity, e.span, {"with", "at least one `field: value`"});
    return out;
}

TExprPtr Checker::vault_method(TExprPtr vault, const std::string& method, const syntax::Expr& e) {
    const bool entry = vault->op == Op::MapAt || vault->type->is(Kind::Cash);
    const int number = vault->op == Op::MapAt ? vault->args[0]->index : vault->index;
    const Ty* map = vault->op == Op::MapAt ? vault->args[0]->type : vault->type;
    const Ty* cash = map->is(Kind::Map) ? map->element : map;
    if (c_->read_only && method != "has") return error(Diag::PureViolation, e.span, {"a view", "move money", "asking must change nothing"});
    const auto make_vault = [&](Op op, const Ty* type) {
        auto out = make(op, type, e.span);
        out->index = number;
        if (vault->op == Op::MapAt) out->args.push_back(std::move(vault->args[1]));
        return out;
    };
    if (!entry && (method == "open" || method == "has")) {
        if (!arity(e, 1, method, "a key")) return poison(e.span);
        auto out = make_vault(method == "open" ? Op::VaultOpen : Op::VaultHas, method == "open" ? t_->unit : t_->boolean);
        out->args.push_back(value(*e.args[1], map->key));
        return out->args.back()->type->error() ? poison(e.span) : std::move(out);
    }
    if (entry && method == "deposit") {
        if (!arity(e, 1, method, "money: `deposit(move cash)`")) return poison(e.span);
        auto asset = value(*e.args[1], cash);
        if (asset->type->error()) return asset;
        if (asset->op == Op::Local) return not_moved(e.args[1]->span, *asset);
        auto out = make_vault(Op::VaultDeposit, t_->unit);
        if (out->args.empty()) out->args.push_back(nullptr);
        out->args.push_back(std::move(asset));
        return out;
    }
    if (entry && method == "withdraw") {
        if (!arity(e, 1, method, "an amount")) return poison(e.span);
        auto out = make_vault(Op::VaultWithdraw, cash);
        if (out->args.empty()) out->args.push_back(nullptr);
        out->args.push_back(value(*e.args[1], t_->money(cash->currency)));
        return out->args.back()->type->error() ? poison(e.span) : std::move(out);
    }
    return error(Diag::UnknownMember, e.args[0]->names[0].span, {"a vault", method, entry ? "deposit, withdraw, amount" : "open, has, keys, and `vault[key]`"});
}

TExprPtr Checker::cash_method(TExprPtr cash, const std::string& method, const syntax::Expr& e) {
    if (cash->op != Op::Local) return error(Diag::NotYet, e.span, {"a method on money without a name", "give it a name with `let` first"});
    const auto make_cash = [&](Op op, const Ty* type) {
        auto out = make(op, type, e.span);
        out->index = cash->index;
        return out;
    };
    if (method == "take") {
        if (!arity(e, 1, method, "an amount")) return poison(e.span);
        auto out = make_cash(Op::Take, cash->type);
        out->args.push_back(value(*e.args[1], t_->money(cash->type->currency)));
        return out->args.back()->type->error() ? poison(e.span) : std::move(out);
    }
    if (method == "join") {
        if (!arity(e, 1, method, "money: `join(move other)`")) return poison(e.span);
        auto asset = value(*e.args[1], cash->type);
        if (asset->type->error()) return asset;
        if (asset->op == Op::Local) return not_moved(e.args[1]->span, *asset);
        auto out = make_cash(Op::Join, t_->unit);
        out->args.push_back(std::move(asset));
        return out;
    }
    if (method == "end") return arity(e, 0, method, "nothing") ? make_cash(Op::EndCash, t_->unit) : poison(e.span);
    return error(Diag::UnknownMember, e.args[0]->names[0].span, {"money", method, "amount, take, join, end"});
}

TExprPtr Checker::accrual_method(TExprPtr accrual, const std::string& method, const syntax::Expr& e) {
    if (accrual->op != Op::Field) return error(Diag::UnknownMember, e.span, {"an accrual of another contract", method, ""});
    const auto currency = accrual->type->currency;
    const auto finish = [&](Op op, const Ty* type, bool mode) {
        auto out = make(op, type, e.span);
        out->index = accrual->index;
        if (mode) out->args.push_back(value(*e.args[1], t_->rounding));
        return mode && out->args[0]->type->error() ? poison(e.span) : std::move(out);
    };
    const bool changes = method == "bill" || method == "drop" || method == "close";
    if (changes && c_->read_only) return error(Diag::PureViolation, e.span, {"a view", "bill", "asking must change nothing"});
    if (method == "drop") return arity(e, 0, method, "nothing") ? finish(Op::AccrualDrop, t_->unit, false) : poison(e.span);
    static const std::map<std::string, Op> asking{{"value", Op::AccrualValue}, {"bill", Op::AccrualBill}, {"close", Op::AccrualClose}};
    if (const auto found = asking.find(method); found != asking.end()) {
        if (!arity(e, 1, method, "a rounding mode")) return poison(e.span);
        const bool amount = c_->contract->fields[static_cast<std::size_t>(accrual->index)].never_negative;
        return finish(found->second, amount ? t_->amount(currency) : t_->money(currency), true);
    }
    return error(Diag::UnknownMember, e.args[0]->names[0].span, {"an accrual", method, "value, bill, close, drop"});
}

TExprPtr Checker::test_call(const std::string& method, const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"`test." + method + "`"});
    if (method == "party") {
        if (!arity(e, 1, method, "a name in quotes")) return poison(e.span);
        auto out = make(Op::TestParty, t_->party, e.span);
        out->args.push_back(value(*e.args[1], t_->text(64)));
        return out->args[0]->type->error() ? poison(e.span) : std::move(out);
    }
    if (method == "cash") {
        if (!arity(e, 1, method, "an amount")) return poison(e.span);
        auto amount = expr(*e.args[1]);
        if (amount->type->error()) return amount;
        if (!amount->type->money()) return error(Diag::TypeMismatch, e.args[1]->span, {"an amount of money", describe(amount->type)});
        auto out = make(Op::TestCash, t_->with_currency(Kind::Cash, amount->type->currency), e.span);
        out->args.push_back(std::move(amount));
        return out;
    }
    if (method == "balance") {
        if (!arity(e, 2, method, "a party and a zero amount of the currency: `test.balance(bank, 0.00 USD)`")) return poison(e.span);
        auto party = value(*e.args[1], t_->party);
        auto zero = expr(*e.args[2]);
        if (party->type->error() || zero->type->error()) return poison(e.span);
        if (!zero->type->money()) return error(Diag::TypeMismatch, e.args[2]->span, {"an amount of money", describe(zero->type)});
        auto out = make(Op::TestBalance, t_->money(zero->type->currency), e.span);
        out->args.push_back(std::move(party));
        return out;
    }
    if (method == "migrate") {
        if (!arity(e, 2, method, "an instance and the version that it comes from: `test.migrate(loan, 1)`")) return poison(e.span);
        auto instance = expr(*e.args[1]);
        auto from = value(*e.args[2], t_->integer);
        if (instance->type->error() || from->type->error()) return poison(e.span);
        const auto* contract = instance->type->is(Kind::Contract) ? instance->type->contract : nullptr;
        const bool known = contract != nullptr && from->op == Op::Const &&
                           std::any_of(contract->migrations.begin(), contract->migrations.end(), [&](const auto& m) { return m.from == from->value; });
        if (!known) return error(Diag::TypeMismatch, e.span, {"an instance of a contract with a `migrate` from that version", describe(instance->type)});
        auto out = make(Op::TestMigrate, t_->unit, e.span);
        out->index = static_cast<int>(from->value);
        out->args.push_back(std::move(instance));
        return out;
    }
    return error(Diag::UnknownMember, e.args[0]->names[0].span, {"`test`", method, "party, cash, balance, migrate"});
}

} // namespace tally::check
