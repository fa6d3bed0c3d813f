/// A block as it is kept: what went in, in order, and what came of it.
#pragma once

#include "runtime/ledger.hpp"

namespace tally {

struct BlockRecord {
    u64 height = 0;
    Date date = 0;                  ///< the business date after the block
    Hash parent{};                  ///< the root before
    Hash root{};                    ///< the root after
    std::vector<ClauseRun> clauses; ///< due ones first, then those that a transaction waited for
    std::vector<Bytes> transactions;
    std::vector<Receipt> receipts; ///< one for each transaction
};

[[nodiscard]] Bytes encode(const BlockRecord& block);
/// False when the bytes are not a block's.
[[nodiscard]] bool decode(ByteView bytes, BlockRecord& out);

/// The root after a block: a tagged hash of the root before and of all writes in key order.
[[nodiscard]] Hash root_after(const Hash& before, const WriteSet& writes);

} // namespace tally
