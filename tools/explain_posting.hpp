/// `tally explain-posting`: an answer of `GET /v1/postings/…` as text.
#pragma once

#include "runtime/json_reader.hpp"

namespace tally {

struct ExplainOptions {
    bool all = false;   ///< also what adds nothing or lies deep
    std::string source; ///< a folder or file of contracts: their lines are shown
};

[[nodiscard]] std::string explanation(const Json& answer, const ExplainOptions& options);

} // namespace tally
