#include "runtime/assets.hpp"

#include "runtime/assert.hpp"
#include "runtime/watcher.hpp"

namespace tally {
namespace {

bool add_money(i128 a, i128 b, i128& out) { return add_fits(a, b, out) && out <= money_max; }

} // namespace

Holding Assets::hold(CurrencyCode currency, i128 amount) {
    entries_.push_back({currency, amount, true});
    ++alive_;
    const auto holding = static_cast<Holding>(entries_.size());
    if (Watcher* const watcher = state_.watcher()) watcher->made(holding, amount);
    return holding;
}

Assets::Entry* Assets::find(Holding holding) {
    if (holding == 0 || holding > entries_.size()) return nullptr;
    Entry& entry = entries_[holding - 1];
    return entry.alive ? &entry : nullptr;
}

i128 Assets::kill(Entry& entry) {
    entry.alive = false;
    --alive_;
    return entry.amount;
}

Trap Assets::amount(Holding holding, i128& out) const {
    if (holding == 0 || holding > entries_.size() || !entries_[holding - 1].alive)
        return Trap::NoHolding;
    out = entries_[holding - 1].amount;
    return Trap::None;
}

Trap Assets::take(Holding from, i128 amount, Holding& out) {
    Entry* const entry = find(from);
    if (entry == nullptr) return Trap::NoHolding;
    if (amount < 0) return Trap::NegativeAmount;
    if (amount > entry->amount) return Trap::Insufficient;
    entry->amount -= amount;
    const CurrencyCode currency = entry->currency;
    out = hold(currency, amount);
    if (Watcher* const watcher = state_.watcher()) watcher->taken(from, out, amount);
    return Trap::None;
}

Trap Assets::join(Holding into, Holding from) {
    Entry* const target = find(into);
    Entry* const source = find(from);
    if (target == nullptr || source == nullptr || target == source) return Trap::NoHolding;
    if (target->currency != source->currency) return Trap::WrongCurrency;
    i128 sum = 0;
    if (!add_money(target->amount, source->amount, sum)) return Trap::Overflow;
    target->amount = sum;
    if (Watcher* const watcher = state_.watcher()) watcher->joined(into, from);
    static_cast<void>(kill(*source));
    return Trap::None;
}

Trap Assets::end(Holding holding) {
    Entry* const entry = find(holding);
    if (entry == nullptr) return Trap::NoHolding;
    if (entry->amount != 0) return Trap::AssetLeft;
    static_cast<void>(kill(*entry));
    return Trap::None;
}

/// After a holding is in the table, or before it ends: whoever is told can still look at it.
void Assets::tell(const BalanceChange& change) {
    if (Watcher* const watcher = state_.watcher(); watcher != nullptr && change.before != change.after) watcher->balance(change);
}

Trap Assets::change_account(AccountId id, i128 by) {
    auto row = state_.account(id);
    if (!row) return Trap::NoSuchAccount;
    i128 balance = 0;
    if (!add_money(row->balance, by, balance)) return Trap::Overflow;
    if (balance < 0) return Trap::Insufficient;
    row->balance = balance;
    if (by != 0) state_.put_account(id, *row);
    changes_[row->currency].held += by;
    return Trap::None;
}

Trap Assets::from_account(AccountId account, i128 amount, Holding& out) {
    const auto row = state_.account(account);
    if (!row) return Trap::NoSuchAccount;
    if (amount < 0) return Trap::NegativeAmount;
    if (const Trap trap = change_account(account, -amount); trap != Trap::None) return trap;
    out = hold(row->currency, amount);
    tell({account, nullptr, row->currency, row->balance, row->balance - amount, out});
    return Trap::None;
}

Trap Assets::to_account(AccountId account, Holding holding) {
    Entry* const entry = find(holding);
    if (entry == nullptr) return Trap::NoHolding;
    const auto row = state_.account(account);
    if (!row) return Trap::NoSuchAccount;
    if (row->currency != entry->currency) return Trap::WrongCurrency;
    if (const Trap trap = change_account(account, entry->amount); trap != Trap::None) return trap;
    tell({account, nullptr, row->currency, row->balance, row->balance + entry->amount, holding});
    static_cast<void>(kill(*entry));
    return Trap::None;
}

Trap Assets::vault_amount(const VaultEntry& entry, i128& out) const {
    const auto amount = state_.amount_at(entry.key);
    if (!amount && !entry.plain) return Trap::MissingKey;
    out = amount.value_or(0);
    return Trap::None;
}

Trap Assets::from_vault(const VaultEntry& entry, i128 amount, Holding& out) {
    i128 held = 0;
    if (amount < 0) return Trap::NegativeAmount;
    if (const Trap trap = vault_amount(entry, held); trap != Trap::None) return trap;
    if (amount > held) return Trap::Insufficient;
    if (amount != 0) state_.put_amount(entry.key, held - amount);
    changes_[entry.currency].held -= amount;
    out = hold(entry.currency, amount);
    tell({0, &entry, entry.currency, held, held - amount, out});
    return Trap::None;
}

Trap Assets::to_vault(const VaultEntry& entry, Holding holding) {
    Entry* const given = find(holding);
    if (given == nullptr) return Trap::NoHolding;
    if (given->currency != entry.currency) return Trap::WrongCurrency;
    i128 held = 0, sum = 0;
    if (const Trap trap = vault_amount(entry, held); trap != Trap::None) return trap;
    if (!add_money(held, given->amount, sum)) return Trap::Overflow;
    if (given->amount != 0) state_.put_amount(entry.key, sum);
    tell({0, &entry, entry.currency, held, sum, holding});
    changes_[entry.currency].held += kill(*given);
    return Trap::None;
}

Trap Assets::issue(AccountId account, i128 amount) {
    const auto row = state_.account(account);
    if (!row) return Trap::NoSuchAccount;
    i128 issued = 0;
    // Issued money bounds every account and vault, so no sum of them overflows.
    if (!add_money(state_.supply(row->currency).issued, amount, issued)) return Trap::Overflow;
    changes_[row->currency].issued += amount;
    const Trap trap = change_account(account, amount);
    if (trap == Trap::None) tell({account, nullptr, row->currency, row->balance, row->balance + amount, 0});
    return trap;
}

Trap Assets::retire(AccountId account, i128 amount) {
    const auto row = state_.account(account);
    if (!row) return Trap::NoSuchAccount;
    changes_[row->currency].issued -= amount;
    const Trap trap = change_account(account, -amount);
    if (trap == Trap::None) tell({account, nullptr, row->currency, row->balance, row->balance - amount, 0});
    return trap;
}

void Assets::settle() {
    TALLY_ASSERT(alive_ == 0, "a holding outlived its transaction");
    for (const auto& [currency, change] : changes_) {
        TALLY_ASSERT(change.issued == change.held, "money was made or lost");
        if (change.issued == 0) continue;
        SupplyRow supply = state_.supply(currency);
        supply.issued += change.issued;
        supply.held += change.held;
        state_.put_supply(currency, supply);
    }
    changes_.clear();
}

} // namespace tally
