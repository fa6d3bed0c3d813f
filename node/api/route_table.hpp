/// What routes there are (routes.def), who may ask them, and which one a request means.
#pragma once

#include "node/errors.hpp"

#include <span>
#include <string>
#include <string_view>

namespace tally {

/// Who asks.
struct Caller {
    std::string address;     ///< without the port
    std::string fingerprint; ///< SHA-256 of the client's certificate; empty without TLS
    std::string subject;     ///< of that certificate

    /// By what a client is counted and written down.
    [[nodiscard]] const std::string& name() const { return fingerprint.empty() ? address : fingerprint; }
};

enum class Rule {
    Anyone, ///< whoever reaches the node
    Signed, ///< the signatures in the request decide, not the one who brings it
    // Whom the ledger knows by its certificate (rights.hpp), and regulators all of it:
    Member,     ///< anybody enrolled
    OfParty,    ///< people of the party's institution
    OfAccount,  ///< people of the account's owner
    OfInstance, ///< people of an institution that stands in the instance
    OfView,     ///< the same, of the instance in the body
    OfIntent,   ///< people of an institution that signed it
    OfItem,     ///< the same, or of a clause people of an institution that stands in its instance
    OfPosting,  ///< each posting is for those who may ask for its account or its instance
    Whole,      ///< operators: it shows what is everybody's
};

struct Route {
    enum class Kind { Present, Moment, Submit, Stream };
    std::string_view method;
    std::string_view path; ///< `/v1/parties/{party}`: one part at the end may be open
    Rule rule;
    Kind kind;
    std::string_view parameters; ///< of the query, separated by blanks

    [[nodiscard]] bool takes_part() const { return path.back() == '}'; }
    /// The path without the open part.
    [[nodiscard]] std::string_view stem() const { return path.substr(0, path.find('{')); }
    [[nodiscard]] bool takes(std::string_view parameter) const;
};

[[nodiscard]] std::span<const Route> route_table();
[[nodiscard]] std::string_view rule_name(Rule rule);

/// The place in the table of the route that is meant; N3004 or N3005 if there is none.
[[nodiscard]] Result<std::size_t> find_route(std::string_view method, std::string_view path);

} // namespace tally
