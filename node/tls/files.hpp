/// Where a node or a client has what it shows and whom it trusts.
#pragma once

#include <string>

namespace tally {

/// PEM files.
struct TlsFiles {
    std::string certificate; ///< one's own, and those between it and the authority
    std::string key;         ///< readable by its owner only
    std::string authorities; ///< who signs the other side's certificates

    [[nodiscard]] bool none() const { return certificate.empty() && key.empty() && authorities.empty(); }
    [[nodiscard]] bool all() const { return !certificate.empty() && !key.empty() && !authorities.empty(); }
};

} // namespace tally
