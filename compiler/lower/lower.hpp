/// Typed tree in, LLVM IR out. Everything was decided before: this stage can only fail on what the
/// language allows and this version cannot translate, and then it complains with a code.
#pragma once

#include "compiler/check/typed.hpp"
#include "compiler/diag/diag.hpp"
#include "compiler/lower/ir.hpp"

namespace tally {

enum class Tests { Leave, Include };

[[nodiscard]] Ir lower(const check::Program& program, const Sources& sources, Tests tests, Sink& sink);

} // namespace tally
