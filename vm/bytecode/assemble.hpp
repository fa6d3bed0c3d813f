/// The text form of code, for people, goldens and tests. `assemble(disassemble(m)) == m` for the
/// functions and constants of every module that verifies.
#pragma once

#include "vm/bytecode/encode.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace tally {

/// One function, e.g.
///   fn add(x2 w0 h0) -> x  regs x3 w0 h0 frame 0 {
///   b0:
///       addc x2, x0, x1
///       retx x2
///   }
[[nodiscard]] std::string disassemble(const Module& module, const Function& function);
/// Constants, then every function.
[[nodiscard]] std::string disassemble(const Module& module);

/// The inverse, into a module that has code only (no interface). `imports N` as a first line declares
/// N untyped imports so that `callx` can be written.
[[nodiscard]] std::variant<Module, ModuleError> assemble(std::string_view text);

} // namespace tally
