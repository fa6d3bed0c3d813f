#include "node/upkeep/rows.hpp"

#include "proof/receipt.hpp"
#include "runtime/intents.hpp"
#include "runtime/keys.hpp"
#include "runtime/state.hpp"
#include "runtime/parameters.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

struct Row {
    const RocksStore& store;
    ByteReader key; ///< behind the space
    const Bytes& value;
    Money& money;
};

bool whole_number(Row& row) {
    ByteReader in(row.value);
    (void)in.uvarint();
    return in.done();
}

bool meta(Row& row) {
    if (row.key.u8() == static_cast<std::uint8_t>(keys::Meta::chain)) return !row.value.empty() && row.value.size() <= 64;
    ByteReader in(row.value);
    (void)in.varint();
    return in.done();
}

bool party(Row& row) { return decode_party(row.value).has_value(); }
bool institution_row(Row& row) { return decode_institution(row.value).has_value(); }

bool parameter(Row& row) {
    const ParameterInfo* const info = parameter_info(static_cast<Parameter>(row.key.u8()));
    ByteReader in(row.value);
    const i64 value = in.varint();
    return info != nullptr && in.done() && value >= info->floor && value <= info->ceiling;
}

bool account(Row& row) {
    ByteReader in(row.value);
    (void)in.uvarint();
    const CurrencyCode currency = in.u32be();
    const i128 balance = in.varint128();
    row.money[currency].accounts += balance;
    return in.done() && balance >= 0;
}

bool supply(Row& row) {
    MoneySums& sums = row.money[row.key.u32be()];
    ByteReader in(row.value);
    sums.issued = in.varint128();
    sums.held = in.varint128();
    return in.done();
}

bool code(Row& row) {
    const ByteView hash = row.key.raw(sizeof(Hash));
    const Hash is = module_hash(row.value);
    return std::holds_alternative<Module>(decode(row.value)) && std::equal(is.begin(), is.end(), hash.begin(), hash.end());
}

bool hash(Row& row) { return row.value.size() == sizeof(Hash); }
bool mark(Row& row) { return row.value == Bytes{1}; }

/// The currency of an instance, from its header.
std::optional<CurrencyCode> currency_of(const RocksStore& store, InstanceId id) {
    const auto header = store.get(keys::instance(id));
    if (!header) return std::nullopt;
    ByteReader in(*header);
    const CurrencyCode currency = read_header(in).currency;
    if (!in.ok()) return std::nullopt;
    return currency;
}

bool instance(Row& row) { return decode_instance(row.value).has_value(); }

/// Of a contract's own form: it belongs to an instance that there is.
bool of_instance(Row& row) { return currency_of(row.store, row.key.u64be()).has_value(); }

bool vault(Row& row) {
    const auto currency = currency_of(row.store, row.key.u64be());
    ByteReader in(row.value);
    const i128 amount = in.varint128();
    if (!currency || !in.done() || amount < 0) return false;
    row.money[*currency].vaults += amount;
    return true;
}

bool intent(Row& row) { return decode_remembered(row.value).has_value(); }

bool intent_id(Row& row) { return row.value.size() == std::tuple_size_v<IntentId>; }

bool list(Row& row) { return decode_list(row.value).has_value(); }

bool block(Row& row) {
    BlockDigest digest;
    return decode(row.value, digest);
}

struct Form {
    keys::Space space;
    bool (*decodes)(Row&);
};
constexpr Form forms[] = {
    {keys::Space::meta, meta},           {keys::Space::party, party},       {keys::Space::party_key, whole_number},
    {keys::Space::party_name, whole_number}, {keys::Space::account, account}, {keys::Space::account_of, whole_number},
    {keys::Space::issuer, whole_number}, {keys::Space::supply, supply},     {keys::Space::code, code},
    {keys::Space::code_mark, mark},      {keys::Space::code_name, hash},    {keys::Space::instance, instance},
    {keys::Space::child, whole_number},
    {keys::Space::element, of_instance}, {keys::Space::vault, vault},       {keys::Space::vault_count, of_instance},
    {keys::Space::due, whole_number},    {keys::Space::intent, intent},     {keys::Space::expiry, intent_id},
    {keys::Space::book, list},           {keys::Space::book_entry, whole_number}, {keys::Space::block, block},
    {keys::Space::institution, institution_row}, {keys::Space::lei, whole_number}, {keys::Space::certificate, whole_number},
    {keys::Space::parameter, parameter}, {keys::Space::intents, list},
};

} // namespace

bool row_decodes(const RocksStore& store, const Bytes& key, const Bytes& value, Money& money) {
    Row row{store, ByteReader(key), value, money};
    const std::uint8_t space = row.key.u8();
    for (const Form& form : forms)
        if (static_cast<std::uint8_t>(form.space) == space) return form.decodes(row) && row.key.ok();
    return false;
}

} // namespace tally
