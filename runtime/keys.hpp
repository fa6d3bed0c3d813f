/// The keys of the state, all of them. A key is a space (one byte) and parts of fixed width, big
/// endian where somebody walks in order; a part of free length stands last or behind its length.
///
///   space        parts                                  value
///   meta         which                                  chain, dates, counters
///   party        id                                     name, key, roles, currencies issued, institution, until, certificate
///   party_key    scheme, public key                     id
///   party_name   name                                   id
///   account      id                                     owner, currency, balance
///   account_of   owner, currency                        id
///   issuer       currency                               party
///   supply       currency                               issued, held
///   code         hash                                   the module's canonical bytes
///   code_mark    hash                                   one byte: the module is deployed
///   code_name    module name                            hash of the latest
///   instance     id                                     code, contract, parent, currency, created; last date by clause, next due; state and fields
///   child        parent, contract, serial               id
///   element      id, field, key bytes                   value of a stored collection
///   vault        id, field, key bytes                   amount
///   vault_count  id, field                              entries of a map of vaults
///   due          date, phase, id                        entry number of the clause
///   intent       intent id                              expiry height, place in its list, receipt (intents.hpp)
///   expiry       expiry height, place                   intent id
///   book         party                                  entries, their chain (state.hpp)
///   book_entry   party, kind, id                        its place in the book, from 1
///   block        height                                 the root before, the items' root and number (block.hpp)
///   institution  id                                     name, LEI, root certificate, officers, house, board
///   lei          LEI                                    institution
///   certificate  SHA-256 of a certificate               party
///   parameter    which                                  what was agreed
///   intents      expiry height                          how many are remembered until then, their chain
///
/// All but `due`, `intent`, `expiry` and `book_entry` are in the state tree. What these say follows from
/// schedules and blocks, and lists in the tree commit to it.
#pragma once

#include "runtime/transaction.hpp"
#include "vm/bytecode/module.hpp"

namespace tally::keys {

enum class Space : std::uint8_t {
    meta = 1,
    party,
    party_key,
    party_name,
    account,
    account_of,
    issuer,
    supply,
    code,
    code_mark,
    code_name,
    instance,
    child,
    element,
    vault,
    vault_count,
    due,
    intent,
    expiry,
    book,
    book_entry,
    block,
    institution,
    lei,
    certificate,
    parameter,
    intents,
};
enum class Meta : std::uint8_t {
    chain = 1,
    date,
    target,
    parties,
    accounts,
    instances,
    institutions,
    governance, ///< the instance of the governance contract; 0: the ledger is free
    paused,     ///< the last business date of the pause
};

class Key {
public:
    explicit Key(Space space) {
        bytes_.reserve(32);
        bytes_.push_back(static_cast<std::uint8_t>(space));
    }
    Key& number(u64 v) { return big_endian(v, 8); }
    Key& small(std::uint32_t v) { return big_endian(v, 4); }
    Key& date(i64 v) { return big_endian(static_cast<u64>(v) ^ (u64{1} << 63), 8); }
    Key& byte(std::uint8_t v) { return big_endian(v, 1); }
    Key& raw(ByteView v) {
        bytes_.insert(bytes_.end(), v.begin(), v.end());
        return *this;
    }
    Key& text(std::string_view v) {
        bytes_.insert(bytes_.end(), v.begin(), v.end());
        return *this;
    }
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

private:
    Key& big_endian(u64 v, unsigned width) {
        for (unsigned shift = width * 8; shift != 0;) {
            shift -= 8;
            bytes_.push_back(static_cast<std::uint8_t>(v >> shift));
        }
        return *this;
    }
    Bytes bytes_;
};

inline Bytes meta(Meta which) {
    return Key(Space::meta).byte(static_cast<std::uint8_t>(which)).take();
}
inline Bytes party(PartyId id) { return Key(Space::party).number(id).take(); }
inline Bytes party_key(const VerifyKey& key) {
    return Key(Space::party_key).byte(static_cast<std::uint8_t>(key.scheme)).raw(key.view()).take();
}
inline Bytes party_name(std::string_view name) { return Key(Space::party_name).text(name).take(); }
inline Bytes account(AccountId id) { return Key(Space::account).number(id).take(); }
inline Bytes account_of(PartyId owner, CurrencyCode currency) {
    return Key(Space::account_of).number(owner).small(currency).take();
}
inline Bytes issuer(CurrencyCode currency) { return Key(Space::issuer).small(currency).take(); }
inline Bytes supply(CurrencyCode currency) { return Key(Space::supply).small(currency).take(); }
inline Bytes code(const Hash& hash) { return Key(Space::code).raw(hash).take(); }
inline Bytes code_mark(const Hash& hash) { return Key(Space::code_mark).raw(hash).take(); }
inline Bytes code_name(std::string_view name) { return Key(Space::code_name).text(name).take(); }
inline Bytes instance(InstanceId id) { return Key(Space::instance).number(id).take(); }
inline Bytes child(InstanceId parent, std::string_view contract, i64 serial) {
    const auto length = static_cast<std::uint8_t>(contract.size()); // limits::name_bytes is 255
    return Key(Space::child).number(parent).byte(length).text(contract).date(serial).take();
}
inline Bytes element(InstanceId id, std::uint32_t field, ByteView key) {
    return Key(Space::element).number(id).small(field).raw(key).take();
}
inline Bytes vault(InstanceId id, std::uint32_t field, ByteView key) {
    return Key(Space::vault).number(id).small(field).raw(key).take();
}
inline Bytes vault_count(InstanceId id, std::uint32_t field) {
    return Key(Space::vault_count).number(id).small(field).take();
}
inline Bytes due_space() { return Key(Space::due).take(); }
inline Bytes due(Date date, ClausePhase phase, InstanceId id) {
    return Key(Space::due).date(date).byte(static_cast<std::uint8_t>(phase)).number(id).take();
}
inline Bytes intent(const IntentId& id) { return Key(Space::intent).raw(id).take(); }
inline Bytes expiry_space() { return Key(Space::expiry).take(); }
inline Bytes expiry(u64 height, u64 number) {
    return Key(Space::expiry).number(height).number(number).take();
}
inline Bytes intents(u64 expiry) { return Key(Space::intents).number(expiry).take(); }

inline Bytes book(PartyId party) { return Key(Space::book).number(party).take(); }
inline Bytes book_entries(PartyId party) { return Key(Space::book_entry).number(party).take(); }
inline Bytes book_entry(PartyId party, std::uint8_t kind, u64 id) {
    return Key(Space::book_entry).number(party).byte(kind).number(id).take();
}
inline Bytes institution(InstitutionId id) { return Key(Space::institution).number(id).take(); }
inline Bytes lei(std::string_view lei) { return Key(Space::lei).text(lei).take(); }
inline Bytes certificate(const Hash& digest) { return Key(Space::certificate).raw(digest).take(); }
inline Bytes parameter(Parameter which) {
    return Key(Space::parameter).byte(static_cast<std::uint8_t>(which)).take();
}
inline Bytes block(u64 height) { return Key(Space::block).number(height).take(); }

inline bool is_in(const Bytes& key, Space space) {
    return !key.empty() && key[0] == static_cast<std::uint8_t>(space);
}
/// Kept for questions about the past. Queues are not: they matter for the next block only.
inline bool lasting(const Bytes& key) {
    return !is_in(key, Space::intent) && !is_in(key, Space::expiry) && !is_in(key, Space::due);
}
/// In the state tree.
inline bool proven(const Bytes& key) { return lasting(key) && !is_in(key, Space::book_entry); }

} // namespace tally::keys
