/// What is remembered of a transaction until its expiry has passed, so that its intent counts once. The rows are
/// an index; the list of each expiry height is in the state tree and commits to them, as a book does to its entries.
#pragma once

#include "runtime/chained_list.hpp"
#include "runtime/transaction.hpp"

namespace tally {

struct Remembered {
    u64 expiry = 0; ///< the last height at which the transaction could come
    u64 number = 0; ///< its place in the list of that height, from 1
    Receipt receipt;
};
/// Expiry and number (8 bytes each, big endian), receipt.
[[nodiscard]] Bytes encode(const Remembered& remembered);
[[nodiscard]] std::optional<Remembered> decode_remembered(ByteView bytes);

/// chain' = tagged_hash("tally/intents/v1", chain ‖ intent ‖ what is remembered, encoded), from zero.
[[nodiscard]] Hash chain_after(const Hash& chain, const IntentId& intent, ByteView remembered);

} // namespace tally
