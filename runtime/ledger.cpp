#include "runtime/ledger.hpp"

#include "runtime/assert.hpp"
#include "runtime/core.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {

// ---- genesis ------------------------------------------------------------------------------------

std::optional<std::string> Core::genesis(const Genesis& genesis) {
    TALLY_ASSERT(!journal_.has(keys::meta(keys::Meta::chain)), "genesis of a ledger that exists");
    TALLY_ASSERT(!genesis.chain.empty() && genesis.chain.size() <= 64, "genesis: the chain's name");
    TALLY_ASSERT(date_valid(genesis.start), "genesis: the first date");
    journal_.put(keys::meta(keys::Meta::chain), to_bytes(genesis.chain));
    state_.set_meta(keys::Meta::date, genesis.start);
    state_.set_meta(keys::Meta::target, genesis.start);
    for (const auto& [parameter, value] : genesis.parameters)
        state_.set_parameter(parameter, value);
    auto problem = genesis.institutions.empty() ? std::nullopt : found(genesis);
    for (auto party = genesis.parties.begin(); !problem && party != genesis.parties.end(); ++party)
        problem = place_first(*party);
    const bool kept = std::any_of(genesis.parties.begin(), genesis.parties.end(), [](const Enrol& one) { return (one.roles & role_clock) != 0; });
    if (!problem && !genesis.institutions.empty() && !kept) problem = "nobody has the role `clock`: delays would never pass";
    if (problem) journal_.clear();
    else journal_.settle();
    return problem;
}

// ---- the door -----------------------------------------------------------------------------------

struct Ledger::Impl {
    Impl(const Store& store, Prepare prepare) : caches(prepare), core(store, caches) {}
    Caches caches;
    Core core;
};

Ledger::Ledger(const Store& store, Prepare prepare) : impl_(std::make_unique<Impl>(store, prepare)) {}
Ledger::~Ledger() = default;

std::optional<std::string> Ledger::genesis(const Genesis& genesis) { return impl_->core.genesis(genesis); }

std::vector<ClauseRun> Ledger::begin_block(u64 height) {
    impl_->core.begin_block(height);
    return impl_->core.clause_runs();
}

Receipt Ledger::apply(const Transaction& transaction) { return impl_->core.apply(transaction); }
const std::vector<ClauseRun>& Ledger::clause_runs() const { return impl_->core.clause_runs(); }
void Ledger::seal(u64 height, const Bytes& digest) { impl_->core.seal(height, digest); }
const WriteSet& Ledger::writes() const { return impl_->core.journal().writes(); }
void Ledger::committed() { impl_->core.clear_block(); }
void Ledger::abandon() { impl_->core.clear_block(); }
void Ledger::tell(Watcher* watcher) { impl_->core.state().tell(watcher); }

bool Ledger::exists() const { return impl_->core.journal().has(keys::meta(keys::Meta::chain)); }

std::string Ledger::chain() const {
    const auto row = impl_->core.journal().get(keys::meta(keys::Meta::chain));
    return row ? std::string(as_text(*row)) : std::string();
}

Date Ledger::business_date() const { return impl_->core.today(); }
bool Ledger::work_pending() const { return impl_->core.work_pending(); }
std::optional<Party> Ledger::party(PartyId id) const { return impl_->core.state().party(id); }

std::optional<PartyId> Ledger::party_by_key(const VerifyKey& key) const {
    return impl_->core.state().number_at(keys::party_key(key));
}

std::optional<PartyId> Ledger::party_by_name(const std::string& name) const {
    return impl_->core.state().number_at(keys::party_name(name));
}

std::optional<PartyId> Ledger::party_by_certificate(const Hash& certificate) const {
    return impl_->core.state().number_at(keys::certificate(certificate));
}

std::optional<Institution> Ledger::institution(InstitutionId id) const { return impl_->core.state().institution(id); }
u64 Ledger::institution_count() const { return static_cast<u64>(impl_->core.state().meta(keys::Meta::institutions)); }
InstanceId Ledger::governance() const { return static_cast<InstanceId>(impl_->core.state().meta(keys::Meta::governance)); }
std::optional<Date> Ledger::paused_until() const {
    const Date date = impl_->core.state().meta(keys::Meta::paused);
    return date != 0 && date >= business_date() ? std::optional(date) : std::nullopt;
}
i64 Ledger::parameter(Parameter which) const { return impl_->core.state().parameter(which); }

std::optional<Receipt> Ledger::receipt_of(const IntentId& intent) const {
    return impl_->core.receipt_of(intent);
}

std::optional<Ledger::Account> Ledger::account(AccountId id) const {
    const auto row = impl_->core.state().account(id);
    if (!row) return std::nullopt;
    return Account{row->owner, row->currency, row->balance};
}

std::optional<AccountId> Ledger::account_of(PartyId owner, CurrencyCode currency) const {
    return impl_->core.state().number_at(keys::account_of(owner, currency));
}

Ledger::Supply Ledger::supply(CurrencyCode currency) const {
    const SupplyRow row = impl_->core.state().supply(currency);
    return {row.issued, row.held};
}

std::optional<InstanceView> Ledger::instance(InstanceId id) const {
    return impl_->core.instance(id);
}

u64 Ledger::instance_count() const {
    return static_cast<u64>(impl_->core.state().meta(keys::Meta::instances));
}

std::vector<BookEntry> Ledger::book_entries(PartyId party) const {
    return impl_->core.state().book_entries(party);
}

bool Ledger::has_share(PartyId party, InstanceId instance) const {
    return impl_->core.journal().has(keys::book_entry(party, static_cast<std::uint8_t>(BookEntry::Kind::Instance), instance));
}

u64 Ledger::book_size(PartyId party) const { return impl_->core.state().list(keys::book(party)).count; }

std::optional<InstanceId> Ledger::child(InstanceId parent, const std::string& contract,
                                        i64 serial) const {
    if (contract.size() > limits::name_bytes) return std::nullopt;
    return impl_->core.state().number_at(keys::child(parent, contract, serial));
}

std::shared_ptr<const Program> Ledger::program(const Hash& code) const {
    if (!impl_->core.state().deployed(code)) return nullptr;
    return impl_->core.state().code(code)->program;
}

Receipt Ledger::view(InstanceId instance, const std::string& entry, const Bytes& arguments) const {
    // A journal of its own over the block's: whatever the question does, nobody sees it.
    Core question(impl_->core.journal(), impl_->caches);
    return question.view(instance, entry, arguments);
}

} // namespace tally
