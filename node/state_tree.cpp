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

constexpr std::size_t cached_nodes = 400'000; ///< of each generation; a node is about half a KB

} // namespace

std::size_t StateTree::HashOf::operator()(const tree::NodeKey& key) const {
    ByteReader way(key.way); // the ways are hashes already
    return static_cast<std::size_t>(way.u64be() ^ way.u64be() ^ (key.version * 0x9e3779b97f4a7c15U) ^ key.depth);
}

tree::NodePtr StateTree::Cache::find(const tree::NodeKey& key) {
    if (const auto found = young.find(key); found != young.end()) return found->second;
    const auto found = old.find(key);
    if (found == old.end()) return nullptr;
    tree::NodePtr node = std::move(found->second);
    old.erase(found);
    put(key, node);
    return node;
}

void StateTree::Cache::put(const tree::NodeKey& key, tree::NodePtr node) {
    if (young.size() >= cached_nodes) {
        old = std::move(young);
        young.clear();
    }
    young[key] = std::move(node);
}

void StateTree::Cache::erase(const tree::NodeKey& key) {
    young.erase(key);
    old.erase(key);
}

tree::NodePtr StateTree::node(const tree::NodeKey& key) const {
    {
        const std::lock_guard lock(mutex_);
        if (auto known = cache_.find(key)) return known;
    }
    const auto bytes = store_.find(RocksStore::Family::Tree, key.bytes());
    auto node = std::make_shared<tree::Node>();
    if (!bytes || !tree::decode(*bytes, *node))
        stop_node({NodeCode::StoreDamaged,
                   "node " + hex(key.bytes()) + " of the state tree is " + (bytes ? "damaged" : "missing")});
    const std::lock_guard lock(mutex_);
    cache_.put(key, node);
    return node;
}

tree::Update StateTree::after(const WriteSet& writes, std::optional<u64> before, u64 height) const {
    std::vector<tree::Change> changes;
    changes.reserve(writes.size());
    for (const auto& [key, value] : writes)
        if (keys::proven(key)) changes.push_back(value ? tree::put(key, *value) : tree::erase(key));
    const bool many = changes.size() > worth_threads;
    return tree::update(*this, before, height, std::move(changes), many ? on_two_threads : tree::one_after_another);
}

void StateTree::add(const tree::Update& update, u64 height, RocksStore::Block& block) {
    std::vector<std::pair<Bytes, const tree::Node*>> nodes;
    nodes.reserve(update.written.size());
    for (const auto& [key, node] : update.written)
        nodes.emplace_back(key.bytes(), node.get());
    // In the order of the store, which takes neighbours sooner.
    std::sort(nodes.begin(), nodes.end());
    for (auto& [key, node] : nodes)
        block.rows.push_back({RocksStore::Family::Tree, std::move(key), tree::encode(*node)});
    for (const tree::NodeKey& key : update.stale) {
        ByteWriter row;
        row.u64be(height);
        row.raw(key.bytes());
        block.rows.push_back({RocksStore::Family::Stale, row.take(), Bytes{}});
    }
}

void StateTree::committed(tree::Update update) {
    const std::lock_guard lock(mutex_);
    for (const tree::NodeKey& key : update.stale)
        cache_.erase(key);
    for (auto& [key, node] : update.written)
        cache_.put(key, std::move(node));
}

} // namespace tally
