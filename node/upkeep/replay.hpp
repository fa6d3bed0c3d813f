/// All blocks once more, from the genesis, on a ledger in memory.
#pragma once

#include "node/chain.hpp"

namespace tally {

/// Nothing when receipts, clauses and the state come out as they are in the store; else the first place where they
/// do not. Takes memory for the whole state.
[[nodiscard]] Problem replay_from_genesis(const RocksStore& store, const Tip& tip);

} // namespace tally
