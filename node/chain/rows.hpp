/// The rows that a chain keeps beside the state: where it stands, and its indexes.
#pragma once

#include "node/chain.hpp"

namespace tally {

/// The meta row.
[[nodiscard]] Bytes encode(const Tip& tip);
[[nodiscard]] bool decode(ByteView bytes, Tip& out);

// ---- keys of the index family
[[nodiscard]] Bytes intent_key(const IntentId& intent); ///< to encode(BlockPlace)
[[nodiscard]] Bytes date_key(Date date);                ///< to the last height_value at which it was the business date
[[nodiscard]] Bytes engine_key(u64 height);             ///< of the ledger, to the height_value of the engine that decided the block
[[nodiscard]] Bytes genesis_key();                      ///< to encode(Genesis)

[[nodiscard]] Bytes encode(const BlockPlace& place);
[[nodiscard]] Bytes height_value(u64 height);

/// The answer to a transaction, without its receipt.
[[nodiscard]] Answer answer_to(const SignedTransaction& signed_transaction, u64 height);

} // namespace tally
