/// A node of the stored tree: sixteen children, which are four levels of the binary tree that is
/// hashed. Nodes are never changed: a block writes new ones under its own height, so the tree of
/// every height stays readable until its old nodes are pruned.
#pragma once

#include "tree/hashing.hpp"
#include "tree/row_key.hpp"

#include <bit>
#include <memory>
#include <optional>
#include <vector>

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

/// Only children that are there take room: most nodes are low in the tree and have few, and a node is
/// copied whenever something below it changes.
class Node {
public:
    static constexpr unsigned width = 16;
    [[nodiscard]] const Child& child(unsigned number) const {
        static const Child empty;
        return has(number) ? children_[place(number)] : empty;
    }
    void set(unsigned number, Child child);
    /// Those that are there, in their order.
    [[nodiscard]] const std::vector<Child>& children() const { return children_; }
    friend bool operator==(const Node&, const Node&) = default;

    /// The binary subtree over `count` children from `first` on; `count` is a power of two.
    struct Side {
        Child::Kind kind = Child::Kind::Empty;
        Hash hash{};
    };
    [[nodiscard]] Side side(unsigned first, unsigned count) const;
    [[nodiscard]] Hash hash() const { return side(0, width).hash; }

private:
    [[nodiscard]] bool has(unsigned number) const { return (present_ >> number & 1U) != 0; }
    [[nodiscard]] std::size_t place(unsigned number) const {
        return static_cast<std::size_t>(std::popcount(present_ & ((1U << number) - 1U)));
    }
    std::uint32_t present_ = 0; ///< a bit for each child
    std::vector<Child> children_;
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
