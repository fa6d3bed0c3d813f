/// What an upgrade changes for those who signed the old contract: fields, states, rights, roundings,
/// invariants. Complaints of category T8, placed in the new source.
#pragma once

#include "compiler/check/typed.hpp"
#include "compiler/diag/diag.hpp"

namespace tally {

/// Both programs were checked without complaint. Every complaint is either a refusal (values could not be
/// carried over) or asks for the consent of those whom it names.
void compare_versions(const check::Program& old, const check::Program& now, Sink& sink);

} // namespace tally
