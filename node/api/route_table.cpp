#include "node/api/route_table.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr Route routes[] = {
#define QUESTION(method, path, rule, kind, handler, parameters) {#method, path, Rule::rule, Route::Kind::kind, parameters},
#define ACTION(method, path, rule, kind, parameters) {#method, path, Rule::rule, Route::Kind::kind, parameters},
#include "node/api/routes.def"
#undef QUESTION
#undef ACTION
};

constexpr std::size_t shown_bytes = 200;

/// The open part stands at the end, and no two routes could mean the same request.
constexpr bool well_formed() {
    for (const Route& one : routes) {
        const std::size_t open = one.path.find('{');
        if (open != std::string_view::npos && (one.path[open - 1] != '/' || one.path.find('}') != one.path.size() - 1)) return false;
        for (const Route& other : routes)
            if (&one != &other && one.method == other.method && one.path.substr(0, open) == other.path.substr(0, other.path.find('{'))) return false;
    }
    return true;
}
static_assert(well_formed());

bool fits(const Route& route, std::string_view path) {
    if (!route.takes_part()) return path == route.path;
    const std::string_view stem = route.stem();
    return path.size() > stem.size() && path.starts_with(stem) && path.find('/', stem.size()) == std::string_view::npos;
}

} // namespace

bool Route::takes(std::string_view parameter) const {
    std::string_view rest = parameters;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(' '));
        if (one == parameter) return true;
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    return false;
}

std::span<const Route> route_table() { return routes; }

std::string_view rule_name(Rule rule) {
    constexpr std::string_view names[] = {"anyone", "signed", "member", "of_party", "of_account", "of_instance", "of_view", "of_intent", "of_item", "of_posting", "whole"};
    return names[static_cast<std::size_t>(rule)];
}

Result<std::size_t> find_route(std::string_view method, std::string_view path) {
    bool other_method = false;
    for (std::size_t i = 0; i < std::size(routes); ++i) {
        if (!fits(routes[i], path)) continue;
        if (routes[i].method == method) return std::size_t{i};
        other_method = true;
    }
    if (other_method) return NodeError{NodeCode::WrongMethod, std::string(method.substr(0, shown_bytes))};
    return NodeError{NodeCode::NoSuchRoute, std::string(path.substr(0, shown_bytes))};
}

} // namespace tally
