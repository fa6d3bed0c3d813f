/// What the author's commands do first: paths to files, files to modules, complaints to the terminal.
#pragma once

#include "compiler/compile.hpp"

namespace tally {

/// A folder stands for the .tally files in it, in the order of their names.
[[nodiscard]] std::vector<std::string> expand(const std::vector<std::string>& paths);

/// Shows what the compiler has to say; true if it had nothing.
bool report(const Compilation& compilation, bool json);

/// The modules with contracts among the files and all that they import, each once, after those that it imports,
/// without their tests. Nothing if one does not compile: then it was said why.
[[nodiscard]] std::optional<std::vector<Bytes>> build_modules(const std::vector<std::string>& paths);

} // namespace tally
