#include "node/upkeep/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tally {
namespace {

NodeError differs(std::string where) { return {NodeCode::ContentsWrong, "run again, " + std::move(where)}; }

std::optional<BlockRecord> block_at(const RocksStore& store, u64 height) {
    const auto bytes = store.block(height);
    BlockRecord block;
    if (!bytes || !decode(*bytes, block)) return std::nullopt;
    return block;
}

bool same(const std::vector<ClauseRun>& a, const std::vector<ClauseRun>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ClauseRun& x, const ClauseRun& y) {
        return x.instance == y.instance && x.clause == y.clause && x.date == y.date && encode(x.receipt) == encode(y.receipt);
    });
}

Problem replay_block(Ledger& ledger, const BlockRecord& block) {
    (void)ledger.begin_block(block.height);
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto transaction = decode_envelope(block.transactions[i]);
        if (!transaction) return transaction.error();
        if (encode(ledger.apply(transaction->transaction)) != encode(block.receipts[i]))
            return differs(fmt::format("block {}, transaction {} has another receipt", block.height, i));
    }
    if (!same(ledger.clause_runs(), block.clauses)) return differs(fmt::format("block {} has other clauses", block.height));
    ledger.seal(block.height, encode(digest_of(block)));
    if (ledger.business_date() != block.date) return differs(fmt::format("block {} has another business date", block.height));
    return std::nullopt;
}

Problem compare(const RocksStore& store, const MemoryStore& expected) {
    auto row = store.next({}, {});
    for (const auto& [key, value] : expected.entries()) {
        if (!row || row->first > key) return differs("the row " + hex(key) + " is missing");
        if (row->first < key) return differs("there is no row " + hex(row->first));
        if (row->second != value) return differs("the row " + hex(key) + " is another one");
        row = store.next({}, key);
    }
    if (row) return differs("there is no row " + hex(row->first));
    return std::nullopt;
}

} // namespace

Problem replay_from_genesis(const RocksStore& store, const Tip& tip) {
    MemoryStore memory;
    Ledger ledger(memory);
    const auto genesis = genesis_in(store);
    if (!genesis) return NodeError{NodeCode::ContentsWrong, "its genesis is missing or damaged"};
    if (const auto problem = ledger.genesis(*genesis)) return NodeError{NodeCode::ContentsWrong, "its genesis: " + *problem};
    for (u64 height = 0;; ++height) {
        memory.apply(ledger.writes());
        ledger.committed();
        if (height == tip.height) return compare(store, memory);
        const auto block = block_at(store, height + 1);
        if (!block) return differs(fmt::format("block {} is missing", height + 1));
        if (auto problem = replay_block(ledger, *block)) return problem;
    }
}

} // namespace tally
