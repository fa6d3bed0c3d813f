// Money is used exactly once: a walk over the typed tree that knows, at each point, which holdings are
// alive. Each holding gets a fixed slot of the machine here.
#include "compiler/check/checker.hpp"

#include "vm/bytecode/limits.hpp"

#include <set>

namespace tally::check {
namespace {

/// Slots kept free for holdings without a name.
constexpr int temporary_slots = 2;

class AssetWalk {
public:
    AssetWalk(FnDecl& fn, Sink& sink) : fn_(fn), sink_(sink) {}

    void run() {
        int slot = 0;
        for (std::size_t i = 0; i < fn_.locals.size(); ++i) {
            if (!fn_.locals[i].type->is(Kind::Cash)) continue;
            fn_.locals[i].handle = slot++;
            if (i < fn_.params.size()) alive_.insert(static_cast<int>(i));
        }
        if (slot > static_cast<int>(limits::h_slots) - temporary_slots) sink_.report(Diag::TooManyAssets, fn_.syntax != nullptr ? fn_.syntax->span : Span{});
        for (const auto& s : fn_.prologue) requirement(*s);
        block(fn_.body);
        if (!ended_) all_given_on(end_span());
    }

private:
    [[nodiscard]] Span end_span() const { return fn_.body.empty() ? (fn_.syntax != nullptr ? fn_.syntax->name.span : Span{}) : fn_.body.back()->span; }

    void all_given_on(Span at) {
        for (const int local : alive_) lost(local, at);
        alive_.clear();
    }
    void lost(int local, Span at) {
        const auto& l = fn_.locals[static_cast<std::size_t>(local)];
        if (!reported_.insert(local).second) return;
        auto& d = sink_.report(Diag::AssetLost, at, {l.name});
        d.labels.push_back({l.span, split_parts_.contains(local) ? "a part is made here, one for each share" : "the money comes in here"});
        if (moved_.contains(local)) d.labels.push_back({moved_[local], "on another path it is taken here"});
    }
    void use(int local, Span at, bool consume) {
        const auto& l = fn_.locals[static_cast<std::size_t>(local)];
        if (!alive_.contains(local)) {
            if (reported_.insert(local).second) {
                auto& d = sink_.report(Diag::AssetUsedTwice, at, {l.name});
                if (moved_.contains(local)) d.labels.push_back({moved_[local], "moved here"});
            }
            return;
        }
        if (consume && loop_outer_.contains(local)) {
            if (reported_.insert(local).second) sink_.report(Diag::AssetInLoop, at, {l.name}).label(l.span, "the money comes in here, once");
            return;
        }
        if (consume) {
            alive_.erase(local);
            moved_[local] = at;
        }
    }
    /// A `require` may look at money, not move it: it is asked before anything happens.
    void requirement(const TStmt& s) { maybe(*s.expr); }

    /// Evaluated perhaps, or several times: nothing alive before may be consumed in it.
    void maybe(const TExpr& e) {
        const auto outer = loop_outer_;
        loop_outer_.insert(alive_.begin(), alive_.end());
        expr(e);
        loop_outer_ = outer;
    }
    void expr(const TExpr& e) {
        const bool repeated = e.op == Op::Fold || e.op == Op::Every || e.op == Op::SomeOf || e.op == Op::Collect;
        const bool perhaps = e.op == Op::And || e.op == Op::Or || e.op == Op::Get || e.op == Op::ValueOr;
        for (std::size_t i = 0; i < e.args.size(); ++i) {
            if (!e.args[i]) continue;
            if ((repeated && i != 1) || (perhaps && i == e.args.size() - 1)) maybe(*e.args[i]);
            else expr(*e.args[i]);
        }
        switch (e.op) {
        case Op::MoveLocal: case Op::EndCash: use(e.index, e.span, true); break;
        case Op::CashAmount: case Op::Take: case Op::Join: use(e.index, e.span, false); break;
        case Op::Local:
            if (e.type->is(Kind::Cash)) use(e.index, e.span, false);
            break;
        default: break;
        }
    }
    void block(const std::vector<TStmtPtr>& stmts) {
        std::vector<int> mine;
        for (const auto& s : stmts) {
            if (ended_) break;
            stmt(*s, mine);
        }
        if (ended_) return;
        for (const int local : mine)
            if (alive_.contains(local)) {
                lost(local, stmts.back()->span);
                alive_.erase(local);
            }
    }
    void branches(const std::vector<const std::vector<TStmtPtr>*>& all, Span at) {
        const auto before = alive_;
        std::vector<std::set<int>> results;
        for (const auto* body : all) {
            alive_ = before;
            ended_ = false;
            block(*body);
            if (!ended_) results.push_back(alive_);
        }
        ended_ = results.empty() && !all.empty();
        if (results.empty()) return;
        // A holding that is gone on one path and there on another would be lost on the other.
        alive_ = results[0];
        for (const auto& r : results) {
            for (const int local : r)
                if (!alive_.contains(local)) lost(local, at);
            std::set<int> both;
            for (const int local : alive_)
                if (r.contains(local)) both.insert(local);
                else lost(local, at);
            alive_ = both;
        }
    }
    void loop(const std::vector<TStmtPtr>& body, std::set<int> inner) {
        const bool was_split = in_split_, was_any = any_split_;
        in_split_ = !inner.empty();
        any_split_ = any_split_ || in_split_;
        const auto outer = loop_outer_;
        const auto before = alive_;
        loop_outer_ = alive_;
        for (const int local : inner) {
            alive_.insert(local);
            loop_outer_.erase(local);
        }
        block(body);
        for (const int local : inner)
            if (alive_.contains(local) && !ended_) lost(local, body.empty() ? fn_.locals[static_cast<std::size_t>(local)].span : body.back()->span);
        alive_ = before;
        ended_ = false;
        loop_outer_ = outer;
        in_split_ = was_split;
        any_split_ = was_any;
    }
    /// Leaving a `split` early would lose the parts that were not handed out yet.
    void leave_split(Span at) { sink_.report(Diag::AssetLost, at, {"the rest of what is split"}); }
    void stmt(const TStmt& s, std::vector<int>& mine) {
        switch (s.op) {
        case SOp::If: {
            expr(*s.expr);
            branches({&s.body, &s.otherwise}, s.span);
            break;
        }
        case SOp::Match: {
            expr(*s.expr);
            std::vector<const std::vector<TStmtPtr>*> all;
            for (const auto& arm : s.arms) all.push_back(&arm.second);
            branches(all, s.span);
            break;
        }
        case SOp::For:
            expr(*s.expr);
            loop(s.body, {});
            break;
        case SOp::ForSplit: // the amounts first: they look at what is then handed out
            expr(*s.other);
            expr(*s.expr);
            split_parts_.insert(s.locals[1]);
            loop(s.body, {s.locals[1]});
            break;
        case SOp::LetAsset:
            expr(*s.expr);
            alive_.insert(s.local);
            mine.push_back(s.local);
            break;
        case SOp::Return:
            if (s.expr) expr(*s.expr);
            if (any_split_) leave_split(s.span);
            else all_given_on(s.span);
            ended_ = true;
            break;
        case SOp::Fail: // everything is undone: the money is back where it was
            alive_.clear();
            ended_ = true;
            break;
        case SOp::Break:
            if (in_split_) {
                leave_split(s.span);
                ended_ = true;
                break;
            }
            for (const int local : std::set<int>(alive_))
                if (!loop_outer_.contains(local)) lost(local, s.span);
            ended_ = true;
            break;
        default:
            if (s.target) expr(*s.target);
            if (s.expr) expr(*s.expr);
            if (s.other) expr(*s.other);
            for (const auto& init : s.inits) expr(*init.second);
            break;
        }
    }

    FnDecl& fn_;
    Sink& sink_;
    std::set<int> alive_, reported_, loop_outer_, split_parts_;
    std::map<int, Span> moved_;
    bool ended_ = false;
    bool in_split_ = false, any_split_ = false; ///< the innermost loop, any loop around
};

} // namespace

void Checker::check_assets(FnDecl& fn) { AssetWalk(fn, sink_).run(); }

} // namespace tally::check
