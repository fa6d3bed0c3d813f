/// Who may do it: a `by` clause against the signers and the caller.
#pragma once

#include "runtime/instance.hpp"

namespace tally {

/// What a right may look at.
struct AuthoritySource {
    const State& state;
    const std::vector<PartyId>& signers;
    const OpenInstance& self; ///< its parent's record is `self.parent`'s own
    const Entry& entry;
    std::vector<const std::uint8_t*> params; ///< where each parameter's value lies; Cash: null
    const OpenInstance* caller = nullptr;    ///< the calling instance; none: a transaction called
};

[[nodiscard]] bool authorised(const AuthoritySource& source);

/// What is needed, in words: `all of (lead, bank)`.
[[nodiscard]] std::string authority_text(const Auth& auth);

} // namespace tally
