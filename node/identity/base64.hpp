/// Base64 with padding (RFC 4648).
#pragma once

#include "vm/value/bytes.hpp"

#include <string>

namespace tally {

[[nodiscard]] std::string base64(ByteView bytes);

} // namespace tally
