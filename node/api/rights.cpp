#include "node/api/rights.hpp"

#include "node/api/query.hpp"
#include "node/postings.hpp"

#include <algorithm>

namespace tally {
namespace {

/// Nothing but this machine reaches a node that listens without TLS.
bool on_this_machine(const Caller& caller) {
    return caller.fingerprint.empty() && (caller.address == "::1" || caller.address.starts_with("127."));
}

std::optional<Hash> digest_of(const Caller& caller) {
    Bytes bytes;
    Hash out{};
    if (!unhex(caller.fingerprint, bytes) || bytes.size() != out.size()) return std::nullopt;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

/// The person who asks.
struct Reader {
    PartyId id = 0;
    Party party;
    [[nodiscard]] bool has(std::uint32_t roles) const { return (party.roles & roles) != 0; }
};

std::optional<Reader> reader_of(const Caller& caller, const Ledger& ledger, u64 next_height) {
    const auto digest = digest_of(caller);
    const auto id = digest ? ledger.party_by_certificate(*digest) : std::nullopt;
    if (!id) return std::nullopt;
    Reader out{*id, *ledger.party(*id)};
    return out.party.in_force(next_height) ? std::optional(std::move(out)) : std::nullopt;
}

struct Case {
    const Reader& reader;
    const Asked& asked;
    const Chain& chain;
    const Ledger& ledger;

    [[nodiscard]] bool of_own(PartyId id) const {
        const auto party = ledger.party(id);
        return party && party->institution == reader.party.institution;
    }
    [[nodiscard]] PartyId named(std::string_view text) const {
        const auto number = whole_number(text);
        return number ? *number : ledger.party_by_name(std::string(text)).value_or(0);
    }
    /// The reader, its house or its board stands in it.
    [[nodiscard]] bool has_share(InstanceId instance) const {
        const auto institution = ledger.institution(reader.party.institution);
        return ledger.has_share(reader.id, instance) ||
               (institution && (ledger.has_share(institution->house, instance) || ledger.has_share(institution->board, instance)));
    }
};

bool account(const Case& c) {
    const auto id = whole_number(c.asked.account);
    const auto found = id ? c.ledger.account(*id) : std::nullopt;
    return c.of_own(id ? (found ? found->owner : 0) : c.named(c.asked.owner));
}

bool party(const Case& c) { return c.of_own(c.named(c.asked.part)); }

bool instance(const Case& c) {
    const auto id = whole_number(c.asked.part);
    return id && c.has_share(*id);
}

bool view(const Case& c) { return c.has_share(c.asked.instance); }

/// One of its signers is of the reader's institution.
bool signed_by_own(const Case& c, const BlockRecord& block, u64 position) {
    if (position >= block.transactions.size()) return false;
    const auto transaction = decode_envelope(block.transactions[static_cast<std::size_t>(position)]);
    if (!transaction) return false;
    const auto& signers = transaction->transaction.signers;
    return std::any_of(signers.begin(), signers.end(), [&c](PartyId signer) { return c.of_own(signer); });
}

bool intent(const Case& c) {
    Bytes bytes;
    IntentId id{};
    if (!unhex(c.asked.part, bytes) || bytes.size() != id.size()) return false;
    std::copy(bytes.begin(), bytes.end(), id.begin());
    const auto place = c.chain.place_of(id);
    const auto block = place ? c.chain.block(place->height) : std::nullopt;
    return block && signed_by_own(c, *block, place->position);
}

/// A clause has no signers: whoever stands in its instance.
bool item(const Case& c) {
    const auto id = posting_id(c.chain, c.asked.part);
    const auto block = id ? c.chain.block(id->height) : std::nullopt;
    const auto place = block ? item_place(*block, id->item) : std::nullopt;
    if (!place) return false;
    return place->is_clause ? c.has_share(block->clauses[place->index].instance) : signed_by_own(c, *block, place->index);
}

bool member(const Case&) { return true; }
bool whole(const Case& c) { return c.reader.has(role_operator); }

struct Form {
    Rule rule;
    bool (*allows)(const Case&);
    std::string_view who;
};
constexpr Form forms[] = {
    {Rule::Member, member, "somebody who is enrolled with this certificate"},
    {Rule::OfParty, party, "the party's institution"},
    {Rule::OfAccount, account, "the owner's institution"},
    {Rule::OfInstance, instance, "an institution that stands in it"},
    {Rule::OfView, view, "an institution that stands in it"},
    {Rule::OfIntent, intent, "an institution that signed it"},
    {Rule::OfItem, item, "an institution that signed it, or stands in the clause's instance"},
    {Rule::OfPosting, member, "an institution that may ask for its account or instance"}, // the rest once the postings are there
    {Rule::Whole, whole, "an operator"},
};

} // namespace

Problem refused(Rule rule, const Caller& caller, const Asked& asked, const Chain& chain, const Ledger& ledger) {
    if (rule == Rule::Anyone || rule == Rule::Signed || on_this_machine(caller)) return std::nullopt;
    // A free ledger knows no certificates: who has one of the node's authority reads.
    if (ledger.institution_count() == 0 && !caller.fingerprint.empty()) return std::nullopt;
    const u64 next_height = chain.read([](const Ledger&, const Tip& tip) { return tip.height; }) + 1; // its signature is held to the same
    const auto reader = reader_of(caller, ledger, next_height);
    if (!reader) return NodeError{NodeCode::NotAllowed, "nobody is enrolled with the certificate of " + caller.name()};
    if (reader->has(role_regulator)) return std::nullopt;
    const Case asking{*reader, asked, chain, ledger};
    for (const Form& form : forms)
        if (form.rule == rule)
            return form.allows(asking) ? std::nullopt : Problem(NodeError{NodeCode::NotAllowed, reader->party.name + ": only " + std::string(form.who) + ", and regulators"});
    return NodeError{NodeCode::NotAllowed, "no rule"};
}

} // namespace tally
