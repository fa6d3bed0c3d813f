// Who acts in a transaction: those who signed it, and the houses and boards that they sign for together.
#include "runtime/core.hpp"
#include "runtime/rights.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

/// The signers of one institution.
struct Delegation {
    std::uint32_t makers = 0, checkers = 0, either = 0, officers = 0;
    bool suspended = false;

    void add(std::uint32_t roles) {
        makers += (roles & role_maker) != 0 ? 1U : 0U;
        checkers += (roles & role_checker) != 0 ? 1U : 0U;
        either += (roles & (role_maker | role_checker)) != 0 ? 1U : 0U;
        officers += (roles & role_officer) != 0 ? 1U : 0U;
    }
    /// Two people, of whom one may make and the other may check.
    [[nodiscard]] bool for_house() const { return makers >= 1 && checkers >= 1 && either >= 2; }
};

bool distinct(const std::vector<PartyId>& signers) {
    for (std::size_t i = 0; i < signers.size(); ++i) {
        const auto earlier = signers.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(signers.begin(), earlier, signers[i]) != earlier) return false;
    }
    return true;
}

Trap refuse(std::string& note, Trap trap, std::string text) {
    note = std::move(text);
    return trap;
}

} // namespace

bool Core::acts(PartyId party) const { return party != 0 && std::find(actors_.begin(), actors_.end(), party) != actors_.end(); }

/// That the signer's signature counts now, for this kind of transaction.
Trap Core::check_signer(const Party& party, const PayloadRule& rule, std::string& note) const {
    if (!party.in_force(height_)) {
        if (party.key.scheme == SignatureScheme::None) return refuse(note, Trap::NotAuthorised, party.name + " is no person: its people sign");
        return refuse(note, Trap::NotAuthorised, "the key of " + party.name + (party.revoked ? " is revoked" : " is no longer in force"));
    }
    if (party.institution == 0) {
        const bool silent = (party.roles & (role_auditor | role_regulator)) != 0;
        return silent ? refuse(note, Trap::NotAuthorised, party.name + " only reads") : Trap::None;
    }
    if ((party.roles & rule.roles) != 0) return Trap::None;
    return refuse(note, Trap::NotAuthorised, party.name + " has no role that signs `" + std::string(rule.name) + "`");
}

Trap Core::check_signers(const Transaction& tx, std::string& note) {
    actors_ = tx.signers;
    if (tx.signers.empty() || tx.signers.size() > limits::signers || !distinct(tx.signers)) return Trap::MalformedInput;
    std::map<InstitutionId, Delegation> delegations;
    for (const PartyId signer : tx.signers) {
        const auto party = state_.party(signer);
        if (!party) return Trap::BadParty;
        if (const Trap trap = check_signer(*party, rule_of(tx.payload), note); trap != Trap::None) return trap;
        if (party->institution != 0) delegations[party->institution].add(party->roles);
    }
    for (const auto& [id, delegation] : delegations) {
        const auto institution = state_.institution(id);
        if (institution->suspended) return refuse(note, Trap::NotAuthorised, institution->name + " is suspended");
        if (delegation.for_house()) actors_.push_back(institution->house);
        if (delegation.officers >= institution->officers_needed) actors_.push_back(institution->board);
    }
    return Trap::None;
}

// ---- pause --------------------------------------------------------------------------------------

/// About the members' own contract: how a pause is agreed on, or lived with.
bool Core::concerns_governance(const Payload& payload) const {
    const auto governance = static_cast<InstanceId>(state_.meta(keys::Meta::governance));
    if (const auto* const create = std::get_if<Create>(&payload)) return create->parent == governance;
    const auto* const call = std::get_if<Call>(&payload);
    if (call == nullptr) return false;
    const auto header = state_.header(call->instance);
    return header && (call->instance == governance || header->parent == governance);
}

Trap Core::check_pause(const Transaction& tx, std::string& note) const {
    const Date paused = state_.meta(keys::Meta::paused);
    if (paused == 0 || paused < today() || rule_of(tx.payload).while_paused || concerns_governance(tx.payload)) return Trap::None;
    return refuse(note, Trap::NotAuthorised, "the ledger is paused until " + date_text(paused) + ", that day included");
}

} // namespace tally
