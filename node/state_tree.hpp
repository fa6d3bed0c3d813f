/// The state tree of this node: which rows are in it, and its nodes in the store.
#pragma once

#include "node/store/rocks_store.hpp"
#include "node/store/slot_cache.hpp"
#include "tree/update.hpp"

#include <array>
#include <mutex>

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
    /// Takes away the nodes that are in no tree from `height` on, and the note of them.
    static void prune(u64 height, ByteView stale, RocksStore::Block& block);
    /// Keeps new nodes at hand; from any thread, also before they are durable: nobody asks for them by then.
    void keep(tree::Update update) const;

private:
    /// Where a node lies, whatever its version: of all versions one is at hand.
    struct Place {
        unsigned depth = 0;
        Hash way{};
        friend bool operator==(const Place&, const Place&) = default;
    };
    struct Known {
        u64 version = 0;
        tree::NodePtr node;
    };
    /// A part of the cache, with a lock of its own.
    struct Shard {
        std::mutex mutex;
        SlotCache<Place, Known> nodes;
        Shard();
        [[nodiscard]] tree::NodePtr find(std::size_t hash, const tree::NodeKey& key);
        void put(std::size_t hash, const tree::NodeKey& key, tree::NodePtr node);
    };
    static constexpr std::size_t shards = 64;
    [[nodiscard]] static std::size_t hash_of(const tree::NodeKey& key);
    [[nodiscard]] Shard& shard_of(std::size_t hash) const { return cache_[hash % shards]; }

    const RocksStore& store_;
    mutable std::array<Shard, shards> cache_;
};

} // namespace tally
