#include "node/block_rerun.hpp"

#include "runtime/keys.hpp"
#include "runtime/state.hpp"
#include "vm/bytecode/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace tally {
namespace {

/// The state before a block as that block found it. The queues of those days and the intents leave no history: which
/// clauses were due is in the block's record and when is in the instances, and an intent that the block took was not
/// remembered any more.
class StateBefore final : public Store {
public:
    StateBefore(const Store& past, const BlockRecord& block) : past_(past) {
        for (const ClauseRun& run : block.clauses) {
            const auto row = past.get(keys::instance(run.instance));
            const auto instance = row ? decode_instance(*row) : std::nullopt;
            if (instance && instance->schedule.next) put_due(instance->schedule.next->date, instance->schedule.next->phase, run.instance, instance->schedule.next->entry);
        }
        // A block that ran as many clauses as it may left others of the day for the next one.
        if (block.clauses.size() >= limits::clauses_per_block) put_due(block.date, ClausePhase::Close, std::numeric_limits<u64>::max(), 0);
        for (const BlockRecord::Id& id : block.ids) fresh_.insert(keys::intent(id.intent));
    }

    [[nodiscard]] std::optional<Bytes> get(const Bytes& key) const override {
        if (keys::is_in(key, keys::Space::due)) return due_.get(key);
        if (keys::is_in(key, keys::Space::expiry) || fresh_.contains(key)) return std::nullopt;
        return past_.get(key);
    }
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix, const Bytes& after) const override {
        if (keys::is_in(prefix, keys::Space::due)) return due_.next(prefix, after);
        if (keys::is_in(prefix, keys::Space::expiry)) return std::nullopt;
        return past_.next(prefix, after);
    }

private:
    void put_due(Date date, ClausePhase phase, InstanceId instance, u64 entry) {
        MemoryStore scratch;
        Journal journal(scratch);
        CodeCache codes;
        State state(journal, codes);
        Schedule none_yet, due;
        due.next = Schedule::Next{date, phase, static_cast<std::uint32_t>(entry)};
        state.move_due(instance, none_yet, due);
        due_.apply(journal.writes());
    }

    const Store& past_;
    MemoryStore due_;
    std::set<Bytes> fresh_;
};

NodeError differs(const BlockRecord& block, std::string_view what, std::size_t index) {
    return {NodeCode::ContentsWrong, fmt::format("run again, {} {} of block {} does something else", what, index + 1, block.height)};
}

bool same(const ClauseRun& a, const ClauseRun& b) { return a.instance == b.instance && a.clause == b.clause && a.date == b.date && encode(a.receipt) == encode(b.receipt); }

} // namespace

std::optional<ItemPlace> item_place(const BlockRecord& block, u64 item) {
    const u64 clauses = block.clauses.size();
    if (item == 0 || item > clauses + block.transactions.size()) return std::nullopt;
    return item <= clauses ? ItemPlace{true, static_cast<std::size_t>(item - 1)} : ItemPlace{false, static_cast<std::size_t>(item - clauses - 1)};
}

u64 item_number(const BlockRecord& block, const ItemPlace& place) { return place.index + 1 + (place.is_clause ? 0 : block.clauses.size()); }

Problem run_again(const Chain::Past& past, const BlockRecord& block, const ItemPlace& last, Tracer& tracer) {
    const StateBefore before(past.rows, block);
    Ledger ledger(before, use_traced);
    ledger.tell(&tracer);
    (void)ledger.begin_block(block.height);
    // A clause may also have run for the sake of a transaction.
    const auto reached = [&] { return last.is_clause && ledger.clause_runs().size() > last.index; };
    for (std::size_t i = 0; i < block.transactions.size() && !reached() && (last.is_clause || i <= last.index); ++i) {
        const auto transaction = decode_envelope(block.transactions[i]);
        if (!transaction) return transaction.error();
        tracer.transaction_begins(i);
        if (encode(ledger.apply(transaction->transaction)) != encode(block.receipts[i])) return differs(block, "transaction", i);
    }
    const auto& runs = ledger.clause_runs();
    if (last.is_clause && !reached()) return differs(block, "clause", last.index);
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (i >= block.clauses.size() || !same(runs[i], block.clauses[i])) return differs(block, "clause", i);
    return std::nullopt;
}

} // namespace tally
