/// Which fault the generated interpreter has now: 0 for none. canaries.py writes the rest.
#pragma once

#include <string>
#include <vector>

namespace tally {

extern int canary;
[[nodiscard]] const std::vector<std::string>& canary_names();

} // namespace tally
