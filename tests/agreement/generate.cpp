// Declarations: types, functions, the contract and who visits it.
#include "tests/agreement/generate.hpp"

#include "tests/agreement/generator.hpp"

#include <algorithm>
#include <utility>

namespace tally::agreement {

std::string generate(u64 seed) { return Generator(seed).program(); }

// ---- types -----------------------------------------------------------------------------------------------------------

const GType* Generator::type(GKind kind, const std::string& text) {
    for (const auto& t : types_)
        if (t->text == text) return t.get();
    types_.push_back(std::make_unique<GType>());
    types_.back()->kind = kind;
    types_.back()->text = text;
    return types_.back().get();
}

const GType* Generator::type_of(GKind kind, const GType* element, int max, const GType* key) {
    const auto word = kind == GKind::List ? "List<" : kind == GKind::Set ? "Set<" : "Map<";
    const auto text = word + (key != nullptr ? key->text + ", " : std::string()) + element->text + ", max " + std::to_string(max) + ">";
    auto* out = const_cast<GType*>(type(kind, text));
    out->element = element;
    out->key = key;
    out->max = max;
    return out;
}

/// Rather too much than too little.
i64 Generator::bytes_of(const GType* t) {
    i64 out = 0;
    switch (t->kind) {
    case GKind::Text: case GKind::Bytes: return 16 + t->max;
    case GKind::Record:
        for (const auto& f : t->fields) out += bytes_of(f.type);
        return out + 16;
    case GKind::Enum:
        for (const auto& payload : t->payloads)
            for (const auto& f : payload) out += bytes_of(f.type);
        return out + 16;
    case GKind::Optional: return 32 + bytes_of(t->element);
    case GKind::List: case GKind::Set: return 16 + t->max * (16 + bytes_of(t->element));
    case GKind::Map: return 16 + t->max * (32 + bytes_of(t->key) + bytes_of(t->element));
    default: return 16;
    }
}

/// Of a field that lies in the record.
const GType* Generator::field_type() {
    const GType* t = any_type(2);
    constexpr i64 inline_bytes = 4096;
    return bytes_of(t) < inline_bytes ? t : scalar_type();
}

const GType* Generator::optional(const GType* element) {
    auto* out = const_cast<GType*>(type(GKind::Optional, element->text + "?"));
    out->element = element;
    return out;
}

void Generator::make_types() {
    bool_ = type(GKind::Bool, "Bool");
    int_ = type(GKind::Int, "Int");
    weight_ = type(GKind::Weight, "Weight");
    money_ = type(GKind::Money, "Money<" + currency_ + ">");
    amount_ = type(GKind::Amount, "Amount<" + currency_ + ">");
    rate_ = type(GKind::Rate, "Rate");
    fraction_ = type(GKind::Fraction, "Fraction");
    date_ = type(GKind::Date, "Date");
    days_ = type(GKind::Days, "Days");
    rounding_ = type(GKind::Rounding, "Rounding");
    decimal_ = type(GKind::Decimal, "Decimal");
    auto* bytes = const_cast<GType*>(type(GKind::Bytes, "Bytes<max 6>"));
    bytes->max = 6;
    bytes_ = bytes;
    for (const int max : {3, 9}) {
        auto* text = const_cast<GType*>(type(GKind::Text, "Text<max " + std::to_string(max) + ">"));
        text->max = max;
        texts_.push_back(text);
    }
}

const GType* Generator::scalar_type() {
    std::vector<const GType*> from{bool_, int_, int_, int_, weight_, rate_, date_, days_, fraction_, decimal_, texts_[0], texts_[1], rounding_};
    if (money_allowed_) from.insert(from.end(), {money_, money_, amount_, amount_});
    from.insert(from.end(), enums_.begin(), enums_.end());
    return dice_.pick(from);
}

const GType* Generator::key_type() {
    std::vector<const GType*> from{int_, int_, int_, date_, bool_};
    if (money_allowed_) from.push_back(money_);
    for (const auto* e : enums_)
        if (e->is_key) from.push_back(e);
    if (money_allowed_) from.insert(from.end(), plain_records_.begin(), plain_records_.end());
    return dice_.pick(from);
}

const GType* Generator::any_type(int depth) {
    const auto roll = depth <= 0 ? 0 : dice_.roll(0, 99);
    const auto element = [&] { return !records_.empty() && money_allowed_ && dice_.chance(40) ? dice_.pick(records_) : depth > 1 && dice_.chance(10) ? any_type(depth - 2) : scalar_type(); };
    const int max = static_cast<int>(dice_.roll(1, 4));
    if (roll < 45) return scalar_type();
    if (roll < 58 && !records_.empty() && money_allowed_) return dice_.pick(records_);
    if (roll < 75) return type_of(GKind::List, element(), max);
    if (roll < 82) return type_of(GKind::Set, key_type(), max);
    if (roll < 92) return type_of(GKind::Map, element(), max, key_type());
    if (roll < 98) return optional(element());
    return scalar_type();
}

/// Half of them have cases with fields. An enum is never generic: where the contract is, no money lies in it.
void Generator::declare_enum() {
    auto* e = const_cast<GType*>(type(GKind::Enum, name("E")));
    const bool fields = dice_.chance(50), keys_only = dice_.chance(30);
    const bool money = std::exchange(money_allowed_, !generic_ && !keys_only);
    std::string cases;
    for (i64 c = dice_.roll(1, 4); c > 0; --c) {
        e->cases.push_back(name("Case"));
        auto& payload = e->payloads.emplace_back();
        std::string text;
        for (i64 f = fields ? dice_.roll(0, 3) : 0; f > 0; --f) {
            payload.push_back({name("f"), keys_only ? key_type() : any_type(1)});
            text += (text.empty() ? "(" : ", ") + payload.back().name + ": " + payload.back().type->text;
            e->is_key = keys_only;
        }
        cases += (cases.empty() ? "" : ", ") + e->cases.back() + (text.empty() ? "" : text + ")");
    }
    money_allowed_ = money;
    line("enum " + e->text + " { " + cases + " }");
    enums_.push_back(e);
}

/// Records in money<CCY> are generic where the contract is.
void Generator::declare_record(const std::string& word, bool keys_only, std::vector<const GType*>& into) {
    const std::string param = generic_ ? "<CCY>" : "";
    const auto n = name("R");
    auto* r = const_cast<GType*>(type(GKind::Record, n + param));
    r->is_key = keys_only;
    for (i64 f = dice_.roll(1, keys_only ? 2 : 4); f > 0; --f) r->fields.push_back({name("f"), keys_only ? key_type() : any_type(1)});
    std::string text;
    for (auto& f : r->fields) {
        if (word == "error") {
            text += (text.empty() ? "" : ", ") + f.name + ": " + f.type->text;
            continue;
        }
        const bool plain = f.type->integer() || f.type->is(GKind::Bool) || f.type->is(GKind::Text) || f.type->is(GKind::Date) || f.type->is(GKind::Rate) || (f.type->money() && !generic_);
        f.has_default = word == "record" && plain && dice_.chance(30);
        text += f.name + ": " + f.type->text + (f.has_default ? " = " + literal(f.type) : "") + "; ";
    }
    if (word == "error") line("error " + n + param + "(" + text + ") \"refused\";");
    else line(word + " " + n + param + " { " + text + "}");
    into.push_back(r);
}

void Generator::declare_types() {
    for (i64 n = dice_.roll(0, 2); n > 0; --n) declare_enum();
    if (dice_.chance(40)) {
        std::vector<const GType*> keys;
        declare_record("record", true, keys);
        plain_records_ = keys;
        records_.push_back(keys[0]);
    }
    for (i64 n = dice_.roll(1, 2); n > 0; --n) declare_record("record", false, records_);
    declare_record("event", false, events_);
    if (dice_.chance(30)) declare_record("event", false, events_);
    declare_record("error", false, errors_);
    if (dice_.chance(50)) {
        const auto k = name("K");
        line("const " + k + ": Int = " + std::to_string(dice_.roll(-5, 300)) + ";");
        scope_.push_back({k, int_, false, false});
    }
    if (dice_.chance(30)) {
        const auto k = name("K");
        line("const " + k + ": Rate = 4.5%;");
        scope_.push_back({k, rate_, false, false});
    }
}

// ---- functions -----------------------------------------------------------------------------------------------------------

std::string Generator::parameters(int count, std::vector<const GType*>& types, bool outside) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        const GType* t = outside && dice_.chance(6) ? bytes_ : dice_.chance(70) ? scalar_type() : any_type(2);
        const auto n = name("p");
        out += (out.empty() ? "" : ", ") + n + ": " + t->text;
        scope_.push_back({n, t, false, false});
        types.push_back(t);
    }
    return out;
}

void Generator::fn(const std::string& prefix, bool inside, bool writes) {
    const auto known = scope_.size();
    GFn f;
    f.name = name(prefix);
    f.writes = writes;
    std::vector<bool> could;
    for (auto& n : scope_) {
        could.push_back(n.changes);
        n.changes = n.changes && writes;
    }
    const auto params = parameters(static_cast<int>(dice_.roll(0, 3)), f.params);
    f.result = result_ = dice_.chance(75) ? scalar_type() : any_type(2);
    // What changes a field and gives a value of its type is what operands must not see too early.
    const auto* changed = name_where([](const GName& n) { return n.changes && !n.by_key; });
    const GName field = changed != nullptr && writes && dice_.chance(50) ? *changed : GName{};
    if (field.type != nullptr) f.result = result_ = field.type;
    writes_ = writes;
    acts_ = writes && inside;
    budget_ = 60;
    open("fn " + f.name + "(" + params + ") -> " + f.result->text + " {");
    block(static_cast<int>(dice_.roll(0, 3)), 2);
    if (field.type != nullptr) line(field.name + " = " + expr(field.type, 2) + ";");
    line("return " + (field.type != nullptr && dice_.chance(60) ? field.name : expr(f.result, 3)) + ";");
    close();
    scope_.resize(known);
    for (std::size_t i = 0; i < known; ++i) scope_[i].changes = could[i];
    fns_.push_back(f);
    writes_ = acts_ = false;
}

void Generator::view(int) {
    const auto known = scope_.size();
    GFn v;
    v.name = name("view");
    for (const auto& d : data_) scope_.push_back(d);
    const bool with_data = !data_.empty() && dice_.chance(25);
    if (!with_data) scope_.resize(known);
    for (auto& n : scope_) n.changes = false;
    const auto params = parameters(static_cast<int>(dice_.roll(0, 3)), v.params, true);
    v.result = result_ = any_type(2);
    writes_ = acts_ = false;
    budget_ = 80;
    open("view " + v.name + "(" + params + ") -> " + v.result->text + (with_data ? " in S1" : "") + " {");
    block(static_cast<int>(dice_.roll(1, 3)), 2);
    if (has_accrual_ && v.result == money_ && dice_.chance(50)) line("return interest.value(" + expr(rounding_, 1) + ");");
    else line("return " + expr(v.result, 4) + ";");
    close();
    scope_.resize(known);
    if (!with_data && std::find(v.params.begin(), v.params.end(), bytes_) == v.params.end()) views_.push_back(v);
}

// ---- the contract ----------------------------------------------------------------------------------------------------------

std::string Generator::program() {
    if (dice_.chance(14)) return book_program();
    const auto kind = dice_.roll(0, 9);
    generic_ = kind == 0 || kind == 1;
    if (generic_) currency_ = "CCY";
    else if (kind == 2) {
        currency_ = "JPY";
        decimals_ = 0;
    } else if (kind == 3) {
        currency_ = "BHD";
        decimals_ = 3;
    }
    has_accrual_ = generic_ && dice_.chance(80);
    has_vaults_ = dice_.chance(30);
    has_child_ = dice_.chance(25);
    make_types();
    line("module farm version 1;");
    line("import std.money { annuity };");
    line("import std.rate { power, root };");
    declare_types();
    money_allowed_ = !generic_; // a function's own type parameter is another story
    for (i64 n = dice_.roll(0, 2); n > 0; --n) fn("fun", false, false);
    money_allowed_ = true;
    const auto module_fns = fns_.size();
    contract();
    fns_.resize(module_fns);
    if (has_child_) child();
    else if (!generic_ && !open_actions_.empty() && dice_.chance(40)) visitor();
    return out_;
}

void Generator::contract() {
    open("contract C" + std::string(generic_ ? "<CCY>" : "") + " {");
    in_contract_ = true;
    fields();
    circle_members();
    for (i64 n = dice_.roll(0, 1); n > 0; --n) fn("pure", true, false);
    for (i64 n = dice_.roll(0, 2); n > 0; --n) fn("bump", true, true);
    for (int i = 0; i < 2; ++i) action(i);
    if (dice_.chance(60)) action(2);
    lifecycle_actions();
    if (has_vaults_) vault_actions();
    for (int i = 0; i < 2; ++i) view(i);
    if (has_accrual_) {
        open("view due(mode: Rounding) -> " + money_->text + " {");
        line("return interest.value(mode);");
        close();
    }
    if (dice_.chance(20)) {
        open("view me() -> C {");
        line("return self;");
        close();
    }
    close();
    in_contract_ = false;
}

void Generator::fields() {
    line("role owner: Party;");
    std::string params = "owner: Party";
    std::vector<const GType*> ignored;
    const auto first = scope_.size();
    for (i64 n = dice_.roll(0, 2); n > 0; --n) {
        const auto k = name("k");
        const GType* t = any_type(2);
        line("const " + k + ": " + t->text + ";");
        params += ", " + k + ": " + t->text;
        scope_.push_back({k, t, false, false});
    }
    for (i64 n = dice_.roll(2, 5); n > 0; --n) {
        const auto v = name("s");
        const GType* t = field_type();
        budget_ = 15;
        calls_allowed_ = dice_.chance(50);
        const auto init = expr(t, 2);
        calls_allowed_ = true;
        line("var " + v + ": " + t->text + " = " + init + ";");
        scope_.push_back({v, t, false, false});
    }
    if (dice_.chance(35)) {
        const auto v = name("big");
        const bool map = dice_.chance(70);
        const GType* element = dice_.chance(40) ? dice_.pick(records_) : scalar_type();
        const int max = element->is(GKind::Record) || bytes_of(element) > 100 ? 70 : 600;
        const GType* t = map ? type_of(GKind::Map, element, max, dice_.chance(70) ? int_ : date_) : type_of(GKind::List, element, max);
        line("var " + v + ": " + t->text + " = [];");
        scope_.push_back({v, t, false, true});
    }
    if (has_accrual_) accrual_members();
    if (has_vaults_) vaults();
    open("lifecycle {");
    line("initial S0;");
    line("S0 -> S1, End;");
    self_edge_ = dice_.chance(30);
    line("S1 -> S0, End" + std::string(self_edge_ ? ", S1" : "") + ";");
    line("final End;");
    close();
    for (i64 n = dice_.roll(0, 2); n > 0; --n) data_.push_back({name("d"), field_type(), false, false});
    if (!data_.empty()) {
        std::string text;
        for (const auto& d : data_) text += d.name + ": " + d.type->text + "; ";
        line("data in S1 { " + text + "}");
    }
    if (dice_.chance(30)) {
        budget_ = 20;
        line("invariant " + name("i") + std::string(dice_.chance(40) ? " while S0" : "") + ": " + expr(bool_, 2) + " or " + expr(bool_, 2) + ";");
    }
    growing_members();
    // What may change does so from here on.
    for (std::size_t i = first; i < scope_.size(); ++i) scope_[i].changes = scope_[i].name[0] == 's' || (scope_[i].by_key && !scope_[i].grows) || scope_[i].name == "drawn" || scope_[i].name == "rate" || scope_[i].name == "billed" || scope_[i].type->is(GKind::Carry);
    open("create(" + params + ") by owner {");
    in_create_ = true;
    acts_ = writes_ = true;
    result_ = nullptr;
    budget_ = 20;
    for (const auto& h : histories_)
        if (dice_.chance(85)) line(h.name + ".set(from: today, " + expr(h.type, 1) + ");");
    if (dice_.chance(25)) block(1, 1);
    in_create_ = false;
    acts_ = writes_ = false;
    line("become S0;");
    close();
}

void Generator::accrual_members() {
    line("var drawn: " + amount_->text + " = 0 CCY;");
    line("var rate: Rate = " + std::string(dice_.chance(80) ? "5%" : "(-(1%))") + ";");
    line("var billed: " + money_->text + " = 0 CCY;");
    const auto base = dice_.chance(60) ? std::string("drawn") : "billed";
    const auto* rows = name_where([&](const GName& n) { return n.type->is(GKind::List) && !n.by_key && n.type->element->money(); });
    const auto on = rows != nullptr && dice_.chance(50) ? "sum(x for x in " + rows->name + ")" : base;
    line("accrual interest on " + on + " at " + (dice_.chance(70) ? "rate" : "rate * (1 / 3)") + " by " + (dice_.chance(50) ? "Act365F" : "Act360") + ";");
    scope_.push_back({"drawn", amount_, false, false});
    scope_.push_back({"rate", rate_, false, false});
    scope_.push_back({"billed", money_, false, false});
}

void Generator::lifecycle_actions() {
    const auto simple = [&](const std::string& head, const std::string& what) {
        budget_ = 20;
        const auto known = scope_.size();
        std::vector<const GType*> types;
        const auto n = name("go");
        const auto params = parameters(static_cast<int>(dice_.roll(0, 1)), types);
        open("action " + n + "(" + params + ") by owner in " + head + " {");
        line("become " + what + (what == "S1" ? data_inits() : std::string()) + ";");
        close();
        scope_.resize(known);
    };
    simple("S0", "S1");
    simple("S1", "S0");
    if (self_edge_) simple("S1", "S1");
    open("action finish(sure: Int) by owner {");
    // A final state cannot be left: no money may lie there.
    const auto zero = " 0 " + currency_;
    if (dice_.chance(50)) {
        open("if sure > 90" + (has_vaults_ ? " and coins.amount ==" + zero + " and every(k in pots.keys : pots[k].amount ==" + zero + ")" : "") + " {");
        line("become End;");
        close();
        return close();
    }
    open("if sure <= 90" + (has_vaults_ ? " or coins.amount !=" + zero + " or some(k in pots.keys : pots[k].amount !=" + zero + ")" : "") + " {");
    line("return;");
    close();
    line("become End;");
    close();
}

void Generator::action(int) {
    const auto known = scope_.size();
    GFn a;
    a.name = name("act");
    const bool with_data = !data_.empty() && dice_.chance(30);
    std::vector<bool> could;
    for (auto& n : scope_) {
        could.push_back(n.changes);
        n.changes = n.name[0] == 's' || (n.by_key && !n.grows) || n.name == "drawn" || n.name == "rate" || n.name == "billed" || n.type->is(GKind::Carry);
    }
    if (with_data)
        for (const auto& d : data_) scope_.push_back({d.name, d.type, true, false});
    const bool anyone = dice_.chance(30), contract_only = !anyone && dice_.chance(15);
    const auto params = parameters(static_cast<int>(dice_.roll(0, 3)), a.params, !anyone && !contract_only);
    a.result = result_ = dice_.chance(30) ? nullptr : any_type(2);
    writes_ = acts_ = true;
    only_s1_ = with_data;
    budget_ = 130;
    auto head = "action " + a.name + "(" + params + ")" + (result_ != nullptr ? " -> " + result_->text : "") +
                (anyone ? " by anyone" : contract_only ? has_child_ ? " by child D" : " by contract" : " by " + right()) + (with_data ? " in S1" : dice_.chance(30) ? " in S0 | S1" : "");
    line(head);
    ++indent_;
    writes_ = false;
    if (dice_.chance(25)) {
        const GType* error = dice_.pick(errors_);
        std::string args;
        for (const auto& f : error->fields) args += (args.empty() ? "" : ", ") + expr(f.type, 1);
        line("require " + expr(bool_, 2) + " or " + expr(bool_, 2) + " else " + error->text.substr(0, error->text.find('<')) + "(" + args + ")");
    }
    if (dice_.chance(25)) {
        const auto* n = name_where([&](const GName& k) { return k.type == int_ || k.type == rate_ || k.type == money_; });
        if (n != nullptr && result_ != nullptr && result_ == n->type) line("ensure result == old(" + n->name + ") or " + expr(bool_, 1) + " or true");
        else if (n != nullptr) line("ensure " + n->name + " >= old(" + n->name + ") or " + expr(bool_, 2));
    }
    writes_ = true;
    --indent_;
    open("{");
    block(static_cast<int>(dice_.roll(2, 4)), 2);
    if (result_ != nullptr) line("return " + expr(result_, 3) + ";");
    close();
    scope_.resize(known);
    for (std::size_t i = 0; i < known; ++i) scope_[i].changes = could[i];
    writes_ = acts_ = only_s1_ = false;
    if ((anyone || contract_only) && !with_data) open_actions_.push_back(a);
}

/// What only grows, what adds up, and what rounding owes.
void Generator::growing_members() {
    for (i64 n = dice_.roll(0, 2); n > 0; --n) {
        const GType* t = dice_.chance(70) ? scalar_type() : any_type(1);
        if (bytes_of(t) > 200) t = scalar_type();
        const auto h = name("h");
        line("dated " + h + ": " + t->text + " max " + std::to_string(dice_.roll(2, 6)) + ";");
        histories_.push_back({h, t});
    }
    if (dice_.chance(30)) {
        const bool by_key = dice_.chance(30);
        const GType* element = by_key ? scalar_type() : any_type(1);
        const GType* t = type_of(GKind::List, element, by_key ? bytes_of(element) > 100 ? 70 : 600 : static_cast<int>(dice_.roll(1, 6)));
        if (by_key || bytes_of(t) < 4096) {
            const auto l = name("log");
            line("log " + l + ": " + t->text + ";");
            scope_.push_back({l, t, false, by_key, true});
            logs_.push_back(l);
        }
    }
    if (has_child_ || dice_.chance(35)) {
        const bool by_key = dice_.chance(35), money = has_child_ || dice_.chance(70);
        const GType* t = type_of(GKind::Map, money ? money_ : int_, by_key ? 600 : static_cast<int>(dice_.roll(2, 12)), has_child_ ? int_ : key_type());
        line("sum total: " + t->text + ";");
        scope_.push_back({"total", t, false, by_key, true});
        sums_.push_back({"total", t->element});
    }
    if (dice_.chance(30)) {
        auto* carry = const_cast<GType*>(type(GKind::Carry, "Carry<max 4>"));
        line("var carry: Carry<max 4> = [];");
        scope_.push_back({"carry", carry, false, false});
    }
}

/// Parties that a right can be computed from.
void Generator::circle_members() {
    has_circle_ = dice_.chance(25);
    if (!has_circle_) return;
    line("var circle: List<Party, max 3> = [];");
    open("fn members(k: Int) -> List<Party, max 3> {");
    line("if k > 60 { return []; }");
    line(dice_.chance(50) ? "return circle;" : "return [circle[mod(k, 2)]];");
    close();
    open("fn member(k: Int) -> Party {");
    line("return circle[mod(k, max(1, circle.count))];");
    close();
    open("action join(p: Party) by owner {");
    line("circle.push(p);");
    close();
}

std::string Generator::right() {
    static const std::vector<std::string> forms{"each of members(K)", "any of members(K)", "member(K)", "2 of members(K)", "any of (owner, member(K))",
                                                "all of (owner, any of circle)", "quorum(1/2, members(K))"};
    if (!has_circle_ || dice_.chance(30)) return "owner";
    auto out = dice_.pick(forms);
    const auto at = out.find('K');
    if (at == std::string::npos) return out;
    const auto* n = name_where([](const GName& k) { return k.type != nullptr && k.type->is(GKind::Int) && k.name[0] == 'p'; });
    return out.replace(at, 1, n != nullptr ? n->name : std::to_string(dice_.roll(0, 3)));
}

// ---- money ------------------------------------------------------------------------------------------------------------------

void Generator::vaults() {
    line("vault coins: Cash<" + currency_ + ">;");
    line("vault pots: Map<Int, Cash<" + currency_ + ">, max 3>;");
}

void Generator::vault_actions() {
    const auto a = [&] { return dice_.chance(60) ? std::string("a") : expr(money_, 1); };
    budget_ = 60;
    open("action put(cash: Cash<" + currency_ + ">, k: Int, a: " + money_->text + ") by anyone in S0 | S1 {");
    switch (dice_.roll(0, 3)) {
    case 0: line("coins.deposit(move cash);"); break;
    case 1:
        line("let part = cash.take(" + a() + ");");
        line("coins.deposit(move part);");
        line("pots.open(k);");
        line("pots[k].deposit(move cash);");
        break;
    case 2:
        open("for (i, part) in split(move cash, weights: [k, 2, 1], tie: first) {");
        line("pots.open(i);");
        line("pots[i].deposit(move part);");
        close();
        break;
    default:
        line("let all = cash.amount;");
        line("let part = cash.take(min(all, " + a() + "));");
        line("cash.end();");
        line("coins.deposit(move part);");
    }
    close();
    open("action take(k: Int, a: " + money_->text + ") -> Cash<" + currency_ + "> by anyone {");
    switch (dice_.roll(0, 2)) {
    case 0: line("return move coins.withdraw(" + a() + ");"); break;
    case 1:
        line("var pot = Cash.empty();");
        open("for p in pots.keys {");
        line("pot.join(move pots[p].withdraw(pots[p].amount));");
        close();
        line("return move pot;");
        break;
    default: line("return move pots[k].withdraw(" + a() + ");");
    }
    close();
    open("view held(k: Int) -> " + amount_->text + " {");
    line("if pots.has(k) and not (k in pots.keys) {");
    line("    return 0 " + currency_ + ";");
    line("}");
    line("return coins.amount + pots[k].amount;");
    close();
}

/// A child: it reads its parent's fields and calls what they change.
void Generator::child() {
    for (auto& n : scope_) {
        n.changes = false;
        if (n.name[0] != 'K') n.name.insert(0, "p.");
    }
    for (auto* list : {&histories_, &sums_})
        for (auto& h : *list) h.name.insert(0, "p.");
    logs_.clear();
    has_circle_ = false;
    data_.clear();
    has_accrual_ = false;
    open("contract D" + std::string(generic_ ? "<CCY> of C<CCY>" : " of C") + " as p {");
    line("var s0: Int = 0;");
    line("var owing: " + money_->text + " = 0 " + currency_ + ";");
    // What it says to its parent's sum is worked out at the end of each of its actions.
    for (const auto& sum : sums_)
        if (sum.type == money_ && sum.name == "p.total" && dice_.chance(80)) line("adds owing" + std::string(dice_.chance(50) ? " * 2" : "") + " to p.total[" + (dice_.chance(50) ? "s0" : "mod(s0, 3)") + "];");
    open("lifecycle {");
    line("initial S0;");
    line("S0 -> S1;");
    line("S1 -> S0, End;");
    line("final End;");
    close();
    open("create(serial: Int) by p.owner {");
    line("become S0;");
    close();
    scope_.push_back({"s0", int_, true, false});
    scope_.push_back({"owing", money_, true, false});
    in_contract_ = in_create_ = true; // its own `become` only
    for (const auto& next : {"S1", "S0", "End"}) {
        const auto known = scope_.size();
        GFn a;
        const auto params = parameters(2, a.params);
        writes_ = acts_ = true;
        a.result = result_ = any_type(2);
        budget_ = 80;
        open("action " + name("act") + "(" + params + ") -> " + result_->text + (dice_.chance(70) ? " by p.owner" : " by anyone") + " in " + (std::string(next) == "S1" ? "S0" : "S1") + " {");
        if (dice_.chance(60)) line("owing = " + expr(money_, 2) + ";");
        if (dice_.chance(40)) line("s0 += 1;");
        block(2, 2);
        if (!open_actions_.empty()) call_peer("p", dice_.pick(open_actions_));
        block(1, 2);
        if (!open_actions_.empty() && dice_.chance(30)) call_peer("p", dice_.pick(open_actions_));
        open("if " + expr(bool_, 2) + " {");
        line("become " + std::string(next) + ";");
        close();
        line("return " + expr(result_, 3) + ";");
        close();
        writes_ = acts_ = false;
        scope_.resize(known);
    }
    for (auto& n : scope_) n.changes = false;
    view(0);
    in_contract_ = in_create_ = false;
    close();
}

/// Calls an action of another instance; what it gives gets a name.
void Generator::call_peer(const std::string& peer, const GFn& f) {
    std::string args;
    for (const auto* p : f.params) args += (args.empty() ? "" : ", ") + expr(p, 2);
    const auto call = peer + "." + f.name + "(" + args + ")";
    if (f.result == nullptr) return line(call + ";");
    const auto n = name("v");
    line("let " + n + ": " + f.result->text + " = " + call + ";");
    scope_.push_back({n, f.result, false, false});
}

/// A contract that calls the other one.
void Generator::visitor() {
    scope_.resize(0);
    data_.clear();
    fns_.clear();
    histories_.clear();
    sums_.clear();
    logs_.clear();
    has_circle_ = false;
    open("contract D {");
    line("role owner: Party;");
    line("const peer: C;");
    line("var seen: Int = 0;");
    open("lifecycle {");
    line("initial S0;");
    line("S0 -> S1;");
    line("final S1;");
    close();
    open("create(owner: Party, peer: C) by owner {");
    line("become S0;");
    close();
    open("action end() by owner in S0 {");
    line("become S1;");
    close();
    const auto call_it = [&](const GFn& f) {
        std::string args;
        for (const auto* p : f.params) args += (args.empty() ? "" : ", ") + expr(p, 2);
        return "peer." + f.name + "(" + args + ")";
    };
    for (i64 n = dice_.roll(1, 2); n > 0; --n) {
        const GFn& f = dice_.pick(open_actions_);
        const auto known = scope_.size();
        scope_.push_back({"seen", int_, true, false});
        std::vector<const GType*> types;
        const auto params = parameters(2, types);
        budget_ = 30;
        open("action " + name("visit") + "(" + params + ")" + (f.result != nullptr ? " -> " + f.result->text : "") + " by owner in S0 {");
        line("seen += 1;");
        if (f.result == nullptr) line(call_it(f) + ";");
        else line("return " + call_it(f) + ";");
        close();
        scope_.resize(known);
    }
    if (!views_.empty()) {
        const GFn& f = dice_.pick(views_);
        budget_ = 20;
        open("view ask() -> " + f.result->text + " {");
        line("return " + call_it(f) + ";");
        close();
    }
    close();
}

} // namespace tally::agreement
