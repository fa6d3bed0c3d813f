// Literals, and values of enums.
#include "compiler/check/checker.hpp"

#include "vm/value/date.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>

namespace tally::check {

using syntax::ExprKind;

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

} // namespace tally::check
