#include "runtime/governance.hpp"

#include "runtime/arguments.hpp"
#include "runtime/assert.hpp"
#include "runtime/core.hpp"
#include "runtime/parameters.hpp"
#include "vm/bytecode/encode.hpp"

#include <algorithm>

namespace tally {
namespace {

Hash subject(DecisionClass what, const ByteWriter& effect) {
    Bytes bytes{static_cast<std::uint8_t>(what)};
    bytes.insert(bytes.end(), effect.data().begin(), effect.data().end());
    return tagged_hash("tally/subject/v1", bytes);
}

Trap refuse(Receipt& receipt, Trap trap, std::string note) {
    receipt.note = std::move(note);
    return trap;
}

/// Names that a JSON text may hold as they are.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string enact_arguments(DecisionClass what, const Hash& subject) {
    return R"({"asked": ")" + std::string(decision_names[static_cast<std::size_t>(what)]) + R"(", "what": ")" + hex(subject) + "\"}";
}

std::string rule_text(const GovernanceRule& rule) {
    return R"({"key": ")" + std::string(decision_names[static_cast<std::size_t>(rule.what)]) + R"(", "value": {"votes": )" +
           std::to_string(rule.votes) + ", \"of\": " + std::to_string(rule.of) + ", \"delay\": " + std::to_string(rule.delay_days) +
           ", \"stands\": " + std::to_string(rule.stands_days) + "}}";
}

template <typename Items, typename Text> std::string list_text(const Items& items, Text text) {
    std::string out = "[";
    for (const auto& item : items)
        out += (out.size() > 1 ? ", " : "") + text(item);
    return out + "]";
}

} // namespace

std::vector<GovernanceRule> usual_rules() {
    return {
        {DecisionClass::Deploy, 2, 3, 1, 30},    {DecisionClass::Upgrade, 2, 3, 7, 30},   {DecisionClass::Admit, 2, 3, 1, 30},
        {DecisionClass::Suspend, 2, 3, 0, 30},   {DecisionClass::Reinstate, 2, 3, 1, 30}, {DecisionClass::Appoint, 2, 3, 1, 30},
        {DecisionClass::Parameter, 2, 3, 1, 30}, {DecisionClass::Pause, 2, 3, 0, 7},      {DecisionClass::Amend, 3, 4, 7, 30},
    };
}

// ---- subjects -----------------------------------------------------------------------------------

Hash subject_of(const Admit& admit) {
    ByteWriter out;
    out.text(admit.name);
    out.text(admit.lei);
    out.raw(admit.root_certificate);
    out.u8(admit.votes ? 1 : 0);
    out.uvarint(admit.officers_needed);
    out.uvarint(admit.officers.size());
    for (const Officer& officer : admit.officers) {
        out.text(officer.name);
        write(out, officer.key);
    }
    return subject(DecisionClass::Admit, out);
}

Hash subject_of(const Suspend& suspend) {
    ByteWriter out;
    out.uvarint(suspend.institution);
    return subject(suspend.suspended ? DecisionClass::Suspend : DecisionClass::Reinstate, out);
}

Hash subject_of(const Appoint& appoint) {
    ByteWriter out;
    out.uvarint(appoint.currency);
    out.uvarint(appoint.issuer);
    return subject(DecisionClass::Appoint, out);
}

Hash subject_of(const SetParameter& set) {
    ByteWriter out;
    out.u8(static_cast<std::uint8_t>(set.parameter));
    out.varint(set.value);
    return subject(DecisionClass::Parameter, out);
}

Hash subject_of(const Pause& pause) {
    ByteWriter out;
    out.varint(pause.until);
    return subject(DecisionClass::Pause, out);
}

// ---- the contract, as the ledger speaks to it -----------------------------------------------------

bool Core::shared() const { return state_.meta(keys::Meta::governance) != 0; }

PartyId Core::party_called(const std::string& name) const { return state_.number_at(keys::party_name(name)).value_or(0); }

std::optional<Bytes> Core::encoded(const Code& code, const Entry& entry, const std::string& json) const {
    auto bytes = arguments_of_json(*code.program, entry, json, 2, [this](const std::string& name) { return party_called(name); });
    auto* const out = std::get_if<Bytes>(&bytes);
    return out == nullptr ? std::nullopt : std::optional(std::move(*out));
}

/// A call in the name of the ledger. What it emits is the transaction's.
Trap Core::call_as_ledger(const Transaction& tx, InstanceId instance, const std::string& entry, const std::string& json, Receipt& receipt) {
    const auto header = state_.header(instance);
    TALLY_ASSERT(header.has_value(), "the governance contract is not there");
    const CodePtr code = state_.code(header->code);
    const Contract& contract = code->program->module.contracts[header->contract];
    const Entry* const called = find_entry(contract, entry);
    TALLY_ASSERT(called != nullptr, "the governance contract lacks an entry");
    const auto arguments = encoded(*code, *called, json);
    if (!arguments) return refuse(receipt, Trap::BadArgument, "the governance contract takes other arguments");
    const std::vector<PartyId> ledger{party_called(std::string(ledger_party))};
    const Call call{instance, entry, *arguments, {}, 0};
    const i64 left = std::max<i64>(gas_of(tx) - receipt.gas_used, 0);
    Receipt called_receipt = run_work({ledger, left, [&](Execution& ex, Receipt& into) { return this->call(ex, call, into); }});
    const i64 used = receipt.gas_used + called_receipt.gas_used;
    std::vector<Event> events = std::move(receipt.events);
    std::move(called_receipt.events.begin(), called_receipt.events.end(), std::back_inserter(events));
    receipt = std::move(called_receipt);
    receipt.gas_used = used;
    receipt.events = std::move(events);
    return receipt.trap;
}

Trap Core::enact(const Transaction& tx, InstanceId mandate, DecisionClass what, const Hash& subject, Receipt& receipt) {
    const auto governance = static_cast<InstanceId>(state_.meta(keys::Meta::governance));
    if (governance == 0) return refuse(receipt, Trap::NotAuthorised, "the ledger has no institutions that could agree");
    const auto header = state_.header(mandate);
    const auto parent = state_.header(governance);
    const bool proposal = header && parent && header->parent == governance && header->code == parent->code;
    if (!proposal) return refuse(receipt, Trap::NotAuthorised, "`mandate` names the proposal that was agreed");
    return call_as_ledger(tx, mandate, "enact", enact_arguments(what, subject), receipt);
}

// ---- admission ----------------------------------------------------------------------------------

Trap Core::check_admit(const Admit& admit, std::string& note) const {
    note = "institution \"" + admit.name + "\"";
    const bool enough = !admit.officers.empty() && admit.officers.size() <= limits::signers && admit.officers_needed >= 1 && admit.officers_needed <= admit.officers.size();
    if (!enough) return Trap::MalformedInput;
    const bool named = institution_name_fits(admit.name) && std::all_of(admit.officers.begin(), admit.officers.end(), [&](const Officer& one) { return person_name_fits(one.name, admit.name); });
    if (!named) {
        note += ": its name is of a-z, 0-9, `-` and `_`, its officers are called " + admit.name + ".NAME";
        return Trap::BadArgument;
    }
    if (!lei_is_valid(admit.lei)) {
        note += ": its LEI has 20 characters and two check digits";
        return Trap::BadArgument;
    }
    if (journal_.has(keys::lei(admit.lei))) return Trap::AlreadyExists;
    return Trap::None;
}

Trap Core::place_party(const Party& party, std::string& note, PartyId& id) {
    if (const Trap trap = check_party(party, note); trap != Trap::None) return trap;
    id = state_.take_number(keys::Meta::parties);
    state_.put_party(id, party);
    return Trap::None;
}

Trap Core::admit(const Admit& admit, bool proven, Institution& out, std::string& note) {
    if (const Trap trap = check_admit(admit, note); trap != Trap::None) return trap;
    const InstitutionId id = state_.take_number(keys::Meta::institutions);
    out = {admit.name, admit.lei, admit.root_certificate, admit.votes, admit.officers_needed, static_cast<std::uint32_t>(admit.officers.size()), 0, 0, false};
    Party keyless;
    keyless.institution = id;
    keyless.name = admit.name;
    if (const Trap trap = place_party(keyless, note, out.house); trap != Trap::None) return trap;
    keyless.name = admit.name + ".officers";
    if (const Trap trap = place_party(keyless, note, out.board); trap != Trap::None) return trap;
    for (const Officer& officer : admit.officers) {
        if (proven && !verify(officer.key, key_proof_hash(chain(), officer.name, officer.key), officer.proof)) {
            note = "the key of \"" + officer.name + "\" did not sign its proof";
            return Trap::BadArgument;
        }
        Party person;
        person.name = officer.name;
        person.key = officer.key;
        person.roles = role_officer;
        person.institution = id;
        PartyId number = 0;
        if (const Trap trap = place_party(person, note, number); trap != Trap::None) return trap;
    }
    state_.put_institution(id, out);
    return Trap::None;
}

Trap Core::join(const Transaction& tx, const Institution& institution, bool joins, Receipt& receipt) {
    if (!institution.votes) return Trap::None;
    const auto governance = static_cast<InstanceId>(state_.meta(keys::Meta::governance));
    const auto board = state_.party(institution.board);
    return call_as_ledger(tx, governance, joins ? "join" : "leave", R"({"board": )" + quoted(board->name) + "}", receipt);
}

// ---- payloads -----------------------------------------------------------------------------------

Trap Core::apply_payload(const Transaction& tx, const Admit& asked, Receipt& receipt) {
    if (const Trap trap = enact(tx, asked.mandate, DecisionClass::Admit, subject_of(asked), receipt); trap != Trap::None) return trap;
    Institution admitted;
    if (const Trap trap = admit(asked, true, admitted, receipt.note); trap != Trap::None) return trap;
    receipt.note.clear();
    if (const Trap trap = join(tx, admitted, true, receipt); trap != Trap::None) return trap;
    receipt.created = admitted.house;
    return Trap::None;
}

Trap Core::apply_payload(const Transaction& tx, const Suspend& suspend, Receipt& receipt) {
    auto institution = state_.institution(suspend.institution);
    if (!institution) return refuse(receipt, Trap::BadArgument, "no such institution");
    if (institution->suspended == suspend.suspended)
        return refuse(receipt, Trap::AlreadyExists, suspend.suspended ? "it is suspended" : "it is not suspended");
    const auto what = suspend.suspended ? DecisionClass::Suspend : DecisionClass::Reinstate;
    if (const Trap trap = enact(tx, suspend.mandate, what, subject_of(suspend), receipt); trap != Trap::None) return trap;
    institution->suspended = suspend.suspended;
    state_.put_institution(suspend.institution, *institution);
    return join(tx, *institution, !suspend.suspended, receipt);
}

Trap Core::apply_payload(const Transaction& tx, const Appoint& appoint, Receipt& receipt) {
    auto next = state_.party(appoint.issuer);
    if (!next || !currency_by_code(appoint.currency)) return refuse(receipt, Trap::BadArgument, "no such party, or no such currency");
    if (is_board(appoint.issuer)) return refuse(receipt, Trap::BadArgument, "officers hold no money: appoint the house");
    if (const Trap trap = enact(tx, appoint.mandate, DecisionClass::Appoint, subject_of(appoint), receipt); trap != Trap::None) return trap;
    const PartyId before = state_.number_at(keys::issuer(appoint.currency)).value_or(0);
    if (before == appoint.issuer) return Trap::None;
    if (before != 0) {
        auto party = state_.party(before);
        std::erase(party->issuer_of, appoint.currency);
        state_.put_party(before, *party);
    }
    next->issuer_of.push_back(appoint.currency);
    std::sort(next->issuer_of.begin(), next->issuer_of.end());
    state_.put_party(appoint.issuer, *next);
    return Trap::None;
}

Trap Core::apply_payload(const Transaction& tx, const SetParameter& set, Receipt& receipt) {
    const ParameterInfo* const info = parameter_info(set.parameter);
    if (info == nullptr) return refuse(receipt, Trap::BadArgument, "no such parameter");
    if (set.value < info->floor || set.value > info->ceiling)
        return refuse(receipt, Trap::BadArgument, std::string(info->name) + " is " + std::to_string(info->floor) + " to " + std::to_string(info->ceiling));
    if (const Trap trap = enact(tx, set.mandate, DecisionClass::Parameter, subject_of(set), receipt); trap != Trap::None) return trap;
    state_.set_parameter(set.parameter, set.value);
    return Trap::None;
}

Trap Core::apply_payload(const Transaction& tx, const Pause& pause, Receipt& receipt) {
    // A pause ends by itself: whoever agreed on it may be gone.
    if (pause.until < today() || pause.until - today() > limits::pause_days)
        return refuse(receipt, Trap::BadArgument, "a pause lasts at most " + std::to_string(limits::pause_days) + " days from today");
    if (const Trap trap = enact(tx, pause.mandate, DecisionClass::Pause, subject_of(pause), receipt); trap != Trap::None) return trap;
    state_.set_meta(keys::Meta::paused, pause.until);
    return Trap::None;
}

// ---- genesis ------------------------------------------------------------------------------------

std::optional<std::string> Core::found(const Genesis& genesis) {
    std::string note;
    PartyId ledger = 0;
    Party keyless;
    keyless.name = ledger_party;
    if (place_party(keyless, note, ledger) != Trap::None) return note;
    std::vector<std::string> boards;
    for (const Admit& one : genesis.institutions) {
        Institution admitted;
        if (admit(one, false, admitted, note) != Trap::None) return note;
        if (one.votes) boards.push_back(one.name + ".officers");
    }
    const Hash hash = module_hash(genesis.governance);
    const CodePtr code = read_module(genesis.governance, hash, note);
    if (code == nullptr || code->program->module.name != governance_module) return "the governance module: " + note;
    state_.put_code(code, genesis.governance);
    const Contract* const contract = find_contract(code->program->module, "Governance");
    const Entry* const entry = contract == nullptr ? nullptr : find_entry(*contract, "create");
    if (entry == nullptr) return "the governance module has no contract `Governance`";
    const std::string json = R"({"ledger": "ledger", "members": )" + list_text(boards, [](const std::string& name) { return quoted(name); }) +
                             R"(, "rules": )" + list_text(genesis.rules, rule_text) + "}";
    const auto arguments = encoded(*code, *entry, json);
    if (!arguments) return "two members, or two rules, are the same";
    const Create create{hash, "Governance", 0, 0, *arguments, {}};
    const std::vector<PartyId> signers{ledger};
    const Receipt receipt = run_work({signers, limits::transaction_gas, [&](Execution& ex, Receipt& into) { return this->create(ex, create, into); }});
    if (receipt.trap != Trap::None) return "the rules of governance: " + receipt.note;
    state_.set_meta(keys::Meta::governance, static_cast<i64>(receipt.created));
    return std::nullopt;
}

} // namespace tally
