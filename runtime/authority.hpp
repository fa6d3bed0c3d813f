/// Who may do it: a `by` clause against the signers and the caller.
#pragma once

#include "runtime/instance.hpp"

#include <functional>

namespace tally {

/// What a right may look at.
struct AuthoritySource {
    const State& state;
    const std::vector<PartyId>& signers;
    const OpenInstance& self; ///< its parent's record is `self.parent`'s own
    const Entry& entry;
    std::vector<const std::uint8_t*> params; ///< where each parameter's value lies; Cash: null
    const OpenInstance* caller = nullptr;    ///< the calling instance; none: a transaction called
    /// Runs a computed term, read-only; its value in memory. Empty when it trapped: it names nobody.
    std::function<std::vector<std::uint8_t>(std::uint32_t function, std::uint32_t type)> compute = nullptr;
};

[[nodiscard]] bool authorised(const AuthoritySource& source);

/// What is needed, in words: `all of (lead, bank)`.
[[nodiscard]] std::string authority_text(const Auth& auth);

} // namespace tally
