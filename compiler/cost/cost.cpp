#include "compiler/cost/cost.hpp"

#include "vm/bytecode/tables.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace tally {
namespace {

using Nodes = std::vector<std::uint32_t>;

/// The blocks of a function, what each costs, and where it can go.
struct Graph {
    std::vector<Polynomial> cost;
    std::vector<Nodes> next;
    std::vector<std::vector<std::uint32_t>> loops; ///< markers in each block
};

bool leaves(Op op) {
    return op == Op::Return || op == Op::ReturnX || op == Op::ReturnW || op == Op::ReturnH || op == Op::TrapOp;
}

/// Strongly connected components of the nodes in `inside`, each before those that it leads to.
class Components {
public:
    Components(const Graph& graph, const std::vector<bool>& inside) : graph_(graph), inside_(inside), index_(graph.next.size(), 0), low_(graph.next.size(), 0), on_stack_(graph.next.size(), false) {
        for (std::uint32_t n = 0; n < graph.next.size(); ++n)
            if (inside_[n] && index_[n] == 0) visit(n);
        std::reverse(found_.begin(), found_.end());
    }
    [[nodiscard]] const std::vector<Nodes>& found() const { return found_; }

private:
    /// Tarjan's algorithm without recursion: a function has up to 4,096 blocks in a row.
    void visit(std::uint32_t root) {
        std::vector<std::pair<std::uint32_t, std::size_t>> work{{root, 0}};
        open(root);
        while (!work.empty()) {
            auto& [node, edge] = work.back();
            if (edge < graph_.next[node].size()) {
                const std::uint32_t to = graph_.next[node][edge++];
                if (!inside_[to]) continue;
                if (index_[to] == 0) {
                    open(to);
                    work.emplace_back(to, 0);
                } else if (on_stack_[to]) {
                    low_[node] = std::min(low_[node], index_[to]);
                }
                continue;
            }
            const std::uint32_t done = node;
            work.pop_back();
            if (!work.empty()) low_[work.back().first] = std::min(low_[work.back().first], low_[done]);
            if (low_[done] == index_[done]) close(done);
        }
    }
    void open(std::uint32_t n) {
        index_[n] = low_[n] = ++count_;
        stack_.push_back(n);
        on_stack_[n] = true;
    }
    void close(std::uint32_t n) {
        Nodes component;
        std::uint32_t member = 0;
        do {
            member = stack_.back();
            stack_.pop_back();
            on_stack_[member] = false;
            component.push_back(member);
        } while (member != n);
        found_.push_back(std::move(component));
    }

    const Graph& graph_;
    const std::vector<bool>& inside_;
    std::vector<std::uint32_t> index_, low_;
    std::vector<bool> on_stack_;
    Nodes stack_;
    std::uint32_t count_ = 0;
    std::vector<Nodes> found_;
};

class FunctionCost {
public:
    FunctionCost(const Graph& graph, const CostNotes& notes, CostSymbols& symbols) : graph_(graph), notes_(notes), symbols_(symbols) {}

    std::optional<Polynomial> run() { return heaviest_path(std::vector<bool>(graph_.cost.size(), true)); }

private:
    /// The heaviest way through the nodes, each loop among them taken as one.
    std::optional<Polynomial> heaviest_path(const std::vector<bool>& inside) {
        const Components components(graph_, inside);
        std::vector<std::size_t> home(graph_.next.size(), 0);
        for (std::size_t c = 0; c < components.found().size(); ++c)
            for (const auto n : components.found()[c]) home[n] = c;
        std::vector<Polynomial> before(components.found().size());
        Polynomial heaviest;
        for (std::size_t c = 0; c < components.found().size(); ++c) {
            const auto& members = components.found()[c];
            const auto own = component(members);
            if (!own) return std::nullopt;
            const Polynomial through = before[c] + *own;
            heaviest = Polynomial::larger(heaviest, through);
            for (const auto n : members)
                for (const auto to : graph_.next[n])
                    if (inside[to] && home[to] != c) before[home[to]] = Polynomial::larger(before[home[to]], through);
        }
        return heaviest;
    }

    [[nodiscard]] bool goes_round(const Nodes& members) const {
        if (members.size() > 1) return true;
        const auto& next = graph_.next[members[0]];
        return std::find(next.begin(), next.end(), members[0]) != next.end();
    }

    /// A loop: some marker stands on every way round. Between two of its blocks the way is no longer a loop,
    /// and those blocks are passed at most as often as the loop goes round.
    std::optional<Polynomial> component(const Nodes& members) {
        if (!goes_round(members)) return graph_.cost[members[0]];
        std::set<std::uint32_t> candidates;
        for (const auto n : members) candidates.insert(graph_.loops[n].begin(), graph_.loops[n].end());
        for (const auto loop : candidates) {
            std::vector<bool> rest(graph_.cost.size(), false);
            Polynomial marked;
            bool smaller = false;
            for (const auto n : members) {
                const auto& here = graph_.loops[n];
                const bool mine = std::find(here.begin(), here.end(), loop) != here.end();
                rest[n] = !mine;
                smaller = smaller || mine;
                if (mine) marked = Polynomial::larger(marked, graph_.cost[n]);
            }
            const auto between = smaller ? heaviest_path(rest) : std::nullopt;
            if (!between) continue;
            const auto& bound = notes_.loops.at(loop);
            return (*between + marked).times(symbols_.number(bound.name, bound.max)) + *between;
        }
        return std::nullopt;
    }

    const Graph& graph_;
    const CostNotes& notes_;
    CostSymbols& symbols_;
};

Graph graph_of(const Module& module, const Verified& facts, const CostNotes& notes, std::uint32_t number, FunctionCosts& callees, const ImportCost& import_cost) {
    const Function& f = module.functions[number];
    const auto gas = facts.block_gas[number];
    Graph out;
    out.cost.resize(gas.size());
    out.next.resize(gas.size());
    out.loops.resize(gas.size());
    std::uint32_t block = 0;
    for (std::size_t i = 0; i < f.code.size(); ++i) {
        const auto& in = f.code[i];
        if (in.op == Op::Block && i != 0) ++block;
        if (in.op == Op::Call) out.cost[block] += callees.of(static_cast<std::uint32_t>(in.imm));
        if (in.op == Op::CallImport) out.cost[block] += import_cost(static_cast<std::uint32_t>(in.imm));
        if (in.op == Op::Jump || op_is_branch(in.op)) out.next[block].push_back(static_cast<std::uint32_t>(in.imm));
        const bool last = i + 1 == f.code.size() || f.code[i + 1].op == Op::Block;
        if (last && in.op != Op::Jump && !leaves(in.op) && block + 1 < gas.size()) out.next[block].push_back(block + 1);
    }
    for (std::uint32_t b = 0; b < gas.size(); ++b) out.cost[b] += Polynomial(static_cast<u64>(gas[b]));
    if (number < notes.functions.size())
        for (const auto& [b, note] : notes.functions[number]) {
            out.cost[b] += Polynomial(static_cast<u64>(note.gas));
            out.loops[b] = note.loops;
        }
    return out;
}

} // namespace

std::uint32_t CostSymbols::number(const std::string& name, u64 max) {
    const auto [at, fresh] = known_.try_emplace({name, max}, static_cast<std::uint32_t>(symbols_.size()));
    if (fresh) symbols_.push_back({name, max});
    return at->second;
}

std::string CostSymbols::text(const Polynomial& p) const {
    std::vector<std::pair<std::vector<std::uint32_t>, u64>> terms(p.terms().begin(), p.terms().end());
    std::stable_sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
    std::string out;
    for (const auto& [names, coefficient] : terms) {
        if (!out.empty()) out += " + ";
        out += std::to_string(coefficient);
        for (const auto s : names) out += "·" + symbols_[s].name;
    }
    return out.empty() ? "0" : out;
}

const Polynomial& FunctionCosts::of(std::uint32_t number) {
    if (known_[number]) return *known_[number];
    const Graph graph = graph_of(module_, facts_, notes_, number, *this, import_cost_);
    auto cost = FunctionCost(graph, notes_, symbols_).run();
    if (!cost) throw std::logic_error("a loop without a bound in " + module_.functions[number].name);
    known_[number] = std::move(cost);
    return *known_[number];
}

} // namespace tally
