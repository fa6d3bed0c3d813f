/// A node of the stored tree: sixteen children, which are four levels of the binary tree that is
/// hashed. Nodes are never changed: a block writes new ones under its own height, so the tree of
/// every height stays readable until its old nodes are pruned.
#pragma once

#include "tree/hashing.hpp"
#include "tree/row_key.hpp"

#include <memory>
#include <optional>

namespace tally::tree {

/// What a subtree looks like from above.
struct Child {
    enum class Kind : std::uint8_t { Empty, Leaf, Inner };
    Kind kind = Kind::Empty;
    u64 version = 0; ///< Inner: the height that wrote the node
    RowKey key;      ///< Leaf: the row's key itself, not its hash
    Hash hash{};     ///< of the leaf or the subtree; all zero if empty

    friend bool operator==(const Child&, const Child&) = default;
};

struct Node {
    static constexpr unsigned width = 16;
    std::array<Child, width> children;

    /// The binary subtree over `count` children from `first` on; `count` is a power of two.
    struct Side {
        Child::Kind kind = Child::Kind::Empty;
        Hash hash{};
    };
    [[nodiscard]] Side side(unsigned first, unsigned count) const;
    [[nodiscard]] Hash hash() const { return side(0, width).hash; }
};
using NodePtr = std::shared_ptr<const Node>;

/// Two bit masks of the children (present, leaves), then for each present one: a leaf's key behind
/// its length or an inner's version, and the hash.
[[nodiscard]] Bytes encode(const Node& node);
[[nodiscard]] bool decode(ByteView bytes, Node& out);

/// Where a node lies: the height that wrote it and the nibbles from the root.
struct NodeKey {
    u64 version = 0;
    unsigned depth = 0; ///< in nibbles
    Hash way{};         ///< the first `depth` nibbles count, the rest is zero

    [[nodiscard]] static NodeKey root(u64 version) { return {version, 0, {}}; }
    /// The node below this one's child with that number, written at `version`.
    [[nodiscard]] NodeKey below(unsigned child, u64 version) const;
    /// Version (big endian), depth, the nibbles two in a byte: new nodes sort behind old ones.
    [[nodiscard]] Bytes bytes() const;
    friend bool operator==(const NodeKey&, const NodeKey&) = default;
};
inline constexpr std::size_t key_bytes_max = 4096; ///< of a row: only against nonsense

/// Where nodes are read from. A missing or damaged node never returns: the source ends the reading.
class NodeSource {
public:
    virtual ~NodeSource() = default;
    [[nodiscard]] virtual NodePtr node(const NodeKey& key) const = 0;
};

} // namespace tally::tree
