/// The whole pipeline: a source file and what it imports in, a verified module out.
#pragma once

#include "compiler/check/typed.hpp"
#include "compiler/diag/diag.hpp"
#include "compiler/lower/cost_notes.hpp"
#include "compiler/lower/lower.hpp"
#include "vm/bytecode/verify.hpp"

#include <functional>

namespace tally {

inline constexpr std::string_view compiler_version = "tally 0.1.0 (LLVM 19.1)";

/// Standard library: file name and text, embedded in the compiler.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>& stdlib_files();

/// What is left after each stage, for `--emit`.
struct Compilation {
    Sources sources;
    Sink sink;
    std::vector<std::unique_ptr<syntax::File>> files; ///< dependencies first, the root last
    check::Program program;
};

/// Reads and parses `path` and, from its folder and the standard library, what it imports; then
/// checks it. What it imports must be what the folder's `tally.lock` says, if there is one (unless `Locked::No`:
/// to write a new one). The sink tells whether that went well.
enum class Locked { Yes, No };
[[nodiscard]] std::unique_ptr<Compilation> check_file(const std::string& path, Locked locked = Locked::Yes);
using EmbeddedFiles = std::vector<std::pair<std::string_view, std::string_view>>; ///< file name and text
/// The same on text in memory (goldens, fuzzers): imports come from the standard library and `beside` only.
[[nodiscard]] std::unique_ptr<Compilation> check_text(const std::string& name, const std::string& text, const EmbeddedFiles& beside = {});

struct Build {
    Module module;
    Bytes bytes; ///< canonical; empty when there were complaints
    std::string ir, optimised_ir;
    Verified facts;
    CostNotes notes; ///< for compiler/cost
};
/// Lower, optimise, emit, verify. Keeps the IR's text when `keep_ir`.
[[nodiscard]] Build build(Compilation& compilation, Tests tests, Optimise level, bool keep_ir = false);

/// The files with contracts that `path` needs, dependencies first, `path` last if it has any itself.
[[nodiscard]] std::vector<std::string> module_files(const std::string& path);

} // namespace tally
