// Statements.
#include "tests/agreement/generator.hpp"

namespace tally::agreement {

void Generator::line(const std::string& text) { out_ += std::string(static_cast<std::size_t>(indent_) * 4, ' ') + text + "\n"; }
void Generator::open(const std::string& text) {
    line(text);
    ++indent_;
}
void Generator::close(const std::string& text) {
    --indent_;
    line(text);
}

void Generator::block(int statements, int depth) {
    const auto known = scope_.size();
    for (int i = 0; i < statements; ++i) statement(depth);
    scope_.resize(known);
}

void Generator::statement(int depth) {
    switch (dice_.roll(0, 22)) {
    case 0: case 1: case 2: return let(depth);
    case 3: case 4: return assignment(depth);
    case 5: case 6: return compound(depth);
    case 7: case 8: return if_statement(depth);
    case 9: case 10: return for_statement(depth);
    case 11: return match_statement(depth);
    case 12: case 13: return change_collection(depth);
    case 14: return change_part(depth);
    case 15: return money_allowed_ ? waterfall(depth) : let(depth);
    case 16: return acts_ ? say() : let(depth);
    case 17: return dice_.chance(25) && (in_contract_ || !generic_) ? fail() : early_end();
    case 18: return acts_ && in_contract_ && has_accrual_ && dice_.chance(60) ? accrual_statement() : call_for_effect(depth);
    case 19: return acts_ && writes_ && in_contract_ ? grow(depth) : let_fields(depth);
    case 20: return acts_ && writes_ && in_contract_ && dice_.chance(60) ? drain(depth) : through_history(depth);
    case 21: return let_fields(depth);
    default: return acts_ && !in_create_ && dice_.chance(40) ? become() : let(depth);
    }
}

void Generator::let(int) {
    const GType* t = any_type(2);
    const bool var = dice_.chance(60);
    const auto value = expr(t, 3);
    const auto n = name("v");
    line((var ? "var " : "let ") + n + ": " + t->text + " = " + value + ";");
    scope_.push_back({n, t, var, false});
}

void Generator::assignment(int depth) {
    const auto* n = name_where([](const GName& k) { return k.changes && !k.by_key; });
    if (n == nullptr) return let(depth);
    const GName target = *n;
    line(target.name + " = " + expr(target.type, 3) + ";");
}

void Generator::compound(int depth) {
    const auto numeric = [](const GType* t) { return t->money() || t->integer() || t->is(GKind::Rate) || t->is(GKind::Decimal) || t->is(GKind::Days) || t->is(GKind::Date); };
    const auto* n = name_where([&](const GName& k) { return k.changes && (numeric(k.type) || (k.type->is(GKind::Map) && numeric(k.type->element))); });
    if (n == nullptr) return let(depth);
    const GName target = *n;
    const bool map = target.type->is(GKind::Map);
    const GType* t = map ? target.type->element : target.type;
    const GType* by = t->is(GKind::Amount) ? money_ : t->is(GKind::Weight) ? int_ : t->is(GKind::Date) ? days_ : t;
    const auto place = map ? target.name + "[" + key_of(target, 1) + "]" : target.name;
    line(place + (dice_.chance(65) ? " += " : " -= ") + expr(by, 2) + ";");
}

void Generator::if_statement(int depth) {
    if (depth <= 0) return let(depth);
    open("if " + expr(bool_, 3) + " {");
    block(static_cast<int>(dice_.roll(1, 2)), depth - 1);
    if (dice_.chance(40)) {
        --indent_;
        open("} else {");
        block(static_cast<int>(dice_.roll(1, 2)), depth - 1);
    }
    close();
}

void Generator::for_statement(int depth) {
    if (depth <= 0 || loops_ >= 2) return compound(depth);
    const auto known = scope_.size();
    std::string pattern, over;
    if (!going_through(pattern, over)) return let(depth);
    open("for " + pattern + " in " + over + " {");
    ++loops_;
    // What is kept by key may not grow meanwhile.
    const bool by_key = name_where([&](const GName& n) { return n.name == over && n.by_key; }) != nullptr;
    const bool wrote = writes_;
    if (by_key) writes_ = false;
    std::vector<bool> could;
    for (auto& n : scope_) {
        could.push_back(n.changes);
        if (by_key && n.by_key) n.changes = false;
    }
    block(static_cast<int>(dice_.roll(1, 2)), depth - 1);
    const bool map = name_where([&](const GName& n) { return n.name == over && n.type->is(GKind::Map); }) != nullptr;
    const bool parents = over.find('.') != std::string::npos;
    if (by_key && map && over != "total" && !parents && wrote && acts_ && dice_.chance(30))
        line(over + ".remove(" + pattern.substr(1, pattern.find(',') - 1) + ");");
    if (dice_.chance(25)) {
        open("if " + expr(bool_, 2) + " {");
        line("break;");
        close();
    }
    for (std::size_t i = 0; i < could.size(); ++i) scope_[i].changes = could[i];
    writes_ = wrote;
    --loops_;
    close();
    scope_.resize(known);
}

void Generator::match_statement(int depth) {
    if (depth <= 0) return let(depth);
    const bool optional = name_where([](const GName& n) { return n.type->is(GKind::Optional); }) != nullptr;
    if (optional && (enums_.empty() || dice_.chance(50))) return match_optional(depth);
    return enums_.empty() ? let_fields(depth) : match_enum(depth);
}

void Generator::change_collection(int depth) {
    const auto* n = name_where([](const GName& k) { return k.changes && k.type->collection(); });
    if (n == nullptr) return let(depth);
    const GName t = *n;
    const bool list = t.type->is(GKind::List), set = t.type->is(GKind::Set);
    if (list) {
        if (dice_.chance(60)) return line(t.name + ".push(" + expr(t.type->element, 2) + ");");
        return line(t.name + "[" + index_of(t) + "] = " + expr(t.type->element, 2) + ";");
    }
    if (dice_.chance(25)) return line(t.name + ".remove(" + key_of(t, 1) + ");");
    if (!set) return line(t.name + "[" + key_of(t, 1) + "] = " + expr(t.type->element, 2) + ";");
    if (dice_.chance(30)) {
        const auto* others = name_where([&](const GName& k) { return (k.type->is(GKind::List) || k.type->is(GKind::Set)) && k.type->element == t.type->element; });
        if (others != nullptr) return line(t.name + ".insert_all(" + others->name + ");");
    }
    line(t.name + ".insert(" + key_of(t, 2) + ");");
}

/// A field of a record that stands for itself, in a list or in a map.
void Generator::change_part(int depth) {
    const auto* n = name_where([](const GName& k) {
        const GType* inner = k.type->is(GKind::List) || k.type->is(GKind::Map) ? k.type->element : k.type;
        return k.changes && !k.by_key && inner->is(GKind::Record);
    });
    if (n == nullptr) return assignment(depth);
    const GName t = *n;
    const GType* record = t.type->is(GKind::Record) ? t.type : t.type->element;
    auto place = t.name;
    if (t.type->is(GKind::List)) place += "[" + index_of(t) + "]";
    if (t.type->is(GKind::Map)) place += "[" + key_of(t, 1) + "]";
    const auto& field = dice_.pick(record->fields);
    place += "." + field.name;
    if (field.type->is(GKind::List) && dice_.chance(60)) {
        if (dice_.chance(60)) return line(place + ".push(" + expr(field.type->element, 2) + ");");
        return line(place + "[" + expr(int_, 1) + "] = " + expr(field.type->element, 2) + ";");
    }
    line(place + " = " + expr(field.type, 2) + ";");
}

void Generator::waterfall(int depth) {
    const auto w = name("w");
    std::vector<std::string> results;
    const auto result = [&] {
        if (results.empty() || dice_.chance(70)) results.push_back(name("t"));
        return results.back();
    };
    const auto* fee = name_where([&](const GName& n) { return n.changes && n.type == amount_; });
    const auto has_amount = [&](const GType* record) {
        std::string out;
        for (const auto& f : record->fields)
            if (f.type == amount_) out = f.name;
        return out;
    };
    const auto* rows = name_where([&](const GName& n) {
        return n.changes && !n.by_key && n.type->is(GKind::List) && n.type->element->is(GKind::Record) && !has_amount(n.type->element).empty();
    });
    if (fee == nullptr && rows == nullptr) return let(depth);
    open("let " + w + " = waterfall(" + expr(amount_, 2) + ") {");
    if (fee != nullptr) line(result() + " from " + fee->name + ";");
    if (dice_.chance(40)) line(result() + " up_to " + expr(money_, 1) + ";");
    if (rows != nullptr) {
        const auto field = has_amount(rows->type->element), r = name("r");
        if (dice_.chance(50)) {
            line(result() + " over " + r + " in " + rows->name + " from " + r + "." + field + ";");
        } else {
            open("each " + r + " in " + rows->name + " {");
            line(result() + " from " + r + "." + field + ";");
            if (dice_.chance(40)) line(result() + " up_to " + (generic_ ? "0 " + currency_ : "1 " + currency_) + ";");
            close();
        }
    }
    const auto rest = name("rest");
    line("rest " + rest + ";");
    close("};");
    const auto kept = name("v");
    line("var " + kept + ": " + amount_->text + " = " + w + "." + rest + ";");
    scope_.push_back({kept, amount_, true, false});
    for (const auto& r : results) scope_.push_back({w + "." + r, amount_, false, false});
}

void Generator::say() {
    const GType* event = dice_.pick(events_);
    line("emit " + event->text.substr(0, event->text.find('<')) + " { " + inits(event, 2) + " };");
}

void Generator::fail() {
    const GType* error = dice_.pick(errors_);
    std::string args;
    for (const auto& f : error->fields) args += (args.empty() ? "" : ", ") + expr(f.type, 1);
    open("if " + expr(bool_, 2) + " {");
    line("fail " + error->text.substr(0, error->text.find('<')) + "(" + args + ");");
    close();
}

void Generator::become() {
    open("if " + expr(bool_, 2) + " {");
    line(dice_.chance(50) || (only_s1_ && !self_edge_) ? "become S0;" : "become S1" + data_inits() + ";");
    close();
}

std::string Generator::data_inits() {
    std::string out;
    for (const auto& d : data_) out += (out.empty() ? "" : ", ") + d.name + ": " + expr(d.type, 2);
    return out.empty() ? "" : " { " + out + " }";
}

void Generator::early_end() {
    open("if " + expr(bool_, 2) + " {");
    line(result_ == nullptr ? "return;" : "return " + expr(result_, 2) + ";");
    close();
}

void Generator::call_for_effect(int depth) {
    std::vector<const GFn*> found;
    for (const auto& f : fns_)
        if (f.writes && writes_) found.push_back(&f);
    if (found.empty()) return let(depth);
    const GFn& f = *dice_.pick(found);
    std::string args;
    for (const auto* p : f.params) args += (args.empty() ? "" : ", ") + expr(p, 2);
    line(f.name + "(" + args + ");");
}

void Generator::accrual_statement() {
    const auto mode = expr(rounding_, 1);
    switch (dice_.roll(0, 3)) {
    case 0: return line("interest.drop();");
    case 1: return line("billed += interest.close(" + mode + ");");
    default: return line("billed += interest.bill(" + mode + ");");
    }
}

} // namespace tally::agreement
