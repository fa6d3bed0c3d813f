#include "node/store/rocks_store.hpp"

#include "node/store/history.hpp"
#include "node/store/read_cache.hpp"
#include "node/store/wal_gap.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <map>
#include <mutex>

namespace tally {
namespace {

using Family = RocksStore::Family;
constexpr std::size_t state_family = 1;
constexpr std::array<const char*, 8> family_names = {"default", "state", "blocks", "index",
                                                     "meta",    "tree",  "stale",  "history"};
constexpr std::size_t number(Family family) { return static_cast<std::size_t>(family); }

constexpr std::size_t cached_rows = 256 * 1024; ///< at most: what the last blocks touched
constexpr std::size_t block_cache_bytes = 1024U << 20;
constexpr std::size_t windows_max = 16;
constexpr std::size_t window_rows_max = 4096;

rocksdb::Slice slice(ByteView bytes) { return {as_text(bytes).data(), bytes.size()}; }

ByteView view_of(const rocksdb::Slice& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
Bytes bytes_of(const rocksdb::Slice& text) { return to_bytes({text.data(), text.size()}); }

Bytes height_key(u64 height) {
    ByteWriter out;
    out.u64be(height);
    return out.take();
}

const Bytes meta_key{'m'};

/// The first key after all keys with this prefix; empty when there is none.
Bytes prefix_end(Bytes prefix) {
    while (!prefix.empty() && prefix.back() == 0xff)
        prefix.pop_back();
    if (!prefix.empty()) ++prefix.back();
    return prefix;
}

[[noreturn]] void stop_on(const rocksdb::Status& status) {
    stop_node({status.IsCorruption() ? NodeCode::StoreDamaged : NodeCode::DiskFailed, status.ToString()});
}

/// RocksDB's own log is a file on the same disk, and on a full one writing to it ends the process
/// by an assertion before the error reaches us. Every error comes back as a status anyway.
class NoLog final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

/// RocksDB goes on by itself after some errors: on a full disk a thread of its own flushes every family that it can and
/// forgets the log. A block of which only the log is left would then be there in some families and not in others.
class StopOnError final : public rocksdb::EventListener {
public:
    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override { stop_on(*error); }
};

/// Drops what is older than any question may be. Files are rewritten anyway; nothing is read for it.
class HistoryFilter final : public rocksdb::CompactionFilter {
public:
    explicit HistoryFilter(const std::atomic<u64>& up_to) : up_to_(up_to) {}
    const char* Name() const override { return "tally.history"; }
    bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*,
                bool*) const override {
        return history_height(bytes_of(key)) <= up_to_.load(std::memory_order_relaxed);
    }

private:
    const std::atomic<u64>& up_to_;
};

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            u64 buffer_bytes, bool hashes) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.write_buffer_size = buffer_bytes;
    // Hashes do not get smaller.
    options.compression = hashes ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
    // A block's rows come in their order, so the place of one is near that of the one before.
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(1));
    // The due and expiry spaces are queues: without this, reading their head walks over ever more
    // deletions.
    options.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048));
    return options;
}

rocksdb::DBOptions database_options(bool create) {
    rocksdb::DBOptions options;
    options.create_if_missing = create;
    options.create_missing_column_families = create;
    options.error_if_exists = create;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.paranoid_checks = true;
    options.max_background_jobs = 2;
    options.max_total_wal_size = 256U << 20;
    options.info_log = std::make_shared<NoLog>();
    options.max_open_files = 512;
    options.listeners.push_back(std::make_shared<StopOnError>());
    return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> all_families(u64 buffer_bytes) {
    const auto cache = rocksdb::NewLRUCache(block_cache_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> out;
    for (std::size_t i = 0; i < family_names.size(); ++i)
        out.emplace_back(family_names[i],
                         family_options(cache, buffer_bytes, i == number(Family::Tree)));
    return out;
}

} // namespace

struct RocksStore::Impl {
    std::atomic<u64> history_up_to{0};
    HistoryFilter history_filter{history_up_to};
    std::unique_ptr<rocksdb::DB> database;
    std::vector<rocksdb::ColumnFamilyHandle*> families;

    // Everything below only makes reading quicker.
    mutable std::mutex mutex;
    mutable RowCache rows{cached_rows};
    mutable std::vector<std::pair<Bytes, Window>> windows; ///< by prefix, the latest last
    /// No row with the prefix lies below this key. Spares the walk over deleted heads of queues.
    mutable std::map<Bytes, Bytes> heads;
    mutable u64 version = 0; ///< counts commits: a row read before one is not cached after it

    ~Impl() {
        for (auto* const family : families)
            database->DestroyColumnFamilyHandle(family);
        if (database) database->Close();
    }
    std::optional<Bytes> read(std::size_t family, const Bytes& key) const {
        rocksdb::PinnableSlice value;
        const auto status = database->Get({}, families[family], slice(key), &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) stop_on(status);
        return bytes_of(value);
    }
    void write(rocksdb::WriteBatch& batch) const {
        rocksdb::WriteOptions options;
        options.sync = true;
        const auto status = database->Write(options, &batch);
        if (!status.ok()) stop_on(status);
    }
    void put(rocksdb::WriteBatch& batch, std::size_t family, const Bytes& key,
             const Bytes& value) const {
        if (const auto status = batch.Put(families[family], slice(key), slice(value)); !status.ok())
            stop_on(status);
    }
    void erase(rocksdb::WriteBatch& batch, std::size_t family, const Bytes& key) const {
        if (const auto status = batch.Delete(families[family], slice(key)); !status.ok())
            stop_on(status);
    }
    void write_row(rocksdb::WriteBatch& batch, std::size_t family, const Bytes& key,
                   const std::optional<Bytes>& value) const {
        if (value)
            put(batch, family, key, *value);
        else
            erase(batch, family, key);
    }
    /// Rows from `seek` on. There must be none of the prefix in [from, seek).
    Window load(const Bytes& prefix, const Bytes& from, const Bytes& seek, std::size_t count) const;
    void refresh(const WriteSet& writes);
};

RocksStore::RocksStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& path,
                                                     bool create, u64 buffer_bytes) {
    auto descriptors = all_families(buffer_bytes);
    auto impl = std::make_unique<Impl>();
    descriptors[number(Family::History)].options.compaction_filter = &impl->history_filter;
    rocksdb::DB* database = nullptr;
    const auto status = rocksdb::DB::Open(database_options(create), path.string(), descriptors,
                                          &impl->families, &database);
    impl->database.reset(database);
    if (!status.ok()) {
        const bool locked =
            status.IsIOError() && status.ToString().find("LOCK") != std::string::npos;
        return NodeError{locked ? NodeCode::DirectoryInUse : NodeCode::StoreDamaged,
                         status.ToString()};
    }
    return std::unique_ptr<RocksStore>(new RocksStore(std::move(impl)));
}

Result<std::unique_ptr<RocksStore>> RocksStore::open_to_read(const std::filesystem::path& path) {
    auto impl = std::make_unique<Impl>();
    rocksdb::DB* database = nullptr;
    const auto status =
        rocksdb::DB::OpenForReadOnly(database_options(false), path.string(),
                                     all_families(write_buffer_bytes), &impl->families, &database);
    impl->database.reset(database);
    if (!status.ok()) return NodeError{NodeCode::StoreDamaged, status.ToString()};
    return std::unique_ptr<RocksStore>(new RocksStore(std::move(impl)));
}

Problem RocksStore::check_log(const std::filesystem::path& path) {
    if (!wal_gap(path, 0)) return std::nullopt;
    // Files that are not needed any more may have been removed in any order. Which are, the MANIFEST knows.
    const auto store = open_to_read(path);
    if (!store) return store.error();
    std::uint64_t first = 0;
    if (!(*store)->impl_->database->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &first))
        return NodeError{NodeCode::StoreDamaged, "it does not say which log files it needs"};
    const auto gap = wal_gap(path, first);
    if (!gap) return std::nullopt;
    return NodeError{NodeCode::StoreDamaged, "a hole in the log: " + *gap};
}

std::optional<Bytes> RocksStore::get(const Bytes& key) const {
    u64 version = 0;
    {
        const std::lock_guard lock(impl_->mutex);
        if (const auto* const known = impl_->rows.find(key)) return *known;
        version = impl_->version;
    }
    auto value = impl_->read(state_family, key);
    const std::lock_guard lock(impl_->mutex);
    if (version == impl_->version) impl_->rows.put(key, value);
    return value;
}

void RocksStore::read_ahead(std::span<const Bytes> keys) const {
    std::vector<rocksdb::Slice> unknown;
    std::vector<const Bytes*> names;
    u64 version = 0;
    {
        const std::lock_guard lock(impl_->mutex);
        version = impl_->version;
        for (const Bytes& key : keys) {
            if (impl_->rows.find(key) != nullptr) continue;
            unknown.push_back(slice(key));
            names.push_back(&key);
        }
    }
    std::vector<rocksdb::PinnableSlice> values(unknown.size());
    std::vector<rocksdb::Status> found(unknown.size());
    impl_->database->MultiGet({}, impl_->families[state_family], unknown.size(), unknown.data(), values.data(), found.data());
    const std::lock_guard lock(impl_->mutex);
    if (version != impl_->version) return;
    for (std::size_t i = 0; i < names.size(); ++i) { // whoever needs a row that could not be read will see why
        if (found[i].ok()) impl_->rows.put(*names[i], bytes_of(values[i]));
        else if (found[i].IsNotFound()) impl_->rows.put(*names[i], std::nullopt);
    }
}

Window RocksStore::Impl::load(const Bytes& prefix, const Bytes& from, const Bytes& seek,
                              std::size_t count) const {
    const Bytes end = prefix_end(prefix);
    const rocksdb::Slice end_slice = slice(end);
    rocksdb::ReadOptions options;
    if (!end.empty()) options.iterate_upper_bound = &end_slice;
    const std::unique_ptr<rocksdb::Iterator> at(
        database->NewIterator(options, families[state_family]));
    std::vector<Window::Row> found;
    for (at->Seek(slice(seek)); at->Valid() && found.size() < count; at->Next())
        found.emplace_back(bytes_of(at->key()), bytes_of(at->value()));
    const bool complete = !at->Valid();
    if (!at->status().ok()) stop_on(at->status());
    return {from, std::move(found), complete};
}

std::optional<std::pair<Bytes, Bytes>> RocksStore::next(const Bytes& prefix,
                                                        const Bytes& after) const {
    const bool whole = after < prefix;
    Bytes from = whole ? prefix : after;
    if (!whole) from.push_back(0); // the first key after `after`
    const std::lock_guard lock(impl_->mutex);
    auto& windows = impl_->windows;
    std::size_t count = 1;
    const auto same = std::find_if(windows.begin(), windows.end(),
                                   [&](const auto& entry) { return entry.first == prefix; });
    if (same != windows.end()) {
        if (same->second.covers(from)) return same->second.first_at(from);
        count = std::min(window_rows_max, same->second.size() * 4 + 4); // somebody walks along
        windows.erase(same);
    } else if (windows.size() == windows_max) {
        windows.erase(windows.begin());
    }
    const auto head = impl_->heads.find(prefix);
    const bool below_head = head != impl_->heads.end() && from < head->second;
    Window window = impl_->load(prefix, from, below_head ? head->second : from, count);
    auto row = window.first_at(from);
    // Only whole spaces are queues, and there are few of them.
    if (whole && row && prefix.size() == 1) impl_->heads[prefix] = row->first;
    windows.emplace_back(prefix, std::move(window));
    return row;
}

void RocksStore::Impl::refresh(const WriteSet& writes) {
    const std::lock_guard lock(mutex);
    ++version;
    windows.clear();
    for (const auto& [key, value] : writes)
        rows.put(key, value);
    for (auto& [prefix, head] : heads) {
        for (auto at = writes.lower_bound(prefix); at != writes.end() && at->first < head; ++at) {
            if (!at->second) continue;
            head = at->first;
            break;
        }
    }
}

std::optional<Bytes> RocksStore::find(Family family, const Bytes& key) const {
    return impl_->read(number(family), key);
}

void RocksStore::walk(Family family, const Bytes& key, const std::function<bool(ByteView key, ByteView value)>& take) const {
    const std::unique_ptr<rocksdb::Iterator> at(
        impl_->database->NewIterator({}, impl_->families[number(family)]));
    at->Seek(slice(key));
    while (at->Valid() && take(view_of(at->key()), view_of(at->value())))
        at->Next();
    if (!at->status().ok()) stop_on(at->status());
}

std::optional<std::pair<Bytes, Bytes>> RocksStore::seek(Family family, const Bytes& key) const {
    std::optional<std::pair<Bytes, Bytes>> out;
    walk(family, key, [&](ByteView row, ByteView value) {
        out.emplace(Bytes(row.begin(), row.end()), Bytes(value.begin(), value.end()));
        return false;
    });
    return out;
}

std::optional<std::pair<Bytes, Bytes>> RocksStore::last_at_or_before(Family family,
                                                                     const Bytes& key) const {
    const std::unique_ptr<rocksdb::Iterator> at(
        impl_->database->NewIterator({}, impl_->families[number(family)]));
    at->SeekForPrev(slice(key));
    if (!at->status().ok()) stop_on(at->status());
    if (!at->Valid()) return std::nullopt;
    return std::pair{bytes_of(at->key()), bytes_of(at->value())};
}

std::optional<Bytes> RocksStore::block(u64 height) const {
    return find(Family::Blocks, height_key(height));
}
std::optional<Bytes> RocksStore::meta() const { return find(Family::Meta, meta_key); }

Problem RocksStore::verify_files() const {
    const auto status = impl_->database->VerifyChecksum();
    if (status.ok()) return std::nullopt;
    return NodeError{NodeCode::StoreDamaged, status.ToString()};
}

RocksStore::Sizes RocksStore::sizes() const {
    Sizes out;
    impl_->database->GetAggregatedIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &out.files);
    impl_->database->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &out.memory);
    return out;
}

Problem RocksStore::checkpoint(const std::filesystem::path& path) const {
    rocksdb::Checkpoint* made = nullptr;
    auto status = rocksdb::Checkpoint::Create(impl_->database.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(path.string());
    if (status.ok()) return std::nullopt;
    return NodeError{NodeCode::CannotWrite, status.ToString()};
}

void RocksStore::commit(const WriteSet& state, const Block& block) {
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : state)
        impl_->write_row(batch, state_family, key, value);
    for (const Block::Row& row : block.rows)
        impl_->write_row(batch, number(row.family), row.key, row.value);
    impl_->put(batch, number(Family::Blocks), height_key(block.height), block.record);
    impl_->put(batch, number(Family::Meta), meta_key, block.meta);
    impl_->write(batch);
    impl_->refresh(state);
}

void RocksStore::write_meta(const Bytes& meta) {
    rocksdb::WriteBatch batch;
    impl_->put(batch, number(Family::Meta), meta_key, meta);
    impl_->write(batch);
}

void RocksStore::drop_history(u64 up_to) { impl_->history_up_to.store(up_to); }

} // namespace tally
