// No money can be left in a final state: nobody could ever move it again. The ledger looks at the end of each
// transaction; this proves beforehand that the code cannot come there with a vault that may hold something.
//
// The walk knows, at each point, which vaults are empty for certain: all of them when the contract is made,
// those that a condition says are empty, and those out of which everything was taken.
#include "compiler/check/checker.hpp"

#include <algorithm>
#include <set>

namespace tally::check {
namespace {

using Vaults = std::set<int>; ///< field numbers

class FinalWalk {
public:
    FinalWalk(const ContractDecl& contract, Sink& sink) : contract_(contract), sink_(sink) {
        for (std::size_t i = 0; i < contract.fields.size(); ++i)
            if (contract.fields[i].kind == FieldKind::Vault) all_.insert(static_cast<int>(i));
    }

    void run() {
        if (all_.empty()) return;
        for (const auto& fn : contract_.fns) {
            const bool entry = fn->kind == syntax::FnKind::Create || fn->kind == syntax::FnKind::Action || fn->kind == syntax::FnKind::Clause;
            if (!entry) continue;
            go({fn->kind == syntax::FnKind::Create ? all_ : Vaults{}, {}, nullptr, false});
            depth_ = 0;
            body(*fn);
        }
    }

private:
    struct State {
        Vaults empty;
        Vaults empty_in_final;         ///< on those paths that led into a final state
        const TStmt* become = nullptr; ///< that did
        bool ended = false;
    };

    static constexpr int depth_max = 32; ///< of calls looked into; beyond, nothing is known to be empty

    /// The ledger looks when everything is done: so does this, at the end of each path.
    void body(const FnDecl& fn) {
        const auto outer = std::move(returns_);
        returns_.clear();
        block(fn.prologue);
        if (fn.when) learn(*fn.when, true);
        block(fn.body);
        if (!ended_) returns_.push_back(now());
        if (depth_ == 0)
            for (const auto& end : returns_)
                for (const int vault : all_)
                    if (end.become != nullptr && !end.empty_in_final.contains(vault)) complain(vault, *end.become);
        join(returns_);
        returns_ = outer;
    }

    // ---- what a condition says

    static bool is_zero(const TExpr& e) { return e.op == Op::Const && e.value == 0; }
    static bool same_key(const TExpr& vault, int key) {
        return vault.args.empty() ? key < 0 : vault.args[0] && vault.args[0]->op == Op::Local && vault.args[0]->index == key;
    }
    /// `v.amount == 0` (or <= 0, or not > 0): the vault's number; -1 for anything else.
    static int says_empty(const TExpr& e, int key, bool holds) {
        const bool equal = holds ? e.op == Op::Eq || e.op == Op::Le : e.op == Op::Ne || e.op == Op::Gt;
        const bool turned = holds ? e.op == Op::Eq || e.op == Op::Ge : e.op == Op::Ne || e.op == Op::Lt;
        if (equal && e.args[0]->op == Op::VaultAmount && is_zero(*e.args[1]) && same_key(*e.args[0], key)) return e.args[0]->index;
        if (turned && e.args[1]->op == Op::VaultAmount && is_zero(*e.args[0]) && same_key(*e.args[1], key)) return e.args[1]->index;
        return -1;
    }
    void learn(const TExpr& e, bool holds) {
        if (e.op == Op::Not) return learn(*e.args[0], !holds);
        if ((e.op == Op::And && holds) || (e.op == Op::Or && !holds)) {
            learn(*e.args[0], holds);
            return learn(*e.args[1], holds);
        }
        if (e.op == Op::IsEmpty && holds && e.args[0]->op == Op::VaultKeys) emptied(e.args[0]->index);
        const int plain = says_empty(e, -1, holds);
        if (plain >= 0) emptied(plain);
        const bool all = e.op == (holds ? Op::Every : Op::SomeOf) && e.args[1]->op == Op::VaultKeys && e.locals.size() == 1;
        if (all && says_empty(*e.args[0], e.locals[0], holds) == e.args[1]->index) emptied(e.args[1]->index);
    }

    // ---- what happens to vaults

    /// `v.withdraw(v.amount)`, of the entry under `key` or of a plain vault.
    static bool takes_all(const TExpr& e, int key) {
        if (e.op != Op::VaultWithdraw || e.args.size() < 2 || e.args[1]->op != Op::VaultAmount || e.args[1]->index != e.index) return false;
        const bool plain = !e.args[0] && e.args[1]->args.empty();
        return key < 0 ? plain : e.args[0] && e.args[0]->op == Op::Local && e.args[0]->index == key && same_key(*e.args[1], key);
    }
    void expr(const TExpr& e) {
        for (const auto& a : e.args)
            if (a) expr(*a);
        if (takes_all(e, -1)) emptied(e.index);
        if (e.op == Op::VaultDeposit) {
            empty_.erase(e.index);
            empty_in_final_.erase(e.index);
        }
        if (e.op == Op::Call && e.function->contract == &contract_) call(*e.function);
    }
    void call(const FnDecl& fn) {
        if (depth_ == depth_max) {
            empty_.clear();
            empty_in_final_.clear();
            return;
        }
        ++depth_;
        body(fn);
        --depth_;
    }
    void complain(int vault, const TStmt& become) {
        const Span at = become.span;
        const auto& decl = contract_.fields[static_cast<std::size_t>(vault)];
        if (!told_.insert({vault, at.begin}).second) return;
        const bool keyed = decl.type->is(Kind::Map);
        const auto asked = keyed ? "every(k in " + decl.name + ".keys : " + decl.name + "[k].amount == 0 …)" : decl.name + ".amount == 0 …";
        auto& d = sink_.report(Diag::MoneyInFinal, at, {decl.name, contract_.states[static_cast<std::size_t>(become.index)], asked, decl.name});
        d.labels.push_back({decl.span, "this can hold money"});
    }
    /// After `for k in v.keys { … v[k].withdraw(v[k].amount) … }` the vault is empty.
    static bool empties(const TStmt& loop) {
        if (loop.expr->op != Op::VaultKeys || loop.locals.size() != 1) return false;
        bool takes = false, leaves = false;
        std::function<void(const TExpr&)> look = [&](const TExpr& e) {
            if (takes_all(e, loop.locals[0]) && e.index == loop.expr->index) takes = true;
            if ((e.op == Op::VaultDeposit && e.index == loop.expr->index) || (e.op == Op::Call && e.function->contract != nullptr)) leaves = true;
            for (const auto& a : e.args)
                if (a) look(*a);
        };
        for (const auto& s : loop.body) {
            const bool plain = s->op == SOp::Let || s->op == SOp::LetAsset || s->op == SOp::Expr || s->op == SOp::Assign || s->op == SOp::Compound ||
                               s->op == SOp::Emit || s->op == SOp::Touch;
            if (!plain) return false;
            if (s->expr) look(*s->expr);
            if (s->target) look(*s->target);
        }
        return takes && !leaves;
    }

    // ---- paths

    void emptied(int vault) {
        empty_.insert(vault);
        empty_in_final_.insert(vault);
    }
    State now() const { return {empty_, empty_in_final_, become_, ended_}; }
    void go(const State& s) {
        empty_ = s.empty;
        empty_in_final_ = s.empty_in_final;
        become_ = s.become;
        ended_ = s.ended;
    }
    static Vaults both(const Vaults& a, const Vaults& b) {
        Vaults out;
        std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
        return out;
    }
    /// What holds on every path that goes on.
    void join(const std::vector<State>& ends) {
        State out;
        out.ended = true;
        for (const auto& s : ends) {
            if (s.ended) continue;
            if (out.ended) {
                out = s;
                continue;
            }
            out.empty = both(out.empty, s.empty);
            if (s.become == nullptr) continue;
            out.empty_in_final = out.become == nullptr ? s.empty_in_final : both(out.empty_in_final, s.empty_in_final);
            if (out.become == nullptr) out.become = s.become;
        }
        go(out);
    }

    void block(const std::vector<TStmtPtr>& stmts) {
        for (const auto& s : stmts) {
            if (ended_) return;
            stmt(*s);
        }
    }
    void stmt(const TStmt& s) {
        if (s.target) expr(*s.target);
        if (s.expr) expr(*s.expr);
        if (s.other) expr(*s.other);
        for (const auto& init : s.inits) expr(*init.second);
        const auto before = now();
        switch (s.op) {
        case SOp::If: {
            learn(*s.expr, true);
            block(s.body);
            const auto yes = now();
            go(before);
            learn(*s.expr, false);
            block(s.otherwise);
            join({yes, now()});
            return;
        }
        case SOp::Match: {
            std::vector<State> ends;
            for (const auto& arm : s.arms) {
                go(before);
                block(arm.second);
                ends.push_back(now());
            }
            join(ends);
            return;
        }
        case SOp::For: case SOp::ForSplit: {
            // Twice: what the first round leaves is what the second begins with.
            block(s.body);
            const auto once = now();
            join({before, State{once.empty, once.empty_in_final, once.become, false}});
            block(s.body);
            join({before, State{now().empty, now().empty_in_final, now().become, false}});
            if (s.op == SOp::For && empties(s)) emptied(s.expr->index);
            return;
        }
        case SOp::Become:
            if ((contract_.finals >> s.index & 1) == 0) return;
            become_ = &s;
            empty_in_final_ = empty_;
            return;
        case SOp::Return:
            returns_.push_back(now());
            ended_ = true;
            return;
        case SOp::Fail: case SOp::Break: ended_ = true; return;
        default: return;
        }
    }

    const ContractDecl& contract_;
    Sink& sink_;
    Vaults all_, empty_, empty_in_final_;
    std::set<std::pair<int, std::uint32_t>> told_;
    const TStmt* become_ = nullptr;
    bool ended_ = false;
    std::vector<State> returns_; ///< of the function that is looked into
    int depth_ = 0;
};

} // namespace

void Checker::check_final_money(const ContractDecl& contract) { FinalWalk(contract, sink_).run(); }

} // namespace tally::check
