/// How long a list is, and a chain over its entries: one row in the state tree proves that none is left out.
#pragma once

#include "vm/crypto/sha256.hpp"
#include "vm/value/bytes.hpp"

#include <optional>

namespace tally {

struct ChainedList {
    u64 count = 0;
    Hash chain{}; ///< of no entries: zero
    friend bool operator==(const ChainedList&, const ChainedList&) = default;
};
[[nodiscard]] Bytes encode(const ChainedList& list);
[[nodiscard]] std::optional<ChainedList> decode_list(ByteView bytes);

} // namespace tally
