/// The contract by which the members of a shared ledger decide (contracts/governance), compiled when this
/// program was built. A node runs bytecode and has no compiler.
#pragma once

#include "vm/value/bytes.hpp"

namespace tally {

[[nodiscard]] ByteView governance_module_bytes();

} // namespace tally
