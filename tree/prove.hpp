/// Makes proofs out of the stored tree of one height.
#pragma once

#include "tree/ics23.hpp"
#include "tree/node.hpp"

#include <variant>

namespace tally::tree {

/// The rows of the height that is proven: the value that a leaf stands for. A row of the tree that
/// is not there never returns: the source ends the reading.
class RowSource {
public:
    virtual ~RowSource() = default;
    [[nodiscard]] virtual Bytes value(const Bytes& key) const = 0;
};

class Prover {
public:
    /// The tree whose root was written at `version`. Both sources must outlive this.
    Prover(const NodeSource& nodes, const RowSource& rows, u64 version)
        : nodes_(nodes), rows_(rows), version_(version) {}

    [[nodiscard]] Hash root() const { return nodes_.node(NodeKey::root(version_))->hash(); }
    [[nodiscard]] std::variant<Existence, Absence> prove(const Bytes& key) const;

    /// One proof for many keys, see multiproof.hpp. `keys` in any order, each once.
    [[nodiscard]] Bytes prove(const std::vector<Bytes>& keys) const;

private:
    struct Way;
    [[nodiscard]] Way way_to(const Hash& key_hash) const;
    [[nodiscard]] Existence existence(const Bytes& key) const;
    [[nodiscard]] std::optional<Existence> neighbour(const Way& way, const Hash& key_hash, bool left) const;
    [[nodiscard]] Bytes outermost(NodeKey at, const Child& child, bool rightmost) const;

    const NodeSource& nodes_;
    const RowSource& rows_;
    u64 version_;
};

} // namespace tally::tree
