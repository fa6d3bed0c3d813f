#include "tree/prove.hpp"

#include "tree/multiproof.hpp"

#include <algorithm>

namespace tally::tree {

/// The nodes from the root towards a key, and what its way ends at: an empty place or some leaf.
struct Prover::Way {
    std::vector<std::pair<NodeKey, NodePtr>> nodes;
    Child end;
};

Prover::Way Prover::way_to(const Hash& key_hash) const {
    Way way;
    NodeKey at = NodeKey::root(version_);
    while (true) {
        const auto& [key, node] = way.nodes.emplace_back(at, nodes_.node(at));
        const unsigned child = nibble_of(key_hash, key.depth);
        way.end = node->child(child);
        if (way.end.kind != Child::Kind::Inner) return way;
        at = key.below(child, way.end.version);
    }
}

namespace {

/// The steps within one node, from the child up. What stands alone is its subtree and makes no step.
void add_steps(const Node& node, unsigned child, Node::Side& own, std::vector<Step>& steps) {
    for (unsigned count = 1; count < Node::width; count *= 2) {
        const unsigned first = child & ~(count - 1);
        const bool from_right = (first & count) != 0;
        const Node::Side other = node.side(from_right ? first - count : first + count, count);
        if (other.kind == Child::Kind::Empty && own.kind == Child::Kind::Leaf) continue;
        steps.push_back({from_right, other.hash});
        own.kind = Child::Kind::Inner;
    }
}

} // namespace

Existence Prover::existence(const Bytes& key) const {
    const Hash key_hash = sha256(key);
    const Way way = way_to(key_hash);
    Existence out{key, rows_.value(key), {}};
    Node::Side own{way.end.kind, way.end.hash};
    for (auto at = way.nodes.rbegin(); at != way.nodes.rend(); ++at)
        add_steps(*at->second, nibble_of(key_hash, at->first.depth), own, out.steps);
    return out;
}

Bytes Prover::outermost(NodeKey at, const Child& from, bool rightmost) const {
    Child child = from;
    while (child.kind == Child::Kind::Inner) {
        const NodePtr node = nodes_.node(at);
        for (unsigned i = 0; i < Node::width; ++i) {
            const unsigned number = rightmost ? Node::width - 1 - i : i;
            if (node->child(number).kind == Child::Kind::Empty) continue;
            child = node->child(number);
            at = at.below(number, child.version);
            break;
        }
    }
    return child.key.bytes();
}

std::optional<Existence> Prover::neighbour(const Way& way, const Hash& key_hash, bool left) const {
    if (way.end.kind == Child::Kind::Leaf && (sha256(way.end.key.view()) < key_hash) == left)
        return existence(way.end.key.bytes());
    for (auto at = way.nodes.rbegin(); at != way.nodes.rend(); ++at) {
        const auto& [key, node] = *at;
        const int own = static_cast<int>(nibble_of(key_hash, key.depth));
        for (int i = left ? own - 1 : own + 1; i >= 0 && i < int{Node::width}; i += left ? -1 : 1) {
            const Child& child = node->child(static_cast<unsigned>(i));
            if (child.kind == Child::Kind::Empty) continue;
            return existence(outermost(key.below(static_cast<unsigned>(i), child.version), child, left));
        }
    }
    return std::nullopt;
}

std::variant<Existence, Absence> Prover::prove(const Bytes& key) const {
    const Hash key_hash = sha256(key);
    const Way way = way_to(key_hash);
    if (way.end.kind == Child::Kind::Leaf && way.end.key == RowKey(key)) return existence(key);
    return Absence{key, neighbour(way, key_hash, true), neighbour(way, key_hash, false)};
}

// ---- many keys at once --------------------------------------------------------------------------

namespace {

class ManyProver {
public:
    ManyProver(const NodeSource& nodes, const RowSource& rows) : nodes_(nodes), rows_(rows) {}

    void node(const NodeKey& at, std::span<const Hash> wanted) {
        const NodePtr content = nodes_.node(at);
        side(at, *content, 0, Node::width, wanted);
    }
    Bytes take() { return out_.take(); }

private:
    void side(const NodeKey& at, const Node& node, unsigned first, unsigned count,
              std::span<const Hash> wanted) {
        const Node::Side here = node.side(first, count);
        if (here.kind == Child::Kind::Empty) return mark(Mark::Empty);
        if (wanted.empty()) return hash(here.hash);
        if (here.kind == Child::Kind::Leaf) return leaf(only_leaf(node, first, count), wanted);
        if (count == 1) return this->node(at.below(first, node.child(first).version), wanted);
        mark(Mark::Inner);
        const unsigned half = count / 2, middle = first + half;
        const auto split = std::find_if(wanted.begin(), wanted.end(), [&](const Hash& key) {
            return nibble_of(key, at.depth) >= middle;
        });
        const auto left = static_cast<std::size_t>(split - wanted.begin());
        side(at, node, first, half, wanted.first(left));
        side(at, node, middle, half, wanted.subspan(left));
    }

    static Bytes only_leaf(const Node& node, unsigned first, unsigned count) {
        while (count != 1 && node.child(first).kind == Child::Kind::Empty) {
            ++first;
            --count;
        }
        return node.child(first).key.bytes();
    }

    void leaf(const Bytes& key, std::span<const Hash> wanted) {
        const Hash key_hash = sha256(key);
        if (std::binary_search(wanted.begin(), wanted.end(), key_hash)) return mark(Mark::Wanted);
        mark(Mark::Other);
        out_.raw(key_hash);
        out_.raw(sha256(rows_.value(key)));
    }
    void hash(const Hash& hash) {
        mark(Mark::Hash);
        out_.raw(hash);
    }
    void mark(Mark mark) { out_.u8(static_cast<std::uint8_t>(mark)); }

    const NodeSource& nodes_;
    const RowSource& rows_;
    ByteWriter out_;
};

} // namespace

Bytes Prover::prove(const std::vector<Bytes>& keys) const {
    std::vector<Hash> wanted;
    wanted.reserve(keys.size());
    for (const Bytes& key : keys)
        wanted.push_back(sha256(key));
    std::sort(wanted.begin(), wanted.end());
    ManyProver prover(nodes_, rows_);
    prover.node(NodeKey::root(version_), wanted);
    return prover.take();
}

} // namespace tally::tree
