/// What the loader and the engines share of the interpreter.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally {

/// One function's instructions, each with the interpreter's own function for it.
[[nodiscard]] std::vector<Decoded> thread_code(const Function& function, const std::vector<i64>& block_gas);

} // namespace tally
