/// A closed ledger from its files up: whether it is all there, and whether it is right.
#pragma once

#include "node/chain.hpp"

namespace tally {

struct Inspection {
    Tip tip;
    u64 blocks = 0, rows = 0, currencies = 0;
    Hash contents{}; ///< of every row and every block: two stores with the same are the same
};

/// Changes nothing. The first fault ends it, and its detail says where:
///   the files    checksums of every block of every file, the log and the MANIFEST, the tip
///   the blocks   each decodes, follows from the one before, and is where its transactions' intents say
///   the state    each row decodes; money of each currency: what lies in accounts and vaults is what was issued
///   the tree     the rows have the root that the last block says, and the stored nodes lead to them
///   `replay`     all transactions of all blocks, run again from the genesis, give the same receipts, the same
///                clauses and the same state, byte for byte
[[nodiscard]] Result<Inspection> verify_directory(const std::filesystem::path& directory, bool replay);

} // namespace tally
