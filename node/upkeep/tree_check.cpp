#include "node/upkeep/tree_check.hpp"

#include "node/state_tree.hpp"
#include "runtime/keys.hpp"

#include <algorithm>
#include <span>

namespace tally {
namespace {

Problem fault(std::string what) { return NodeError{NodeCode::ContentsWrong, std::move(what)}; }

/// The definition, without nodes: a subtree of one leaf is that leaf.
template <typename Leaf> Hash root_over(std::span<const Leaf> leaves, unsigned depth) {
    if (leaves.empty()) return tree::empty_hash;
    if (leaves.size() == 1) return leaves.front().hash;
    const auto split = std::partition_point(leaves.begin(), leaves.end(), [&](const Leaf& leaf) { return tree::bit_of(leaf.way, depth) == 0; });
    const auto left = static_cast<std::size_t>(split - leaves.begin());
    return tree::inner_hash(root_over(leaves.first(left), depth + 1), root_over(leaves.subspan(left), depth + 1));
}

/// Every node below `at` has the hash that its parent says; counts the leaves.
Problem check_nodes(const RocksStore& store, const tree::NodeKey& at, const Hash& expected, u64& leaves) {
    const auto bytes = store.find(RocksStore::Family::Tree, at.bytes());
    tree::Node node;
    if (!bytes) return fault("node " + hex(at.bytes()) + " of the state tree is missing");
    if (!tree::decode(*bytes, node) || node.hash() != expected) return fault("node " + hex(at.bytes()) + " of the state tree is damaged");
    for (unsigned i = 0; i < tree::Node::width; ++i) {
        const tree::Child& child = node.child(i);
        if (child.kind == tree::Child::Kind::Leaf) ++leaves;
        if (child.kind != tree::Child::Kind::Inner) continue;
        if (auto problem = check_nodes(store, at.below(i, child.version), child.hash, leaves)) return problem;
    }
    return std::nullopt;
}

} // namespace

void TreeCheck::add(const Bytes& key, const Bytes& value) {
    if (!keys::proven(key)) return;
    const Hash way = sha256(key);
    leaves_.push_back({way, tree::leaf_hash(way, sha256(value))});
}

Problem TreeCheck::check(const RocksStore& store, u64 height, const Hash& root) {
    std::sort(leaves_.begin(), leaves_.end(), [](const Leaf& a, const Leaf& b) { return a.way < b.way; });
    if (root_over(std::span<const Leaf>(leaves_), 0) != root) return fault("the rows of the state have another root than the last block");
    u64 leaves = 0;
    if (auto problem = check_nodes(store, tree::NodeKey::root(height), root, leaves)) return problem;
    if (leaves != leaves_.size()) return fault("the state tree has another number of leaves than the state has rows");
    return std::nullopt;
}

} // namespace tally
