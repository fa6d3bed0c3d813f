/// Who may ask what. Without TLS only this machine reaches a node, and whoever is on it reads its disk; with
/// TLS a client is the person whose certificate was shown at enrolment (identity.hpp).
#pragma once

#include "node/api/route_table.hpp"
#include "node/chain.hpp"

namespace tally {

/// What the request is about, as far as a rule looks at it.
struct Asked {
    std::string_view part; ///< of the path, behind the route's
    std::string account, owner;
    InstanceId instance = 0; ///< of a view
};

/// Why the caller may not ask that (N3014), by the ledger as it is now. Held: chain.read.
[[nodiscard]] Problem refused(Rule rule, const Caller& caller, const Asked& asked, const Chain& chain, const Ledger& ledger);

} // namespace tally
