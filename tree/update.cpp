#include "tree/update.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <tuple>

namespace tally::tree {
namespace {

using Changes = std::span<const Change>;

/// A leaf on its way into a subtree that has to be built.
struct NewLeaf {
    Hash key_hash{};
    RowKey key;
    Hash hash{};
};

class Updater {
public:
    Updater(const NodeSource& source, u64 version, Update& out)
        : source_(source), version_(version), out_(out) {}

    /// The changes that share `at`'s way, applied to what was there.
    Child apply(const NodeKey& at, const Child& before, Changes changes) {
        if (changes.empty()) return before;
        if (before.kind == Child::Kind::Inner) return descend(at, before, changes);
        return build(at, merged(before, changes));
    }

private:
    /// The changes below the children of `node`, which lies at `at`.
    void apply_children(const NodeKey& at, Node& node, Changes changes) {
        for (unsigned i = 0; i < Node::width && !changes.empty(); ++i) {
            const auto end = std::find_if(changes.begin(), changes.end(), [&](const Change& change) {
                return nibble_of(change.key_hash, at.depth) != i;
            });
            const auto mine = static_cast<std::size_t>(end - changes.begin());
            if (mine != 0) node.set(i, apply(at.below(i, node.child(i).version), node.child(i), changes.first(mine)));
            changes = changes.subspan(mine);
        }
    }

    Child descend(const NodeKey& at, const Child& before, Changes changes) {
        const NodePtr old = source_.node(at);
        Node node = *old;
        apply_children(at, node, changes);
        if (node == *old) return before; // only rows went that were not there
        out_.stale.push_back(at);
        return settle(at, std::move(node));
    }

    /// A subtree of no or one leaf has no node of its own.
    Child settle(const NodeKey& at, Node node) {
        const std::vector<Child>& children = node.children();
        if (children.empty()) return {};
        if (children.size() == 1 && children.front().kind == Child::Kind::Leaf) return children.front();
        Child out{Child::Kind::Inner, version_, {}, node.hash()};
        out_.written.emplace_back(NodeKey{version_, at.depth, at.way},
                                  std::make_shared<const Node>(std::move(node)));
        return out;
    }

    static std::vector<NewLeaf> merged(const Child& before, Changes changes) {
        std::vector<NewLeaf> leaves;
        leaves.reserve(changes.size() + 1);
        const auto older = [&]() -> std::optional<NewLeaf> {
            if (before.kind != Child::Kind::Leaf) return std::nullopt;
            return NewLeaf{sha256(before.key.view()), before.key, before.hash};
        };
        std::optional<NewLeaf> old = older();
        for (const Change& change : changes) {
            if (old && old->key_hash <= change.key_hash) {
                if (old->key_hash < change.key_hash) leaves.push_back(std::move(*old));
                old.reset(); // or this change is about it
            }
            if (!change.value_hash) continue;
            leaves.push_back({change.key_hash, RowKey(change.key),
                              leaf_hash(change.key_hash, *change.value_hash)});
        }
        if (old) leaves.push_back(std::move(*old));
        return leaves;
    }

    Child build(const NodeKey& at, std::span<NewLeaf> leaves) {
        if (leaves.empty()) return {};
        if (leaves.size() == 1)
            return {Child::Kind::Leaf, 0, std::move(leaves[0].key), leaves[0].hash};
        Node node;
        for (unsigned i = 0; i < Node::width && !leaves.empty(); ++i) {
            std::size_t mine = 0;
            while (mine < leaves.size() && nibble_of(leaves[mine].key_hash, at.depth) == i)
                ++mine;
            node.set(i, build(at.below(i, version_), leaves.first(mine)));
            leaves = leaves.subspan(mine);
        }
        return settle(at, std::move(node));
    }
    Child build(const NodeKey& at, std::vector<NewLeaf> leaves) {
        return build(at, std::span<NewLeaf>(leaves));
    }

    const NodeSource& source_;
    u64 version_;
    Update& out_;
};

/// The changes of one child of the root.
struct ByNibble {
    bool operator()(const Change& change, unsigned number) const { return nibble_of(change.key_hash, 0) < number; }
    bool operator()(unsigned number, const Change& change) const { return number < nibble_of(change.key_hash, 0); }
};

} // namespace

Change put(const Bytes& key, ByteView value) { return {sha256(key), key, sha256(value)}; }
Change erase(const Bytes& key) { return {sha256(key), key, std::nullopt}; }

void one_after_another(std::size_t count, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = 0; i < count; ++i)
        work(i);
}

Update update(const NodeSource& source, std::optional<u64> before, u64 version,
              std::vector<Change> changes, const Workers& workers) {
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.key_hash < b.key_hash; });
    Update out;
    Node root;
    if (before) {
        root = *source.node(NodeKey::root(*before));
        out.stale.push_back(NodeKey::root(*before));
    }
    std::array<Update, Node::width> parts;
    std::array<Child, Node::width> children;
    const NodeKey at = NodeKey::root(version);
    workers(Node::width, [&](std::size_t i) {
        const auto number = static_cast<unsigned>(i);
        const auto [first, last] = std::equal_range(changes.begin(), changes.end(), number, ByNibble{});
        const Child& child = root.child(number);
        children[i] = Updater(source, version, parts[i]).apply(at.below(number, child.version), child, Changes(first, last));
    });
    for (unsigned i = 0; i < Node::width; ++i)
        root.set(i, std::move(children[i]));
    for (Update& part : parts) {
        std::move(part.written.begin(), part.written.end(), std::back_inserter(out.written));
        std::move(part.stale.begin(), part.stale.end(), std::back_inserter(out.stale));
    }
    out.root = root.hash();
    out.written.emplace_back(at, std::make_shared<const Node>(std::move(root)));
    std::sort(out.written.begin(), out.written.end(), [](const auto& a, const auto& b) {
        return std::tie(a.first.depth, a.first.way) < std::tie(b.first.depth, b.first.way); // one version
    });
    return out;
}

void touch(const NodeSource& source, u64 version, const Bytes& key) {
    const Hash way = sha256(key);
    NodeKey at = NodeKey::root(version);
    while (true) {
        const NodePtr node = source.node(at);
        const unsigned number = nibble_of(way, at.depth);
        const Child& child = node->child(number);
        if (child.kind != Child::Kind::Inner) return;
        at = at.below(number, child.version);
    }
}

} // namespace tally::tree
