/// A block as it is kept: what went in, in order, and what came of it.
#pragma once

#include "proof/receipt.hpp"
#include "runtime/ledger.hpp"

namespace tally {

struct BlockRecord {
    u64 height = 0;
    Date date = 0;                  ///< the business date after the block
    Hash parent{};                  ///< the root before
    Hash root{};                    ///< the root after
    std::vector<ClauseRun> clauses; ///< due ones first, then those that a transaction waited for
    std::vector<Bytes> transactions;
    struct Id {
        Hash id{};
        IntentId intent{};
    };
    std::vector<Id> ids;           ///< of each transaction: what its envelope says, ready at hand
    std::vector<Receipt> receipts; ///< one for each transaction
};

[[nodiscard]] Bytes encode(const BlockRecord& block);
/// False when the bytes are not a block's.
[[nodiscard]] bool decode(ByteView bytes, BlockRecord& out);

/// What the block did, in order: first the clauses that ran, then the transactions.
[[nodiscard]] std::vector<Bytes> items_of(const BlockRecord& block);
/// The block's row in the state.
[[nodiscard]] BlockDigest digest_of(const BlockRecord& block);

} // namespace tally
