// Transactions about parties and their keys.
#include "runtime/core.hpp"
#include "runtime/certificates.hpp"
#include "runtime/parameters.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

bool name_fits(const std::string& name) {
    // Digits alone would read as a number wherever a party may be named either way.
    const bool number = name.find_first_not_of("0123456789") == std::string::npos;
    return !name.empty() && name.size() <= limits::name_bytes && !number;
}

Trap refuse(std::string& note, Trap trap, std::string text) {
    note = std::move(text);
    return trap;
}

bool has_extras(const Enrol& enrol) {
    return enrol.institution != 0 || enrol.until != 0 || enrol.proof != Signature{} || !enrol.certificates.empty();
}

Party party_of(const Enrol& enrol) {
    Party party;
    party.name = enrol.name;
    party.key = enrol.key;
    party.roles = enrol.roles;
    party.issuer_of = enrol.issuer_of;
    party.institution = enrol.institution;
    party.until = enrol.until;
    return party;
}

} // namespace

std::string Core::chain() const {
    const auto row = journal_.get(keys::meta(keys::Meta::chain));
    return row ? std::string(as_text(*row)) : std::string();
}

/// Genesis and transactions agree on what a party may look like.
Trap Core::check_party(const Party& party, std::string& note) const {
    note = "party \"" + party.name + "\"";
    if (!name_fits(party.name)) return Trap::MalformedInput;
    if (journal_.has(keys::party_name(party.name))) return Trap::AlreadyExists;
    if (party.key.scheme != SignatureScheme::None)
        if (const Trap trap = check_key(party.key, note); trap != Trap::None) return trap;
    for (std::size_t i = 0; i < party.issuer_of.size(); ++i) {
        const CurrencyCode currency = party.issuer_of[i];
        if (!currency_by_code(currency)) return Trap::BadArgument;
        const auto earlier = party.issuer_of.begin() + static_cast<std::ptrdiff_t>(i);
        const bool twice = std::find(party.issuer_of.begin(), earlier, currency) != earlier;
        if (twice || journal_.has(keys::issuer(currency))) return refuse(note, Trap::AlreadyExists, currency_name(currency) + " has an issuer");
    }
    return Trap::None;
}

/// A key that nobody has or had, of a scheme that the ledger takes.
Trap Core::check_key(const VerifyKey& key, std::string& note) const {
    if ((state_.parameter(Parameter::Schemes) & scheme_bit(key.scheme)) == 0 || key.scheme == SignatureScheme::None)
        return refuse(note, Trap::BadArgument, "the ledger takes no keys of this scheme");
    if (!key_is_sound(key)) return refuse(note, Trap::BadArgument, "the key is no point of its curve");
    if (journal_.has(keys::party_key(key))) return refuse(note, Trap::AlreadyExists, "the key is, or was, somebody's");
    return Trap::None;
}

Trap Core::check_person(const Party& party, const Institution& institution, std::string& note) const {
    if (!person_name_fits(party.name, institution.name))
        return refuse(note, Trap::BadArgument, "a person of " + institution.name + " is called " + institution.name + ".NAME, of a-z, 0-9, `-`, `_` and dots");
    if (party.roles == 0 || (party.roles & ~institution_roles) != 0 || !party.issuer_of.empty())
        return refuse(note, Trap::BadArgument, "an institution enrols auditors, officers, makers, checkers and operators");
    if ((party.roles & role_regulator) != 0 && institution.votes)
        return refuse(note, Trap::BadArgument, "only a supervisor, an institution without a vote, has regulators");
    // Otherwise a date could leave an institution with too few officers to do anything about it.
    if ((party.roles & role_officer) != 0 && party.until != 0)
        return refuse(note, Trap::BadArgument, "an officer's key has no end: it is rotated or revoked");
    return check_until(party.until, note);
}

Trap Core::check_until(u64 until, std::string& note) const {
    return until == 0 || until > height_ ? Trap::None : refuse(note, Trap::BadArgument, "the last height of the key has passed");
}

/// Shown once, here: nothing that the ledger does later depends on a certificate or on its dates.
Trap Core::check_certificates(const Bytes& certificates, const Institution& institution, Hash& holder, std::string& note) const {
    if (institution.root_certificate == Hash{})
        return certificates.empty() ? Trap::None : refuse(note, Trap::BadArgument, institution.name + " has no root certificate");
    const auto chain = certificate_chain(certificates);
    if (!chain) return refuse(note, Trap::MalformedInput, "a chain of certificates is needed, from the holder's to the root");
    if (sha256(chain->back()) != institution.root_certificate)
        return refuse(note, Trap::BadArgument, "the last certificate is not the root of " + institution.name);
    holder = sha256(chain->front());
    return journal_.has(keys::certificate(holder)) ? refuse(note, Trap::AlreadyExists, "the certificate is enrolled") : Trap::None;
}

Trap Core::enrol_in_institution(const Enrol& enrol, Party& party, std::string& note) {
    auto institution = state_.institution(enrol.institution);
    if (!institution) return refuse(note, Trap::BadArgument, "name the institution that it belongs to");
    if (!acts(institution->board))
        return refuse(note, Trap::NotAuthorised, std::to_string(institution->officers_needed) + " officers of " + institution->name);
    if (const Trap trap = check_person(party, *institution, note); trap != Trap::None) return trap;
    if (!verify(enrol.key, key_proof_hash(chain(), enrol.name, enrol.key), enrol.proof))
        return refuse(note, Trap::BadArgument, "the new key did not sign its proof for this name and ledger");
    if (const Trap trap = check_certificates(enrol.certificates, *institution, party.certificate, note); trap != Trap::None) return trap;
    if ((party.roles & role_officer) == 0) return Trap::None;
    ++institution->officers;
    state_.put_institution(enrol.institution, *institution);
    return Trap::None;
}

Trap Core::apply_payload(const Transaction& tx, const Enrol& enrol, Receipt& receipt) {
    std::string& note = receipt.note;
    Party party = party_of(enrol);
    if (!shared() && !has_role(tx, role_registrar)) return refuse(note, Trap::NotAuthorised, "a registrar enrols parties");
    if (!shared() && has_extras(enrol)) return refuse(note, Trap::BadArgument, "the ledger has no institutions");
    if (enrol.key.scheme == SignatureScheme::None) return refuse(note, Trap::MalformedInput, "a party needs a key");
    if (const Trap trap = check_party(party, note); trap != Trap::None) return trap;
    if (shared())
        if (const Trap trap = enrol_in_institution(enrol, party, note); trap != Trap::None) return trap;
    note.clear();
    receipt.created = state_.take_number(keys::Meta::parties);
    state_.put_party(receipt.created, party);
    return Trap::None;
}

/// A party of the genesis. It needs no proof, and shows certificates only if it has some.
std::optional<std::string> Core::place_first(const Enrol& enrol) {
    std::string note;
    Party party = party_of(enrol);
    PartyId id = 0;
    auto institution = state_.institution(party.institution);
    if (party.institution != 0 && !institution) return "party \"" + party.name + "\": no such institution";
    if (institution && check_person(party, *institution, note) != Trap::None) return "party \"" + party.name + "\": " + note;
    if (institution && !enrol.certificates.empty() && check_certificates(enrol.certificates, *institution, party.certificate, note) != Trap::None)
        return "party \"" + party.name + "\": " + note;
    if (party.key.scheme == SignatureScheme::None || place_party(party, note, id) != Trap::None) return note;
    if (!institution || (party.roles & role_officer) == 0) return std::nullopt;
    ++institution->officers;
    state_.put_institution(party.institution, *institution);
    return std::nullopt;
}

bool Core::is_board(PartyId id) const {
    const auto party = state_.party(id);
    const auto institution = party ? state_.institution(party->institution) : std::nullopt;
    return institution && institution->board == id;
}

/// Of a party without an institution: itself, or on a free ledger a registrar.
bool Core::may_rekey(const Transaction& tx, PartyId id, const Party& party, bool self_may) const {
    if (self_may && acts(id)) return true;
    if (party.institution == 0) return !shared() && has_role(tx, role_registrar);
    return acts(state_.institution(party.institution)->board);
}

Trap Core::apply_payload(const Transaction& tx, const Rotate& rotate, Receipt& receipt) {
    std::string& note = receipt.note;
    auto party = state_.party(rotate.party);
    if (!party || party->key.scheme == SignatureScheme::None) return refuse(note, Trap::BadParty, "nobody who has a key");
    if (!may_rekey(tx, rotate.party, *party, true)) return refuse(note, Trap::NotAuthorised, "the party itself, or the officers of its institution");
    if (const Trap trap = check_key(rotate.key, note); trap != Trap::None) return trap;
    if (!verify(rotate.key, key_proof_hash(chain(), party->name, rotate.key), rotate.proof))
        return refuse(note, Trap::BadArgument, "the new key did not sign its proof for this name and ledger");
    const bool longer = party->until != 0 && (rotate.until == 0 || rotate.until > party->until);
    if (longer && !may_rekey(tx, rotate.party, *party, false)) return refuse(note, Trap::NotAuthorised, "only the officers give a key a later end");
    const bool was_officer_out = party->revoked && (party->roles & role_officer) != 0;
    party->key = rotate.key;
    party->until = rotate.until;
    party->revoked = false;
    if (party->institution == 0) {
        if (rotate.until != 0 || !rotate.certificates.empty()) return refuse(note, Trap::BadArgument, "it belongs to no institution");
    } else {
        auto institution = state_.institution(party->institution);
        if (const Trap trap = check_person(*party, *institution, note); trap != Trap::None) return trap;
        if (const Trap trap = check_certificates(rotate.certificates, *institution, party->certificate, note); trap != Trap::None) return trap;
        institution->officers += was_officer_out ? 1U : 0U;
        state_.put_institution(party->institution, *institution);
    }
    note.clear();
    state_.put_party(rotate.party, *party);
    return Trap::None;
}

Trap Core::apply_payload(const Transaction& tx, const Revoke& revoke, Receipt& receipt) {
    std::string& note = receipt.note;
    auto party = state_.party(revoke.party);
    if (!party || party->key.scheme == SignatureScheme::None) return refuse(note, Trap::BadParty, "nobody who has a key");
    if (!may_rekey(tx, revoke.party, *party, false)) return refuse(note, Trap::NotAuthorised, "the officers of its institution");
    if (party->revoked) return refuse(note, Trap::AlreadyExists, "it is revoked");
    if (party->institution != 0 && (party->roles & role_officer) != 0) {
        auto institution = state_.institution(party->institution);
        if (institution->officers <= institution->officers_needed)
            return refuse(note, Trap::BadArgument, institution->name + " needs " + std::to_string(institution->officers_needed) + " officers: rotate the key, or enrol another first");
        --institution->officers;
        state_.put_institution(party->institution, *institution);
    }
    party->revoked = true;
    state_.put_party(revoke.party, *party);
    return Trap::None;
}

} // namespace tally
