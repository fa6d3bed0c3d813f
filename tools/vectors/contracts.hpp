/// The ACTUS contracts that travel inside the tool.
#pragma once

#include "compiler/compile.hpp"

namespace tally {

/// File name and text of the modules of contracts/actus, tests left out.
[[nodiscard]] const EmbeddedFiles& actus_files();

/// Their modules and all that those import, each after what it imports. Nothing, and `why`, if one does not compile.
[[nodiscard]] std::optional<std::vector<Bytes>> actus_modules(std::string& why);

} // namespace tally
