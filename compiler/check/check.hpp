/// Syntax trees in (the root last, after everything it imports), typed tree out.
#pragma once

#include "compiler/check/typed.hpp"
#include "compiler/diag/diag.hpp"

namespace tally {

/// The result is whole only while the sink is empty. The files must outlive the program.
[[nodiscard]] check::Program check_program(const std::vector<const syntax::File*>& files, Sink& sink);

} // namespace tally
