/// The ledger's rows, typed. Everything that reads or writes state by key goes through here or
/// through the journal with a key of keys.hpp.
#pragma once

#include "runtime/chained_list.hpp"
#include "runtime/code.hpp"
#include "runtime/journal.hpp"
#include "runtime/keys.hpp"

namespace tally {

struct AccountRow {
    PartyId owner = 0;
    CurrencyCode currency = 0;
    i128 balance = 0;
};
struct SupplyRow {
    i128 issued = 0, held = 0;
};
[[nodiscard]] Bytes encode(const Party& party);
[[nodiscard]] std::optional<Party> decode_party(ByteView bytes);
[[nodiscard]] Bytes encode(const Institution& institution);
[[nodiscard]] std::optional<Institution> decode_institution(ByteView bytes);

struct InstanceHeader {
    Hash code{};
    std::uint32_t contract = 0;
    InstanceId parent = 0;
    CurrencyCode currency = 0;
    Date created = 0;
};
/// When the clauses of an instance fired and which is the next.
struct Schedule {
    struct Next {
        Date date = 0;
        ClausePhase phase = ClausePhase::Open;
        std::uint32_t entry = 0;
        friend bool operator==(const Next&, const Next&) = default;
    };
    std::vector<Date> fired; ///< in the order of the contract's clauses; never: INT64_MIN
    std::optional<Next> next;
    friend bool operator==(const Schedule&, const Schedule&) = default;
};
/// All of an instance but its collections kept by key and its vaults, in one row: a call reads and
/// writes them together, and each row more is a leaf of the tree.
struct InstanceRow {
    InstanceHeader header;
    Schedule schedule;
    Bytes record; ///< state and fields (instance.hpp: encode_record)
};
[[nodiscard]] Bytes encode(const InstanceRow& row);
[[nodiscard]] std::optional<InstanceRow> decode_instance(ByteView bytes);
/// The header stands first; a reader that only wants that reads no further.
[[nodiscard]] InstanceHeader read_header(ByteReader& in);

/// A party's book lists every instance that names it and every account of it, in the order in which they came:
/// chain' = tagged_hash("tally/book/v1", chain ‖ kind (1 byte) ‖ id (8 bytes, big endian)), from zero.
struct BookEntry {
    enum class Kind : std::uint8_t { Instance = 1, Account };
    Kind kind = Kind::Instance;
    u64 id = 0;
    friend auto operator<=>(const BookEntry&, const BookEntry&) = default;
};
[[nodiscard]] Hash chain_after(const Hash& chain, const BookEntry& entry);

/// A row of the due index.
struct Due {
    Schedule::Next next;
    InstanceId instance = 0;
};
/// Loaded code by hash. Shared by everything that looks at one ledger.
struct CodeCache {
    std::map<Hash, CodePtr> codes;
    Prepare prepare = nullptr; ///< the engine that new programs are put on
};

class Watcher;

class State {
public:
    State(Journal& journal, CodeCache& codes) : journal_(journal), codes_(codes) {}
    [[nodiscard]] Journal& journal() { return journal_; }
    [[nodiscard]] const Journal& journal() const { return journal_; }
    /// Who is told of what happens to money (watcher.hpp); nobody on a ledger that only runs.
    [[nodiscard]] Watcher* watcher() const { return watcher_; }
    void tell(Watcher* watcher) { watcher_ = watcher; }

    [[nodiscard]] i64 meta(keys::Meta which) const; ///< 0 if it was never set
    void set_meta(keys::Meta which, i64 value);
    [[nodiscard]] u64 take_number(keys::Meta counter); ///< counts from 1

    [[nodiscard]] std::optional<Party> party(PartyId id) const;
    /// Moves the indexes by key, name and certificate along.
    void put_party(PartyId id, const Party& party);
    [[nodiscard]] std::optional<Institution> institution(InstitutionId id) const;
    void put_institution(InstitutionId id, const Institution& institution);
    [[nodiscard]] i64 parameter(Parameter which) const;
    void set_parameter(Parameter which, i64 value);
    [[nodiscard]] std::optional<u64> number_at(const Bytes& key) const;
    void put_number(const Bytes& key, u64 value);

    [[nodiscard]] std::optional<AccountRow> account(AccountId id) const;
    void put_account(AccountId id, const AccountRow& row);
    [[nodiscard]] SupplyRow supply(CurrencyCode currency) const;
    void put_supply(CurrencyCode currency, const SupplyRow& row);
    [[nodiscard]] ChainedList list(const Bytes& key) const; ///< empty if there is no such row
    /// All entries, in the order in which they came.
    [[nodiscard]] std::vector<BookEntry> book_entries(PartyId party) const;
    /// Once; again it changes nothing.
    void enter_in_book(PartyId party, const BookEntry& entry);
    [[nodiscard]] std::optional<i128> amount_at(const Bytes& key) const;
    void put_amount(const Bytes& key, i128 amount);

    [[nodiscard]] std::optional<InstanceHeader> header(InstanceId id) const;
    [[nodiscard]] std::optional<InstanceRow> instance(InstanceId id) const;
    void put_instance(InstanceId id, const InstanceRow& row) { journal_.put(keys::instance(id), encode(row)); }
    /// The row of the due index moves along with a schedule.
    void move_due(InstanceId id, const Schedule& before, const Schedule& after);
    /// The first due row after this key. A walk over many rows gives the last one that it took
    /// away, so as not to pass all the removed ones each time.
    [[nodiscard]] std::optional<Due> first_due(const Bytes& after = {}) const;
    /// The lowest due row written since `watch_due`.
    [[nodiscard]] const std::optional<Bytes>& lowest_due() const { return lowest_due_; }
    void watch_due() { lowest_due_.reset(); }

    [[nodiscard]] bool deployed(const Hash& hash) const {
        return journal_.has(keys::code_mark(hash));
    }
    /// Of a deployed module; nothing for an unknown hash.
    [[nodiscard]] CodePtr code(const Hash& hash) const;
    /// Verified and put on this ledger's engine; not in the ledger.
    [[nodiscard]] std::variant<CodePtr, VerifyError> ready(Module module, const Hash& hash) const;
    [[nodiscard]] std::optional<Hash> latest_code(std::string_view module) const;
    void put_code(const CodePtr& code, Bytes bytes);

private:
    Journal& journal_;
    CodeCache& codes_;
    std::optional<Bytes> lowest_due_;
    Watcher* watcher_ = nullptr;
};

} // namespace tally
