/// A program as LLVM IR plus everything of the module that is not code. LLVM stays behind the pointer:
/// only `lower` and `emit` look inside (ir_impl.hpp).
#pragma once

#include "vm/bytecode/module.hpp"

#include <memory>
#include <string>

namespace tally {

struct IrImpl;

struct Ir {
    Ir();
    ~Ir();
    Ir(Ir&&) noexcept;
    Ir& operator=(Ir&&) noexcept;
    std::unique_ptr<IrImpl> impl;
};

enum class Optimise { None, Full };

/// Runs the fixed pass list, then checks that only what `emit` promises to handle is left. Returns what
/// is not, or an empty text.
[[nodiscard]] std::string optimise(Ir& ir, Optimise level);

/// The IR as text, without debug lines.
[[nodiscard]] std::string print(const Ir& ir);

} // namespace tally
