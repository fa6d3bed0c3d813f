#include "proof/statement.hpp"

#include "proof/figures.hpp"
#include "runtime/assert.hpp"
#include "runtime/codec.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::string_view format = "tally/statement/v1";
constexpr std::size_t chain_bytes_max = 64, value_bytes_max = 1U << 20, proof_bytes_max = 1U << 30;
constexpr std::size_t rows_max = 1U << 28;

/// Reads an instance's figures out of its rows.
class Reader {
public:
    Reader(PartyId party, const Store& rows) : party_(party), journal_(rows), state_(journal_, codes_) {}

    Statement read(const std::vector<BookEntry>& entries) {
        Statement out;
        const auto party = state_.party(party_);
        out.name = party ? party->name : std::string();
        for (const BookEntry& entry : entries) {
            if (entry.kind == BookEntry::Kind::Account) add_account(entry.id, out);
            else add_instance(entry.id, out);
        }
        for (auto& [key, total] : totals_)
            out.totals.push_back(std::move(total));
        return out;
    }

private:
    void add_account(AccountId id, Statement& out) {
        const auto account = state_.account(id);
        TALLY_ASSERT(account.has_value(), "a book names an account that is not there");
        out.accounts.push_back({id, account->currency, account->balance});
    }

    void add_instance(InstanceId id, Statement& out) {
        const auto row = state_.instance(id);
        const CodePtr code = row ? state_.code(row->header.code) : nullptr;
        TALLY_ASSERT(row && code, "a book names an instance that is not there");
        OpenInstance self;
        prepare(self, id, row->header, code, arenas_);
        TALLY_ASSERT(decode_record(self, row->record), "a record of the state is damaged");
        Position position{id, code->program->module.name + "." + self.contract->name,
                          std::string(self.contract->states[self.state]), self.header.currency,
                          figures_in(self, party_)};
        add_rows(self, position.figures);
        arenas_.give(std::move(self.arena));
        for (const Figure& figure : position.figures)
            add_total(position, figure);
        out.positions.push_back(std::move(position));
    }

    /// Amounts that lie in rows of their own, under the party's number.
    void add_rows(const OpenInstance& self, std::vector<Figure>& out) {
        ByteWriter number;
        number.i64be(static_cast<i64>(party_));
        const Module& module = self.program().module;
        for (std::uint32_t i = 0; i < self.contract->fields.size(); ++i) {
            const ContractField& field = self.contract->fields[i];
            const Type& type = module.types[field.type];
            if (type.kind != TypeKind::Map || module.types[type.key].kind != TypeKind::Party) continue;
            if (field.kind == FieldKind::Vault) {
                if (const auto amount = state_.amount_at(keys::vault(self.id, i, number.data())))
                    out.push_back({field.name, *amount});
            } else if (field.kind == FieldKind::Stored && is_money(module.types[type.element].kind)) {
                if (const auto amount = state_.amount_at(keys::element(self.id, i, number.data())))
                    out.push_back({field.name, *amount});
            }
        }
    }

    void add_total(const Position& position, const Figure& figure) {
        Statement::Total& total = totals_[{position.contract, figure.path, position.currency}];
        total.contract = position.contract;
        total.path = figure.path;
        total.currency = position.currency;
        ++total.instances;
        total.amount += figure.amount;
    }

    PartyId party_;
    CodeCache codes_;
    Journal journal_;
    State state_;
    ArenaPool arenas_;
    std::map<std::tuple<std::string, std::string, CurrencyCode>, Statement::Total> totals_;
};

/// The file's rows; notes what was asked for.
class FileRows final : public Store {
public:
    explicit FileRows(const StatementFile& file) {
        for (const tree::ProvenRow& row : file.rows)
            rows_[row.key] = {&row.value, false};
    }
    std::optional<Bytes> get(const Bytes& key) const override {
        const auto found = rows_.find(key);
        if (found == rows_.end()) {
            missing_ = true;
            return std::nullopt;
        }
        found->second.used = true;
        return *found->second.value;
    }
    std::optional<std::pair<Bytes, Bytes>> next(const Bytes&, const Bytes&) const override { return std::nullopt; }

    [[nodiscard]] bool missing() const { return missing_; }
    [[nodiscard]] bool all_used() const {
        return std::all_of(rows_.begin(), rows_.end(), [](const auto& row) { return row.second.used; });
    }

private:
    struct Row {
        const std::optional<Bytes>* value;
        bool used;
    };
    mutable std::map<Bytes, Row> rows_;
    mutable bool missing_ = false;
};

/// What the statement rests on, before anything is read out of records.
std::optional<ProofFault> check_book(const StatementFile& file, const FileRows& rows) {
    const auto chain = rows.get(keys::meta(keys::Meta::chain));
    if (!chain || as_text(*chain) != file.chain) return not_complete("the chain's name");
    // The height is that of the root: its block has a row, the next one has none yet.
    const bool begun = file.height == 0 || rows.get(keys::block(file.height)).has_value();
    if (!begun || rows.get(keys::block(file.height + 1))) return not_complete("the height");
    if (!rows.get(keys::party(file.party))) return not_complete("the party");
    const auto row = rows.get(keys::book(file.party));
    const auto book = row ? decode_list(*row) : std::optional(ChainedList{});
    if (rows.missing()) return not_complete("the book's row");
    Hash chained{};
    for (const BookEntry& entry : file.entries)
        chained = chain_after(chained, entry);
    if (!book || book->count != file.entries.size() || book->chain != chained)
        return not_complete("the book has " + std::to_string(book ? book->count : 0) + " entries, and not these");
    // Every row that the reading will ask for, so that it never meets a hole.
    for (const BookEntry& entry : file.entries) {
        if (entry.kind == BookEntry::Kind::Account) {
            (void)rows.get(keys::account(entry.id));
            continue;
        }
        const auto bytes = rows.get(keys::instance(entry.id));
        if (!bytes) continue;
        const auto instance = decode_instance(*bytes);
        if (!instance) return not_complete("the row of instance " + std::to_string(entry.id));
        (void)rows.get(keys::code(instance->header.code));
    }
    if (rows.missing()) return not_complete("rows of an entry");
    return std::nullopt;
}

} // namespace

Bytes encode(const StatementFile& file) {
    ByteWriter out;
    out.text(format);
    out.text(file.chain);
    out.uvarint(file.height);
    out.uvarint(file.party);
    out.uvarint(file.entries.size());
    for (const BookEntry& entry : file.entries) {
        out.u8(static_cast<std::uint8_t>(entry.kind));
        out.uvarint(entry.id);
    }
    out.uvarint(file.rows.size());
    for (const tree::ProvenRow& row : file.rows) {
        out.bytes(row.key);
        out.u8(row.value ? 1 : 0);
        if (row.value) out.bytes(*row.value);
    }
    out.bytes(file.proof);
    return out.take();
}

bool decode(ByteView bytes, StatementFile& out) {
    ByteReader in(bytes);
    out = {};
    if (in.text(format.size()) != format) return false;
    out.chain = in.text(chain_bytes_max);
    out.height = in.uvarint();
    out.party = in.uvarint();
    const std::size_t entries = in.count(rows_max);
    for (std::size_t i = 0; i < entries && in.ok(); ++i) {
        const std::uint8_t kind = in.u8();
        if (kind != 1 && kind != 2) return false;
        out.entries.push_back({static_cast<BookEntry::Kind>(kind), in.uvarint()});
    }
    const std::size_t rows = in.count(rows_max);
    for (std::size_t i = 0; i < rows && in.ok(); ++i) {
        tree::ProvenRow row;
        const ByteView key = in.bytes(limits::storage_key);
        row.key.assign(key.begin(), key.end());
        const std::uint8_t present = in.u8();
        if (present > 1) return false;
        if (present == 1) {
            const ByteView value = in.bytes(value_bytes_max);
            row.value.emplace(value.begin(), value.end());
        }
        if (!out.rows.empty() && out.rows.back().key >= row.key) return false;
        out.rows.push_back(std::move(row));
    }
    const ByteView proof = in.bytes(proof_bytes_max);
    out.proof.assign(proof.begin(), proof.end());
    return in.done();
}

Statement read_statement(PartyId party, const std::vector<BookEntry>& entries, const Store& rows) {
    return Reader(party, rows).read(entries);
}

std::variant<Statement, ProofFault> verify_statement(const StatementFile& file, const Hash& root) {
    // First that the rows are the ledger's: after that they can be read as such.
    if (!tree::holds(file.proof, file.rows, root)) return does_not_lead_to_root("the rows");
    const FileRows rows(file);
    if (auto fault = check_book(file, rows)) return std::move(*fault);
    Statement statement = read_statement(file.party, file.entries, rows);
    if (rows.missing()) return not_complete("a row that the figures need");
    if (!rows.all_used()) return not_complete("a row that no figure needs");
    return statement;
}

} // namespace tally
