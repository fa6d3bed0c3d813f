#include "node/state_tree.hpp"

#include "runtime/keys.hpp"

namespace tally {
namespace {

constexpr std::size_t cached_nodes = 60'000; ///< of each generation; a full node is about 1.2 KB

std::string name_of(const tree::NodeKey& key) { return std::string(as_text(key.bytes())); }

} // namespace

tree::NodePtr StateTree::Cache::find(const std::string& key) {
    if (const auto found = young.find(key); found != young.end()) return found->second;
    const auto found = old.find(key);
    if (found == old.end()) return nullptr;
    tree::NodePtr node = std::move(found->second);
    old.erase(found);
    put(key, node);
    return node;
}

void StateTree::Cache::put(std::string key, tree::NodePtr node) {
    if (young.size() >= cached_nodes) {
        old = std::move(young);
        young.clear();
    }
    young[std::move(key)] = std::move(node);
}

void StateTree::Cache::erase(const std::string& key) {
    young.erase(key);
    old.erase(key);
}

tree::NodePtr StateTree::node(const tree::NodeKey& key) const {
    const std::string name = name_of(key);
    {
        const std::lock_guard lock(mutex_);
        if (auto known = cache_.find(name)) return known;
    }
    const auto bytes = store_.find(RocksStore::Family::Tree, key.bytes());
    auto node = std::make_shared<tree::Node>();
    if (!bytes || !tree::decode(*bytes, *node))
        stop_node({NodeCode::StoreDamaged,
                   "node " + hex(key.bytes()) + " of the state tree is " + (bytes ? "damaged" : "missing")});
    const std::lock_guard lock(mutex_);
    cache_.put(name, node);
    return node;
}

tree::Update StateTree::after(const WriteSet& writes, std::optional<u64> before, u64 height) const {
    std::vector<tree::Change> changes;
    changes.reserve(writes.size());
    for (const auto& [key, value] : writes)
        if (keys::proven(key)) changes.push_back(value ? tree::put(key, *value) : tree::erase(key));
    return tree::update(*this, before, height, std::move(changes));
}

void StateTree::add(const tree::Update& update, u64 height, RocksStore::Block& block) {
    for (const auto& [key, node] : update.written)
        block.rows.push_back({RocksStore::Family::Tree, key.bytes(), tree::encode(*node)});
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
        cache_.erase(name_of(key));
    for (auto& [key, node] : update.written)
        cache_.put(name_of(key), std::move(node));
}

} // namespace tally
