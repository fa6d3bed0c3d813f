/// What a block does to the tree. Pure: it reads nodes and says what to write.
#pragma once

#include "tree/node.hpp"

#include <functional>
#include <vector>

namespace tally::tree {

/// A row that is written, or that goes.
struct Change {
    Hash key_hash{};
    Bytes key;
    std::optional<Hash> value_hash; ///< nothing: the row goes; of a row that is not there: no change
};
[[nodiscard]] Change put(const Bytes& key, ByteView value);
[[nodiscard]] Change erase(const Bytes& key);

struct Update {
    Hash root{};
    std::vector<std::pair<NodeKey, NodePtr>> written; ///< in the order of NodeKey::bytes
    std::vector<NodeKey> stale; ///< no longer part of the tree from the new version on
};

/// Does each of `count` pieces of work, in any order, on any thread.
using Workers = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;
void one_after_another(std::size_t count, const std::function<void(std::size_t)>& work);

/// `before` is the version of the root so far, nothing for an empty tree; `version` is greater than
/// it. Always writes a root. `changes` in any order, each key once. The sixteen parts below the root
/// are the workers': what they give is put together in order, so the outcome is the same however many
/// there are.
[[nodiscard]] Update update(const NodeSource& source, std::optional<u64> before, u64 version,
                            std::vector<Change> changes, const Workers& workers = one_after_another);

/// Asks the source for the nodes on the way to a row, so that they are at hand when it changes.
void touch(const NodeSource& source, u64 version, const Bytes& key);

} // namespace tally::tree
