/// What a shared ledger does only because its members agreed. The agreement is a contract's, in Tally
/// (contracts/governance), which the genesis creates; the ledger asks it in the transaction itself.
///
/// A proposal is about a *subject*: 32 bytes that stand for exactly one effect. Of a deployment that is the
/// module's hash, of the others
///
///   subject = tagged_hash("tally/subject/v1", class (1 byte) ‖ what is to be done, canonical)
///
/// so that nothing else can be done in its name than what was voted on.
#pragma once

#include "runtime/transaction.hpp"

namespace tally {

/// As in the contract, in its order.
enum class DecisionClass : std::uint8_t { Deploy, Upgrade, Admit, Suspend, Reinstate, Appoint, Parameter, Pause, Amend };
inline constexpr std::string_view decision_names[] = {"Deploy", "Upgrade", "Admit", "Suspend", "Reinstate", "Appoint", "Parameter", "Pause", "Amend"};

[[nodiscard]] Hash subject_of(const Admit& admit);
[[nodiscard]] Hash subject_of(const Suspend& suspend);
[[nodiscard]] Hash subject_of(const Appoint& appoint);
[[nodiscard]] Hash subject_of(const SetParameter& set);
[[nodiscard]] Hash subject_of(const Pause& pause);

/// How much agreement a class needs: at least votes/of of the members; how long until it may take effect;
/// how long a proposal stands. See contracts/governance/TERMS.md.
struct GovernanceRule {
    DecisionClass what = DecisionClass::Deploy;
    i64 votes = 2, of = 3, delay_days = 1, stands_days = 30;
};
/// What holds where the genesis says nothing else.
[[nodiscard]] std::vector<GovernanceRule> usual_rules();

inline constexpr std::string_view governance_module = "tally.governance";
/// The party in whose name the ledger itself speaks to the governance contract. Nobody has its key.
inline constexpr std::string_view ledger_party = "ledger";

} // namespace tally
