/// May somebody do with the new right what they could not with the old one?
#pragma once

#include "vm/bytecode/module.hpp"

#include <set>
#include <string>

namespace tally {

/// True when some set of signatures satisfies `now` and not `old`.
[[nodiscard]] bool weaker(const Auth& old, const Auth& now);
/// Whom the right names, as written.
[[nodiscard]] std::set<std::string> named_by(const Auth& auth);

} // namespace tally
