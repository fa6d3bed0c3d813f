/// Who is told what a transaction does to money while a block is run again to explain it. A ledger that only runs has
/// none. Whatever a watcher does, no result changes.
#pragma once

#include "runtime/instance.hpp"
#include "vm/engine/observer.hpp"

namespace tally {

struct VaultEntry;

/// A balance that changed: of an account, or of an entry of a vault.
struct BalanceChange {
    AccountId account = 0;
    const VaultEntry* vault = nullptr; ///< instead of an account
    CurrencyCode currency = 0;
    i128 before = 0, after = 0;
    Holding holding = 0; ///< what went in or came out; 0: issued or retired
};

/// An element of a collection kept by key that was written; no value: there is none.
struct ElementChange {
    const OpenInstance& holder;
    std::uint32_t field = 0, key_type = none, value_type = none;
    Bytes key; ///< of the state
    std::optional<Bytes> before, after;
    u64 address = 0; ///< of the new value in the holder's arena
};

class Watcher : public Observer {
public:
    /// Whom the next run is shown to; nothing when nobody looks at this part of the block.
    [[nodiscard]] virtual Observer* observer() = 0;

    // ---- which piece of the block is at work
    virtual void clause_begins(std::size_t number) = 0;
    virtual void clause_ends() = 0;
    /// A body begins on instances that nobody has opened yet.
    virtual void body_begins() = 0;
    [[nodiscard]] virtual std::size_t mark() const = 0;
    /// Everything since did not happen.
    virtual void go_back(std::size_t mark) = 0;

    // ---- runs of code; one may begin within another
    virtual void run_begins(OpenInstance& self, std::uint32_t function, bool read_only, const Arguments& arguments) = 0;
    virtual void run_ends(const Outcome& outcome) = 0;

    // ---- money
    virtual void made(Holding holding, i128 amount) = 0;
    virtual void taken(Holding from, Holding out, i128 amount) = 0;
    virtual void joined(Holding into, Holding from) = 0;
    virtual void balance(const BalanceChange& change) = 0;
    virtual void element(const ElementChange& change) = 0;
    /// The record is final for this transaction; `saved` still says what it was.
    virtual void record(const OpenInstance& self) = 0;
};

} // namespace tally
