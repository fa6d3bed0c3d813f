#include "tests/unit/tree/memory_tree.hpp"

#include <random>
#include <span>

using namespace tally;
using namespace tally::tree;

namespace {

/// The definition, straight: what docs/formats.md says of a root.
Hash root_by_definition(std::span<const std::pair<Hash, Hash>> leaves, unsigned depth) {
    if (leaves.empty()) return empty_hash;
    if (leaves.size() == 1) return leaves[0].second;
    std::size_t left = 0;
    while (left < leaves.size() && bit_of(leaves[left].first, depth) == 0) ++left;
    return inner_hash(root_by_definition(leaves.first(left), depth + 1), root_by_definition(leaves.subspan(left), depth + 1));
}
Hash root_by_definition(const std::map<Bytes, Bytes>& rows) {
    std::map<Hash, Hash> leaves;
    for (const auto& [key, value] : rows) leaves[sha256(key)] = leaf_hash(sha256(key), sha256(value));
    const std::vector<std::pair<Hash, Hash>> sorted(leaves.begin(), leaves.end());
    return root_by_definition(sorted, 0);
}

Bytes key_of(u64 number) {
    ByteWriter out;
    out.u64be(number);
    return out.take();
}

} // namespace

TEST_CASE("the tree's root is what its definition says, whatever the order of writing") {
    std::mt19937_64 dice(1);
    for (const u64 keys : {1U, 2U, 3U, 40U, 700U}) {
        MemoryTree tree;
        for (int block = 0; block < 60; ++block) {
            std::map<Bytes, std::optional<Bytes>> writes;
            const u64 count = dice() % (keys / 4 + 2);
            for (u64 i = 0; i < count; ++i) {
                const Bytes key = key_of(dice() % keys);
                if (dice() % 3 == 0) writes[key] = std::nullopt;
                else writes[key] = Bytes(dice() % 5, static_cast<std::uint8_t>(dice()));
            }
            const Hash root = tree.apply(writes);
            CHECK(root == root_by_definition(tree.rows));
        }
        MemoryTree again; // in one go, without the ways that led there
        std::map<Bytes, std::optional<Bytes>> all;
        for (const auto& [key, value] : tree.rows) all[key] = value;
        CHECK(again.apply(all) == root_by_definition(tree.rows));
    }
}

TEST_CASE("a hundred thousand rows: ways that part late") {
    MemoryTree tree;
    std::map<Bytes, std::optional<Bytes>> writes;
    for (u64 i = 0; i < 100'000; ++i) writes[key_of(i)] = key_of(i * 7);
    Hash root = tree.apply(writes);
    CHECK(root == root_by_definition(tree.rows));
    for (auto& [key, value] : writes)
        if (key.back() != 3) value.reset();
    root = tree.apply(writes);
    CHECK(root == root_by_definition(tree.rows));
    for (auto& [key, value] : writes) value.reset();
    CHECK(tree.apply(writes) == empty_hash);
}

TEST_CASE("the trees of earlier heights stay until their stale nodes are taken away, and no other node is stale") {
    std::mt19937_64 dice(2);
    MemoryTree tree;
    std::vector<Hash> roots{{}};
    for (int block = 0; block < 50; ++block) {
        std::map<Bytes, std::optional<Bytes>> writes;
        for (int i = 0; i < 20; ++i)
            writes[key_of(dice() % 300)] = dice() % 4 == 0 ? std::nullopt : std::optional(key_of(dice()));
        roots.push_back(tree.apply(writes));
    }
    const auto walk = [&](const auto& self, const NodeKey& at) -> void {
        const Node node = *tree.node(at);
        for (unsigned i = 0; i < Node::width; ++i)
            if (node.child(i).kind == Child::Kind::Inner) {
                const NodeKey below = at.below(i, node.child(i).version);
                CHECK(tree.node(below)->hash() == node.child(i).hash);
                self(self, below);
            }
    };
    for (u64 version = 1; version <= tree.version; ++version) {
        CHECK(tree.node(NodeKey::root(version))->hash() == roots[version]);
        walk(walk, NodeKey::root(version));
    }
    // Keep from 30 on: what became stale at 30 or before is in no tree of those heights.
    for (const auto& [since, key] : tree.stale)
        if (since <= 30) CHECK(tree.nodes.erase(key.bytes()) == 1);
    for (u64 version = 30; version <= tree.version; ++version) walk(walk, NodeKey::root(version));
    // And all the way: what is left is the last tree.
    for (const auto& [since, key] : tree.stale)
        if (since > 30) CHECK(tree.nodes.erase(key.bytes()) == 1);
    std::size_t count = 0;
    const auto counted = [&](const auto& self, const NodeKey& at) -> void {
        ++count;
        const Node node = *tree.node(at);
        for (unsigned i = 0; i < Node::width; ++i)
            if (node.child(i).kind == Child::Kind::Inner) self(self, at.below(i, node.child(i).version));
    };
    counted(counted, NodeKey::root(tree.version));
    CHECK(count == tree.nodes.size());
}

TEST_CASE("taking away what is not there changes nothing but the root's version") {
    MemoryTree tree;
    const Hash root = tree.apply({{key_of(1), key_of(1)}, {key_of(2), key_of(2)}, {key_of(3), key_of(3)}});
    const std::size_t nodes = tree.nodes.size();
    CHECK(tree.apply({{key_of(9), std::nullopt}}) == root);
    CHECK(tree.nodes.size() == nodes + 1);
}

TEST_CASE("node decoding refuses what encoding does not write") {
    Node node;
    node.set(3, {Child::Kind::Leaf, 0, RowKey(to_bytes("row")), sha256(to_bytes("a"))});
    node.set(9, {Child::Kind::Inner, 77, {}, sha256(to_bytes("b"))});
    const Bytes good = encode(node);
    Node out;
    REQUIRE(decode(good, out));
    CHECK(out == node);
    for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(decode(ByteView(good).first(size), out));
    Bytes longer = good;
    longer.push_back(0);
    CHECK_FALSE(decode(longer, out));
    Bytes leaf_of_nothing = good;
    leaf_of_nothing[3] |= 1; // child 0 is marked a leaf and is not there
    CHECK_FALSE(decode(leaf_of_nothing, out));
}
