/// The hash tree over a list (RFC 6962, section 2.1): what a block did, item by item.
///
///   leaf   SHA-256(0x00 ‖ item)      inner   SHA-256(0x01 ‖ left ‖ right)
///   a list of n > 1 is split at the greatest power of two below n; the empty list is SHA-256("")
#pragma once

#include "tree/hashing.hpp"

#include <vector>

namespace tally::tree {

[[nodiscard]] Hash list_leaf(ByteView item);
[[nodiscard]] Hash list_root(const std::vector<Hash>& leaves);
/// The hashes beside the way from the leaf to the root, the lowest first.
[[nodiscard]] std::vector<Hash> list_path(const std::vector<Hash>& leaves, std::size_t index);
/// Whether that leaf stands at that place in a list of `count` with this root.
[[nodiscard]] bool list_holds(const Hash& leaf, std::size_t index, std::size_t count,
                              const std::vector<Hash>& path, const Hash& root);

} // namespace tally::tree
