#include "runtime/state.hpp"

#include "runtime/assert.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

// Rows are our own writing: one that does not read back is a damaged store, and the node stops.
void must_read(const ByteReader& in) { TALLY_ASSERT(in.done(), "a row of the state is damaged"); }

} // namespace

i64 State::meta(keys::Meta which) const {
    const auto row = journal_.get(keys::meta(which));
    if (!row) return 0;
    ByteReader in(*row);
    const i64 value = in.varint();
    must_read(in);
    return value;
}

void State::set_meta(keys::Meta which, i64 value) {
    ByteWriter out;
    out.varint(value);
    journal_.put(keys::meta(which), out.take());
}

u64 State::take_number(keys::Meta counter) {
    const i64 number = meta(counter) + 1;
    set_meta(counter, number);
    return static_cast<u64>(number);
}

std::optional<u64> State::number_at(const Bytes& key) const {
    const auto row = journal_.get(key);
    if (!row) return std::nullopt;
    ByteReader in(*row);
    const u64 value = in.uvarint();
    must_read(in);
    return value;
}

void State::put_number(const Bytes& key, u64 value) {
    ByteWriter out;
    out.uvarint(value);
    journal_.put(key, out.take());
}

std::optional<AccountRow> State::account(AccountId id) const {
    const auto row = journal_.get(keys::account(id));
    if (!row) return std::nullopt;
    ByteReader in(*row);
    AccountRow account;
    account.owner = in.uvarint();
    account.currency = in.u32be();
    account.balance = in.varint128();
    must_read(in);
    return account;
}

void State::put_account(AccountId id, const AccountRow& row) {
    ByteWriter out;
    out.uvarint(row.owner);
    out.u32be(row.currency);
    out.varint128(row.balance);
    journal_.put(keys::account(id), out.take());
}

SupplyRow State::supply(CurrencyCode currency) const {
    const auto row = journal_.get(keys::supply(currency));
    if (!row) return {};
    ByteReader in(*row);
    SupplyRow supply;
    supply.issued = in.varint128();
    supply.held = in.varint128();
    must_read(in);
    return supply;
}

void State::put_supply(CurrencyCode currency, const SupplyRow& row) {
    ByteWriter out;
    out.varint128(row.issued);
    out.varint128(row.held);
    journal_.put(keys::supply(currency), out.take());
}

// ---- books --------------------------------------------------------------------------------------

Hash chain_after(const Hash& chain, const BookEntry& entry) {
    ByteWriter out;
    out.raw(chain);
    out.u8(static_cast<std::uint8_t>(entry.kind));
    out.u64be(entry.id);
    return tagged_hash("tally/book/v1", out.data());
}

ChainedList State::list(const Bytes& key) const {
    const auto row = journal_.get(key);
    if (!row) return {};
    const auto list = decode_list(*row);
    TALLY_ASSERT(list.has_value(), "a list of the state is damaged");
    return *list;
}

std::vector<BookEntry> State::book_entries(PartyId party) const {
    std::vector<BookEntry> out(static_cast<std::size_t>(list(keys::book(party)).count));
    const Bytes prefix = keys::book_entries(party);
    for (auto row = journal_.next(prefix, prefix); row; row = journal_.next(prefix, row->first)) {
        ByteReader key(ByteView(row->first).subspan(prefix.size()));
        BookEntry entry;
        entry.kind = static_cast<BookEntry::Kind>(key.u8());
        entry.id = key.u64be();
        ByteReader value(row->second);
        const u64 number = value.uvarint();
        must_read(value);
        TALLY_ASSERT(number >= 1 && number <= out.size(), "a book's entry is damaged");
        out[static_cast<std::size_t>(number - 1)] = entry;
    }
    return out;
}

void State::enter_in_book(PartyId party, const BookEntry& entry) {
    const Bytes key = keys::book_entry(party, static_cast<std::uint8_t>(entry.kind), entry.id);
    if (journal_.has(key)) return;
    ChainedList book = list(keys::book(party));
    ++book.count;
    book.chain = chain_after(book.chain, entry);
    journal_.put(keys::book(party), encode(book));
    put_number(key, book.count);
}

std::optional<i128> State::amount_at(const Bytes& key) const {
    const auto row = journal_.get(key);
    if (!row) return std::nullopt;
    ByteReader in(*row);
    const i128 amount = in.varint128();
    must_read(in);
    return amount;
}

void State::put_amount(const Bytes& key, i128 amount) {
    ByteWriter out;
    out.varint128(amount);
    journal_.put(key, out.take());
}

std::optional<InstanceHeader> State::header(InstanceId id) const {
    const auto row = journal_.get(keys::instance(id));
    if (!row) return std::nullopt;
    ByteReader in(*row);
    const InstanceHeader header = read_header(in);
    TALLY_ASSERT(in.ok(), "a row of an instance is damaged");
    return header;
}

std::optional<InstanceRow> State::instance(InstanceId id) const {
    const auto bytes = journal_.get(keys::instance(id));
    if (!bytes) return std::nullopt;
    auto row = decode_instance(*bytes);
    TALLY_ASSERT(row.has_value(), "a row of an instance is damaged");
    return row;
}

void State::move_due(InstanceId id, const Schedule& before, const Schedule& after) {
    if (before.next == after.next) return;
    if (before.next) journal_.erase(keys::due(before.next->date, before.next->phase, id));
    if (!after.next) return;
    const Bytes key = keys::due(after.next->date, after.next->phase, id);
    if (!lowest_due_ || key < *lowest_due_) lowest_due_ = key;
    put_number(key, after.next->entry);
}

std::optional<Due> State::first_due(const Bytes& after) const {
    const auto row = journal_.next(keys::due_space(), after);
    if (!row) return std::nullopt;
    ByteReader key(row->first), value(row->second);
    Due due;
    key.u8();
    due.next.date = key.i64be();
    due.next.phase = key.u8() == 0 ? ClausePhase::Open : ClausePhase::Close;
    due.instance = key.u64be();
    due.next.entry = static_cast<std::uint32_t>(value.uvarint());
    must_read(key);
    must_read(value);
    return due;
}

CodePtr State::code(const Hash& hash) const {
    const auto known = codes_.codes.find(hash);
    if (known != codes_.codes.end()) return known->second;
    const auto bytes = journal_.get(keys::code(hash));
    if (!bytes) return nullptr;
    auto module = decode(*bytes);
    TALLY_ASSERT(std::holds_alternative<Module>(module), "a deployed module does not decode");
    auto code = ready(std::move(std::get<Module>(module)), hash);
    TALLY_ASSERT(code.index() == 0, "a deployed module does not verify");
    codes_.codes.emplace(hash, std::get<0>(code));
    return std::get<0>(code);
}

std::variant<CodePtr, VerifyError> State::ready(Module module, const Hash& hash) const {
    auto program = load(std::move(module), hash, codes_.prepare);
    if (auto* error = std::get_if<VerifyError>(&program)) return std::move(*error);
    return make_code(std::move(std::get<0>(program)));
}

std::optional<Hash> State::latest_code(std::string_view module) const {
    const auto row = journal_.get(keys::code_name(module));
    if (!row) return std::nullopt;
    ByteReader in(*row);
    Hash hash;
    in.read(hash);
    must_read(in);
    return hash;
}

void State::put_code(const CodePtr& code, Bytes bytes) {
    const Hash& hash = code->program->hash;
    journal_.put(keys::code(hash), std::move(bytes));
    journal_.put(keys::code_mark(hash), Bytes{1});
    journal_.put(keys::code_name(code->program->module.name), Bytes(hash.begin(), hash.end()));
    codes_.codes.emplace(hash, code);
}

} // namespace tally
