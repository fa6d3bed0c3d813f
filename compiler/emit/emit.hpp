/// LLVM IR in, module out: instruction selection, register allocation on the two banks, layout.
#pragma once

#include "compiler/diag/diag.hpp"
#include "compiler/lower/cost_notes.hpp"
#include "compiler/lower/ir.hpp"

namespace tally {

/// The module without its origin (source hash, compiler version): compile.hpp adds them. A complaint
/// in the sink means that something of the program is too large for the machine.
[[nodiscard]] Module emit(const Ir& ir, Sink& sink, CostNotes& notes);

} // namespace tally
