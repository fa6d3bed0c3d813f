#include "compiler/upgrade/upgrade.hpp"

#include "vm/value/decimal_text.hpp"

#include "compiler/upgrade/rights.hpp"

#include <algorithm>
#include <functional>

namespace tally {
namespace {

using namespace check;

std::string list(const std::set<std::string>& names) {
    std::string out;
    for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
    return out.empty() ? "nobody" : out;
}

const ContractDecl* find_contract(const ModuleDecl& module, const std::string& name) {
    for (const auto& c : module.contracts)
        if (c->name == name) return c.get();
    return nullptr;
}

/// Who takes part in the contract: its roles.
std::set<std::string> roles_of(const ContractDecl& contract) {
    std::set<std::string> out;
    for (const auto& f : contract.fields)
        if (f.kind == FieldKind::Role) out.insert(f.name);
    return out;
}

// ---- types, written out with everything in them: two versions have declarations of their own

std::string shape(const Ty* t, int depth = 0) {
    if (t == nullptr || depth > 32) return "";
    std::string out = name_of(t);
    if (t->is(Kind::Record))
        for (const auto& f : t->record->fields) out += "{" + f.name + ":" + shape(f.type, depth + 1) + "}";
    return out + "[" + shape(t->key, depth + 1) + "|" + shape(t->element, depth + 1) + "]";
}

// ---- roundings: the modes and tie rules that an entry uses, in source order

class Roundings {
public:
    static std::vector<std::string> of(const FnDecl& fn) {
        Roundings walk;
        walk.function(fn);
        return walk.out_;
    }

private:
    void function(const FnDecl& fn) {
        if (!seen_.insert(&fn).second) return;
        block(fn.prologue);
        block(fn.body);
        for (const auto& e : fn.ensures) expr(*e);
    }
    void mode(const TExpr& e) {
        const auto& cases = e.type->enumeration->cases;
        out_.push_back(e.op == check::Op::Const && static_cast<std::size_t>(e.value) < cases.size() ? cases[static_cast<std::size_t>(e.value)] : "a mode that is chosen");
    }
    void expr(const TExpr& e) {
        for (const auto& a : e.args)
            if (a) expr(*a);
        switch (e.op) {
        case check::Op::Round: case check::Op::AccruedValue:
            mode(*e.args[1]);
            if (e.args.size() > 2) out_.emplace_back(e.args[2]->op == check::Op::Const ? "in steps of " + int_text(e.args[2]->value) : "in steps");
            break;
        case check::Op::AccrualValue: case check::Op::AccrualBill: case check::Op::AccrualClose: mode(*e.args[0]); break;
        case check::Op::Allocate: out_.push_back(std::string("tie: ") + (e.index == 1 ? "rotate" : "first") + (e.args[2] ? " with a carry" : "")); break;
        case check::Op::Native: mode(*e.args.back()); break;
        case check::Op::Call: function(*e.function); break;
        default: break;
        }
    }
    void block(const std::vector<TStmtPtr>& stmts) {
        for (const auto& s : stmts) {
            for (const auto* e : {s->target.get(), s->expr.get(), s->other.get()})
                if (e != nullptr) expr(*e);
            for (const auto& init : s->inits) expr(*init.second);
            block(s->body);
            block(s->otherwise);
            for (const auto& arm : s->arms) block(arm.second);
        }
    }
    std::set<const FnDecl*> seen_;
    std::vector<std::string> out_;
};

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& w : words) out += (out.empty() ? "" : ", ") + w;
    return out.empty() ? "none" : out;
}

class Comparison {
public:
    Comparison(const ModuleDecl& old, const ModuleDecl& now, Sink& sink) : old_(old), now_(now), sink_(sink) {}

    void run() {
        if (now_.version <= old_.version) sink_.report(Diag::VersionNotHigher, now_.syntax->module_span, {std::to_string(now_.version), std::to_string(old_.version)});
        for (const auto& e : old_.enums) enumeration(*e);
        for (const auto& c : old_.contracts) {
            const auto* now = find_contract(now_, c->name);
            if (now == nullptr) sink_.report(Diag::EntryGone, now_.syntax->module_span, {"contract " + c->name, list(roles_of(*c))});
            else contract(*c, *now);
        }
    }

private:
    void enumeration(const EnumDecl& old) {
        for (const auto& e : now_.enums) {
            if (e->name != old.name) continue;
            const bool appended = e->cases.size() >= old.cases.size() && std::equal(old.cases.begin(), old.cases.end(), e->cases.begin());
            if (!appended) sink_.report(Diag::EnumChanged, e->syntax->name.span, {old.name});
            return;
        }
    }

    void contract(const ContractDecl& old, const ContractDecl& now) {
        states(old, now);
        fields(old, now);
        invariants(old, now);
        for (const auto& fn : old.fns) {
            const bool right = fn->kind == syntax::FnKind::Action || fn->kind == syntax::FnKind::Create;
            const bool clause = fn->kind == syntax::FnKind::Clause;
            const auto* match = now.fn(fn->name);
            if (match == nullptr || match->kind != fn->kind) {
                if (right) sink_.report(Diag::EntryGone, now.span, {fn->name, list(named_by(fn->auth))});
                if (clause) sink_.report(Diag::EntryGone, now.span, {"the clause " + fn->name, list(roles_of(old))});
                continue;
            }
            if (right) rights(old, *fn, now, *match);
            if (right || clause) roundings(old, *fn, *match);
            if (text_of(*fn) != text_of(*match)) sink_.report(Diag::BodyChanged, match->syntax->name.span, {fn->name, list(roles_of(old))});
        }
        for (const auto& f : old.fields) accrual(old, f, now);
        migrations(old, now);
        for (const auto& fn : now.fns)
            if ((fn->kind == syntax::FnKind::Action || fn->kind == syntax::FnKind::Clause) && old.fn(fn->name) == nullptr && !fn->name.ends_with("__add"))
                sink_.report(Diag::RightAdded, fn->syntax->name.span, {fn->name, fn->kind == syntax::FnKind::Clause ? "its date" : list(named_by(fn->auth)), list(roles_of(old))});
    }

    /// All that it says: parameters, conditions, body, promises, and when a clause fires.
    static std::string text_of(const FnDecl& fn) {
        std::string out = print(fn);
        if (const auto right = out.find(" by " + fn.auth.text.str()); !fn.auth.text.empty() && right != std::string::npos) out.erase(right, 4 + fn.auth.text.size()); // compared by itself
        for (const auto* part : {fn.trigger.get(), fn.when.get(), fn.adjust.get()})
            if (part != nullptr) out += "; " + print(*part, &fn);
        return out + (fn.phase == ClausePhase::Close ? "at close" : "");
    }

    void accrual(const ContractDecl& old, const ContractFieldDecl& before, const ContractDecl& now) {
        const int at = now.field(before.name);
        if (before.kind != FieldKind::Accrual || at < 0) return;
        const auto& after = now.fields[static_cast<std::size_t>(at)];
        if (!before.base || !after.base) return;
        FnDecl was, is; // names of fields come from the contract
        was.contract = const_cast<ContractDecl*>(&old);
        is.contract = const_cast<ContractDecl*>(&now);
        const auto days = [](const ContractFieldDecl& f, const FnDecl& fn) { return f.day_count ? print(*f.day_count, &fn) : std::to_string(f.days_per_year); };
        const bool same = print(*before.base, &was) == print(*after.base, &is) && print(*before.rate, &was) == print(*after.rate, &is) && days(before, was) == days(after, is);
        if (!same) sink_.report(Diag::BodyChanged, after.span, {"the accrual " + before.name, list(roles_of(old))});
    }

    /// A migration fills what is new; what instances have was agreed.
    void migrations(const ContractDecl& old, const ContractDecl& now) {
        for (const auto& m : now.migrations) {
            std::set<int> told;
            const std::function<void(const std::vector<TStmtPtr>&)> in = [&](const std::vector<TStmtPtr>& block) {
                for (const auto& s : block) {
                    const TExpr* at = s->target.get();
                    while (at != nullptr && !at->args.empty() && (at->op == check::Op::Member || at->op == check::Op::Index || at->op == check::Op::MapAt)) at = at->args[0].get();
                    const bool field = at != nullptr && at->op == check::Op::Field;
                    const auto* decl = field ? &now.fields[static_cast<std::size_t>(at->index)] : nullptr;
                    const int before = decl != nullptr ? old.field(decl->name) : -1;
                    const bool kept = before >= 0 && shape(old.fields[static_cast<std::size_t>(before)].type) == shape(decl->type);
                    if (kept && told.insert(at->index).second) sink_.report(Diag::MigrationSets, s->span, {decl->name, list(roles_of(old))});
                    in(s->body);
                    in(s->otherwise);
                    for (const auto& arm : s->arms) in(arm.second);
                }
            };
            in(m.fn->body);
        }
    }

    void states(const ContractDecl& old, const ContractDecl& now) {
        for (std::size_t s = 0; s < old.states.size(); ++s) {
            const int to = now.state(old.states[s]);
            if (to < 0) {
                sink_.report(Diag::StateGone, now.span, {old.states[s]});
                continue;
            }
            const bool was_final = (old.finals >> s & 1) != 0, is_final = (now.finals >> to & 1) != 0;
            if (was_final != is_final) sink_.report(Diag::EdgeChanged, now.span, {old.states[s] + (was_final ? " is no longer final" : " is final now"), list(roles_of(old))});
            for (std::size_t t = 0; t < old.states.size(); ++t) {
                const int target = now.state(old.states[t]);
                if (target < 0) continue;
                const bool before = (old.edges[s] >> t & 1) != 0, after = (now.edges[static_cast<std::size_t>(to)] >> target & 1) != 0;
                if (before != after) sink_.report(Diag::EdgeChanged, now.span, {old.states[s] + " -> " + old.states[t] + (before ? " is gone" : " is new"), list(roles_of(old))});
            }
        }
    }

    [[nodiscard]] bool migration_sets(const ContractDecl& now, int field) const {
        const std::function<bool(const std::vector<TStmtPtr>&)> in = [&](const std::vector<TStmtPtr>& block) {
            return std::any_of(block.begin(), block.end(), [&](const TStmtPtr& s) {
                if (s->op == SOp::Assign && s->target->op == check::Op::Field && s->target->index == field) return true;
                return (s->op == SOp::If && in(s->body) && in(s->otherwise));
            });
        };
        for (const auto& m : now.migrations)
            if (m.from == old_.version && in(m.fn->body)) return true;
        return false;
    }

    void fields(const ContractDecl& old, const ContractDecl& now) {
        for (const auto& f : old.fields) {
            const int at = now.field(f.name);
            if (at < 0) {
                sink_.report(Diag::FieldGone, now.span, {f.name, f.kind == FieldKind::Vault ? "money" : "values"});
                continue;
            }
            const auto& match = now.fields[static_cast<std::size_t>(at)];
            const bool same = shape(f.type) == shape(match.type) && f.kind == match.kind && f.by_key == match.by_key && f.only_grows == match.only_grows && f.is_sum == match.is_sum;
            if (!same && !migration_sets(now, at)) sink_.report(Diag::FieldChanged, match.span, {f.name, describe(f.type), describe(match.type)});
        }
        for (std::size_t i = 0; i < now.fields.size(); ++i) {
            const auto& f = now.fields[i];
            const bool starts_empty = f.kind == FieldKind::Vault || f.kind == FieldKind::Accrual || f.only_grows || f.is_sum || f.hidden;
            if (old.field(f.name) < 0 && !f.init && !starts_empty && !migration_sets(now, static_cast<int>(i)))
                sink_.report(Diag::FieldUnset, f.span, {f.name, now.name, std::to_string(old_.version)});
        }
    }

    void invariants(const ContractDecl& old, const ContractDecl& now) {
        for (const auto& i : old.invariants) {
            const auto match = std::find_if(now.invariants.begin(), now.invariants.end(), [&](const auto& n) { return n.name == i.name; });
            const bool kept = match != now.invariants.end() && print(*match->condition, nullptr) == print(*i.condition, nullptr) &&
                              (match->states == 0 || (i.states != 0 && (i.states & ~match->states) == 0));
            if (!kept) sink_.report(Diag::InvariantGone, now.span, {i.name, match == now.invariants.end() ? "is gone" : "says something else", list(roles_of(old))});
        }
    }

    void rights(const ContractDecl& old, const FnDecl& before, const ContractDecl& now, const FnDecl& after) {
        const Span at = after.syntax->name.span;
        if (weaker(before.auth, after.auth)) {
            std::set<std::string> gain = named_by(after.auth);
            for (const auto& n : named_by(before.auth)) gain.erase(n);
            sink_.report(Diag::RightWeakened, at, {after.name, before.auth.text.str(), after.auth.text.str(), gain.empty() ? "fewer of them" : list(gain), list(named_by(before.auth))});
        }
        std::string more;
        for (std::size_t s = 0; s < now.states.size(); ++s) {
            const int was = old.state(now.states[s]);
            const bool new_here = (after.states >> s & 1) != 0 && (was < 0 || (before.states >> was & 1) == 0);
            if (new_here && before.kind == syntax::FnKind::Action) more += (more.empty() ? "" : ", ") + now.states[s];
        }
        if (!more.empty()) sink_.report(Diag::RightInMoreStates, at, {after.name, more, list(roles_of(old))});
    }

    void roundings(const ContractDecl& old, const FnDecl& before, const FnDecl& after) {
        const auto was = Roundings::of(before), is = Roundings::of(after);
        if (was != is) sink_.report(Diag::RoundingChanged, after.syntax->name.span, {after.name, joined(was), joined(is), list(roles_of(old))});
    }

    const ModuleDecl& old_;
    const ModuleDecl& now_;
    Sink& sink_;
};

} // namespace

void compare_versions(const Program& old, const Program& now, Sink& sink) {
    if (old.root().name != now.root().name) {
        sink.report(Diag::OtherModule, now.root().syntax->module_span, {now.root().name, old.root().name});
        return;
    }
    Comparison(old.root(), now.root(), sink).run();
}

} // namespace tally
