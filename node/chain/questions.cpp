#include "node/chain/rows.hpp"

#include "node/store/history.hpp"
#include "runtime/keys.hpp"

#include <fmt/format.h>

namespace tally {
namespace {

/// The rows that a proof shows. A leaf without its row: the store is damaged.
class RowsOf final : public tree::RowSource {
public:
    explicit RowsOf(const Store& rows) : rows_(rows) {}
    Bytes value(const Bytes& key) const override {
        auto row = rows_.get(key);
        if (!row) stop_node({NodeCode::StoreDamaged, "row " + hex(key) + " of the state tree is missing"});
        return std::move(*row);
    }

private:
    const Store& rows_;
};

} // namespace

Result<Tip> Chain::checkpoint(const std::filesystem::path& path) const {
    const std::lock_guard lock(reading_);
    if (auto problem = store_->checkpoint(path)) return *problem;
    return tip_;
}

std::optional<BlockRecord> Chain::block(u64 height) const {
    const auto bytes = store_->block(height);
    if (!bytes) return std::nullopt;
    BlockRecord record;
    if (!decode(*bytes, record))
        stop_node({NodeCode::StoreDamaged, fmt::format("block {} does not decode", height)});
    return record;
}

std::optional<BlockPlace> place_in(const RocksStore& store, const IntentId& intent) {
    const auto row = store.index(intent_key(intent));
    if (!row) return std::nullopt;
    ByteReader in(*row);
    BlockPlace place;
    place.height = in.uvarint();
    place.position = in.uvarint();
    return place;
}

std::optional<Answer> Chain::answer_of(const IntentId& intent) const {
    const auto place = place_of(intent);
    auto record = place ? block(place->height) : std::nullopt;
    if (!record || place->position >= record->transactions.size()) return std::nullopt;
    const auto position = static_cast<std::size_t>(place->position);
    const auto transaction = decode_envelope(record->transactions[position]);
    if (!transaction) return std::nullopt;
    Answer answer = answer_to(*transaction, place->height);
    answer.receipt = std::move(record->receipts[position]);
    return answer;
}

std::optional<u64> Chain::written_at(const Bytes& row, u64 height) const { return last_written(*store_, row, height); }

std::optional<u64> Chain::height_at(Date date) const {
    // The next date's row lies behind; the one before it is what is asked for.
    const auto found = store_->last_at_or_before(RocksStore::Family::Index, date_key(date));
    if (!found || found->first.empty() || found->first[0] != 'd') return std::nullopt;
    ByteReader in(found->second);
    return in.u64be();
}

Problem Chain::ask_past(u64 height, const std::function<void(const Past&)>& ask) const {
    const std::lock_guard lock(reading_);
    if (height > tip_.height)
        return NodeError{NodeCode::NotFound, fmt::format("height {}, this is {}", height, tip_.height)};
    if (height < tip_.history_from)
        return NodeError{NodeCode::Pruned, fmt::format("states are kept from height {} on", tip_.history_from)};
    const auto record = block(height);
    if (!record) stop_node({NodeCode::StoreDamaged, fmt::format("block {} is missing", height)});
    const PastStore past(*store_, height);
    const Store& rows = height == tip_.height ? static_cast<const Store&>(*store_) : past; // no row was replaced since
    const Ledger ledger(rows, options_.engine);
    ask({height, record->root, ledger, rows});
    return std::nullopt;
}

Problem Chain::ask_proof(u64 height, const std::function<void(const Past&, const tree::Prover&)>& ask) const {
    const std::lock_guard lock(reading_);
    if (height < tip_.trees_from)
        return NodeError{NodeCode::Pruned, fmt::format("trees are kept from height {} on", tip_.trees_from)};
    return ask_past(height, [&](const Past& past) {
        const RowsOf rows(past.rows);
        ask(past, tree::Prover(tree_, rows, height));
    });
}

Hash Chain::genesis_hash() const {
    const auto bytes = store_->index(genesis_key());
    if (!bytes) stop_node({NodeCode::StoreDamaged, "the genesis is missing"});
    return sha256(*bytes);
}

std::optional<Hash> Chain::latest_code(const std::string& module) const {
    const auto row = store_->get(keys::code_name(module));
    if (!row || row->size() != std::tuple_size_v<Hash>) return std::nullopt;
    Hash hash{};
    std::copy(row->begin(), row->end(), hash.begin());
    return hash;
}

} // namespace tally
