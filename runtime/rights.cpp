#include "runtime/rights.hpp"

namespace tally {
namespace {

constexpr std::pair<std::string_view, Role> roles[] = {
    {"registrar", role_registrar}, {"deployer", role_deployer}, {"clock", role_clock},
    {"auditor", role_auditor},     {"officer", role_officer},   {"maker", role_maker},
    {"checker", role_checker},     {"operator", role_operator}, {"regulator", role_regulator},
};

struct RightText {
    Right right;
    std::string_view shared, free;
};
constexpr RightText texts[] = {
    {Right::Registrar, "the officers of the institution", "a registrar"},
    {Right::Own, "the party itself, or the officers of its institution", "the party itself, or a registrar"},
    {Right::Board, "the officers of the party's institution", "a registrar"},
    {Right::Owner, "the owner of the account: of a house, a maker and a checker", "the owner of the account"},
    {Right::Issuer, "the issuer of the currency", "the issuer of the currency"},
    {Right::Deployer, "an officer, once it is agreed", "a deployer"},
    {Right::Agreed, "an officer, once it is agreed", "nobody: the ledger has no institutions"},
    {Right::Contract, "whom the contract names", "whom the contract names"},
    {Right::Clock, "a keeper of the clock", "a keeper of the clock"},
};

} // namespace

std::string_view right_text(Right right, bool shared) {
    for (const RightText& one : texts)
        if (one.right == right) return shared ? one.shared : one.free;
    return {};
}

std::optional<std::uint32_t> role_by_name(std::string_view name) {
    for (const auto& [text, role] : roles)
        if (text == name) return role;
    return std::nullopt;
}

std::vector<std::string> role_names(std::uint32_t mask) {
    std::vector<std::string> out;
    for (const auto& [text, role] : roles)
        if ((mask & role) != 0) out.emplace_back(text);
    return out;
}

} // namespace tally
