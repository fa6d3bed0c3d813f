// Records, lists, and what goes through collections.
#include "compiler/check/checker.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <utility>

namespace tally::check {

using syntax::ExprKind;

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

} // namespace tally::check
