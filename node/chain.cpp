#include "node/chain.hpp"

#include "node/files.hpp"
#include "node/genesis_codec.hpp"
#include "node/identity/certificate.hpp"
#include "node/read_ahead.hpp"
#include "node/store/history.hpp"
#include "runtime/certificates.hpp"
#include "runtime/json_text.hpp"
#include "runtime/keys.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

namespace tally {
namespace {

Bytes encode(const Tip& tip) {
    ByteWriter out;
    out.text(tip.chain);
    out.uvarint(tip.height);
    out.raw(tip.root);
    out.uvarint(tip.transactions);
    out.uvarint(tip.starts);
    out.uvarint(tip.history_from);
    out.uvarint(tip.trees_from);
    out.uvarint(tip.engine_height);
    return out.take();
}

bool decode(ByteView bytes, Tip& out) {
    ByteReader in(bytes);
    out.chain = in.text(chain_bytes);
    out.height = in.uvarint();
    in.read(out.root);
    out.transactions = in.uvarint();
    out.starts = in.uvarint();
    out.history_from = in.uvarint();
    out.trees_from = in.uvarint();
    out.engine_height = in.uvarint();
    return in.done();
}

Bytes intent_key(const IntentId& intent) {
    ByteWriter out;
    out.u8('i');
    out.raw(intent);
    return out.take();
}

Bytes date_key(Date date) {
    ByteWriter out;
    out.u8('d');
    out.i64be(date);
    return out.take();
}

/// By height of the ledger; the value is the engine's that decided the block.
Bytes engine_key(u64 height) {
    ByteWriter out;
    out.u8('e');
    out.u64be(height);
    return out.take();
}

const Bytes genesis_key{'g'};

Bytes height_value(u64 height) {
    ByteWriter out;
    out.u64be(height);
    return out.take();
}

Bytes encode(const BlockPlace& place) {
    ByteWriter out;
    out.uvarint(place.height);
    out.uvarint(place.position);
    return out.take();
}

Answer answer_to(const SignedTransaction& signed_transaction, u64 height) {
    Answer answer;
    answer.id = signed_transaction.id;
    answer.intent = signed_transaction.transaction.intent;
    answer.height = height;
    const Payload& payload = signed_transaction.transaction.payload;
    if (const auto* const call = std::get_if<Call>(&payload)) {
        answer.entry = call->entry;
        answer.instance = call->instance;
    } else if (const auto* const create = std::get_if<Create>(&payload)) {
        answer.instance = create->parent;
        answer.currency = create->currency;
    }
    return answer;
}

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

constexpr std::size_t prune_blocks = 2;

using Clock = std::chrono::steady_clock;
std::chrono::microseconds since(Clock::time_point start) { return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start); }

std::filesystem::path database(const std::filesystem::path& directory) { return directory / "db"; }

/// Where a store is made before it is a ledger.
constexpr const char* unfinished_database = "db.new";

/// Nothing but what an `init` that was stopped leaves behind.
bool holds_nothing(const std::filesystem::path& directory) {
    constexpr std::string_view remains[] = {unfinished_database, "node.lock", "node.id", "node.id.new"};
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (std::find(std::begin(remains), std::end(remains), entry.path().filename()) == std::end(remains)) return false;
    return !error;
}

/// The store has every block that it is known to have had, and it is the same one.
Problem check_tip(const RocksStore& store, const Tip& tip, const std::optional<TipFile::Known>& known) {
    if (!known) return std::nullopt;
    if (tip.height < known->height)
        return NodeError{NodeCode::BlocksLost, fmt::format("it ends at height {}, block {} was written", tip.height, known->height)};
    const auto bytes = store.block(known->height);
    BlockRecord block;
    if (bytes && decode(*bytes, block) && block.root == known->root) return std::nullopt;
    return NodeError{NodeCode::WrongDirectory, fmt::format("block {} is not the one that this directory had", known->height)};
}

/// Where the store stands, held against what it is known to have had.
Result<Tip> tip_of(const RocksStore& store, const std::optional<TipFile::Known>& known) {
    auto tip = tip_in(store);
    if (tip)
        if (auto problem = check_tip(store, *tip, known)) return *problem;
    return tip;
}

/// What can be seen before RocksDB looks, which would mend the files in its own way.
Problem check_files(const std::filesystem::path& directory, const TipFile& tip_file) {
    if (auto problem = tip_file.check_manifest()) return problem;
    return RocksStore::check_log(database(directory));
}

} // namespace

std::optional<Genesis> genesis_in(const RocksStore& store) {
    const auto bytes = store.index(genesis_key);
    return bytes ? decode_genesis(*bytes) : std::nullopt;
}

Result<Tip> tip_in(const RocksStore& store) {
    const auto meta = store.meta();
    Tip tip;
    if (!meta || !decode(*meta, tip)) return NodeError{NodeCode::StoreDamaged, "its meta row"};
    return tip;
}

// ---- opening ------------------------------------------------------------------------------------

Problem Chain::create(const std::filesystem::path& directory, const Genesis& genesis) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error || !holds_nothing(directory))
        return NodeError{NodeCode::DirectoryNotEmpty, directory.string()};
    auto lock = DirectoryLock::take(directory);
    if (!lock) return lock.error();
    const auto unfinished = directory / unfinished_database;
    std::filesystem::remove_all(unfinished, error);
    auto store = RocksStore::open(unfinished, true);
    if (!store) return store.error();
    Ledger ledger(**store);
    if (auto problem = ledger.genesis(genesis)) return NodeError{NodeCode::BadGenesis, *problem};
    Tip tip;
    tip.chain = genesis.chain;
    const StateTree state_tree(**store);
    const tree::Update update = state_tree.after(ledger.writes(), std::nullopt, 0);
    tip.root = update.root;
    BlockRecord record;
    record.date = genesis.start;
    record.root = tip.root;
    RocksStore::Block block{0, encode(record), {}, encode(tip)};
    block.rows.push_back({RocksStore::Family::Index, date_key(record.date), height_value(0)});
    block.rows.push_back({RocksStore::Family::Index, genesis_key, encode(genesis)});
    StateTree::add(update, 0, block);
    (*store)->commit(ledger.writes(), block);
    ledger.committed();
    store->reset();
    if (auto problem = lock->write_note({tip.chain, tip.starts, {}})) return problem;
    // From here on it is a ledger. Stopped before, it is none, and `init` begins again.
    std::filesystem::rename(unfinished, database(directory), error);
    if (error) return NodeError{NodeCode::CannotWrite, error.message()};
    return sync_directory(directory);
}

Chain::Chain(std::filesystem::path directory, const Options& options, DirectoryLock lock,
             TipFile tip_file, std::unique_ptr<RocksStore> store, Tip tip)
    : directory_(std::move(directory)), options_(options), lock_(std::move(lock)), tip_file_(std::move(tip_file)),
      store_(std::move(store)), tree_(*store_), ledger_(std::make_unique<Ledger>(*store_, options.engine)),
      reader_(std::make_unique<Ledger>(*store_, options.engine)), tip_(std::move(tip)), name_(tip_.chain),
      signatures_(options.signature_threads) {
    store_->drop_history(tip_.history_from);
}

Result<std::unique_ptr<Chain>> Chain::open(const std::filesystem::path& directory,
                                           const Options& options) {
    std::error_code error;
    if (!std::filesystem::exists(database(directory) / "CURRENT", error))
        return NodeError{NodeCode::NotInitialised, directory.string()};
    auto lock = DirectoryLock::take(directory);
    if (!lock) return lock.error();
    auto tip_file = TipFile::open(directory);
    if (!tip_file) return tip_file.error();
    if (auto problem = check_files(directory, *tip_file)) return *problem;
    auto store = RocksStore::open(database(directory), false, options.write_buffer_bytes);
    if (!store) return store.error();
    auto known_tip = tip_of(**store, tip_file->known());
    if (!known_tip) return known_tip.error();
    Tip tip = std::move(*known_tip);
    const auto found = lock->note();
    if (!found) return found.error();
    const auto& note = *found;
    if (note && (note->chain != tip.chain || note->starts > tip.starts))
        return NodeError{NodeCode::WrongDirectory,
                         fmt::format("the store is of `{}` and was started {} times, the directory "
                                     "is of `{}` and was started {} times",
                                     tip.chain, tip.starts, note->chain, note->starts)};
    // The store first: after a crash between the two it counts more than the note, never less.
    ++tip.starts;
    (*store)->write_meta(encode(tip));
    if (auto problem = lock->write_note({tip.chain, tip.starts, note ? note->node : std::string()})) return *problem;
    if (auto problem = tip_file->write(tip.height, tip.root)) return *problem;
    return std::unique_ptr<Chain>(new Chain(directory, options, std::move(*lock), std::move(*tip_file),
                                            std::move(*store), std::move(tip)));
}

Result<Chain::Closed> Chain::open_to_read(const std::filesystem::path& directory) {
    std::error_code error;
    if (!std::filesystem::exists(database(directory) / "CURRENT", error))
        return NodeError{NodeCode::NotInitialised, directory.string()};
    auto lock = DirectoryLock::take(directory);
    if (!lock) return lock.error();
    const auto tip_file = TipFile::open(directory);
    if (!tip_file) return tip_file.error();
    if (auto problem = check_files(directory, *tip_file)) return *problem;
    auto store = RocksStore::open_to_read(database(directory));
    if (!store) return store.error();
    auto tip = tip_of(**store, tip_file->known());
    if (!tip) return tip.error();
    return Closed{std::move(*lock), std::move(*store), std::move(*tip)};
}

// ---- admission ----------------------------------------------------------------------------------

std::optional<VerifyKey> Chain::key_of(PartyId party) {
    {
        const std::shared_lock lock(keys_mutex_);
        if (const auto known = keys_.find(party); known != keys_.end()) return known->second;
    }
    // Both locks, in this order: a block that replaces the key cannot come in between.
    return read([this, party](const Ledger& ledger, const Tip&) -> std::optional<VerifyKey> {
        const auto found = ledger.party(party);
        if (!found) return std::nullopt;
        const std::lock_guard lock(keys_mutex_);
        keys_.emplace(party, found->key);
        return found->key;
    });
}

/// What the block that becomes visible says of parties. Held: `reading_`.
void Chain::forget_keys() {
    const std::lock_guard lock(keys_mutex_);
    const Bytes first = keys::party(0);
    for (auto row = ledger_->writes().lower_bound(first); row != ledger_->writes().end() && keys::is_in(row->first, keys::Space::party); ++row) {
        ByteReader key(ByteView(row->first).subspan(1));
        keys_.erase(key.u64be());
    }
}

Result<std::vector<VerifyKey>> Chain::keys_of(const SignedTransaction& signed_transaction) {
    std::vector<VerifyKey> keys;
    for (const PartyId signer : signed_transaction.transaction.signers) {
        const auto key = key_of(signer);
        if (!key) return NodeError{NodeCode::UnknownSigner, fmt::format("party {}", signer)};
        keys.push_back(*key);
    }
    return keys;
}

namespace {

/// The certificates of an enrolment, looked at once and only here: see identity/certificate.hpp.
Problem check_enrolment(const Payload& payload) {
    const auto check = [](const Bytes& certificates, const VerifyKey& key) -> Problem {
        if (certificates.empty()) return std::nullopt;
        const auto chain = certificate_chain(certificates);
        if (!chain) return NodeError{NodeCode::BadCertificate, "1 to 8 certificates of at most 8 KiB"};
        return check_certificates(*chain, key);
    };
    if (const auto* const enrol = std::get_if<Enrol>(&payload)) return check(enrol->certificates, enrol->key);
    if (const auto* const rotate = std::get_if<Rotate>(&payload)) return check(rotate->certificates, rotate->key);
    return std::nullopt;
}

} // namespace

std::vector<Result<SignedTransaction>> Chain::check_signatures(std::span<const Bytes> envelopes) {
    std::vector<Result<SignedTransaction>> out;
    std::vector<SignatureJob> jobs;
    std::vector<std::size_t> job_of; ///< the envelope of each job
    std::vector<Hash> digests;
    out.reserve(envelopes.size());
    for (const Bytes& envelope : envelopes) {
        out.push_back(decode_envelope(envelope));
        digests.push_back(sha256(envelope));
        auto& entry = out.back();
        if (entry && entry->chain != name_) entry = NodeError{NodeCode::WrongChain, fmt::format("`{}`, this is `{}`", entry->chain, name_)};
        if (!entry) continue;
        auto keys = keys_of(*entry);
        if (!keys) {
            entry = keys.error();
            continue;
        }
        entry->held_under = std::move(*keys);
        if (checked_.find(digests.back()) == entry->held_under) continue;
        for (std::size_t i = 0; i < entry->signatures.size(); ++i) {
            jobs.push_back({entry->held_under[i], entry->to_sign, entry->signatures[i]});
            job_of.push_back(out.size() - 1);
        }
    }
    signatures_.verify(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (!jobs[i].holds && out[job_of[i]]) out[job_of[i]] = NodeError{NodeCode::BadSignature, {}};
    for (const std::size_t checked : job_of)
        if (out[checked]) checked_.add(digests[checked], out[checked]->held_under);
    return out;
}

std::vector<Result<SignedTransaction>> Chain::admit(std::span<const Bytes> envelopes) {
    auto out = check_signatures(envelopes);
    // Not before: what a certificate costs is for those who are known.
    for (auto& entry : out)
        if (auto problem = entry ? check_enrolment(entry->transaction.payload) : std::nullopt) entry = *problem;
    return out;
}

/// A key may have been replaced since the signatures were checked, also in this very block.
bool Chain::still_holds(const SignedTransaction& signed_transaction) const {
    const auto& signers = signed_transaction.transaction.signers;
    if (signed_transaction.held_under.size() != signers.size()) return false;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        const auto party = ledger_->party(signers[i]);
        if (!party || party->key != signed_transaction.held_under[i]) return false;
    }
    return true;
}

// ---- blocks -------------------------------------------------------------------------------------

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

// ---- questions ----------------------------------------------------------------------------------

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
    const auto bytes = store_->index(genesis_key);
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
