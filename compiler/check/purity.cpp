// What only asks must change nothing: views, promises, conditions, triggers, invariants. A direct write is
// refused where it stands; this finds those behind a function call.
#include "compiler/check/checker.hpp"

#include <map>

namespace tally::check {
namespace {

class Effects {
public:
    /// Does running the function change its instance, move money, or say something to the world?
    bool writes(const FnDecl& fn) {
        const auto [known, fresh] = known_.emplace(&fn, false); // acyclic: checked before
        if (fresh) {
            const bool result = !fn.restores && (block(fn.prologue) || block(fn.body));
            known_[&fn] = result;
            return result;
        }
        return known->second;
    }

    bool expr(const TExpr& e) {
        switch (e.op) {
        case Op::VaultOpen: case Op::VaultWithdraw: case Op::VaultDeposit: case Op::Pay: case Op::AccrualBill: case Op::AccrualClose:
        case Op::AccrualDrop: case Op::AccrualAccrue: case Op::AccrualClear: case Op::AccrualLoad: case Op::DatedSet: return true;
        case Op::Push: case Op::Insert: case Op::InsertAll: case Op::Remove:
            if (is_state(*e.args[0])) return true;
            break;
        case Op::Allocate:
            if (e.args[2] && is_state(*e.args[2])) return true;
            break;
        case Op::Call:
            if (e.function->contract != nullptr && writes(*e.function)) return true;
            break;
        case Op::Cross:
            if (e.function->kind != syntax::FnKind::View) return true;
            break;
        case Op::Waterfall:
            if (tiers(e.tiers)) return true;
            break;
        default: break;
        }
        for (const auto& a : e.args)
            if (a && expr(*a)) return true;
        return false;
    }

private:
    static bool is_state(const TExpr& e) {
        const TExpr* at = &e;
        while (at->op == Op::Member || at->op == Op::Index || at->op == Op::MapAt) at = at->args[0].get();
        return at->op == Op::Field;
    }
    bool tiers(const std::vector<TTier>& list) {
        for (const auto& t : list) {
            if (t.list && is_state(*t.list)) return true;
            if (t.amount && t.kind != TTier::Kind::UpTo && is_state(*t.amount)) return true;
            if ((t.amount && expr(*t.amount)) || tiers(t.inner)) return true;
        }
        return false;
    }
    bool block(const std::vector<TStmtPtr>& stmts) {
        for (const auto& s : stmts) {
            if (s->op == SOp::Become || s->op == SOp::Emit || s->op == SOp::Touch) return true;
            if (s->op == SOp::For && s->index == 1 && is_state(*s->expr)) return true; // drained
            if (s->target && (is_state(*s->target) || expr(*s->target))) return true;
            if ((s->expr && expr(*s->expr)) || (s->other && expr(*s->other))) return true;
            for (const auto& init : s->inits)
                if (expr(*init.second)) return true;
            if (block(s->body) || block(s->otherwise)) return true;
            for (const auto& arm : s->arms)
                if (block(arm.second)) return true;
        }
        return false;
    }

    std::map<const FnDecl*, bool> known_; ///< looked up only, never iterated
};

} // namespace

void Checker::check_purity() {
    Effects effects;
    const auto asks = [&](const TExpr* e, const char* who) {
        if (e != nullptr && effects.expr(*e)) sink_.report(Diag::PureViolation, e->span, {who, "change anything, as a function that it calls does", "asking must change nothing"});
    };
    for (const auto& contract : module_->contracts) {
        for (const auto& i : contract->invariants) asks(i.condition.get(), "an invariant");
        for (const auto& f : contract->fields) {
            asks(f.base.get(), "an accrual's base");
            asks(f.rate.get(), "an accrual's rate");
        }
        for (const auto& fn : contract->fns) {
            if (fn->kind == syntax::FnKind::View && effects.writes(*fn))
                sink_.report(Diag::PureViolation, fn->syntax->name.span, {"a view", "change anything, as a function that it calls does", "asking must change nothing"});
            for (const auto& s : fn->prologue)
                if (s->op == SOp::If) asks(s->expr.get(), "a `require`");
            for (const auto& s : fn->olds) asks(s->expr.get(), "an `ensure`");
            for (const auto& e : fn->ensures) asks(e.get(), "an `ensure`");
            asks(fn->trigger.get(), "a clause's date");
            asks(fn->when.get(), "a `when`");
            asks(fn->adjust.get(), "an `adjust`");
        }
    }
}

} // namespace tally::check
