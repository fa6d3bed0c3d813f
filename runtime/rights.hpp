/// Who may send which kind of transaction: one table, which the ledger asks and `tally rights` prints.
#pragma once

#include "runtime/transaction.hpp"

#include <span>

namespace tally {

/// Whose signature a kind of transaction needs.
enum class Right : std::uint8_t {
    Registrar,   ///< a registrar of a free ledger; the board of the institution on a shared one
    Own,         ///< the party itself, or the board of its institution
    Board,       ///< the board of the party's institution
    Owner,       ///< whose money or account it is
    Issuer,      ///< who issues the currency
    Deployer,    ///< a deployer of a free ledger; a proposal on a shared one
    Agreed,      ///< a proposal that was agreed, and on a free ledger nobody
    Contract,    ///< whom the contract names
    Clock,       ///< a keeper of the clock
};
[[nodiscard]] std::string_view right_text(Right right, bool shared);

struct PayloadRule {
    std::string_view name;
    Right right;
    /// Roles that people of institutions need one of, to sign such a transaction at all.
    std::uint32_t roles;
    bool while_paused;
};

inline constexpr std::uint32_t people_of_business = role_maker | role_checker;
inline constexpr std::uint32_t everybody = institution_roles;

/// In the order of `Payload`.
inline constexpr PayloadRule payload_rules[] = {
    {"enrol", Right::Registrar, role_officer, true},
    {"open account", Right::Owner, people_of_business, false},
    {"issue", Right::Issuer, people_of_business, false},
    {"retire", Right::Issuer, people_of_business, false},
    {"pay", Right::Owner, people_of_business, false},
    {"deploy", Right::Deployer, role_officer, false},
    {"create", Right::Contract, people_of_business | role_officer, false},
    {"call", Right::Contract, people_of_business | role_officer, false},
    {"advance", Right::Clock, 0, true},
    {"batch", Right::Contract, people_of_business, false},
    {"rotate", Right::Own, everybody, true},
    {"revoke", Right::Board, role_officer, true},
    {"admit", Right::Agreed, role_officer, true},
    {"suspend", Right::Agreed, role_officer, true},
    {"appoint", Right::Agreed, role_officer, true},
    {"set parameter", Right::Agreed, role_officer, true},
    {"pause", Right::Agreed, role_officer, true},
};
static_assert(std::size(payload_rules) == std::variant_size_v<Payload>, "a kind of transaction without a rule");

[[nodiscard]] inline const PayloadRule& rule_of(const Payload& payload) { return payload_rules[payload.index()]; }

/// `officer`, …; nothing for another name.
[[nodiscard]] std::optional<std::uint32_t> role_by_name(std::string_view name);
/// In the order of their bits.
[[nodiscard]] std::vector<std::string> role_names(std::uint32_t roles);

} // namespace tally
