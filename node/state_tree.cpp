#include "node/state_tree.hpp"

#include "runtime/keys.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace tally {
namespace {

constexpr std::size_t worth_threads = 256; ///< changes: fewer are done before a thread has started

/// This thread and another take pieces as they come.
void on_two_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    const auto take = [&] {
        for (std::size_t i = next++; i < count; i = next++)
            work(i);
    };
    std::thread other(take);
    take();
    other.join();
}

/// Work on each of many, on two threads when it is worth it.
template <typename Work> void in_pieces(std::size_t count, const Work& work) {
    constexpr std::size_t piece = 64;
    const auto whole = [&](std::size_t number) {
        for (std::size_t i = number * piece; i < std::min(count, (number + 1) * piece); ++i)
            work(i);
    };
    const std::size_t pieces = (count + piece - 1) / piece;
    if (count > worth_threads) on_two_threads(pieces, whole);
    else tree::one_after_another(pieces, whole);
}

constexpr std::size_t cached_nodes = 1024 * 1024; ///< at most; a node is about half a KB

} // namespace

StateTree::Shard::Shard() : nodes(cached_nodes / shards) {}

std::size_t StateTree::hash_of(const tree::NodeKey& key) {
    ByteReader way(key.way);
    u64 mixed = way.u64be() + key.depth * 0x9e3779b97f4a7c15U; // ways are mostly zero: only their first nibbles count
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9U;
    return static_cast<std::size_t>(mixed ^ mixed >> 31);
}

tree::NodePtr StateTree::Shard::find(std::size_t hash, const tree::NodeKey& key) {
    const Known* const known = nodes.find(hash / shards, Place{key.depth, key.way});
    return known != nullptr && known->version == key.version ? known->node : nullptr;
}

void StateTree::Shard::put(std::size_t hash, const tree::NodeKey& key, tree::NodePtr node) {
    const Place place{key.depth, key.way};
    Known* const known = nodes.find(hash / shards, place);
    if (known == nullptr) return nodes.add(hash / shards, place, {key.version, std::move(node)});
    if (known->version < key.version) *known = {key.version, std::move(node)}; // questions about the past come and go
}

tree::NodePtr StateTree::node(const tree::NodeKey& key) const {
    const std::size_t hash = hash_of(key);
    Shard& shard = shard_of(hash);
    {
        const std::lock_guard lock(shard.mutex);
        if (auto known = shard.find(hash, key)) return known;
    }
    const auto bytes = store_.find(RocksStore::Family::Tree, key.bytes());
    auto node = std::make_shared<tree::Node>();
    if (!bytes || !tree::decode(*bytes, *node))
        stop_node({NodeCode::StoreDamaged,
                   "node " + hex(key.bytes()) + " of the state tree is " + (bytes ? "damaged" : "missing")});
    const std::lock_guard lock(shard.mutex);
    shard.put(hash, key, node);
    return node;
}

tree::Update StateTree::after(const WriteSet& writes, std::optional<u64> before, u64 height) const {
    std::vector<const WriteSet::value_type*> rows;
    for (const auto& row : writes)
        if (keys::proven(row.first)) rows.push_back(&row);
    std::vector<tree::Change> changes(rows.size());
    in_pieces(rows.size(), [&](std::size_t i) {
        const auto& [key, value] = *rows[i];
        changes[i] = value ? tree::put(key, *value) : tree::erase(key);
    });
    return tree::update(*this, before, height, std::move(changes), rows.size() > worth_threads ? on_two_threads : tree::one_after_another);
}

void StateTree::add(const tree::Update& update, u64 height, RocksStore::Block& block) {
    const std::size_t first = block.rows.size();
    block.rows.resize(first + update.written.size());
    in_pieces(update.written.size(), [&](std::size_t i) {
        const auto& [key, node] = update.written[i];
        block.rows[first + i] = {RocksStore::Family::Tree, key.bytes(), tree::encode(*node)};
    });
    if (update.stale.empty()) return;
    ByteWriter stale;
    for (const tree::NodeKey& key : update.stale) {
        const Bytes bytes = key.bytes();
        stale.bytes(bytes);
    }
    ByteWriter at;
    at.u64be(height);
    block.rows.push_back({RocksStore::Family::Stale, at.take(), stale.take()});
}

void StateTree::prune(u64 height, ByteView stale, RocksStore::Block& block) {
    ByteReader in(stale);
    while (in.left() != 0) {
        const ByteView node = in.bytes(stale.size());
        block.rows.push_back({RocksStore::Family::Tree, Bytes(node.begin(), node.end()), std::nullopt});
    }
    ByteWriter at;
    at.u64be(height);
    block.rows.push_back({RocksStore::Family::Stale, at.take(), std::nullopt});
}

void StateTree::keep(tree::Update update) const {
    for (auto& [key, node] : update.written) {
        const std::size_t hash = hash_of(key);
        Shard& shard = shard_of(hash);
        const std::lock_guard lock(shard.mutex);
        shard.put(hash, key, std::move(node));
    }
}

} // namespace tally
