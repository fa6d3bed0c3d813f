// Expressions of a wanted type.
#include "tests/agreement/generator.hpp"

namespace tally::agreement {
namespace {

const std::vector<std::string> modes{"floor", "ceiling", "toward_zero", "away", "half_even", "half_up", "half_down", "exact"};

std::string in_parens(const std::string& text) { return "(" + text + ")"; }

} // namespace

// ---- literals -------------------------------------------------------------------------------------------------------

std::string Generator::int_edge() {
    static const std::vector<std::string> edges{"0", "1", "(-1)", "9223372036854775807", "(-9223372036854775807)", "(-9223372036854775807 - 1)",
                                                "4611686018427387904", "3037000500", "1_000_000_007", "256", "257"};
    return dice_.pick(edges);
}

std::string Generator::int_literal() {
    if (dice_.chance(6)) return int_edge();
    const i64 v = dice_.chance(70) ? dice_.roll(0, 6) : dice_.roll(-30, 100);
    return v < 0 ? in_parens(std::to_string(v)) : std::to_string(v);
}

std::string Generator::money_literal() {
    if (generic_) return "0 " + currency_;
    static const std::vector<std::string> edges{"0", "1", "99", "100000000000000000000000000", "999999999999999999999999", "1000000000000000000000000",
                                                "170141183460469231731687303715884105727", "85070591730234615865843651857942052864"};
    std::string digits = dice_.chance(6) ? dice_.pick(edges) : std::to_string(dice_.chance(60) ? dice_.roll(0, 2000) : dice_.roll(0, 5'000'000'000));
    const auto decimals = static_cast<std::size_t>(decimals_);
    if (decimals > 0) {
        if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
        digits.insert(digits.size() - decimals, ".");
    }
    const auto text = digits + " " + currency_;
    return dice_.chance(15) ? "(-" + text + ")" : text;
}

std::string Generator::date_literal() {
    static const std::vector<std::string> edges{"1900-01-01", "2200-12-31", "2024-02-29", "2000-02-29", "2100-02-28", "1970-01-01", "1969-12-31",
                                                "2026-01-31", "2026-12-31", "2028-02-29"};
    if (dice_.chance(35)) return dice_.pick(edges);
    const auto two = [](i64 v) { return (v < 10 ? "0" : "") + std::to_string(v); };
    return std::to_string(dice_.roll(1990, 2060)) + "-" + two(dice_.roll(1, 12)) + "-" + two(dice_.roll(1, 28));
}

std::string Generator::text_literal(const GType* t) {
    static const std::vector<std::string> texts{"", "a", "b", "ab", "x y", "q\\n", "long enough", "eight ch", "nine char"};
    for (int tries = 0; tries < 4; ++tries) {
        const auto& text = dice_.pick(texts);
        if (text.size() <= static_cast<std::size_t>(t->max)) return "\"" + text + "\"";
    }
    return "\"\"";
}

std::string Generator::literal(const GType* t) {
    switch (t->kind) {
    case GKind::Bool: return dice_.chance(50) ? "true" : "false";
    case GKind::Int: return int_literal();
    case GKind::Weight: return std::to_string(dice_.roll(0, 9));
    case GKind::Money: case GKind::Amount: {
        auto text = money_literal();
        if (t->is(GKind::Amount) && text[0] == '(' && dice_.chance(85)) text = text.substr(2, text.size() - 3);
        return text;
    }
    case GKind::Rate: {
        static const std::vector<std::string> rates{"0%", "5%", "7.35% pa", "25 bp", "100%", "(-(2.5%))", "0.000001%", "36000%", "1%"};
        return dice_.chance(3) ? "1000000000000000000%" : dice_.pick(rates);
    }
    case GKind::Fraction: return in_parens(std::to_string(dice_.roll(-9, 40)) + " / " + std::to_string(dice_.chance(3) ? 0 : dice_.roll(1, 400)));
    case GKind::Date: return date_literal();
    case GKind::Days: return std::to_string(dice_.chance(5) ? 1'000'000 : dice_.roll(0, 400)) + " days";
    case GKind::Text: return text_literal(t);
    case GKind::Rounding: return dice_.pick(modes);
    case GKind::Decimal: {
        static const std::vector<std::string> decimals{"0.0", "1.5", "0.000000000000000001", "(-2.25)", "1000000.0", "3.0", "0.3", "(-(0.5))"};
        return dice_.chance(3) ? "100000000000000000000.0" : dice_.pick(decimals);
    }
    case GKind::Enum: return case_literal(t, 0);
    default: return compound_literal(t, 0);
    }
}

std::string Generator::compound_literal(const GType* t, int depth) {
    if (t->is(GKind::Optional)) return dice_.chance(35) ? "none" : expr(t->element, depth);
    if (t->is(GKind::Map)) return "[]";
    std::string out;
    if (t->is(GKind::Record)) return t->text.substr(0, t->text.find('<')) + " { " + inits(t, depth) + " }";
    const auto count = dice_.roll(0, std::min(t->max, 3));
    for (i64 i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + expr(t->element, depth);
    return "[" + out + "]";
}

std::string Generator::inits(const GType* record, int depth) {
    std::string out;
    for (const auto& field : record->fields)
        if (!field.has_default || dice_.chance(60)) out += (out.empty() ? "" : ", ") + field.name + ": " + expr(field.type, depth);
    return out;
}

// ---- names and their parts -------------------------------------------------------------------------------------------

const GName* Generator::some_name(const GType* t) {
    return name_where([&](const GName& n) { return n.type == t && !n.by_key; });
}

const GName* Generator::some_collection(GKind kind, bool whole) {
    return name_where([&](const GName& n) { return n.type->kind == kind && !(whole && n.by_key); });
}

/// Mostly in range.
std::string Generator::index_of(const GName& list) {
    if (dice_.chance(80)) return "mod(" + expr(int_, 1) + ", " + "max(1, " + list.name + ".count))";
    return expr(int_, 1);
}

std::string Generator::key_of(const GName& table, int depth) {
    const GType* key = table.type->is(GKind::Map) ? table.type->key : table.type->element;
    if (key->is(GKind::Int) && dice_.chance(70)) return std::to_string(dice_.roll(0, 4));
    return expr(key, depth);
}

/// A part of something that has one of this type; empty when there is none.
std::string Generator::from_parts(const GType* t, int depth) {
    struct Part {
        GName of;
        std::string field; ///< of the element or of the whole, with its dot
    };
    std::vector<Part> found;
    const auto fields_of = [&](const GName& n, const GType* record, const GType* wanted) {
        for (const auto& field : record->fields)
            if (field.type == wanted) found.push_back({n, "." + field.name});
    };
    for (const auto& n : scope_) {
        const GType* u = n.type;
        const bool elements = u->is(GKind::List) || u->is(GKind::Map) || u->is(GKind::Optional);
        if (elements && u->element == t) found.push_back({n, ""});
        if (u->is(GKind::Record)) fields_of(n, u, t);
        if (!u->is(GKind::List) && !u->is(GKind::Map)) continue;
        if (!u->element->is(GKind::Record)) continue;
        fields_of(n, u->element, t);
        if (u->is(GKind::List) && t->is(GKind::List) && !n.by_key && u->max <= t->max) fields_of(n, u->element, t->element);
    }
    if (found.empty()) return "";
    const Part part = dice_.pick(found);
    const GType* u = part.of.type;
    const auto& name_of = part.of.name;
    if (u->is(GKind::Record)) return name_of + part.field;
    if (u->is(GKind::Optional)) return name_of + ".value_or(" + expr(t, depth) + ")";
    if (u->is(GKind::List)) {
        bool every = !part.field.empty() && t->is(GKind::List); // `rows.amount`
        for (const auto& field : every ? u->element->fields : std::vector<GType::Field>{})
            if ("." + field.name == part.field) every = field.type != t;
        return every ? name_of + part.field : name_of + "[" + index_of(part.of) + "]" + part.field;
    }
    if (part.field.empty() && dice_.chance(60)) return name_of + ".get(" + key_of(part.of, depth) + ", " + expr(t, depth) + ")";
    return name_of + "[" + key_of(part.of, depth) + "]" + part.field;
}

std::string Generator::call_of(const GType* t, int depth) {
    std::vector<const GFn*> found;
    for (const auto& f : fns_)
        if (f.result == t && (!f.writes || writes_)) found.push_back(&f);
    if (found.empty() || !calls_allowed_) return "";
    const GFn& f = *dice_.pick(found);
    std::string out;
    for (const auto* p : f.params) out += (out.empty() ? "" : ", ") + expr(p, depth);
    return f.name + "(" + out + ")";
}

std::string Generator::leaf(const GType* t, bool typed) {
    if (const auto* n = some_name(t); n != nullptr && dice_.chance(75)) return n->name;
    if (budget_ > 0 && dice_.chance(15))
        if (const auto then = latest(t, 0); !then.empty()) return then;
    if (budget_ > 0 && dice_.chance(35))
        if (const auto part = from_parts(t, 0); !part.empty()) return part;
    const bool needs_type = t->is(GKind::Optional) || t->collection() || t->is(GKind::Rounding) || t->is(GKind::Text);
    if (!typed && needs_type) return "";
    if (t->is(GKind::Date) && dice_.chance(15) && !in_book_) return "today";
    return literal(t);
}

// ---- operations ---------------------------------------------------------------------------------------------------------

/// Empty when only a place that tells the type would do.
std::string Generator::expr(const GType* t, int depth, bool typed) {
    --budget_;
    if (depth <= 0 || budget_ < 0 || dice_.chance(20)) return leaf(t, typed);
    if (dice_.chance(20))
        if (const auto part = from_parts(t, depth - 1); !part.empty()) return part;
    if (dice_.chance(15))
        if (const auto call = call_of(t, depth - 1); !call.empty()) return call;
    const auto out = operation(t, depth - 1, typed);
    return out.empty() ? leaf(t, typed) : out;
}

std::string Generator::operation(const GType* t, int depth, bool typed) {
    switch (t->kind) {
    case GKind::Bool: return bool_operation(depth);
    case GKind::Int: return int_operation(depth);
    case GKind::Weight: return typed ? int_operation(depth) : "";
    case GKind::Money: return money_operation(depth);
    case GKind::Amount: return typed ? dice_.chance(60) ? "max(" + money_literal() + ", " + expr(money_, depth) + ")" : money_operation(depth) : "";
    case GKind::Rate: return rate_operation(depth);
    case GKind::Decimal: return decimal_operation(depth);
    case GKind::Fraction: return fraction_operation(depth);
    case GKind::Enum: return case_literal(t, depth);
    case GKind::Map: return typed ? map_operation(t, depth) : "";
    case GKind::Date: return date_operation(depth);
    case GKind::Days: return days_operation(depth);
    case GKind::List: return typed ? dice_.chance(50) ? collected(t, depth) : compound_literal(t, depth) : "";
    case GKind::Record: return record_operation(t, depth);
    case GKind::Set: return typed ? set_operation(t, depth) : "";
    case GKind::Optional: return typed ? compound_literal(t, depth) : "";
    default: return "";
    }
}

bool Generator::going_through(std::string& pattern, std::string& over) {
    const auto* n = name_where([](const GName& known) { return known.type->collection(); });
    if (n == nullptr) return false;
    over = n->name;
    const GType* t = n->type;
    if (t->is(GKind::Map) && !n->by_key && dice_.chance(25)) {
        over += ".keys";
        pattern = name("k");
        scope_.push_back({pattern, t->key, false, false});
        return true;
    }
    const auto one = name("x");
    if (t->is(GKind::Map) || (t->is(GKind::List) && dice_.chance(40))) {
        const auto first = name("k");
        pattern = "(" + first + ", " + one + ")";
        scope_.push_back({first, t->is(GKind::Map) ? t->key : int_, false, false});
    } else {
        pattern = one;
    }
    scope_.push_back({one, t->element, false, false});
    return true;
}

std::string Generator::bool_operation(int depth) {
    const auto roll = dice_.roll(0, 11);
    if (roll == 0) return in_parens(expr(bool_, depth) + " and " + expr(bool_, depth));
    if (roll == 1) return in_parens(expr(bool_, depth) + " or " + expr(bool_, depth));
    if (roll == 2) return in_parens("not " + expr(bool_, depth));
    if (roll == 3) {
        if (const auto* n = name_where([](const GName& k) { return k.type->is(GKind::Set) || k.type->is(GKind::Map); }))
            return dice_.chance(50) ? in_parens(key_of(*n, depth) + " in " + n->name) : n->name + ".has(" + key_of(*n, depth) + ")";
    }
    if (roll == 4) {
        if (const auto* n = name_where([](const GName& k) { return k.type->collection(); })) return n->name + ".is_empty";
    }
    if (roll == 5) {
        if (const auto* n = name_where([](const GName& k) { return k.type->is(GKind::Optional); })) return n->name + ".is_none";
    }
    if (roll == 6 && in_contract_ && !in_create_ && !in_book_) return dice_.chance(50) ? "(self is S0)" : "(self is S1)";
    if (roll == 7) {
        const auto known = scope_.size();
        std::string pattern, over;
        if (going_through(pattern, over)) {
            const auto out = std::string(dice_.chance(50) ? "every" : "some") + "(" + pattern + " in " + over + " : " + expr(bool_, depth) + ")";
            scope_.resize(known);
            return out;
        }
    }
    if (roll == 8 && !enums_.empty()) {
        const GType* e = dice_.pick(enums_);
        return in_parens(expr(e, depth, false) + " is " + dice_.pick(e->cases));
    }
    static const std::vector<std::string> orders{"<", "<=", ">", ">=", "==", "!="};
    if (roll == 9) { // whole values
        const auto* n = name_where([&](const GName& k) { return !k.by_key && !k.type->is(GKind::Rounding) && (k.type->is(GKind::Record) || k.type->collection() || k.type->is(GKind::Optional) || k.type->is(GKind::Text) || k.type->is(GKind::Bytes) || k.type->is(GKind::Enum)); });
        if (n != nullptr) {
            auto other = dice_.chance(60) ? call_of(n->type, depth) : std::string();
            const bool written = n->type->is(GKind::Text) || n->type->is(GKind::Enum) || n->type->is(GKind::Record) || n->type->is(GKind::List);
            if (other.empty() && written && dice_.chance(50)) other = n->type->is(GKind::Record) || n->type->is(GKind::List) ? compound_literal(n->type, depth) : literal(n->type);
            if (other.empty()) other = some_name(n->type)->name;
            return in_parens(n->name + (dice_.chance(60) ? " == " : " != ") + other);
        }
    }
    std::vector<const GType*> ordered{int_, int_, rate_, fraction_, date_, days_, decimal_};
    if (money_allowed_) ordered.insert(ordered.end(), {money_, money_, amount_});
    const GType* t = dice_.pick(ordered);
    return in_parens(expr(t, depth, false) + " " + dice_.pick(orders) + " " + expr(t, depth, false));
}

std::string Generator::int_operation(int depth) {
    switch (dice_.roll(0, 13)) {
    case 0: case 1: return in_parens(dice_.chance(2) ? int_edge() + " + " + int_edge() : expr(int_, depth) + " + " + expr(int_, depth));
    case 2: return in_parens(expr(int_, depth) + " - " + expr(int_, depth));
    case 3: return in_parens(expr(int_, depth) + " * " + expr(int_, depth));
    case 4: return "div_floor(" + expr(int_, depth) + ", " + expr(int_, depth) + ")";
    case 5: return "mod(" + expr(int_, depth) + ", " + expr(int_, depth) + ")";
    case 6: return std::string(dice_.chance(50) ? "min" : "max") + "(" + expr(int_, depth) + ", " + expr(int_, depth) + ")";
    case 7: return in_parens("-" + expr(int_, depth));
    case 8: return "count(" + expr(days_, depth) + ")";
    case 9: {
        static const std::vector<std::string> parts{"year", "month", "day", "days_in_month"};
        return expr(date_, depth) + "." + dice_.pick(parts);
    }
    case 10:
        if (const auto* n = name_where([](const GName& k) { return k.type->collection() || k.type->is(GKind::Text) || k.type->is(GKind::Bytes); })) return n->name + ".count";
        return "";
    case 11: return fold(int_, depth);
    default: return in_parens(expr(int_, depth) + " + " + int_literal());
    }
}

std::string Generator::fold(const GType* t, int depth) {
    const auto known = scope_.size();
    std::string pattern, over;
    if (!going_through(pattern, over)) return "";
    auto out = "sum(" + expr(t, depth, false) + " for " + pattern + " in " + over;
    if (dice_.chance(40)) out += " if " + expr(bool_, depth);
    scope_.resize(known);
    return out + ")";
}

std::string Generator::collected(const GType* t, int depth) {
    if (t->element->money() && money_allowed_ && dice_.chance(50))
        if (const auto parts = shares(t, depth); !parts.empty()) return parts;
    if (dice_.chance(8)) return filled_list(t, depth);
    if (t->element == date_ && !histories_.empty() && dice_.chance(40)) return dice_.pick(histories_).name + ".changes";
    if (dice_.chance(25)) { // another maximum
        const auto* other = name_where([&](const GName& n) { return n.type->is(GKind::List) && n.type->element == t->element && !n.by_key; });
        if (other != nullptr) return other->name;
    }
    const auto known = scope_.size();
    std::string pattern, over;
    if (!going_through(pattern, over)) return "";
    const auto inner = dice_.chance(30) ? second_pass() : std::string();
    auto out = "[" + expr(t->element, depth) + " for " + pattern + " in " + over + inner;
    if (dice_.chance(50)) out += " if " + expr(bool_, depth);
    scope_.resize(known);
    return out + "]";
}

std::string Generator::money_operation(int depth) {
    switch (dice_.roll(0, 11)) {
    case 0: case 1: return in_parens(expr(money_, depth) + " + " + expr(money_, depth));
    case 2: return in_parens(expr(money_, depth) + " - " + expr(money_, depth));
    case 3: return in_parens(expr(money_, depth) + " * " + expr(int_, depth));
    case 4: return in_parens(expr(int_, depth) + " * " + expr(money_, depth));
    case 5: return in_parens("-" + expr(money_, depth));
    case 6: return std::string(dice_.chance(50) ? "min" : "max") + "(" + expr(money_, depth) + ", " + expr(money_, depth) + ")";
    case 7: return fold(money_, depth);
    case 8:
        if (!dice_.chance(40)) return "";
        return "annuity(" + expr(amount_, depth) + ", " + expr(rate_, depth) + ", " + (dice_.chance(80) ? "12" : expr(int_, depth)) + ", " +
               (dice_.chance(80) ? std::to_string(dice_.roll(1, 40)) : expr(int_, depth)) + ", " + expr(rounding_, depth) + ")";
    default: return "round(" + (dice_.chance(35) ? exact_sum() : exact(depth)) + ", " + (dice_.chance(70) ? dice_.pick(modes) : expr(rounding_, 0)) + (dice_.chance(20) ? ", to: " + expr(money_, 0) : "") + ")";
    }
}

/// At most four factors above the line and two rates; constants small enough that their product fits.
std::string Generator::exact(int depth) {
    const auto moving = [&](const GType* t) { return name_where([&](const GName& n) { return n.type == t && n.name[0] != 'K'; }); };
    const auto small = [&] { return std::to_string(dice_.roll(1, 500)); };
    const auto m = [&]() -> std::string {
        if (dice_.chance(20))
            if (const auto call = call_of(money_, depth); !call.empty()) return call;
        const auto* n = moving(dice_.chance(50) ? money_ : amount_);
        if (n == nullptr) n = moving(money_);
        if (n != nullptr) return n->name;
        return generic_ ? "0 " + currency_ : std::to_string(dice_.roll(0, 99999)) + " " + currency_;
    };
    const auto* rate = moving(rate_);
    const auto r = [&]() -> std::string {
        static const std::vector<std::string> rates{"5%", "7.35% pa", "25 bp", "1%", "(-(3%))"};
        return rate != nullptr ? rate->name : dice_.pick(rates);
    };
    const auto n = [&] {
        const auto* found = moving(int_);
        return found != nullptr && dice_.chance(70) ? found->name : small();
    };
    switch (dice_.roll(0, 8)) {
    case 0: return m() + " / " + n();
    case 1: return m() + " * " + r();
    case 2: return m() + " * " + r() + " * (" + n() + " / " + small() + ")";
    case 3: return m() + " * (" + expr(int_, depth, false) + " / " + expr(int_, depth, false) + ")";
    case 4: return r() + " * " + m();
    case 5: return m() + " * " + r() + " / " + n();
    case 6: return m() + " * " + expr(fraction_, depth, false);
    case 7: return m() + " / " + expr(fraction_, depth, false);
    default: return m() + " * " + r() + (rate != nullptr ? " * " + r() : "");
    }
}

std::string Generator::rate_operation(int depth) {
    switch (dice_.roll(0, 5)) {
    case 0: return in_parens(expr(rate_, depth) + " + " + expr(rate_, depth));
    case 1: return in_parens(expr(rate_, depth) + " - " + expr(rate_, depth));
    case 2: return in_parens(expr(rate_, depth) + " * " + expr(int_, depth));
    case 3: return in_parens(expr(int_, depth) + " * " + expr(rate_, depth));
    case 4: return dice_.chance(50) ? fold(rate_, depth) : "rate(" + expr(decimal_, depth) + ")";
    default: return "max(" + expr(rate_, depth) + ", " + expr(rate_, depth) + ")";
    }
}

std::string Generator::date_operation(int depth) {
    static const std::vector<std::string> rules{"clamp", "roll", "keep_eom"};
    switch (dice_.roll(0, 5)) {
    case 0: return in_parens(expr(date_, depth) + " + " + expr(days_, depth));
    case 1: return in_parens(expr(date_, depth) + " - " + expr(days_, depth));
    case 2: return expr(date_, depth) + ".add(months(" + expr(int_, depth) + "), end_of_month: " + dice_.pick(rules) + ")";
    case 3: return expr(date_, depth) + ".add(" + std::to_string(dice_.roll(0, 30)) + " months, end_of_month: " + dice_.pick(rules) + ")";
    case 4: return "date(" + std::to_string(dice_.roll(1995, 2040)) + ", " + (dice_.chance(70) ? std::to_string(dice_.roll(1, 12)) : expr(int_, depth)) + ", " +
                   (dice_.chance(70) ? std::to_string(dice_.roll(1, 31)) : expr(int_, depth)) + ")";
    default: return "min(" + expr(date_, depth) + ", " + expr(date_, depth) + ")";
    }
}

std::string Generator::days_operation(int depth) {
    switch (dice_.roll(0, 5)) {
    case 0: return in_parens(expr(days_, depth) + " + " + expr(days_, depth));
    case 1: return in_parens(expr(days_, depth) + " - " + expr(days_, depth));
    case 2: return in_parens(expr(days_, depth) + " * " + expr(int_, depth));
    case 3: return "days(" + expr(int_, depth) + ")";
    case 4: return in_parens("-" + expr(days_, depth));
    default: return in_parens(expr(date_, depth) + " - " + expr(date_, depth));
    }
}

} // namespace tally::agreement
