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

/// What the block did, one entry for each clause that ran and each transaction, in that order: the
/// leaves of a list (tree/list.hpp) whose root the state keeps for ever, so that any receipt can be
/// proven under any later root.
///
///   clause        01, instance, clause, date, receipt behind its length
///   transaction   02, id (32 bytes), intent (16 bytes), receipt behind its length
[[nodiscard]] std::vector<Bytes> items_of(const BlockRecord& block);

/// The value of the block's row in the state: the root before (32 bytes), the items' root (32
/// bytes), their number.
struct BlockDigest {
    Hash parent{};
    Hash items{};
    u64 count = 0;
};
[[nodiscard]] Bytes encode(const BlockDigest& digest);
[[nodiscard]] bool decode(ByteView bytes, BlockDigest& out);
[[nodiscard]] BlockDigest digest_of(const BlockRecord& block);

} // namespace tally
