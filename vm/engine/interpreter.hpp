/// What the loader and the engines share of the interpreter.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally {

/// One function's instructions, each with the interpreter's own function for it.
[[nodiscard]] std::vector<Decoded> thread_code(const Function& function, std::span<const i64> block_gas);

/// The interpreter's code for an instruction, and one that ends such a piece: the gas is put back and
/// whoever called goes on. Machine code runs the two behind each other for what it has no template of.
[[nodiscard]] Body body_of(const Instruction& in);
[[nodiscard]] Body body_that_returns();
/// `in` as the loader would decode it. Not for branches and blocks.
[[nodiscard]] Decoded decoded(const Instruction& in);

} // namespace tally
