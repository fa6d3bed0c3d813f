/// A genesis as bytes: what a node keeps of it, so that everything can be run again, and what the members
/// of a network sign.
#pragma once

#include "runtime/ledger.hpp"

#include <optional>

namespace tally {

/// One genesis, one encoding.
[[nodiscard]] Bytes encode(const Genesis& genesis);
[[nodiscard]] std::optional<Genesis> decode_genesis(ByteView bytes);

} // namespace tally
