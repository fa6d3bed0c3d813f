#include "tests/agreement/farm.hpp"

#include "tests/agreement/bench.hpp"
#include "tools/cost_model.hpp"
#include "vm/bytecode/tables.hpp"

#include <algorithm>
#include <sstream>

namespace tally::agreement {
namespace {

constexpr Date first_day = 20454; // 2026-01-01
constexpr int creates_max = 3;

// ---- arguments --------------------------------------------------------------------------------------------------------

const std::vector<i128> edges{0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX / 2, 1'000'000'007};

/// What a caller knows.
struct Around {
    u64 instances = 0;
    Date today = first_day;
};

Value argument(const Ty* type, Dice& dice, const Around& around);

/// Around today, around the first day, or anywhere.
Date date_argument(Dice& dice, Date today) {
    if (dice.chance(5)) return dice.chance(50) ? date_min : date_max;
    if (dice.chance(55)) return today + dice.roll(-60, 30);
    return dice.chance(60) ? first_day + dice.roll(-5, 200) : dice.roll(15000, 25000);
}

/// Bytes of any kind, or letters; references are few, so that they are met again.
std::string string_argument(const Ty* type, Dice& dice) {
    constexpr std::uint32_t ref_bytes = 64;
    if (type->max == ref_bytes) return std::string("ref ") + static_cast<char>('a' + dice.roll(0, 3));
    std::string out(static_cast<std::size_t>(dice.roll(0, std::min<i64>(type->max, 12))), static_cast<char>('a' + dice.roll(0, 2)));
    if (type->is(Kind::Blob))
        for (char& c : out) c = static_cast<char>(dice.roll(0, 127));
    return out;
}

Value record_argument(const Ty* type, Dice& dice, const Around& around) {
    Value out;
    for (std::size_t i = 0; i < type->record->fields.size(); ++i) {
        const Ty* field = type->record->fields[i].type;
        out.parts.push_back(i == 0 || alive(type, i, out.parts[0].number) ? argument(field, dice, around) : zero_of(field));
    }
    return out;
}

Value collection(const Ty* type, Dice& dice, const Around& around) {
    Value out;
    for (i64 n = dice.roll(0, std::min<i64>(type->max, 4)); n > 0; --n) {
        Value key = argument(type->is(Kind::Map) ? type->key : type->element, dice, around);
        if (type->is(Kind::List)) {
            out.parts.push_back(std::move(key));
            continue;
        }
        bool found = false;
        const auto at = out.parts.begin() + static_cast<std::ptrdiff_t>(find_key(out, key, type, found));
        if (found) continue;
        if (type->is(Kind::Map)) out.parts.insert(at, {std::move(key), argument(type->element, dice, around)});
        else out.parts.insert(at, std::move(key));
    }
    return out;
}

/// A value that a caller may send: mostly small, sometimes at the edge.
Value argument(const Ty* type, Dice& dice, const Around& around) {
    const bool edge = dice.chance(5);
    const i64 small = dice.roll(-20, 100);
    Value out;
    switch (type->kind) {
    case Kind::Bool: return number(dice.roll(0, 1));
    case Kind::Int: return number(edge ? dice.pick(edges) : dice.chance(60) ? dice.roll(0, 5) : small);
    case Kind::Weight: return number(edge ? -1 : dice.roll(0, 30));
    case Kind::Date: return number(date_argument(dice, around.today));
    case Kind::Days: case Kind::Months: return number(small);
    case Kind::Party: return number(static_cast<i128>(first_party) + dice.roll(0, static_cast<i64>(parties) - 1));
    case Kind::Money: return number(edge ? dice.pick(edges) * dice.pick(edges) : dice.roll(-20000, 2'000'000));
    case Kind::Amount: return number(edge ? (small < 0 ? -1 : i128{INT64_MAX} * 1'000'000) : dice.roll(0, 2'000'000));
    case Kind::Cash: return number(dice.roll(0, 100'000));
    case Kind::Number: return number(edge ? dice.pick(edges) : small);
    case Kind::Decimal: case Kind::Rate: return number(static_cast<i128>(dice.roll(-20, 400)) * 1'000'000'000'000'000);
    case Kind::Enum: return number(dice.roll(0, static_cast<i64>(type->enumeration->cases.size()) - 1));
    case Kind::Fraction: out.number = small; out.below = dice.roll(1, 400); return out;
    case Kind::Text: case Kind::Blob: out.text = string_argument(type, dice); return out;
    case Kind::Contract: case Kind::AnyContract: return number(dice.chance(3) ? 99 : dice.roll(1, std::max<i64>(1, static_cast<i64>(around.instances))));
    case Kind::Optional:
        if (dice.chance(60)) out.parts.push_back(argument(type->element, dice, around));
        return out;
    case Kind::Record: return record_argument(type, dice, around);
    default: return collection(type, dice, around);
    }
}

// ---- the typed tree -----------------------------------------------------------------------------------------------------

/// Every expression and statement of the root module.
template <typename OnExpr, typename OnStmt> class Walk {
public:
    Walk(OnExpr on_expr, OnStmt on_stmt) : on_expr_(on_expr), on_stmt_(on_stmt) {}
    void program(const check::Program& p) {
        for (const auto& fn : p.root().fns) function(*fn);
        for (const auto& contract : p.root().contracts) {
            for (const auto& field : contract->fields)
                for (const auto* e : {&field.init, &field.base, &field.rate})
                    if (*e) expr(**e);
            for (const auto& i : contract->invariants) expr(*i.condition);
            for (const auto& fn : contract->fns) function(*fn);
        }
    }

private:
    void function(const FnDecl& fn) {
        for (const auto* list : {&fn.prologue, &fn.olds, &fn.body, &fn.epilogue}) block(*list);
        for (const auto& term : fn.auth_fns) function(*term);
        for (const auto& e : fn.ensures) expr(*e);
    }
    void expr(TExpr& e) {
        on_expr_(e);
        for (const auto& a : e.args)
            if (a) expr(*a);
        tiers(e.tiers);
    }
    void tiers(const std::vector<TTier>& list) {
        for (const auto& t : list) {
            if (t.amount) expr(*t.amount);
            tiers(t.inner);
        }
    }
    void block(const std::vector<check::TStmtPtr>& list) {
        for (const auto& s : list) {
            on_stmt_(*s);
            for (const auto* e : {&s->target, &s->expr, &s->other})
                if (*e) expr(**e);
            for (const auto& init : s->inits) expr(*init.second);
            block(s->body);
            block(s->otherwise);
            for (const auto& arm : s->arms) block(arm.second);
        }
    }
    OnExpr on_expr_;
    OnStmt on_stmt_;
};

void count_ops(const check::Program& program, std::map<std::string, std::size_t>& out) {
    Walk([&](const TExpr& e) { out[name_of(e.op)] = 1; }, [&](const TStmt& s) { out[std::string("stmt ") + name_of(s.op)] = 1; }).program(program);
}

/// The canary: the evaluator sees another operator than the compiler saw.
void change_operators(const check::Program& program) {
    Walk([](TExpr& e) {
        if (e.op == Op::Add) e.op = Op::Sub;
        else if (e.op == Op::Le) e.op = Op::Lt;
    }, [](const TStmt&) {}).program(program);
}

std::string complaints(const Compilation& c) {
    std::string out;
    for (const auto& d : c.sink.sorted()) out += render(c.sources, d, Colour::Off);
    return out;
}

// ---- comparing ------------------------------------------------------------------------------------------------------------

std::string trap_name(Trap trap) {
    const auto* info = trap_info(trap);
    return info == nullptr ? "None" : std::string(info->name);
}

std::string show(const Outcome& o) {
    std::string out = trap_name(o.trap);
    if (!o.error.empty()) out += " " + o.error + " " + hex(o.error_fields);
    if (o.trap == Trap::None) out += " result " + hex(o.result);
    for (const auto& e : o.events) out += " event " + e.name + " " + hex(e.fields);
    return out;
}

std::string differing(const std::vector<StateRow>& a, const std::vector<StateRow>& b) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (i < a.size() && i < b.size() && a[i] == b[i]) continue;
        const auto text = [&](const std::vector<StateRow>& rows) { return i < rows.size() ? rows[i].first + " " + hex(rows[i].second) : std::string("nothing"); };
        return text(a) + " | " + text(b);
    }
    return "";
}

} // namespace

// ---- steps ----------------------------------------------------------------------------------------------------------------

std::vector<u64> signers_of(u64 signer) {
    if (signer == both_parties) return {first_party, first_party + 1};
    return {signer};
}

namespace {

const FnDecl* function_of(const check::Program& program, const std::string& contract, const std::string& entry) {
    for (const auto& known : program.root().contracts)
        if (known->name == contract) return known->fn(entry);
    return nullptr;
}

} // namespace

/// `step DAYS CONTRACT INSTANCE ENTRY SIGNER ARGUMENTS`; the contract is that of the instance, INSTANCE 0 makes one.
std::string text_of(const Step& step, const FnDecl& fn) {
    ByteWriter out;
    for (std::size_t i = 0; i < fn.params.size(); ++i) encode(step.arguments[i], fn.params[i].type, out);
    return "step " + std::to_string(step.days) + " " + fn.contract->name + " " + std::to_string(step.instance) + " " + fn.name + " " +
           std::to_string(step.signer) + " " + hex(out.data());
}

std::optional<Step> step_of(const std::string& line, const check::Program& program) {
    std::istringstream in(line);
    std::string word, contract, arguments;
    Step out;
    in >> word >> out.days >> contract >> out.instance >> out.entry >> out.signer >> arguments;
    const FnDecl* fn = function_of(program, contract, out.entry);
    Bytes bytes;
    if (word != "step" || fn == nullptr || !unhex(arguments, bytes)) return std::nullopt;
    if (out.instance == 0) out.contract = contract;
    ByteReader reader(bytes);
    for (const auto& p : fn->params) out.arguments.push_back(decoded(p.type, reader));
    if (!reader.done()) return std::nullopt;
    return out;
}

std::vector<std::string> steps_in(const std::string& source) {
    std::vector<std::string> out;
    std::istringstream in(source);
    for (std::string line; std::getline(in, line);)
        if (line.rfind("// step ", 0) == 0) out.push_back(line.substr(3));
    return out;
}

// ---- the farm ---------------------------------------------------------------------------------------------------------------

/// `next(program, instances, evaluator)` gives the next step, or nothing at the end; `instances` are the contracts of
/// those made.
template <typename Next> Finding Farm::drive(const std::string& source, Next next) {
    Finding out;
    auto c = check_text("farm.tally", source);
    const auto plain = build(*c, Tests::Leave, Optimise::None);
    auto full = build(*c, Tests::Leave, Optimise::Full);
    if (!c->sink.empty()) { // what the checker takes, the compiler must translate
        out.what = complaints(*c);
        out.kind = out.what.find("T9002") == std::string::npos ? Finding::Kind::Refused : Finding::Kind::Differ;
        return out;
    }
    const auto& program = c->program;
    count_ops(program, out.ops);
    if (canary_ == Canary::WrongOperator) change_operators(program);
    std::string currency = "USD";
    for (const char* known : {"JPY", "BHD"})
        if (source.find(std::string("<") + known + ">") != std::string::npos) currency = known;
    const auto code = currency_by_name(currency)->code;
    Bench benches[] = {{plain.bytes, code}, {full.bytes, code}};
    for (Bench& bench : benches)
        if (!bench.deployed()) {
            out.kind = Finding::Kind::Refused;
            out.what = bench.message();
            return out;
        }
    CostModel costs;
    costs.add(std::move(full));
    std::map<std::pair<std::string, std::string>, u64> bounds;
    const auto bound_of = [&](const std::string& contract, const std::string& entry) {
        const auto [known, fresh] = bounds.try_emplace({contract, entry}, 0);
        if (fresh) known->second = costs.at_maximum(program.root().name, contract, entry).value_or(0);
        return known->second;
    };
    Evaluator evaluator(program, first_day);
    std::vector<const ContractDecl*> instances;
    Date today = first_day;
    while (const auto step = next(program, instances, evaluator)) {
        if (step->contract.empty() && step->instance > instances.size()) continue;
        const auto& decl = step->contract.empty() ? instances[step->instance - 1]->name : step->contract;
        const FnDecl* fn = function_of(program, decl, step->entry);
        if (fn == nullptr) continue;
        const auto step_text = text_of(*step, *fn);
        out.steps.push_back(step_text);
        today = std::min(today + step->days, Date{date_max - 1000});
        evaluator.set_today(today);
        for (std::size_t i = 0; i < fn->params.size(); ++i)
            if (fn->params[i].type->is(Kind::Cash)) evaluator.give(signers_of(step->signer)[0], std::max(i128{0}, step->arguments[i].number));
        const auto signers = signers_of(step->signer);
        const auto said = step->contract.empty() ? evaluator.call(step->instance, step->entry, signers, step->arguments)
                                                 : evaluator.create(step->contract, signers, step->arguments);
        const auto differ = [&](const std::string& what, const std::string& expected, const std::string& found) {
            out.kind = Finding::Kind::Differ;
            out.what = what + " after `" + step_text + "`\n  evaluator:   " + expected + "\n  machine:     " + found;
        };
        ++out.calls;
        out.trapped += said.trap == Trap::None ? 0U : 1U;
        ++out.traps[trap_name(said.trap)];
        for (Bench& bench : benches) {
            const std::string which = &bench == benches ? "unoptimised: " : "optimised: ";
            bench.advance(today);
            const auto answered = bench.apply(*step, *fn);
            if (!(answered == said)) return differ(which + "outcome", show(said), show(answered) + " (" + bench.note() + ")"), out;
            const auto used = &bench == benches ? std::nullopt : bench.gas_used(); // the bound is of the code that is deployed
            if (used && *used > bound_of(decl, step->entry))
                return differ("gas", "at most " + std::to_string(bound_of(decl, step->entry)), std::to_string(*used)), out;
            const auto made = instances.size() + (step->contract.empty() || said.trap != Trap::None ? 0 : 1);
            for (u64 id = 1; id <= made; ++id)
                if (const auto rows = differing(evaluator.state(id), bench.state(id)); !rows.empty()) return differ(which + "state", rows, "behind the bar"), out;
            for (u64 p = first_party; p < first_party + parties; ++p)
                if (evaluator.balance(p) != bench.balance(p)) return differ(which + "balance of party " + std::to_string(p), "another", "another"), out;
        }
        if (!step->contract.empty() && said.trap == Trap::None) instances.push_back(fn->contract);
    }
    return out;
}

Finding Farm::run(const std::string& source, u64 seed, std::size_t calls) {
    Dice dice(seed ^ 0x5eed);
    std::size_t done = 0;
    int creates = 0;
    Date today = first_day; // as `drive` moves it
    std::vector<u64> owners; // the signer that each contract's creation named
    return drive(source, [&](const check::Program& program, const std::vector<const ContractDecl*>& instances, const Evaluator& evaluator) -> std::optional<Step> {
        if (done == calls) return std::nullopt;
        const auto& contracts = program.root().contracts;
        const auto fill = [&](Step& step, const FnDecl& fn) {
            for (const auto& p : fn.params) step.arguments.push_back(argument(p.type, dice, {instances.size(), today}));
        };
        Step step;
        step.signer = first_party + (dice.chance(12) ? 1U : 0U);
        const bool another = instances.size() >= contracts.size() && contracts.size() > 1 && dice.chance(5);
        if (instances.size() < contracts.size() || another) { // one of each, in order; later more of the last
            if (another) ++done;
            else if (++creates > creates_max * static_cast<int>(contracts.size())) return std::nullopt;
            const auto& contract = *contracts[std::min(instances.size(), contracts.size() - 1)];
            step.contract = contract.name;
            step.entry = "create";
            fill(step, *contract.fn("create"));
            if (contract.parent != nullptr) step.signer = owners[0];
            else if (dice.chance(95)) step.arguments[0] = number(static_cast<i128>(step.signer));
            owners.resize(instances.size());
            owners.push_back(contract.parent != nullptr ? owners[0] : static_cast<u64>(step.arguments[0].number));
            return step;
        }
        ++done;
        step.days = dice.chance(25) ? dice.roll(1, 90) : 0;
        today += step.days;
        step.instance = static_cast<u64>(dice.roll(1, static_cast<i64>(instances.size())));
        std::vector<const FnDecl*> entries;
        const bool any_state = dice.chance(10);
        for (const auto& fn : instances[step.instance - 1]->fns) {
            const bool possible = any_state || (fn->states >> evaluator.state_number(step.instance) & 1) != 0;
            if (possible && (fn->kind == syntax::FnKind::Action || fn->kind == syntax::FnKind::View)) entries.push_back(fn.get());
        }
        if (entries.empty()) return std::nullopt;
        if (dice.chance(95)) step.signer = owners[step.instance - 1];
        if (dice.chance(10)) step.signer = both_parties;
        const FnDecl& fn = *dice.pick(entries);
        step.entry = fn.name;
        fill(step, fn);
        return step;
    });
}

Finding Farm::run(const std::string& source, const std::vector<std::string>& steps) {
    std::size_t at = 0;
    return drive(source, [&](const check::Program& program, const auto&, const Evaluator&) -> std::optional<Step> {
        while (at < steps.size())
            if (auto step = step_of(steps[at++], program)) return step;
        return std::nullopt;
    });
}

// ---- making it small --------------------------------------------------------------------------------------------------------

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const auto& line : lines) out += line + "\n";
    return out;
}

/// The lines that belong together with this one: to the brace that closes what it opens.
std::size_t end_of_block(const std::vector<std::string>& lines, std::size_t from) {
    i64 open = 0;
    for (std::size_t i = from; i < lines.size(); ++i) {
        open += std::count(lines[i].begin(), lines[i].end(), '{') - std::count(lines[i].begin(), lines[i].end(), '}');
        if (open <= 0) return i + 1;
    }
    return lines.size();
}

} // namespace

std::string minimised(Farm& farm, const std::string& source, const std::vector<std::string>& steps) {
    auto lines = lines_of(source);
    auto kept = steps;
    const auto still = [&](const std::vector<std::string>& l, const std::vector<std::string>& s) {
        try {
            return farm.run(joined(l), s).kind == Finding::Kind::Differ;
        } catch (const NotCovered&) {
            return false;
        }
    };
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (std::size_t i = kept.size(); i-- > 0;) {
            auto fewer = kept;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            if (!still(lines, fewer)) continue;
            kept = fewer;
            smaller = true;
        }
        for (std::size_t i = lines.size(); i-- > 0;) {
            if (i >= lines.size()) continue;
            auto fewer = lines;
            const auto end = end_of_block(lines, i);
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i), fewer.begin() + static_cast<std::ptrdiff_t>(end));
            bool good = still(fewer, kept);
            if (!good && end > i + 1) { // the inside without what is around it
                fewer = lines;
                fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(end) - 1);
                fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
                good = still(fewer, kept);
            }
            if (!good) continue;
            lines = fewer;
            smaller = true;
        }
    }
    std::string out = joined(lines);
    for (const auto& step : kept) out += "// " + step + "\n";
    return out;
}

} // namespace tally::agreement
