/// What the ordering does, for those that count, log or wait for it. Each is called once for each
/// thing that happens, by the block thread or by those that submit, so it has to return at once and
/// must not call back.
#pragma once

#include "node/chain.hpp"

#include <chrono>

namespace tally {

/// A block that is durable and can be asked for.
struct MadeBlock {
    u64 height = 0;
    std::size_t transactions = 0;
    std::chrono::microseconds whole{0}, tree{0}, commit{0}; ///< what it took, and parts of that
};

class OrderingWatch {
public:
    OrderingWatch() = default;
    OrderingWatch(const OrderingWatch&) = delete;
    OrderingWatch& operator=(const OrderingWatch&) = delete;
    virtual ~OrderingWatch() = default;

    /// Its signatures hold and it waits for a block.
    virtual void taken(const SignedTransaction&) {}
    /// It is in no block. Nothing of it is known when its bytes are not canonical.
    virtual void refused(const SignedTransaction*, const NodeError&) {}
    /// It is in a block, or was before.
    virtual void answered(const Answer&) {}
    virtual void made_block(const MadeBlock&) {}
    /// So many transactions wait now.
    virtual void waiting(std::size_t) {}
};

} // namespace tally
