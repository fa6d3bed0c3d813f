/// Why a proof is none: a code, what is wrong, how to go on.
#pragma once

#include <string>
#include <string_view>

namespace tally {

struct ProofFault {
    std::string_view code; ///< `P1001`
    std::string what, fix;
    [[nodiscard]] std::string line() const { return std::string(code) + ": " + what + ". " + fix; }
};

[[nodiscard]] inline ProofFault not_a_file_of_this_kind(std::string_view kind) {
    return {"P1001", "these bytes are no " + std::string(kind), "ask the node again; not a byte may be missing or left over"};
}
[[nodiscard]] inline ProofFault does_not_lead_to_root(std::string detail) {
    return {"P1002", "the proof does not lead to the root: " + std::move(detail),
            "check where the root comes from; if it is right, somebody changed the figures"};
}
[[nodiscard]] inline ProofFault not_complete(std::string detail) {
    return {"P1003", "something is left out or does not belong here: " + std::move(detail), "the statement is not what the ledger says: do not rely on it"};
}

} // namespace tally
