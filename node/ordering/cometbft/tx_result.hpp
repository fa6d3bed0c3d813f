/// What every node must say alike of a transaction in a block: the engine hashes it into the next header.
#pragma once

#include "node/chain.hpp"
#include "node/ordering/cometbft/abci.pb.h"

namespace tally {

/// The number of a node's code (N1003: 1003). A trap's number is below 1000, and 0 is none.
[[nodiscard]] std::uint32_t tx_code(NodeCode code);

/// Code, gas, and the SHA-256 of the receipt, so that receipts are provable from the header too. A transaction that
/// was answered before says only that: what a node remembers of it is its own affair.
[[nodiscard]] abci::ExecTxResult tx_result(const Result<Answer>& answer);

} // namespace tally
