/// The ledger's core: state + block → writes + receipts. Single-threaded, pure: no clock, no I/O, no
/// order but that of keys.
#pragma once

#include "runtime/governance.hpp"
#include "runtime/store.hpp"
#include "runtime/transaction.hpp"
#include "vm/engine/program.hpp"

#include <memory>

namespace tally {

struct Genesis {
    std::string chain; ///< 1…64 bytes
    Date start = 0;    ///< the first business date
    std::vector<Enrol> parties{};
    // A shared ledger: who founds it. `parties` are enrolled after them, without proofs: whoever takes
    // part agrees to the genesis as a whole.
    std::vector<Admit> institutions{}; ///< numbered from 1 in this order
    Bytes governance{};                ///< the module `tally.governance`
    std::vector<GovernanceRule> rules = usual_rules();
    std::vector<std::pair<Parameter, i64>> parameters{}; ///< that are not as usual
};

/// A clause that fired (or failed) at the head of a block.
struct ClauseRun {
    InstanceId instance = 0;
    std::string clause;
    Date date = 0;
    Receipt receipt;
};

struct BookEntry;
class Watcher;

struct InstanceView {
    std::shared_ptr<const Program> program;
    std::uint32_t contract = 0;
    InstanceId id = 0, parent = 0;
    CurrencyCode currency = 0;
    std::uint32_t state = 0;
    std::string json; ///< {"state": …, fields…, "vaults": …}; stored collections by count
};

class Ledger {
public:
    /// The store must outlive the ledger. An empty store is not a ledger yet: run `genesis` once.
    /// `prepare` chooses the engine that runs its code; nullptr: the interpreter.
    explicit Ledger(const Store& store, Prepare prepare = nullptr);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    /// Says why such a ledger cannot be.
    [[nodiscard]] std::optional<std::string> genesis(const Genesis& genesis);

    // ---- a block: begin, transactions in order, end
    /// Runs due clauses (at most limits::clauses_per_block) and moves the business date towards its
    /// target, a day at a time, while nothing of the day is left.
    std::vector<ClauseRun> begin_block(u64 height);
    /// Applies whole or not at all. A repeated intent answers with the first receipt and changes nothing.
    Receipt apply(const Transaction& transaction);
    /// All clauses that fired in this block: those of `begin_block`, and overdue ones that had to run before
    /// a transaction's call could touch their instance.
    [[nodiscard]] const std::vector<ClauseRun>& clause_runs() const;
    /// The block's own row: what `block.hpp` says of it. After the last transaction.
    void seal(u64 height, const Bytes& digest);
    /// The block's writes; the caller makes them durable, then calls `committed`.
    [[nodiscard]] const WriteSet& writes() const;
    void committed();
    /// Drops the block.
    void abandon();
    /// From now on it is told what happens to money (watcher.hpp); nullptr: nobody is.
    void tell(Watcher* watcher);

    // ---- questions; they never change anything
    [[nodiscard]] bool exists() const;
    [[nodiscard]] std::string chain() const;
    [[nodiscard]] Date business_date() const;
    /// More clauses are due, or the date has not reached its target: another block has work to do.
    [[nodiscard]] bool work_pending() const;
    [[nodiscard]] std::optional<Party> party(PartyId id) const;
    [[nodiscard]] std::optional<PartyId> party_by_key(const VerifyKey& key) const;
    [[nodiscard]] std::optional<PartyId> party_by_certificate(const Hash& certificate) const;
    [[nodiscard]] std::optional<Institution> institution(InstitutionId id) const;
    [[nodiscard]] u64 institution_count() const; ///< 0: the ledger is free
    [[nodiscard]] InstanceId governance() const; ///< the instance of the members' contract; 0: none
    [[nodiscard]] std::optional<Date> paused_until() const;
    [[nodiscard]] i64 parameter(Parameter which) const;
    [[nodiscard]] std::optional<PartyId> party_by_name(const std::string& name) const;
    [[nodiscard]] std::optional<Receipt> receipt_of(const IntentId& intent) const;
    struct Account { PartyId owner = 0; CurrencyCode currency = 0; i128 balance = 0; };
    [[nodiscard]] std::optional<Account> account(AccountId id) const;
    [[nodiscard]] std::optional<AccountId> account_of(PartyId owner, CurrencyCode currency) const;
    /// minted − burned, and what all accounts and vaults hold; equal unless money was made or lost.
    struct Supply { i128 issued = 0, held = 0; };
    [[nodiscard]] Supply supply(CurrencyCode currency) const;
    [[nodiscard]] std::optional<InstanceView> instance(InstanceId id) const;
    [[nodiscard]] u64 instance_count() const;
    /// What the party has a share in: instances and accounts, in the order in which they came.
    [[nodiscard]] std::vector<BookEntry> book_entries(PartyId party) const;
    [[nodiscard]] u64 book_size(PartyId party) const;
    /// Whether the instance names, or ever named, the party.
    [[nodiscard]] bool has_share(PartyId party, InstanceId instance) const;
    /// The instance created under (parent, serial) of the code's contract.
    [[nodiscard]] std::optional<InstanceId> child(InstanceId parent, const std::string& contract, i64 serial) const;
    [[nodiscard]] std::shared_ptr<const Program> program(const Hash& code) const;
    /// Runs a view on the present state; nothing is written whatever it does.
    [[nodiscard]] Receipt view(InstanceId instance, const std::string& entry, const Bytes& arguments) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
