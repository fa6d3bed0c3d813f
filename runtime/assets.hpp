/// Money during one transaction: the table of holdings, and every way in and out of it. What
/// accounts and vaults gain and lose is summed here, and must come to what was issued and retired.
#pragma once

#include "runtime/state.hpp"
#include "vm/engine/machine.hpp"

namespace tally {

/// An account, a vault or a supply holds at most this many minor units.
inline constexpr i128 money_max = static_cast<i128>(1'000'000'000'000) * 1'000'000'000'000;

/// An entry of a vault: where its amount lies, and in which currency.
struct VaultEntry {
    Bytes key; ///< of the state
    CurrencyCode currency = 0;
    bool plain = true; ///< a plain vault is always there; an entry of a map must be opened
};

struct BalanceChange;

class Assets {
public:
    explicit Assets(State& state) : state_(state) {}

    // ---- the table
    [[nodiscard]] Holding hold(CurrencyCode currency, i128 amount);
    [[nodiscard]] Trap amount(Holding holding, i128& out) const;
    [[nodiscard]] Trap take(Holding from, i128 amount, Holding& out);
    [[nodiscard]] Trap join(Holding into, Holding from);
    [[nodiscard]] Trap end(Holding holding);
    [[nodiscard]] bool empty() const { return alive_ == 0; }

    // ---- accounts and vaults
    [[nodiscard]] Trap from_account(AccountId account, i128 amount, Holding& out);
    [[nodiscard]] Trap to_account(AccountId account, Holding holding);
    [[nodiscard]] Trap from_vault(const VaultEntry& entry, i128 amount, Holding& out);
    [[nodiscard]] Trap to_vault(const VaultEntry& entry, Holding holding);
    [[nodiscard]] Trap vault_amount(const VaultEntry& entry, i128& out) const;

    // ---- the issuer's
    [[nodiscard]] Trap issue(AccountId account, i128 amount);
    [[nodiscard]] Trap retire(AccountId account, i128 amount);

    /// The third lock. Writes what changed in the supplies; stops the process if money was made or
    /// lost.
    void settle();

private:
    struct Entry {
        CurrencyCode currency = 0;
        i128 amount = 0;
        bool alive = false;
    };
    struct Change {
        i128 issued = 0, held = 0;
    };
    [[nodiscard]] Entry* find(Holding holding);
    [[nodiscard]] Trap change_account(AccountId account, i128 by);
    [[nodiscard]] i128 kill(Entry& entry);
    void tell(const BalanceChange& change);

    State& state_;
    std::vector<Entry> entries_; ///< a holding is its index + 1; numbers are not used twice
    std::size_t alive_ = 0;
    std::map<CurrencyCode, Change> changes_;
};

} // namespace tally
