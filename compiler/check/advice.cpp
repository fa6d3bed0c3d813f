// What to do about a complaint: names that come close, words of other languages, the usual ways from one type
// to another, and edits for them. No advice weakens a guarantee: no `let` becomes a `var`, no `by` an `anyone`.
#include "compiler/check/checker.hpp"

#include "vm/value/date.hpp"

#include <algorithm>

namespace tally::check {
namespace {

struct Foreign {
    std::vector<std::string> instead; ///< with one, it is likely; with several, a choice
    std::string advice;               ///< empty: from `instead`
};

const Foreign* foreign_name(const std::string& name) {
    static const std::map<std::string, Foreign> table{
        {"null", {{"none"}, ""}}, {"nil", {{"none"}, ""}}, {"None", {{"none"}, ""}}, {"NULL", {{"none"}, ""}}, {"undefined", {{"none"}, ""}},
        {"True", {{"true"}, ""}}, {"TRUE", {{"true"}, ""}}, {"False", {{"false"}, ""}}, {"FALSE", {{"false"}, ""}},
        {"this", {{"self"}, ""}}, {"now", {{"today"}, ""}},
        {"continue", {{}, "turn the condition around: `if … { … }` around what is to be done"}},
        {"print", {{}, "a contract prints nothing: `emit` an event, or `expect` in a test"}},
        {"println", {{}, "a contract prints nothing: `emit` an event, or `expect` in a test"}},
        {"msg", {{}, "who signs is named by the `by` of the header: a role or a parameter"}},
        {"sender", {{}, "who signs is named by the `by` of the header: a role or a parameter"}},
        {"len", {{}, "write `list.count`"}}, {"size", {{}, "write `list.count`"}}, {"length", {{}, "write `list.count`"}},
        {"abs", {{}, "write `max(x, -x)`"}}, {"ceil", {{}, "write `round(x, ceiling)`"}},
        {"range", {{}, "every loop has a bound: write `for x in list { … }`"}},
        {"require", {{}, "`require … else …` stands in the header"}}, {"revert", {{}, "write `fail SomeError;`"}},
        {"assert", {{}, "write `if … { fail …; }`, or `expect …` in a test"}}};
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

const Foreign* foreign_type(const std::string& name) {
    static const std::map<std::string, Foreign> table = [] {
        const Foreign text{{"Text<max 64>"}, "write `Text<max n>`: every text has a maximum"}, whole{{"Int"}, ""},
            unsigned_whole{{"Int", "Weight"}, "write `Int`, or `Weight` for one that is never negative"},
            binary{{"Rate", "Fraction"}, "no number here is approximate: write `Money<USD>` for an amount, `Rate` for a rate, `Fraction` for a share"},
            day{{"Date"}, ""}, party{{"Party"}, ""}, list{{}, "write `List<T, max n>`"}, map{{}, "write `Map<K, V, max n>`"}, nothing{{}, "leave out `->` and the type"};
        return std::map<std::string, Foreign>{{"string", text}, {"String", text}, {"str", text}, {"varchar", text}, {"int", whole}, {"integer", whole}, {"Integer", whole},
            {"long", whole}, {"int64", whole}, {"i64", whole}, {"int256", whole}, {"uint", unsigned_whole}, {"uint256", unsigned_whole}, {"uint64", unsigned_whole},
            {"u64", unsigned_whole}, {"float", binary}, {"double", binary}, {"Double", binary}, {"Float", binary}, {"decimal", binary}, {"number", binary}, {"Number", binary},
            {"bool", {{"Bool"}, ""}}, {"boolean", {{"Bool"}, ""}}, {"Boolean", {{"Bool"}, ""}}, {"date", day}, {"datetime", day}, {"DateTime", day}, {"timestamp", day},
            {"address", party}, {"Address", party}, {"void", nothing}, {"Array", list}, {"array", list}, {"vector", list}, {"mapping", map}, {"dict", map}, {"HashMap", map}};
    }();
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

/// From one type to another, as an author would go.
std::string way(const Ty* to, const TExpr& e) {
    const Ty* from = e.type;
    const bool is_const = e.op == Op::Const;
    if (from->is(Kind::Optional) && from->element == to) return "it may be missing: write `x.value_or(…)`, or ask `x.is_none` first";
    if (to->money() && from->integer()) return is_const ? "write the currency behind it: `" + to_text(e.value) + " " + to->currency + "`" : "multiply an amount by it: `x * 1 " + to->currency + "`";
    if (to->money() && from->is(Kind::Cash)) return "its amount is `x.amount`";
    if (to->is(Kind::Cash) && from->money()) return "an amount is a number; money comes out of a vault, or in as a parameter";
    if (to->is(Kind::Date) && from->is(Kind::Text)) return "a date has no quotes: `2026-01-31`";
    if (to->is(Kind::Date) && (from->integer() || from->is(Kind::Exact))) return "a date is written `2026-01-31`, or made with `date(year, month, day)`";
    if (to->integer() && (from->is(Kind::Days) || from->is(Kind::Months))) return "`count(…)` gives their number";
    if (to->integer() && from->is(Kind::Fraction)) return "whole numbers divide with `div_floor(a, b)` and `mod(a, b)`";
    if (to->is(Kind::Days) && from->integer()) return is_const ? "write `" + to_text(e.value) + " days`" : "write `days(…)`";
    if (to->is(Kind::Months) && from->integer()) return is_const ? "write `" + to_text(e.value) + " months`" : "write `months(…)`";
    if (to->is(Kind::Rate) && from->integer()) return "write it in per cent: `" + (is_const ? to_text(e.value) : "7") + "%`";
    if (to->is(Kind::Fraction) && from->integer()) return "write it as a fraction: `" + (is_const ? to_text(e.value) : "n") + "/1`";
    if (to->is(Kind::Bool)) return "compare it with something: `… == …`";
    if (to->is(Kind::Text) && from->is(Kind::Text)) return "a longer text does not fit: raise the maximum, or shorten the text";
    return "";
}

/// The edit for it, where there is one.
std::vector<Edit> edit_for(const Ty* to, const TExpr& e) {
    const Ty* from = e.type;
    const Span end{e.span.file, e.span.end, e.span.end}, begin{e.span.file, e.span.begin, e.span.begin};
    const bool number = e.op == Op::Const && from->integer() && e.value >= 0;
    if (number && to->money()) return {{end, " " + to->currency}};
    if (number && to->is(Kind::Days)) return {{end, " days"}};
    if (number && to->is(Kind::Months)) return {{end, " months"}};
    if (number && to->is(Kind::Rate)) return {{end, "%"}};
    if (number && to->is(Kind::Bool) && e.value <= 1) return {{e.span, e.value == 1 ? "true" : "false"}};
    if (to->is(Kind::Date) && e.op == Op::TextConst && date_parse(e.text)) return {{e.span, e.text}};
    if (to->integer() && (from->is(Kind::Days) || from->is(Kind::Months))) return {{begin, "count("}, {end, ")"}};
    return {};
}

} // namespace

std::string to_text(i128 value) {
    std::string out;
    const bool negative = value < 0;
    do {
        const auto digit = static_cast<int>(value % 10);
        out.insert(out.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
        value /= 10;
    } while (value != 0);
    return negative ? "-" + out : out;
}

TExprPtr Checker::unknown(Diag kind, Span at, std::vector<std::string> args, const std::string& name, const std::vector<std::string>& known) {
    const auto near = closest(name, known);
    const auto* foreign = kind == Diag::UnknownName ? foreign_name(name) : kind == Diag::UnknownType ? foreign_type(name) : nullptr;
    std::string advice = suggest(name, known);
    if (foreign != nullptr) advice = !foreign->advice.empty() ? foreign->advice : "write `" + foreign->instead[0] + "`";
    args.push_back(std::move(advice));
    auto& d = sink_.report(kind, at, std::move(args));
    if (foreign == nullptr && !near.empty()) d.suggest(Applicability::Likely, at, near);
    if (foreign != nullptr)
        for (const auto& instead : foreign->instead) d.suggest(foreign->instead.size() == 1 ? Applicability::Likely : Applicability::Choice, at, instead);
    return poison(at);
}

TExprPtr Checker::unknown_state(const ContractDecl& contract, Span at, const std::string& name) {
    std::string listed;
    for (const auto& s : contract.states) listed += (listed.empty() ? "" : ", ") + s;
    auto& d = sink_.report(Diag::UnknownState, at, {contract.name, name, listed});
    d.label(contract.span, "its lifecycle is here");
    if (const auto near = closest(name, contract.states); !near.empty()) d.suggest(Applicability::Likely, at, near);
    return poison(at);
}

/// Who gets the fraction is for a person to say: the modes are choices.
TExprPtr Checker::unrounded(Span at) {
    auto& d = sink_.report(Diag::Unrounded, at);
    d.note("not yet money");
    for (const auto* mode : {"half_even", "floor", "ceiling"})
        d.suggest(Applicability::Choice, {{{at.file, at.begin, at.begin}, "round("}, {{at.file, at.end, at.end}, std::string(", ") + mode + ")"}});
    return poison(at);
}

TExprPtr Checker::not_moved(Span at, const TExpr& local) {
    const auto& holding = c_->fn->locals[static_cast<std::size_t>(local.index)];
    sink_.report(Diag::AssetNotMoved, at, {holding.name}).label(holding.span, "the money comes in here")
        .suggest(Applicability::Automatic, {at.file, at.begin, at.begin}, "move ");
    return poison(at);
}

TExprPtr Checker::mismatch(const Ty* wanted, const TExpr& e, Span at) {
    auto& d = sink_.report(Diag::TypeMismatch, at, {describe(wanted), describe(e.type), way(wanted, e)});
    const bool same = e.span.begin == at.begin && e.span.end == at.end; // else brackets stand around it
    if (auto edits = edit_for(wanted, e); !edits.empty() && same) d.suggest(Applicability::Likely, std::move(edits));
    return poison(at);
}

TExprPtr Checker::two_currencies(const TExpr& left, const TExpr& right, Span at) {
    sink_.report(Diag::CurrencyMismatch, at, {left.type->currency, right.type->currency})
        .label(left.span, name_of(left.type)).label(right.span, name_of(right.type));
    return poison(at);
}

TExprPtr Checker::bad_operands(const std::string& op, const TExpr& left, const TExpr& right, Span at, std::string why, std::string fix) {
    const TExpr* number = nullptr;
    std::vector<Edit> edits;
    for (const auto& [one, other] : {std::pair(&left, &right), std::pair(&right, &left)}) {
        if (!one->type->integer() || number != nullptr || op == "*" || op == "/") continue;
        const Ty* wanted = other->type->is(Kind::Date) && op != "==" ? t_->days : other->type;
        if (!fix.empty() && !wanted->money()) continue;
        if (auto advice = way(wanted, *one); !advice.empty() && fix.empty()) fix = std::move(advice);
        edits = edit_for(wanted, *one);
        number = one;
    }
    if (fix.empty() && left.type->is(Kind::Text) && right.type->is(Kind::Text) && op != "+") fix = "give both the same maximum";
    if (fix.empty() && left.type->is(Kind::Text) && op == "+") fix = "texts are not joined: keep both, or emit an event with both";
    static const std::set<Op> comparisons{Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne};
    if (comparisons.contains(left.op) && !right.type->is(Kind::Bool)) fix = "compare twice: `a < b and b < c`", edits.clear();
    auto& d = sink_.report(Diag::BadOperands, at, {op, describe(left.type), describe(right.type), std::move(why), std::move(fix)});
    d.label(left.span, name_of(left.type)).label(right.span, name_of(right.type));
    if (!edits.empty()) d.suggest(Applicability::Likely, std::move(edits));
    return poison(at);
}

/// The three rules for the end of a month; `before` and `after` are what stands around the rule.
TExprPtr Checker::needs_month_rule(Span at, const std::vector<Edit>& before, Span end) {
    auto& d = sink_.report(Diag::MonthNeedsRule, at);
    for (const auto* rule : {"clamp", "roll", "keep_eom"}) {
        auto edits = before;
        edits.push_back({end, std::string(", end_of_month: ") + rule + (before.empty() ? "" : ")")});
        d.suggest(Applicability::Choice, std::move(edits));
    }
    return poison(at);
}

/// If exactly one complaint came since, and it is about the type of this value, says where that type is wanted.
void Checker::wanted_by(std::size_t complaints, Span value, Span at, const std::string& text) {
    if (sink_.count() != complaints + 1) return;
    auto& d = sink_.last();
    if (d.span.begin != value.begin || d.span.end != value.end) return; // about a part of it
    if (d.kind == Diag::TypeMismatch || d.kind == Diag::CurrencyMismatch) d.label(at, text);
}

void Checker::twice(Span at, const std::string& name, Span first) { sink_.report(Diag::Duplicate, at, {name}).label(first, "first here"); }

} // namespace tally::check
