// A collection that is too large for its contract's record is kept by key: element by element, never as
// a whole. What would need it whole is refused here, by name.
#include "compiler/check/checker.hpp"

#include <algorithm>
#include <set>

namespace tally::check {
namespace {

class ByKeyWalk {
public:
    ByKeyWalk(const FnDecl& fn, const ContractDecl* contract, Sink& sink) : fn_(fn), contract_(contract), sink_(sink) {}

    void block(const std::vector<TStmtPtr>& stmts) {
        for (const auto& s : stmts) stmt(*s);
    }

    void expr(const TExpr& e) {
        for (std::size_t i = 0; i < e.args.size(); ++i) {
            if (!e.args[i]) continue;
            if (kept_by_key(*e.args[i]) && !reads_elements(e, i)) whole(*e.args[i]);
            else expr(*e.args[i]);
        }
        for (const auto& t : e.tiers) tier(t);
    }

private:
    [[nodiscard]] bool kept_by_key(const TExpr& e) const {
        if (e.op == Op::Peek) return e.args[0]->type->contract->fields[static_cast<std::size_t>(e.index)].by_key;
        if (contract_ == nullptr || e.index < 0) return false;
        if (e.op == Op::Field) return contract_->fields[static_cast<std::size_t>(e.index)].by_key;
        return e.op == Op::ParentField && contract_->parent->fields[static_cast<std::size_t>(e.index)].by_key;
    }

    [[nodiscard]] bool reads_elements(const TExpr& e, std::size_t argument) const {
        const bool peek = e.args[argument]->op == Op::Peek;
        switch (e.op) {
        case Op::Count: case Op::IsEmpty: return true;
        case Op::Index: case Op::MapAt: case Op::Has: case Op::Get: case Op::Push: case Op::Remove: return argument == 0 && !peek;
        case Op::Keys: return !peek;
        case Op::Fold: case Op::Every: case Op::SomeOf: case Op::Collect: case Op::InsertAll: return argument == 1 && !peek;
        default: return false;
        }
    }

    void whole(const TExpr& e) {
        const bool peek = e.op == Op::Peek;
        sink_.report(Diag::NotYet, e.span, {peek ? "looking at another contract's collection of more than 4 KiB" : "using a collection of more than 4 KiB as a whole",
                                            peek ? "ask one of its views" : "go through its elements, or lower its maximum"});
    }

    void tier(const TTier& t) {
        if (t.list && kept_by_key(*t.list)) whole(*t.list);
        for (const auto& inner : t.inner) tier(inner);
    }

    /// `big[k] = v` stores an element; a part of one cannot be changed in place.
    void target(const TExpr& e) {
        if (kept_by_key(e)) return whole(e);
        if (e.args.empty()) return;
        const auto& object = *e.args[0];
        if ((e.op == Op::Index || e.op == Op::MapAt) && kept_by_key(object)) return expr(*e.args[1]);
        if ((object.op == Op::Index || object.op == Op::MapAt) && kept_by_key(*object.args[0])) {
            sink_.report(Diag::NotYet, e.span, {"changing a part of an element of a collection of more than 4 KiB", "read the element into a `var`, change it, and store it whole"});
            return;
        }
        target(object);
        for (std::size_t i = 1; i < e.args.size(); ++i) expr(*e.args[i]);
    }

    /// Elements go out of the collection while others of it, or what it lies in, could move.
    void drains(const TStmt& s) {
        const TExpr* root = s.expr.get();
        while (root->op == Op::Member) root = root->args[0].get();
        const bool inside = root->op != Op::Local && root->op != Op::Field;
        if (inside) sink_.report(Diag::NotYet, s.span, {"draining a collection that lies in an element of another", "copy it to a `var`, drain that, and store it back"});
        if (kept_by_key(*s.expr) && s.expr->type->is(Kind::List))
            sink_.report(Diag::NotYet, s.span, {"draining a List of more than 4 KiB", "use a Map, or lower its maximum"});
    }

    void stmt(const TStmt& s) {
        std::set<const FnDecl*> visited;
        if (s.op == SOp::For && s.index == 1 && refills(s, s.body, true, visited)) sink_.report(Diag::DrainAdds, s.span);
        if (s.op == SOp::For && s.index == 1) drains(s);
        if (s.op == SOp::For && kept_by_key(*s.expr) && s.expr->op != Op::Peek) {
            std::set<const FnDecl*> seen{&fn_};
            if (s.index != 1 && adds_to(s.body, *s.expr, seen))
                sink_.report(Diag::NotYet, s.span, {"adding to a collection of more than 4 KiB while going through it", "collect what is to be added, and add it after the loop"});
        } else if (s.expr && kept_by_key(*s.expr)) {
            whole(*s.expr);
        } else if (s.expr) {
            expr(*s.expr);
        }
        if (s.target) target(*s.target);
        if (s.other) expr(*s.other);
        for (const auto& init : s.inits) {
            if (contract_->fields[static_cast<std::size_t>(init.first)].by_key)
                sink_.report(Diag::NotYet, init.second->span, {"a collection of more than 4 KiB that exists in some states only", "lower its maximum, or declare it as a `var`"});
            if (kept_by_key(*init.second)) whole(*init.second);
            else expr(*init.second);
        }
        block(s.body);
        block(s.otherwise);
        for (const auto& arm : s.arms) block(arm.second);
    }

    /// While a collection is drained only the element in hand may be put back: nothing is met twice. What only reads it
    /// may.
    static bool refills(const TStmt& loop, const std::vector<TStmtPtr>& stmts, bool inside, std::set<const FnDecl*>& seen) {
        const auto same = [&](const TExpr& e) { return e.op == loop.expr->op && e.index == loop.expr->index && (inside || e.op == Op::Field); };
        const auto own_key = [&](const TExpr& e) { return inside && e.op == Op::Local && !loop.locals.empty() && e.index == loop.locals[0]; };
        /// A place in it, or it as a whole.
        std::function<bool(const TExpr&)> in_place = [&](const TExpr& e) -> bool {
            if (same(e)) return true;
            if ((e.op == Op::MapAt || e.op == Op::Index) && same(*e.args[0])) return !own_key(*e.args[1]);
            return (e.op == Op::Member || e.op == Op::MapAt || e.op == Op::Index) && in_place(*e.args[0]);
        };
        std::function<bool(const std::vector<TTier>&)> in_tiers = [&](const std::vector<TTier>& tiers) {
            return std::any_of(tiers.begin(), tiers.end(), [&](const TTier& t) {
                return (t.list && in_place(*t.list)) || (t.kind == TTier::Kind::From && in_place(*t.amount)) || in_tiers(t.inner);
            });
        };
        std::function<bool(const TExpr&)> bad = [&](const TExpr& e) -> bool {
            if ((e.op == Op::Push || e.op == Op::InsertAll) && in_place(*e.args[0])) return true;
            if (e.op == Op::Insert && in_place(*e.args[0]) && !(same(*e.args[0]) && own_key(*e.args[1]))) return true;
            if (e.op == Op::Waterfall && in_tiers(e.tiers)) return true;
            if (e.op == Op::Call && e.function->contract != nullptr && seen.insert(e.function).second && refills(loop, e.function->body, false, seen)) return true;
            return std::any_of(e.args.begin(), e.args.end(), [&](const auto& a) { return a && bad(*a); });
        };
        for (const auto& s : stmts) {
            if ((s->target && (in_place(*s->target) || bad(*s->target))) || (s->expr && bad(*s->expr)) || (s->other && bad(*s->other))) return true;
            for (const auto& init : s->inits)
                if (bad(*init.second) || (loop.expr->op == Op::Field && init.first == loop.expr->index)) return true;
            if (refills(loop, s->body, inside, seen) || refills(loop, s->otherwise, inside, seen)) return true;
            for (const auto& arm : s->arms)
                if (refills(loop, arm.second, inside, seen)) return true;
        }
        return false;
    }

    /// Could the statements, or what they call, put an element into the field?
    static bool adds_to(const std::vector<TStmtPtr>& stmts, const TExpr& field, std::set<const FnDecl*>& seen) {
        const auto same = [&](const TExpr& e) { return e.op == field.op && e.index == field.index; };
        std::function<bool(const TExpr&)> in_expr = [&](const TExpr& e) -> bool {
            if (e.op == Op::Push && same(*e.args[0])) return true;
            if (e.op == Op::Call && e.function->contract != nullptr && seen.insert(e.function).second && adds_to(e.function->body, field, seen)) return true;
            for (const auto& a : e.args)
                if (a && in_expr(*a)) return true;
            return false;
        };
        for (const auto& s : stmts) {
            const bool put = s->target && (s->target->op == Op::MapAt || s->target->op == Op::Index) && same(*s->target->args[0]);
            if (put || (s->expr && in_expr(*s->expr)) || (s->other && in_expr(*s->other))) return true;
            if (adds_to(s->body, field, seen) || adds_to(s->otherwise, field, seen)) return true;
            for (const auto& arm : s->arms)
                if (adds_to(arm.second, field, seen)) return true;
        }
        return false;
    }

    const FnDecl& fn_;
    const ContractDecl* contract_;
    Sink& sink_;
};

} // namespace

void Checker::check_by_key(FnDecl& fn) {
    ByKeyWalk walk(fn, fn.contract, sink_);
    walk.block(fn.prologue);
    walk.block(fn.olds);
    walk.block(fn.body);
    for (const auto& e : fn.ensures) walk.expr(*e);
    if (fn.trigger) walk.expr(*fn.trigger);
    if (fn.adjust) walk.expr(*fn.adjust);
}

} // namespace tally::check
