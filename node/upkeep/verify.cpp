#include "node/upkeep/verify.hpp"

#include "node/upkeep/intent_check.hpp"
#include "node/upkeep/replay.hpp"
#include "node/upkeep/tree_check.hpp"
#include "node/upkeep/rows.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/format.h>

namespace tally {
namespace {

NodeError fault(std::string where) { return {NodeCode::ContentsWrong, std::move(where)}; }

/// One running hash over everything that was read.
class Contents {
public:
    void add(ByteView bytes) {
        out_.bytes(bytes);
        if (out_.data().size() > 1U << 20) fold();
    }
    [[nodiscard]] Hash done() {
        fold();
        return hash_;
    }

private:
    void fold() {
        ByteWriter all;
        all.raw(hash_);
        all.raw(out_.take());
        hash_ = sha256(all.data());
        out_ = ByteWriter();
    }
    Hash hash_{};
    ByteWriter out_;
};

Problem check_transactions(const RocksStore& store, const BlockRecord& block) {
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto transaction = decode_envelope(block.transactions[i]);
        if (!transaction) return fault(fmt::format("block {}, transaction {}: {}", block.height, i, transaction.error().what()));
        const auto place = place_in(store, transaction->transaction.intent);
        if (!place || place->height != block.height || place->position != i)
            return fault(fmt::format("block {}, transaction {}: the index does not lead to it", block.height, i));
    }
    return std::nullopt;
}

Problem check_blocks(const RocksStore& store, const Tip& tip, Contents& contents) {
    Hash before{};
    u64 transactions = 0;
    for (u64 height = 0; height <= tip.height; ++height) {
        const auto bytes = store.block(height);
        BlockRecord block;
        if (!bytes) return fault(fmt::format("block {} is missing", height));
        if (!decode(*bytes, block)) return fault(fmt::format("block {} does not decode", height));
        if (block.height != height || (height != 0 && block.parent != before)) return fault(fmt::format("block {} does not follow block {}", height, height - 1));
        if (auto problem = check_transactions(store, block)) return problem;
        before = block.root;
        transactions += block.transactions.size();
        contents.add(*bytes);
    }
    if (before != tip.root) return fault("the root is not that of the last block");
    if (transactions != tip.transactions) return fault(fmt::format("{} transactions are in the blocks, {} were counted", transactions, tip.transactions));
    if (store.block(tip.height + 1)) return fault(fmt::format("there is a block behind the last one, {}", tip.height));
    return std::nullopt;
}

Problem check_money(const Money& money) {
    for (const auto& [currency, sums] : money) {
        const i128 there = sums.accounts + sums.vaults;
        if (sums.issued == there && sums.held == there) continue;
        return fault(fmt::format("{}: {} were issued, {} are said to be held, accounts have {} and vaults {}", currency_name(currency), int_text(sums.issued), int_text(sums.held),
                                 int_text(sums.accounts), int_text(sums.vaults)));
    }
    return std::nullopt;
}

Problem check_state(const RocksStore& store, Inspection& out, Contents& contents) {
    Money money;
    TreeCheck tree;
    IntentCheck intents(store);
    for (auto row = store.next({}, {}); row; row = store.next({}, row->first)) {
        if (!row_decodes(store, row->first, row->second, money)) return fault("the row " + hex(row->first) + " does not decode");
        contents.add(row->first);
        contents.add(row->second);
        tree.add(row->first, row->second);
        if (!intents.add(row->first, row->second)) return fault("the row " + hex(row->first) + " is not what the rows of its intents say");
        ++out.rows;
    }
    out.currencies = money.size();
    if (auto problem = check_money(money)) return problem;
    if (auto problem = intents.check(out.tip.height)) return problem;
    return tree.check(store, out.tip.height, out.tip.root);
}

} // namespace

Result<Inspection> verify_directory(const std::filesystem::path& directory, bool replay) {
    auto closed = Chain::open_to_read(directory);
    if (!closed) return closed.error();
    const RocksStore& store = *closed->store;
    if (auto problem = store.verify_files()) return *problem;
    Inspection out;
    out.tip = closed->tip;
    out.blocks = out.tip.height + 1;
    Contents contents;
    if (auto problem = check_blocks(store, out.tip, contents)) return *problem;
    if (auto problem = check_state(store, out, contents)) return *problem;
    if (replay)
        if (auto problem = replay_from_genesis(store, out.tip)) return *problem;
    out.contents = contents.done();
    return out;
}

} // namespace tally
