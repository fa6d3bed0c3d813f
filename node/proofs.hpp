/// Proofs out of this node's state, for whoever trusts nobody. Each is checked against a root alone
/// (proof/, tree/).
#pragma once

#include "node/chain.hpp"

namespace tally {

/// One row at a height, or that there is none: an ICS-23 CommitmentProof.
struct RowProof {
    u64 height = 0;
    Hash root{};
    std::optional<Bytes> value;
    Bytes proof;
};
[[nodiscard]] Result<RowProof> prove_row(const Chain& chain, const Bytes& key, u64 height);

/// A StatementFile of the party's whole book at a height.
[[nodiscard]] Result<Bytes> prove_statement(const Chain& chain, PartyId party, u64 height);

/// A ReceiptFile of the intent's transaction, under the root of a height at or after its block.
[[nodiscard]] Result<Bytes> prove_receipt(const Chain& chain, const IntentId& intent, u64 height);

} // namespace tally
