/// Plain LLVM IR, as a C compiler writes it, to a program of the machine. LLVM stays inside this folder.
///
///   read → refuse → lay out memory → legalise (IR of the widths that `emit` selects) → emit
#pragma once

#include "vm/bytecode/module.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace tally {

/// Why a file is no program of this machine, and where.
struct Refusal {
    std::string topic; ///< one word or two of a fixed list, for counting: `floats`, `varargs`, …
    std::string what, where, fix;
};

/// `ir` is text or bitcode, `name` becomes the module's. It may hold integers up to 128 bits and pointers; whatever else it holds
/// is refused by name.
[[nodiscard]] std::variant<Module, Refusal> compile_plain(std::string_view ir, const std::string& name);

} // namespace tally
