/// Where cases come from. Each generator is a function of a seed; the same seed gives the same cases.
#pragma once

#include "tests/tri/case.hpp"

#include <vector>

namespace tally::tri {

struct Generator {
    const char* name;
    unsigned weight; ///< in parts of all that are run
    std::vector<Case> (*cases)(u64 seed); ///< of one program; none if what came out does not verify
};
[[nodiscard]] const std::vector<Generator>& generators();

/// Modules that verify by construction.
[[nodiscard]] Module semantic_module(u64 seed);
[[nodiscard]] Module recursive_program(u64 seed);

// The rows.
[[nodiscard]] std::vector<Case> semantic_cases(u64 seed);
[[nodiscard]] std::vector<Case> program_cases(u64 seed);
[[nodiscard]] std::vector<Case> raw_cases(u64 seed);
[[nodiscard]] std::vector<Case> grammar_cases(u64 seed);
[[nodiscard]] std::vector<Case> field_cases(u64 seed);
[[nodiscard]] std::vector<Case> language_cases(u64 seed);
[[nodiscard]] std::vector<Case> contract_cases(u64 seed);

/// Loads a module and makes calls of its functions with arguments at the edges.
///   must_verify   the process ends if it does not: the generator says that it always does
[[nodiscard]] std::vector<Case> cases_of(Module module, u64 seed, std::size_t calls, bool must_verify);

} // namespace tally::tri
