/// Which fault the generated engines have now: 0 for none, else its number in the interpreter's list and then in
/// the template compiler's. canaries.py writes the rest.
#pragma once

#include <string>
#include <vector>

namespace tally {

extern int canary;
[[nodiscard]] const std::vector<std::string>& interpreter_canaries();
[[nodiscard]] const std::vector<std::string>& native_canaries();

namespace tri {
extern bool on_machine_code; ///< which engine is held against the reference
} // namespace tri

} // namespace tally
