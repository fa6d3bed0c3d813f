/// The state tree of a closed ledger: worked out again from the rows alone, and the stored nodes against it.
#pragma once

#include "node/store/rocks_store.hpp"
#include "tree/hashing.hpp"

#include <vector>

namespace tally {

/// Takes every row of the state, in any order.
class TreeCheck {
public:
    void add(const Bytes& key, const Bytes& value);
    /// Nothing if the rows' tree has this root, and the nodes of that height lead to the same leaves.
    [[nodiscard]] Problem check(const RocksStore& store, u64 height, const Hash& root);

private:
    struct Leaf {
        Hash way{}, hash{};
    };
    std::vector<Leaf> leaves_;
};

} // namespace tally
