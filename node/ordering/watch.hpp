/// What the ordering does, for those that count, log or wait for it. Each is called once for each
/// thing that happens, by the block thread or by those that submit, so it has to return at once and
/// must not call back.
#pragma once

#include "node/chain.hpp"

namespace tally {

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
    /// A block is durable and can be asked for.
    virtual void made_block(u64 /*height*/) {}
    /// So many transactions wait now.
    virtual void waiting(std::size_t) {}
};

} // namespace tally
