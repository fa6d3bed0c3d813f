/// A module and its one canonical form. Grammar: docs/bytecode.md.
#pragma once

#include "vm/bytecode/module.hpp"

#include <string>
#include <variant>

namespace tally {

[[nodiscard]] Bytes encode(const Module& module);

struct ModuleError {
    std::string what; ///< for people; never hashed
};
/// Refuses anything that `encode` would not have written, whatever its size or nesting. Structure
/// only: run `verify` before trusting what it says.
[[nodiscard]] std::variant<Module, ModuleError> decode(ByteView bytes);

/// Identity of the code: a tagged hash of the canonical bytes.
[[nodiscard]] Hash module_hash(ByteView canonical);

} // namespace tally
