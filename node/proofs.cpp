#include "node/proofs.hpp"

#include "proof/statement.hpp"
#include "runtime/keys.hpp"
#include "tree/list.hpp"

namespace tally {
namespace {

/// Notes every row that is asked for.
class Recorder final : public Store {
public:
    explicit Recorder(const Store& below) : below_(below) {}
    std::optional<Bytes> get(const Bytes& key) const override {
        auto value = below_.get(key);
        rows_.insert_or_assign(key, value);
        return value;
    }
    std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix, const Bytes& after) const override {
        return below_.next(prefix, after);
    }
    [[nodiscard]] std::vector<tree::ProvenRow> rows() const {
        std::vector<tree::ProvenRow> out;
        out.reserve(rows_.size());
        for (const auto& [key, value] : rows_)
            out.push_back({key, value});
        return out;
    }

private:
    const Store& below_;
    mutable std::map<Bytes, std::optional<Bytes>> rows_;
};

} // namespace

Result<RowProof> prove_row(const Chain& chain, const Bytes& key, u64 height) {
    if (!keys::proven(key))
        return NodeError{NodeCode::BadParameter, "rows of this space are an index and not in the state tree"};
    RowProof out;
    const auto problem = chain.ask_proof(height, [&](const Chain::Past& past, const tree::Prover& prover) {
        out.height = past.height;
        out.root = past.root;
        const auto proof = prover.prove(key);
        if (const auto* const there = std::get_if<tree::Existence>(&proof)) {
            out.value = there->value;
            out.proof = tree::encode(*there);
        } else {
            out.proof = tree::encode(std::get<tree::Absence>(proof));
        }
    });
    if (problem) return *problem;
    return out;
}

Result<Bytes> prove_statement(const Chain& chain, PartyId party, u64 height) {
    std::optional<StatementFile> file;
    const auto problem = chain.ask_proof(height, [&](const Chain::Past& past, const tree::Prover& prover) {
        if (!past.ledger.party(party)) return;
        file.emplace();
        file->chain = past.ledger.chain();
        file->height = past.height;
        file->party = party;
        file->entries = past.ledger.book_entries(party);
        const Recorder rows(past.rows);
        (void)rows.get(keys::meta(keys::Meta::chain));
        (void)rows.get(keys::book(party));
        if (past.height != 0) (void)rows.get(keys::block(past.height));
        (void)rows.get(keys::block(past.height + 1));
        (void)read_statement(party, file->entries, rows);
        file->rows = rows.rows();
        std::vector<Bytes> keys;
        keys.reserve(file->rows.size());
        for (const tree::ProvenRow& row : file->rows)
            keys.push_back(row.key);
        file->proof = prover.prove(keys);
    });
    if (problem) return *problem;
    if (!file) return NodeError{NodeCode::NotFound, "party " + std::to_string(party)};
    return encode(*file);
}

Result<Bytes> prove_receipt(const Chain& chain, const IntentId& intent, u64 height) {
    const auto place = chain.place_of(intent);
    const auto block = place ? chain.block(place->height) : std::nullopt;
    if (!block) return NodeError{NodeCode::NotFound, "no block holds this intent"};
    if (height < place->height)
        return NodeError{NodeCode::BadParameter, "the transaction is in block " + std::to_string(place->height) + ", after the height that is asked for"};
    const std::vector<Bytes> items = items_of(*block);
    std::vector<Hash> leaves;
    leaves.reserve(items.size());
    for (const Bytes& item : items)
        leaves.push_back(tree::list_leaf(item));
    const std::size_t index = block->clauses.size() + static_cast<std::size_t>(place->position);
    auto row = prove_row(chain, keys::block(place->height), height);
    if (!row) return row.error();
    return encode(ReceiptFile{place->height, index, items.size(), items[index], tree::list_path(leaves, index), std::move(row->proof)});
}

} // namespace tally
