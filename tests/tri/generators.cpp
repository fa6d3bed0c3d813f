#include "tests/tri/generators.hpp"

namespace tally::tri {

// Compiling takes a thousand times as long as writing code at once, so what is compiled comes seldom and is called often.
const std::vector<Generator>& generators() {
    static const std::vector<Generator> rows{
        {"semantic", 850, semantic_cases}, {"programs", 20, program_cases},  {"raw", 100, raw_cases},          {"grammar", 300, grammar_cases},
        {"fields", 150, field_cases},      {"language", 3, language_cases}, {"contracts", 8, contract_cases},
    };
    return rows;
}

} // namespace tally::tri
