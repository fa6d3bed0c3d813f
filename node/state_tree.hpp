/// The state tree of this node: which rows are in it, and its nodes in the store.
#pragma once

#include "node/store/rocks_store.hpp"
#include "tree/update.hpp"

#include <mutex>
#include <unordered_map>

namespace tally {

class StateTree final : public tree::NodeSource {
public:
    /// The store must outlive this.
    explicit StateTree(const RocksStore& store) : store_(store) {}

    /// Safe from any thread. A node that is missing or damaged stops the process.
    [[nodiscard]] tree::NodePtr node(const tree::NodeKey& key) const override;

    /// The tree after a block's writes; `before` is the height of the tree so far.
    [[nodiscard]] tree::Update after(const WriteSet& writes, std::optional<u64> before, u64 height) const;
    /// Adds what must be durable to a block.
    static void add(const tree::Update& update, u64 height, RocksStore::Block& block);
    /// Keeps new nodes at hand.
    void committed(tree::Update update);

private:
    struct HashOf {
        std::size_t operator()(const tree::NodeKey& key) const;
    };
    /// Two generations, as RowCache has them.
    struct Cache {
        std::unordered_map<tree::NodeKey, tree::NodePtr, HashOf> young, old;
        [[nodiscard]] tree::NodePtr find(const tree::NodeKey& key);
        void put(const tree::NodeKey& key, tree::NodePtr node);
        void erase(const tree::NodeKey& key);
    };
    const RocksStore& store_;
    mutable std::mutex mutex_;
    mutable Cache cache_;
};

} // namespace tally
