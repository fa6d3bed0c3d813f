/// The template compiler: every instruction becomes a fixed piece of machine code, in one pass when a
/// program is loaded. What has no piece of its own runs the interpreter's, so both mean the same.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally {

/// No program's machine code is larger than this for each of its instructions, and so much for the rest.
inline constexpr std::size_t native_bytes_per_instruction = 128, native_bytes_more = 4096;

/// Puts the program on machine code. False, and the program stays on the interpreter, when this processor
/// has no compiler, memory cannot be had, or the code would be larger than the bound: the results are the same.
bool use_native_code(Program& program);

/// The program's module on machine code; the program itself where there is none.
[[nodiscard]] std::shared_ptr<const Program> on_native_code(const std::shared_ptr<const Program>& program);

/// Bytes of a program's machine code; 0 if it has none.
[[nodiscard]] std::size_t native_code_bytes(const Program& program);

} // namespace tally
