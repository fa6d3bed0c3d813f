#include "node/chain.hpp"

#include "node/files.hpp"
#include "runtime/keys.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tally {
namespace {

Bytes encode(const Tip& tip) {
    ByteWriter out;
    out.text(tip.chain);
    out.uvarint(tip.height);
    out.raw(tip.root);
    out.uvarint(tip.transactions);
    out.uvarint(tip.starts);
    return out.take();
}

bool decode(ByteView bytes, Tip& out) {
    ByteReader in(bytes);
    out.chain = in.text(chain_bytes);
    out.height = in.uvarint();
    const ByteView root = in.raw(out.root.size());
    std::copy(root.begin(), root.end(), out.root.begin());
    out.transactions = in.uvarint();
    out.starts = in.uvarint();
    return in.done();
}

Bytes intent_key(const IntentId& intent) {
    ByteWriter out;
    out.u8('i');
    out.raw(intent);
    return out.take();
}

Bytes encode(const Place& place) {
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
    ledger.genesis(genesis);
    Tip tip;
    tip.chain = genesis.chain;
    tip.root = root_after(tip.root, ledger.writes());
    BlockRecord record;
    record.date = genesis.start;
    record.root = tip.root;
    (*store)->commit(ledger.writes(), {0, encode(record), {}, encode(tip)});
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
      store_(std::move(store)), ledger_(std::make_unique<Ledger>(*store_, options.engine)),
      reader_(std::make_unique<Ledger>(*store_, options.engine)), tip_(std::move(tip)), name_(tip_.chain),
      signatures_(options.signature_threads) {}

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

std::optional<PublicKey> Chain::key_of(PartyId party) {
    {
        const std::shared_lock lock(keys_mutex_);
        if (const auto known = keys_.find(party); known != keys_.end()) return known->second;
    }
    const auto found =
        read([party](const Ledger& ledger, const Tip&) { return ledger.party(party); });
    if (!found) return std::nullopt;
    const std::lock_guard lock(keys_mutex_);
    keys_.emplace(party, found->key);
    return found->key;
}

std::vector<Result<SignedTransaction>> Chain::admit(std::span<const Bytes> envelopes) {
    std::vector<Result<SignedTransaction>> out;
    std::vector<SignatureJob> jobs;
    std::vector<std::size_t> job_of; ///< the envelope of each job
    out.reserve(envelopes.size());
    for (const Bytes& envelope : envelopes) {
        out.push_back(decode_envelope(envelope));
        auto& entry = out.back();
        if (entry && entry->chain != name_) {
            entry = NodeError{NodeCode::WrongChain,
                              fmt::format("`{}`, this is `{}`", entry->chain, name_)};
        }
        for (std::size_t i = 0; entry && i < entry->signatures.size(); ++i) {
            const PartyId signer = entry->transaction.signers[i];
            const auto key = key_of(signer);
            if (!key) {
                entry = NodeError{NodeCode::UnknownSigner, fmt::format("party {}", signer)};
                continue;
            }
            jobs.push_back({*key, entry->to_sign, entry->signatures[i]});
            job_of.push_back(out.size() - 1);
        }
    }
    signatures_.verify(jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (!jobs[i].holds && out[job_of[i]])
            out[job_of[i]] = NodeError{NodeCode::BadSignature, {}};
    return out;
}

// ---- blocks -------------------------------------------------------------------------------------

struct Chain::Building {
    BlockRecord record;
    std::vector<std::pair<Bytes, Bytes>> index;
    std::size_t bytes = 0;
    i64 gas_used = 0;

    /// Whether one more transaction may still come in.
    [[nodiscard]] bool open_for(const SignedTransaction& next) const {
        if (record.transactions.empty()) return true;
        return record.transactions.size() < limits::block_transactions &&
               bytes + next.bytes.size() <= limits::block_bytes && gas_used < limits::block_gas;
    }
};

Problem Chain::no_room() const { return disk_nearly_full(directory_, options_.min_free_bytes); }

std::vector<Result<Answer>>
Chain::make_block(std::span<const SignedTransaction* const> transactions) {
    Building block;
    block.record.height = tip_.height + 1;
    block.record.parent = tip_.root;
    for (const ClauseRun& run : ledger_->begin_block(block.record.height))
        block.gas_used += run.receipt.gas_used;
    std::vector<Result<Answer>> answers;
    answers.reserve(transactions.size());
    for (const SignedTransaction* const transaction : transactions) {
        if (!answers.empty() && !block.open_for(*transaction)) break;
        answers.push_back(take(*transaction, block));
    }
    if (ledger_->writes().empty())
        ledger_->abandon();
    else
        finish(block);
    return answers;
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
    if (transaction.expiry - height > limits::expiry_blocks)
        return NodeError{NodeCode::ExpiryTooFar,
                         fmt::format("{}, this is block {}", transaction.expiry, height)};
    answer.receipt = ledger_->apply(transaction);
    block.index.emplace_back(intent_key(transaction.intent),
                             encode(Place{height, block.record.transactions.size()}));
    block.bytes += signed_transaction.bytes.size();
    block.gas_used += answer.receipt.gas_used;
    block.record.transactions.push_back(signed_transaction.bytes);
    block.record.receipts.push_back(answer.receipt);
    return answer;
}

void Chain::finish(Building& block) {
    const WriteSet& writes = ledger_->writes();
    check_conservation(writes);
    block.record.root = root_after(tip_.root, writes);
    block.record.date = ledger_->business_date();
    block.record.clauses = ledger_->clause_runs();
    Tip tip = tip_;
    tip.height = block.record.height;
    tip.root = block.record.root;
    tip.transactions += block.record.transactions.size();
    const Bytes record = tally::encode(block.record);
    const std::lock_guard lock(reading_);
    store_->commit(writes, {tip.height, record, std::move(block.index), encode(tip)});
    ledger_->committed();
    // Before anybody is answered, so that nothing acknowledged can be lost without a word.
    if (const auto problem = tip_file_.write(tip.height, tip.root)) stop_node(*problem);
    tip_ = std::move(tip);
}

void Chain::check_conservation(const WriteSet& writes) const {
    const Bytes space = keys::Key(keys::Space::supply).take();
    for (auto at = writes.lower_bound(space); at != writes.end() && at->first[0] == space[0];
         ++at) {
        ByteReader in(at->first);
        in.u8();
        const CurrencyCode currency = in.u32be();
        const auto supply = ledger_->supply(currency);
        if (supply.issued == supply.held) continue;
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
        if (building.index[i].first == key) {
            ByteReader in(building.index[i].second);
            (void)in.uvarint(); // the height
            return id_at(building.record, in.uvarint());
        }
    const auto place = place_of(intent);
    const auto record = place ? block(place->height) : std::nullopt;
    return record ? id_at(*record, place->position) : std::nullopt;
}

std::optional<Place> place_in(const RocksStore& store, const IntentId& intent) {
    const auto row = store.index(intent_key(intent));
    if (!row) return std::nullopt;
    ByteReader in(*row);
    Place place;
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

std::optional<Hash> Chain::latest_code(const std::string& module) const {
    const auto row = store_->get(keys::code_name(module));
    if (!row || row->size() != std::tuple_size_v<Hash>) return std::nullopt;
    Hash hash{};
    std::copy(row->begin(), row->end(), hash.begin());
    return hash;
}

} // namespace tally
