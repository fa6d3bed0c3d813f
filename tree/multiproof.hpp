/// One proof for many rows, present and absent: the tree above them, each hash once. A walk over
/// the binary tree, left before right; at each place one mark byte:
///
///   Empty     nothing lies here: the wanted keys below are absent
///   Wanted    a wanted row and no other: its hash follows from the row
///   Other     a leaf that is not wanted (key hash, value hash): the wanted keys below are absent
///   Inner     both halves follow
///   Hash      32 bytes: a half without a wanted key
///
/// Nothing may be left over, and a Hash stands only where no wanted key lies, so every byte is needed.
#pragma once

#include "tree/hashing.hpp"

#include <optional>
#include <vector>

namespace tally::tree {

enum class Mark : std::uint8_t { Empty, Wanted, Other, Inner, Hash };

/// A row that is proven to have this value, or not to be there.
struct ProvenRow {
    Bytes key;
    std::optional<Bytes> value;
};

/// True when the proof shows exactly these rows (in any order, each key once) under the root.
[[nodiscard]] bool holds(ByteView proof, const std::vector<ProvenRow>& rows, const Hash& root);

} // namespace tally::tree
