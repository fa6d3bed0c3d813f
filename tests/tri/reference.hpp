/// The reference machine: slow, obvious, checks everything. It shares with the engines the tables (opcodes, host
/// functions, traps), the plain data of a module and the way into memory, gas and host, and no arithmetic: 128-bit
/// numbers are whole numbers of any size here, brought back to their range at the end.
///
/// A promise of the verifier that does not hold (a register beyond the function's, a full slot that is empty, a frame
/// outside the arena) ends the process with a message: what verifies must never do it.
#pragma once

#include "vm/engine/machine.hpp"

#include <array>

namespace tally::tri {

[[nodiscard]] Outcome reference(const Program& program, const Start& start);

/// What the reference ran to completion since the process began: the farm wants every row of the tables met.
struct Coverage {
    std::array<u64, op_count> ops{};        ///< a `case` counts when it is the way taken
    std::array<u64, host_count> functions{}; ///< that gave no trap
};
[[nodiscard]] Coverage& coverage();

/// Called before the process ends over a broken promise, to tell which case it was.
using LastWords = void (*)(const char* what);
void set_last_words(LastWords words);
/// Ends the process unless the promise holds.
void promise(bool holds, const char* what);

} // namespace tally::tri
