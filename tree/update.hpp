/// What a block does to the tree. Pure: it reads nodes and says what to write.
#pragma once

#include "tree/node.hpp"

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
    std::vector<std::pair<NodeKey, NodePtr>> written;
    std::vector<NodeKey> stale; ///< no longer part of the tree from the new version on
};

/// `before` is the version of the root so far, nothing for an empty tree; `version` is greater than
/// it. Always writes a root. `changes` in any order, each key once.
[[nodiscard]] Update update(const NodeSource& source, std::optional<u64> before, u64 version,
                            std::vector<Change> changes);

} // namespace tally::tree
