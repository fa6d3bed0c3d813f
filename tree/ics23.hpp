/// Proofs that a row is, or is not, in the tree: the CommitmentProof of ICS-23, in its protobuf
/// bytes, with the specification `smt` (leaf prefix 0x00, inner prefix 0x01, keys compared by their
/// hashes, empty child 32 zero bytes, depth at most 256).
///
/// Reading is stricter than protobuf: fields in order, each at most once, no default written, minimal
/// lengths, nothing left over. An accepted proof re-encodes to itself.
#pragma once

#include "tree/hashing.hpp"

#include <optional>
#include <vector>

namespace tally::tree {

/// One step from a leaf towards the root: which side the way comes from, and the other side's hash.
struct Step {
    bool from_right = false; ///< the other side is the left one
    Hash other{};
    friend bool operator==(const Step&, const Step&) = default;
};

/// That a row is in the tree.
struct Existence {
    Bytes key, value;
    std::vector<Step> steps; ///< from the leaf up
};

/// That no row has the key: its neighbours in the order of key hashes, next to each other.
struct Absence {
    Bytes key;
    std::optional<Existence> left, right; ///< at least one, unless the tree is empty
};

[[nodiscard]] Bytes encode(const Existence& proof);
[[nodiscard]] Bytes encode(const Absence& proof);
[[nodiscard]] bool decode(ByteView bytes, Existence& out);
[[nodiscard]] bool decode(ByteView bytes, Absence& out);

/// The root that the proof leads to.
[[nodiscard]] Hash root_of(const Existence& proof);
[[nodiscard]] bool holds(const Existence& proof, const Hash& root);
/// An empty tree has no neighbours to show and so no ICS-23 proof of absence: never true for one.
[[nodiscard]] bool holds(const Absence& proof, const Hash& root);

} // namespace tally::tree
