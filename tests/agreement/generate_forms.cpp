// Cases with fields, histories, sums, decimals and the other forms that belong to no one type.
#include "tests/agreement/generator.hpp"

#include <algorithm>
#include <utility>

namespace tally::agreement {
namespace {

const std::vector<std::string> modes{"floor", "ceiling", "toward_zero", "away", "half_even", "half_up", "half_down", "exact"};

std::string in_parens(const std::string& text) { return "(" + text + ")"; }

} // namespace

// ---- values -----------------------------------------------------------------------------------------------------------

std::string Generator::case_literal(const GType* t, int depth) {
    const auto number = static_cast<std::size_t>(dice_.roll(0, static_cast<i64>(t->cases.size()) - 1));
    std::string fields;
    const bool named = dice_.chance(60);
    for (const auto& f : t->payloads[number]) fields += (fields.empty() ? "" : ", ") + (named ? f.name + ": " : std::string()) + expr(f.type, depth);
    return t->text + "." + t->cases[number] + (fields.empty() ? "" : in_parens(fields));
}

std::string Generator::record_operation(const GType* t, int depth) {
    const auto* whole = some_name(t);
    if (whole == nullptr || dice_.chance(60)) return compound_literal(t, depth);
    const auto of = whole->name;
    std::string out;
    for (const auto& f : t->fields)
        if (dice_.chance(50)) out += (out.empty() ? "" : ", ") + f.name + ": " + expr(f.type, depth);
    return out.empty() ? of : of + ".with(" + out + ")";
}

std::string Generator::set_operation(const GType* t, int depth) {
    const auto like = [&](const GName& n) { return (n.type->is(GKind::List) || n.type->is(GKind::Set)) && n.type->element == t->element && !n.by_key; };
    const auto* a = name_where(like);
    const auto* b = name_where(like);
    return a == nullptr || dice_.chance(30) ? compound_literal(t, depth) : a->name + ".union(" + b->name + ")";
}

std::string Generator::map_operation(const GType* t, int depth) {
    const auto* keys = name_where([&](const GName& n) { return (n.type->is(GKind::List) || n.type->is(GKind::Set)) && n.type->element == t->key && !n.by_key; });
    if (keys == nullptr || dice_.chance(30)) return compound_literal(t, depth);
    const auto from = keys->name;
    return "Map.filled(" + from + ", " + expr(t->element, depth) + ")";
}

std::string Generator::filled_list(const GType* t, int depth) {
    if (t->element == int_ && dice_.chance(50)) {
        const auto from = dice_.chance(70) ? std::to_string(dice_.roll(0, 9)) : expr(int_, depth);
        const auto to = dice_.chance(70) ? std::to_string(dice_.roll(0, 9 + t->max)) : expr(int_, depth);
        return "range(" + from + ", " + to + ", max: " + std::to_string(t->max) + ")";
    }
    const auto count = dice_.chance(80) ? std::to_string(dice_.roll(0, t->max)) : expr(int_, depth);
    return "List.filled(" + count + ", " + expr(t->element, depth) + ")";
}

/// A carry remembers what rounding owes each row: only what changes things can say so.
std::string Generator::shares(const GType*, int depth) {
    const auto* carry = name_where([](const GName& n) { return n.type->is(GKind::Carry) && n.changes; });
    const bool carried = carry != nullptr && writes_ && acts_ && dice_.chance(60);
    const auto* weights = name_where([&](const GName& n) {
        return n.type->is(GKind::List) && !n.by_key && (n.type->element->integer() || n.type->element->money()) && n.type->max <= (carried ? 4 : 256);
    });
    std::string rows = weights != nullptr ? weights->name : "";
    if (rows.empty()) {
        if (!dice_.chance(60)) return "";
        rows = "[1, " + std::to_string(dice_.roll(0, 3)) + ", " + std::to_string(dice_.roll(0, 7)) + "]";
    }
    return "allocate(" + expr(amount_, depth) + ", weights: " + rows + (carried ? ", carry: carry" : "") + ", tie: " + (in_contract_ && dice_.chance(40) ? "rotate" : "first") + ")";
}

/// The value of a history on a date.
std::string Generator::latest(const GType* t, int depth) {
    std::vector<std::string> found;
    for (const auto& h : histories_)
        if (h.type == t) found.push_back(h.name);
    if (found.empty() || in_create_) return "";
    const auto of = dice_.pick(found);
    return of + ".on(" + (dice_.chance(60) && !in_book_ ? std::string("today") : expr(date_, depth)) + ")";
}

/// ` for y in x.f` or over anything else, the name put into scope.
std::string Generator::second_pass() {
    const auto& last = scope_.back();
    if (last.type->is(GKind::Record) && dice_.chance(80))
        for (const auto& f : last.type->fields)
            if (f.type->is(GKind::List) || f.type->is(GKind::Set)) {
                const auto over = last.name + "." + f.name;
                const auto n = name("y");
                scope_.push_back({n, f.type->element, false, false});
                return " for " + n + " in " + over;
            }
    std::string pattern, over;
    if (!going_through(pattern, over)) return "";
    return " for " + pattern + " in " + over;
}

// ---- numbers ------------------------------------------------------------------------------------------------------------

std::string Generator::fraction_operation(int depth) {
    if (dice_.chance(60)) return in_parens(expr(int_, depth) + " / " + expr(int_, depth));
    return std::string(dice_.chance(50) ? "min" : "max") + "(" + expr(fraction_, depth) + ", " + expr(fraction_, depth) + ")";
}

/// A number alone would be a decimal here: whole numbers are named.
std::string Generator::decimal_operation(int depth) {
    const auto whole = [&] {
        const auto* n = some_name(int_);
        return n != nullptr ? n->name : "div_floor(" + expr(int_, depth) + ", 2)";
    };
    switch (dice_.roll(0, 10)) {
    case 10:
        if (!dice_.chance(40)) return "";
        return std::string(dice_.chance(70) ? "power(" : "root(") + expr(decimal_, depth) + ", " +
               (dice_.chance(90) ? std::to_string(dice_.roll(1, 12)) : expr(int_, depth)) + ", " + expr(rounding_, depth) + ")";
    case 0: return in_parens(expr(decimal_, depth) + " + " + expr(decimal_, depth));
    case 1: return in_parens(expr(decimal_, depth) + " - " + expr(decimal_, depth));
    case 2: return in_parens(expr(decimal_, depth) + " * " + whole());
    case 3: return in_parens(whole() + " * " + expr(decimal_, depth));
    case 4: return "decimal(" + expr(dice_.chance(50) ? int_ : rate_, depth) + ")";
    case 5: return money_allowed_ && !generic_ ? "decimal(" + expr(money_, depth, false) + ")" : fold(decimal_, depth);
    case 6: return std::string(dice_.chance(50) ? "min" : "max") + "(" + expr(decimal_, depth) + ", " + expr(decimal_, depth) + ")";
    case 7: return in_parens("-" + expr(decimal_, depth));
    default: return "round(" + exact_number() + ", " + dice_.pick(modes) + (dice_.chance(20) ? ", to: " + (dice_.chance(60) ? "0.05" : expr(decimal_, 0)) : "") + ")";
    }
}

/// At most two numbers that are counted in 10^-18 in a product: the constants of a third would not fit.
std::string Generator::exact_number() {
    const auto moving = [&](const GType* t) { return name_where([&](const GName& n) { return n.type == t && n.name[0] != 'K'; }); };
    const auto d = [&] {
        const auto* n = moving(dice_.chance(70) ? decimal_ : rate_);
        return n != nullptr ? n->name : std::string(dice_.chance(50) ? "1.5" : "0.25");
    };
    const auto n = [&] {
        static const std::vector<std::string> small{"2", "3", "4", "7", "12", "360", "365"};
        const auto* found = moving(int_);
        return found != nullptr && dice_.chance(60) ? found->name : dice_.pick(small);
    };
    const auto fraction = [&] {
        const auto* found = moving(fraction_);
        return found != nullptr ? found->name : in_parens(n() + " / " + n());
    };
    const auto term = [&]() -> std::string {
        switch (dice_.roll(0, 6)) {
        case 6: return d() + " / " + d();
        case 0: return d() + " * " + d();
        case 1: return d() + " / " + n();
        case 2: return d() + " * (" + n() + " / " + n() + ")";
        case 3: return d() + " * " + fraction();
        case 4: return d() + " / " + fraction();
        default: return "(1 / 3) * " + d();
        }
    };
    if (dice_.chance(50)) return term();
    auto out = term() + (dice_.chance(50) ? " + " : " - ");
    const auto roll = dice_.roll(0, 3);
    if (roll == 0) { // beside a product of two it is counted in 10^-36, and of those 170 fit
        const auto* found = moving(int_);
        return out + in_parens((found != nullptr && dice_.chance(60) ? found->name : std::to_string(dice_.roll(1, 100))) + " / " + n());
    }
    if (roll == 1) return out + d();
    return out + term();
}

/// Terms over constants that are small together.
std::string Generator::exact_sum() {
    const auto moving = [&](const GType* t) { return name_where([&](const GName& n) { return n.type == t && n.name[0] != 'K'; }); };
    const auto m = [&] {
        const auto* n = moving(dice_.chance(60) ? money_ : amount_);
        if (n == nullptr) n = moving(money_);
        if (n != nullptr) return n->name;
        return generic_ ? "0 " + currency_ : std::to_string(dice_.roll(0, 99999)) + " " + currency_;
    };
    const auto r = [&] {
        const auto* n = moving(rate_);
        return n != nullptr ? n->name : std::string("7.3% pa");
    };
    const auto n = [&] {
        static const std::vector<std::string> small{"2", "3", "4", "7", "360", "365", "(-3)"};
        const auto* found = moving(int_);
        return found != nullptr && dice_.chance(50) ? found->name : dice_.pick(small);
    };
    const auto fraction = [&] {
        const auto* found = moving(fraction_);
        return found != nullptr ? found->name : in_parens(n() + " / " + n());
    };
    const auto term = [&]() -> std::string {
        switch (dice_.roll(0, 4)) {
        case 0: return m() + " / " + n();
        case 1: return m() + " * " + r();
        case 2: return m() + " * " + r() + " * (" + n() + " / " + n() + ")";
        case 3: return m() + " * " + fraction();
        default: return m() + " * (" + n() + " / " + n() + ")";
        }
    };
    auto out = dice_.chance(15) ? "-(" + term() + ")" : term();
    for (i64 more = dice_.roll(1, 2); more > 0; --more) out += (dice_.chance(50) ? " + " : " - ") + (dice_.chance(35) ? m() : term());
    return out;
}

// ---- statements -----------------------------------------------------------------------------------------------------------

void Generator::match_enum(int depth) {
    const GType* e = dice_.pick(enums_);
    open("match " + expr(e, 2, false) + " {");
    for (std::size_t c = 0; c < e->cases.size(); ++c) {
        const auto known = scope_.size();
        std::string names;
        if (dice_.chance(75))
            for (const auto& f : e->payloads[c]) {
                const auto n = name("b");
                names += (names.empty() ? "(" : ", ") + n;
                scope_.push_back({n, f.type, false, false});
            }
        open(e->cases[c] + (names.empty() ? "" : names + ")") + " => {");
        block(1, depth - 1);
        close();
        scope_.resize(known);
    }
    close();
}

void Generator::match_optional(int depth) {
    const GName subject = *name_where([](const GName& n) { return n.type->is(GKind::Optional); });
    open("match " + subject.name + " {");
    open("none => {");
    block(1, depth - 1);
    close();
    const auto known = scope_.size();
    const auto n = name("b");
    scope_.push_back({n, subject.type->element, false, false});
    open("some(" + n + ") => {");
    block(1, depth - 1);
    close();
    scope_.resize(known);
    close();
}

/// `let (a, b) = record;`
void Generator::let_fields(int depth) {
    if (records_.empty() || !money_allowed_) return let(depth);
    const GType* record = dice_.pick(records_);
    const auto value = expr(record, 2, false);
    std::string names;
    std::vector<GName> bound;
    for (const auto& f : record->fields) {
        bound.push_back({name("v"), f.type, false, false});
        names += (names.empty() ? "" : ", ") + bound.back().name;
    }
    if (bound.size() < 2) return let(depth);
    line("let " + in_parens(names) + " = " + value + ";");
    scope_.insert(scope_.end(), bound.begin(), bound.end());
}

/// A row into a history, an element into a log, an amount into a sum, shares that remember what rounding owes.
void Generator::grow(int depth) {
    static const std::vector<std::string> dates{"today", "today", "(today + 10 days)", "(today + 40 days)"};
    const auto named = [&](const std::string& n) { return name_where([&](const GName& k) { return k.name == n; }); };
    const auto* carry = name_where([](const GName& n) { return n.type->is(GKind::Carry) && n.changes; });
    std::vector<int> forms;
    if (!histories_.empty() && histories_[0].name.find('.') == std::string::npos) forms.push_back(0);
    if (!logs_.empty()) forms.push_back(1);
    if (named("total") != nullptr && !in_drain_) forms.push_back(2);
    if (carry != nullptr) forms.push_back(3);
    if (forms.empty()) return let(depth);
    const int form = dice_.pick(forms);
    if (form == 0) {
        const auto h = dice_.pick(histories_);
        return line(h.name + ".set(from: " + (dice_.chance(85) ? dice_.pick(dates) : expr(date_, 1)) + ", " + expr(h.type, 2) + ");");
    }
    if (form == 1) return line(logs_[0] + ".push(" + expr(named(logs_[0])->type->element, 2) + ");");
    if (form == 2) {
        const GName total = *named("total");
        return line("total.add(" + key_of(total, 1) + ", " + expr(total.type->element, 2) + ");");
    }
    const auto v = name("v");
    const auto weights = dice_.chance(80) ? std::string("[1, 2, 3]") : "[" + std::to_string(dice_.roll(0, 9)) + ", 1, 0]";
    line("let " + v + " = allocate(" + expr(amount_, 2) + ", weights: " + weights + ", carry: carry, tie: " + (dice_.chance(50) ? "first" : "rotate") + ");");
    scope_.push_back({v, type_of(GKind::List, amount_, 3), false, false});
}

/// Only the element in hand may be put back: nothing else of the collection changes meanwhile, and nothing is called
/// that could change it.
void Generator::drain(int depth) {
    const auto* n = name_where([](const GName& k) { return k.name == "total" || (k.changes && k.type->collection() && !(k.by_key && k.type->is(GKind::List))); });
    if (n == nullptr || depth <= 0 || in_drain_) return let(depth);
    const GName all = *n;
    const auto known = scope_.size();
    const bool map = all.type->is(GKind::Map);
    const auto one = name("x"), key = name("k");
    std::vector<bool> could;
    for (auto& k : scope_) {
        could.push_back(k.changes);
        if (k.name == all.name) k.changes = false;
    }
    if (map) scope_.push_back({key, all.type->key, false, false});
    scope_.push_back({one, all.type->element, false, false});
    open("for " + (map ? in_parens(key + ", " + one) : one) + " in " + all.name + ".drain() {");
    const bool wrote = std::exchange(writes_, false), acted = std::exchange(acts_, false);
    in_drain_ = true;
    ++loops_;
    block(1, depth - 1);
    if (map && dice_.chance(60)) {
        open("if " + expr(bool_, 2) + " {");
        line(all.name == "total" ? "total.add(" + key + ", " + one + ");" : all.name + "[" + key + "] = " + one + ";");
        close();
    }
    if (dice_.chance(30)) {
        open("if " + expr(bool_, 2) + " {");
        line("break;");
        close();
    }
    --loops_;
    in_drain_ = false;
    writes_ = wrote;
    acts_ = acted;
    for (std::size_t i = 0; i < could.size(); ++i) scope_[i].changes = could[i];
    close();
    scope_.resize(known);
}

void Generator::through_history(int depth) {
    if (histories_.empty() || depth <= 0 || loops_ >= 2) return compound(depth);
    const auto h = dice_.pick(histories_);
    const auto known = scope_.size();
    const auto row = name("r");
    open("for " + row + " in " + h.name + " {");
    scope_.push_back({row + ".from", date_, false, false});
    scope_.push_back({row + ".value", h.type, false, false});
    ++loops_;
    block(static_cast<int>(dice_.roll(1, 2)), depth - 1);
    --loops_;
    close();
    scope_.resize(known);
}

} // namespace tally::agreement
