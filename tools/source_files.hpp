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
[[nodiscard]] std::optional<std::vector<Build>> build_modules(const std::vector<std::string>& paths, Optimise level = Optimise::Full);

/// What the tests of a checked file run on: the modules that it imports, then itself with its tests.
[[nodiscard]] std::optional<std::vector<Build>> build_with_tests(const std::string& path, Compilation& compilation, Optimise level = Optimise::Full);

/// The canonical bytes of modules, in their order.
[[nodiscard]] std::vector<Bytes> bytes_of(const std::vector<Build>& modules);

} // namespace tally
