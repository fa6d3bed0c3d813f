/// How large a value can become in the state, in arguments and in events.
#pragma once

#include "vm/bytecode/module.hpp"
#include "vm/value/int128.hpp"

namespace tally {

/// The most bytes that a value of the type takes when it is encoded (runtime/codec.hpp).
[[nodiscard]] u64 encoded_bytes(const Module& module, std::uint32_t type);

} // namespace tally
