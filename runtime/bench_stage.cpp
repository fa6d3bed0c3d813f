#include "runtime/bench_host.hpp"

#include "runtime/assert.hpp"
#include "runtime/snapshot.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/decimal_text.hpp"

namespace tally {
namespace {

constexpr PartyId stage_party = 1;

PublicKey key_of(u64 number) {
    PublicKey key{};
    for (std::size_t i = 0; i < 8; ++i)
        key[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return key;
}

Genesis stage_genesis() {
    Genesis genesis;
    genesis.chain = "bench";
    genesis.start = date_from_civil(2026, 1, 1).value_or(0);
    Enrol stage;
    stage.name = "the bench";
    stage.key = key_of(0);
    stage.roles = role_registrar | role_deployer | role_clock;
    genesis.parties.push_back(stage);
    return genesis;
}

} // namespace

TestStage::TestStage(Caches& caches) : core_(nothing_, caches) {
    core_.allow_tests();
    TALLY_ASSERT(!core_.genesis(stage_genesis()), "the bench's own ledger");
    core_.begin_block(++height_);
}

Receipt TestStage::apply(std::vector<PartyId> signers, Payload payload) {
    Transaction tx;
    tx.signers = std::move(signers);
    if (tx.signers.empty()) tx.signers.push_back(stage_party);
    ++intents_;
    for (std::size_t i = 0; i < 8; ++i)
        tx.intent[i] = static_cast<std::uint8_t>(intents_ >> (8 * i));
    tx.expiry = height_ + limits::expiry_blocks;
    tx.gas_limit = limits::transaction_gas;
    tx.payload = std::move(payload);
    Receipt receipt = core_.apply(tx);
    gas_used_ += receipt.gas_used;
    if (watch_) watch_(core_, core_.today());
    return receipt;
}

void TestStage::watch(std::function<void(Core&, Date)> told) {
    watch_ = std::move(told);
    core_.after_clause([this](const ClauseRun& run) { watch_(core_, run.date); });
}

bool TestStage::deploy(const Bytes& module, Hash& code, std::string& message) {
    const Receipt receipt = apply({}, Deploy{module});
    code = receipt.code;
    message = receipt.note;
    return receipt.trap == Trap::None;
}

PartyId TestStage::enrol(Enrol party) {
    party.key = key_of(static_cast<u64>(core_.state().meta(keys::Meta::parties)) + 1);
    return apply({}, std::move(party)).created;
}

PartyId TestStage::party(const std::string& name) {
    if (const auto known = core_.state().number_at(keys::party_name(name))) return *known;
    Enrol party;
    party.name = name;
    return enrol(std::move(party));
}

AccountId TestStage::account(PartyId owner, CurrencyCode currency) {
    if (const auto known = core_.state().number_at(keys::account_of(owner, currency)))
        return *known;
    return apply({owner}, OpenAccount{currency}).created;
}

CashIn TestStage::bring(PartyId to, CurrencyCode currency, i128 amount) {
    untouched_ = false;
    auto issuer = core_.state().number_at(keys::issuer(currency));
    if (!issuer) {
        Enrol party;
        party.name = "the issuer of " + currency_name(currency);
        party.issuer_of = {currency};
        issuer = enrol(std::move(party));
    }
    const AccountId at = account(to, currency);
    if (amount == 0) return {at, 0}; // nothing to issue
    given_[{to, currency}] += amount; // before it is there: nobody sees the one without the other
    if (apply({*issuer}, Issue{at, amount}).trap == Trap::None) return {at, amount};
    given_[{to, currency}] -= amount;
    return {};
}

void TestStage::take_back(const CashIn& cash) {
    State& state = core_.state();
    auto account = *state.account(cash.account);
    account.balance -= cash.amount;
    state.put_account(cash.account, account);
    auto supply = state.supply(account.currency);
    supply.issued -= cash.amount;
    state.put_supply(account.currency, supply);
    given_[{account.owner, account.currency}] -= cash.amount;
}

bool TestStage::advance(Date to, std::vector<ClauseRun>& runs) {
    if (!date_valid(to)) return false;
    if (untouched_ && core_.state().meta(keys::Meta::instances) == 0) {
        untouched_ = false;
        core_.state().set_meta(keys::Meta::date, to);
        core_.state().set_meta(keys::Meta::target, to);
        core_.journal().settle();
        return true;
    }
    if (to == core_.today()) return true;
    if (apply({}, Advance{to}).trap != Trap::None) return false;
    while (core_.work_pending()) {
        core_.begin_block(++height_);
        runs.insert(runs.end(), core_.clause_runs().begin(), core_.clause_runs().end());
    }
    return true;
}

bool TestStage::conserved(CurrencyCode currency, std::string& figures) {
    i128 held = 0;
    for (const auto& [holder, amount] : holdings(core_))
        if (holder.second == currency) held += amount;
    const i128 issued = core_.state().supply(currency).issued;
    const int scale = currency_by_code(currency) ? currency_by_code(currency)->exponent : 0;
    figures = decimal_text(issued, scale) + " issued, " + decimal_text(held, scale) + " held, in " + currency_name(currency);
    return held == issued;
}

} // namespace tally
