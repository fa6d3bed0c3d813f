/// What was found: made small, kept as files, read again.
#pragma once

#include "tests/tri/farm.hpp"

namespace tally::tri {

/// The same difference, or another one, from less code and plainer arguments.
[[nodiscard]] Case minimised(Farm& farm, const Case& c);
/// Shows a finding made small, and writes it to a file of `folder` unless that is empty.
void keep(Farm& farm, const Case& c, const std::string& name, const std::string& folder);
/// The cases of a folder's files, by name; none if `folder` is empty. A file that is no case ends the process.
[[nodiscard]] std::vector<std::pair<std::string, Case>> saved_cases(const std::string& folder);

} // namespace tally::tri
