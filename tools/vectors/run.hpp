/// One official case on a ledger in memory: the contract is opened with the case's terms and asked for its events.
#pragma once

#include "runtime/json_reader.hpp"
#include "runtime/sandbox.hpp"
#include "tools/vectors/numbers.hpp"

#include <vector>

namespace tally {

/// An event as a contract tells it. What the type of the contract does not have is zero.
struct CaseRow {
    CaseTime at;
    std::string kind, currency;
    i128 payoff = 0, notional = 0, rate = 0, accrued = 0, exercised = 0;
};
struct CaseRun {
    std::vector<CaseRow> rows;
    std::string complaint;           ///< why there are none
    std::vector<std::string> unused; ///< terms that no contract asked for
};

/// The contract types that `run_case` knows.
[[nodiscard]] const std::vector<std::string>& case_types();
/// `one`: a case of an official file, with `terms`, `to`, `dataObserved`, `eventsObserved`.
[[nodiscard]] CaseRun run_case(Sandbox& sandbox, const Json& one);

} // namespace tally
