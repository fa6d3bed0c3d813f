/// A request's address taken apart.
#pragma once

#include "node/api/routes.hpp"

namespace tally {

[[nodiscard]] std::string_view path_of(std::string_view target);
/// `%41+b` to `A b`; nothing when a `%` is not followed by two digits.
[[nodiscard]] std::optional<std::string> unescape(std::string_view text);
[[nodiscard]] std::optional<u64> whole_number(std::string_view text);

struct Routes::Query {
    std::string part; ///< of the path, behind the route's
    std::map<std::string, std::string> parameters;
    std::string_view body;
    const Caller* caller = nullptr;

    /// Refused when it is malformed, a name comes twice or is not one of the route's: a misspelt
    /// `at_height` must not be answered with the present.
    [[nodiscard]] static Result<Query> read(std::string_view target, const Route& route);
    [[nodiscard]] std::string text(const std::string& name) const;
    /// `otherwise` if it is not there; nothing when it is there and no number.
    [[nodiscard]] std::optional<u64> number(const std::string& name, u64 otherwise) const;
};

[[nodiscard]] inline NodeError bad_parameter(std::string detail) {
    return {NodeCode::BadParameter, std::move(detail)};
}

} // namespace tally
