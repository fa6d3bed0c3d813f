/// The transactions of a crash test in a file: made once, by what has the compiler, and read by each of the
/// many short-lived processes that have only the node.
#pragma once

#include "runtime/ledger.hpp"

namespace tally::crash {

struct Stream {
    Genesis genesis;
    std::vector<std::vector<Bytes>> steps; ///< envelopes of one block each
};

[[nodiscard]] Bytes encode(const Stream& stream);
/// False when the bytes are no stream.
[[nodiscard]] bool decode(ByteView bytes, Stream& out);

} // namespace tally::crash
