// What a contract's states promise, and that no call goes round in a circle.
#include "compiler/check/checker.hpp"

#include <algorithm>
#include <set>

namespace tally::check {

void Checker::check_lifecycle(ContractDecl& contract) {
    if (!contract.syntax->has_lifecycle) return;
    const auto& s = *contract.syntax;
    const std::size_t count = contract.states.size();
    const auto state_span = [&](std::size_t state) {
        const auto& name = contract.states[state];
        for (const auto& edge : s.edges) {
            if (edge.from.text == name) return edge.from.span;
            for (const auto& to : edge.to)
                if (to.text == name) return to.span;
        }
        return s.initial.span;
    };
    for (std::size_t i = 0; i < count; ++i)
        if ((contract.finals >> i & 1) != 0 && contract.edges[i] != 0) sink_.report(Diag::FinalHasEdge, state_span(i), {contract.states[i]});
    // Backwards from the final states, forwards from the initial one.
    std::uint64_t safe = contract.finals, reached = std::uint64_t{1} << contract.initial;
    for (std::size_t round = 0; round < count; ++round)
        for (std::size_t i = 0; i < count; ++i) {
            if ((contract.edges[i] & safe) != 0) safe |= std::uint64_t{1} << i;
            if ((reached >> i & 1) != 0) reached |= contract.edges[i];
        }
    for (std::size_t i = 0; i < count; ++i) {
        if ((safe >> i & 1) == 0) sink_.report(Diag::StuckState, state_span(i), {contract.states[i]});
        else if ((reached >> i & 1) == 0) sink_.report(Diag::StateUnreached, state_span(i), {contract.states[i]});
    }
    check_edges_have_code(contract);
}

void Checker::check_edges_have_code(ContractDecl& contract) {
    // What each function may become, calls included.
    std::function<void(const FnDecl&, std::set<const FnDecl*>&, std::uint64_t&)> collect = [&](const FnDecl& fn, std::set<const FnDecl*>& seen, std::uint64_t& out) {
        if (!seen.insert(&fn).second || (fn.contract != nullptr && fn.contract != &contract)) return; // another's states are its own
        for (const auto& [state, span] : fn.becomes) out |= std::uint64_t{1} << state;
        for (const auto& [callee, span] : fn.calls) collect(*callee, seen, out);
    };
    std::vector<std::uint64_t> covered(contract.states.size(), 0);
    for (const auto& fn : contract.fns) {
        if (fn->kind != syntax::FnKind::Action && fn->kind != syntax::FnKind::Clause) continue;
        std::set<const FnDecl*> seen;
        std::uint64_t targets = 0;
        collect(*fn, seen, targets);
        std::uint64_t from = fn->states | targets; // one `become` may follow another
        for (std::size_t i = 0; i < covered.size(); ++i)
            if ((from >> i & 1) != 0) covered[i] |= targets;
        for (const auto& [state, span] : fn->becomes)
            for (std::size_t i = 0; i < covered.size(); ++i)
                if (fn->states == (std::uint64_t{1} << i) && fn->becomes.size() == 1 && (contract.edges[i] >> state & 1) == 0)
                    sink_.report(Diag::NoSuchEdge, span, {contract.states[i], contract.states[static_cast<std::size_t>(state)]});
    }
    for (const auto& edge : contract.syntax->edges) {
        const int from = contract.state(edge.from.text);
        for (const auto& to : edge.to) {
            const int target = contract.state(to.text);
            if (from >= 0 && target >= 0 && (covered[static_cast<std::size_t>(from)] >> target & 1) == 0)
                sink_.report(Diag::EdgeWithoutCode, to.span, {edge.from.text, to.text});
        }
    }
    const auto* create = contract.fn("create");
    if (create == nullptr) {
        sink_.report(Diag::NoCreate, contract.span, {contract.name});
        return;
    }
    bool starts = false;
    for (const auto& [state, span] : create->becomes) starts = starts || state == contract.initial;
    if (!starts) sink_.report(Diag::NeverCreated, create->syntax->name.span, {contract.states[static_cast<std::size_t>(contract.initial)]});
}

/// `becomes` and `fails` are promises about everything that the function does, calls included.
void Checker::check_promised_effects(const ContractDecl& contract) {
    std::function<void(const FnDecl&, std::set<const FnDecl*>&, const std::function<void(const FnDecl&)>&)> each =
        [&](const FnDecl& fn, std::set<const FnDecl*>& seen, const std::function<void(const FnDecl&)>& visit) {
            if (!seen.insert(&fn).second) return;
            visit(fn);
            for (const auto& [callee, span] : fn.calls) each(*callee, seen, visit);
        };
    const auto named = [](const std::vector<syntax::Name>& names, const std::string& name) {
        return std::any_of(names.begin(), names.end(), [&](const auto& n) { return n.text == name; });
    };
    for (const auto& fn : contract.fns) {
        const auto& head = fn->syntax->head;
        std::set<const FnDecl*> seen;
        std::set<std::string> told;
        each(*fn, seen, [&](const FnDecl& part) {
            for (const auto& [state, span] : part.contract == &contract ? part.becomes : std::vector<std::pair<int, Span>>{}) {
                const auto& name = contract.states[static_cast<std::size_t>(state)];
                if (!head.becomes.empty() && !named(head.becomes, name) && told.insert(name).second) sink_.report(Diag::BecomesUndeclared, span, {fn->name, name});
            }
            for (const auto& [error, span] : part.fails)
                if (!head.fails.empty() && !named(head.fails, error->name) && told.insert(error->name).second) sink_.report(Diag::FailsUndeclared, part.contract == &contract ? span : fn->syntax->name.span, {fn->name, error->name});
        });
        for (const auto& name : head.fails)
            if (const auto* s = symbol(name.text); s == nullptr || s->kind != Symbol::Kind::Error) sink_.report(Diag::UnknownName, name.span, {name.text, "name an `error` of this module or one it imports"});
    }
}

void Checker::check_call_graph() {
    std::set<const FnDecl*> done, open;
    std::vector<const FnDecl*> path;
    std::function<bool(const FnDecl&, Span)> visit = [&](const FnDecl& fn, Span at) {
        if (done.contains(&fn)) return true;
        if (!open.insert(&fn).second) {
            std::string ring;
            for (const auto* step : path) ring += step->name + " → ";
            sink_.report(Diag::CyclicCalls, at, {fn.name, ring + fn.name});
            return false;
        }
        path.push_back(&fn);
        for (const auto& [callee, span] : fn.calls)
            if (!visit(*callee, span)) return false;
        path.pop_back();
        open.erase(&fn);
        done.insert(&fn);
        return true;
    };
    for (const auto& module : program_.modules) {
        for (const auto& fn : module->fns)
            if (!visit(*fn, Span{})) return;
        for (const auto& contract : module->contracts)
            for (const auto& fn : contract->fns)
                if (!visit(*fn, Span{})) return;
    }
}

} // namespace tally::check
