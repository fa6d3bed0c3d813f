/// How a chain of certificates travels: a count, then each certificate (DER) behind its length.
#pragma once

#include "vm/value/bytes.hpp"

#include <optional>
#include <span>
#include <vector>

namespace tally {

/// 1 to 8 certificates of 1 byte to 8 KiB, and nothing behind them. What is in them is for
/// node/identity to look at: here they are bytes. A view into what is given.
[[nodiscard]] std::optional<std::vector<ByteView>> certificate_chain(ByteView bytes);
[[nodiscard]] Bytes encode_certificates(std::span<const Bytes> chain);

} // namespace tally
