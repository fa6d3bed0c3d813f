#include "node/chain/rows.hpp"

#include "node/files.hpp"
#include "node/read_ahead.hpp"
#include "node/store/history.hpp"
#include "runtime/json_text.hpp"
#include "runtime/keys.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

namespace tally {
namespace {

constexpr std::size_t prune_blocks = 2;

using Clock = std::chrono::steady_clock;
std::chrono::microseconds since(Clock::time_point start) { return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start); }

} // namespace

struct Chain::Building {
    BlockRecord record;
    std::vector<RocksStore::Block::Row> index;
    std::size_t bytes = 0;
    i64 gas_used = 0;
    BlockLimits most;

    /// Whether one more transaction may still come in.
    [[nodiscard]] bool open_for(const SignedTransaction& next) const {
        if (record.transactions.empty()) return true;
        return record.transactions.size() < most.transactions && bytes + next.bytes.size() <= most.bytes && gas_used < most.gas;
    }
};

/// A block between `run_block` and `commit`.
struct Chain::Ran {
    Tip tip;
    bool changed = false;
    RocksStore::Block durable;
    tree::Update update;
};

// Here, where what they hold is complete.
Chain::Chain(std::filesystem::path directory, const Options& options, DirectoryLock lock,
             TipFile tip_file, std::unique_ptr<RocksStore> store, Tip tip)
    : directory_(std::move(directory)), options_(options), lock_(std::move(lock)), tip_file_(std::move(tip_file)),
      store_(std::move(store)), tree_(*store_), ledger_(std::make_unique<Ledger>(*store_, options.engine)),
      reader_(std::make_unique<Ledger>(*store_, options.engine)), tip_(std::move(tip)), name_(tip_.chain),
      signatures_(options.signature_threads) {
    store_->drop_history(tip_.history_from);
}
Chain::~Chain() = default;

BlockLimits Chain::agreed_limits() const {
    return {static_cast<std::size_t>(ledger_->parameter(Parameter::BlockTransactions)), limits::block_bytes, ledger_->parameter(Parameter::BlockGas)};
}

Problem Chain::no_room() const { return disk_nearly_full(directory_, options_.min_free_bytes); }

std::vector<Result<Answer>>
Chain::make_block(std::span<const SignedTransaction* const> transactions) {
    Outcome outcome = run_block(transactions, agreed_limits());
    if (outcome.changed) commit();
    return std::move(outcome.answers);
}

Chain::Outcome Chain::run_block(std::span<const SignedTransaction* const> transactions, const BlockLimits& most) {
    const auto start = Clock::now();
    ledger_->abandon();
    ran_ = std::make_unique<Ran>();
    ran_->tip = tip_;
    ReadAhead ahead(*store_, tree_, tip_.height);
    for (const SignedTransaction* const transaction : transactions)
        ahead.note(transaction->transaction);
    ahead.start();
    Building block;
    block.record.height = tip_.height + 1;
    block.record.parent = tip_.root;
    block.most = most;
    for (const ClauseRun& run : ledger_->begin_block(block.record.height))
        block.gas_used += run.receipt.gas_used;
    Outcome out;
    out.answers.reserve(transactions.size());
    for (const SignedTransaction* const transaction : transactions) {
        if (!out.answers.empty() && !block.open_for(*transaction)) break;
        out.answers.push_back(take(*transaction, block));
    }
    ahead.stop();
    times_.run = since(start);
    if (!ledger_->writes().empty()) seal(block);
    out.height = ran_->tip.height;
    out.root = ran_->tip.root;
    out.changed = ran_->changed;
    return out;
}

Result<Answer> Chain::take(const SignedTransaction& signed_transaction, Building& block) {
    const Transaction& transaction = signed_transaction.transaction;
    const u64 height = block.record.height;
    Answer answer = answer_to(signed_transaction, height);
    if (auto first = ledger_->receipt_of(transaction.intent)) {
        // The first answer is for whoever lost it, not for somebody who took the intent again.
        if (first_of(transaction.intent, block) != signed_transaction.id)
            return NodeError{NodeCode::IntentReused, hex(transaction.intent)};
        answer.duplicate = true;
        answer.receipt = std::move(*first);
        if (const auto place = place_of(transaction.intent)) answer.height = place->height;
        return answer;
    }
    if (transaction.expiry < height)
        return NodeError{NodeCode::Expired,
                         fmt::format("it was {}, this is block {}", transaction.expiry, height)};
    if (transaction.expiry - height > static_cast<u64>(ledger_->parameter(Parameter::ExpiryBlocks)))
        return NodeError{NodeCode::ExpiryTooFar,
                         fmt::format("{}, this is block {}", transaction.expiry, height)};
    if (!still_holds(signed_transaction)) return NodeError{NodeCode::BadSignature, "a signer has another key now"};
    answer.receipt = ledger_->apply(transaction);
    block.index.push_back({RocksStore::Family::Index, intent_key(transaction.intent),
                           encode(BlockPlace{height, block.record.transactions.size()})});
    block.record.ids.push_back({signed_transaction.id, transaction.intent});
    block.bytes += signed_transaction.bytes.size();
    block.gas_used += answer.receipt.gas_used;
    block.record.transactions.push_back(signed_transaction.bytes);
    block.record.receipts.push_back(answer.receipt);
    return answer;
}

/// Everything that can be worked out before the block is decided.
void Chain::seal(Building& block) {
    check_conservation(block);
    block.record.date = ledger_->business_date();
    block.record.clauses = ledger_->clause_runs();
    Tip& tip = ran_->tip;
    tip.height = block.record.height;
    tip.transactions += block.record.transactions.size();
    ledger_->seal(tip.height, encode(digest_of(block.record)));
    const WriteSet& writes = ledger_->writes();
    const auto before_tree = Clock::now();
    ran_->update = tree_.after(writes, tip_.height, tip.height);
    tip.root = block.record.root = ran_->update.root;
    RocksStore::Block& durable = ran_->durable;
    durable = {tip.height, tally::encode(block.record), std::move(block.index), {}};
    durable.rows.push_back({RocksStore::Family::Index, date_key(block.record.date), height_value(tip.height)});
    StateTree::add(ran_->update, tip.height, durable);
    const auto before_history = Clock::now();
    times_.tree = std::chrono::duration_cast<std::chrono::microseconds>(before_history - before_tree);
    for (auto& [key, value] : history_of(*store_, writes, tip.height))
        durable.rows.push_back({RocksStore::Family::History, std::move(key), std::move(value)});
    rows_written_ = static_cast<u64>(std::count_if(writes.begin(), writes.end(), [](const auto& row) { return keys::is_in(row.first, keys::Space::instance); }));
    ran_->changed = true;
    times_.history = since(before_history);
}

void Chain::commit(u64 engine_height) {
    const std::unique_ptr<Ran> ran = std::move(ran_);
    Tip& tip = ran->tip;
    tip.engine_height = engine_height;
    if (!ran->changed) {
        store_->write_meta(encode(tip));
        const std::lock_guard lock(reading_);
        tip_ = std::move(tip);
        return;
    }
    prune(tip, ran->durable);
    if (engine_height != 0) ran->durable.rows.push_back({RocksStore::Family::Index, engine_key(tip.height), height_value(engine_height)});
    ran->durable.meta = encode(tip);
    const std::lock_guard lock(reading_);
    const auto before_commit = Clock::now();
    auto kept = std::async(std::launch::async, [&] { tree_.keep(std::move(ran->update)); });
    store_->commit(ledger_->writes(), ran->durable);
    kept.wait();
    times_.commit = since(before_commit);
    store_->drop_history(tip.history_from);
    forget_keys();
    ledger_->committed();
    // Before anybody is answered, so that nothing acknowledged can be lost without a word.
    if (const auto problem = tip_file_.write(tip.height, tip.root)) stop_node(*problem);
    tip_ = std::move(tip);
}

/// Takes away what is older than the node keeps: more blocks than come in, so that it ends, and never many at
/// once. Whoever asks is refused by the tip's heights, not by what is still there.
void Chain::prune(Tip& tip, RocksStore::Block& block) {
    const auto floor = [&](u64 keep, u64 now) { return keep == 0 || tip.height < keep ? now : std::max(now, tip.height - keep); };
    tip.history_from = floor(options_.keep_history, tip.history_from);
    tip.trees_from = floor(options_.keep_trees, tip.trees_from);
    std::size_t blocks = prune_blocks;
    store_->walk(RocksStore::Family::Stale, height_value(pruned_ + 1), [&](ByteView row, ByteView stale) {
        ByteReader in(row);
        const u64 height = in.u64be();
        if (height > tip.trees_from) return false;
        StateTree::prune(height, stale, block);
        pruned_ = height;
        return --blocks != 0;
    });
}

/// What whoever looks into it needs, beside the database: the block that broke it is in no other place.
void Chain::keep_evidence(const Building& block, CurrencyCode currency, const Ledger::Supply& supply) const {
    JsonArray transactions;
    for (const Bytes& envelope : block.record.transactions)
        transactions.raw(json_quoted(hex(envelope)));
    const std::string text = JsonObject()
                                 .text("broken", "conservation")
                                 .text("chain", tip_.chain)
                                 .number("height", block.record.height)
                                 .text("root_before", hex(tip_.root))
                                 .text("currency", currency_name(currency))
                                 .text("issued", int_text(supply.issued))
                                 .text("held", int_text(supply.held))
                                 .raw("transactions", transactions.done())
                                 .done();
    // It may be there from the attempt before: the node is stopped either way.
    (void)write_new_file(directory_ / fmt::format("evidence-{}.json", block.record.height), text + "\n", 0600);
}

/// Outside of any transaction and its recovery: nothing can swallow it.
void Chain::check_conservation(const Building& building) const {
    const WriteSet& writes = ledger_->writes();
    const Bytes space = keys::Key(keys::Space::supply).take();
    for (auto at = writes.lower_bound(space); at != writes.end() && at->first[0] == space[0];
         ++at) {
        ByteReader in(at->first);
        in.u8();
        const CurrencyCode currency = in.u32be();
        const auto supply = ledger_->supply(currency);
        if (supply.issued == supply.held) continue;
        keep_evidence(building, currency, supply);
        stop_node(
            {NodeCode::ConservationBroken,
             fmt::format("block {}, {}: {} minor units were issued, {} are held", tip_.height + 1,
                         currency_name(currency), int_text(supply.issued), int_text(supply.held))});
    }
}

/// The transaction that first came under an intent, in an earlier block or in the one being built.
std::optional<Hash> Chain::first_of(const IntentId& intent, const Building& building) const {
    const auto id_at = [](const BlockRecord& record, u64 position) -> std::optional<Hash> {
        if (position >= record.transactions.size()) return std::nullopt;
        const auto first = decode_envelope(record.transactions[static_cast<std::size_t>(position)]);
        if (!first) return std::nullopt;
        return first->id;
    };
    const Bytes key = intent_key(intent);
    for (std::size_t i = 0; i < building.index.size(); ++i)
        if (building.index[i].key == key) {
            ByteReader in(*building.index[i].value);
            (void)in.uvarint(); // the height
            return id_at(building.record, in.uvarint());
        }
    const auto place = place_of(intent);
    const auto record = place ? block(place->height) : std::nullopt;
    return record ? id_at(*record, place->position) : std::nullopt;
}

} // namespace tally
