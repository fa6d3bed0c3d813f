/// `adds EXPR to p.x[key];`: a child keeps its contribution to a sum of its parent right, by difference.
#pragma once

#include "compiler/diag/diag.hpp"
#include "compiler/syntax/syntax.hpp"

namespace tally {

/// Gives the parent an entry that only the child may call, the child two fields (what it contributes, and
/// where) and a function that says the difference; `check` calls it at the end of everything that the child does.
void expand_adds(syntax::File& file, Sources& sources, Sink& sink);

} // namespace tally
