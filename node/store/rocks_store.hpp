/// The ledger's state and its blocks on a disk (RocksDB; this folder is its only home).
///
/// A block is one synced batch over all column families: it is there whole or not at all, and it is
/// there when `commit` returns. Any failure of the disk stops the node. A damaged store does not
/// open: the write-ahead log is read with kTolerateCorruptedTailRecords, because RocksDB's default
/// drops acknowledged blocks without a word after one flipped bit.
#pragma once

#include "node/errors.hpp"
#include "runtime/store.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

namespace tally {

class RocksStore : public Store {
public:
    /// Refuses a directory without a database unless `create`.
    /// What is written is kept in memory too until it fills a buffer; there is one for each family.
    [[nodiscard]] static Result<std::unique_ptr<RocksStore>>
    open(const std::filesystem::path& path, bool create, u64 buffer_bytes = write_buffer_bytes);
    static constexpr u64 write_buffer_bytes = 64U << 20;
    /// Before a store is opened: its log has no hole that RocksDB would read over.
    [[nodiscard]] static Problem check_log(const std::filesystem::path& path);
    /// Changes nothing on the disk; what is in the log is read into memory.
    [[nodiscard]] static Result<std::unique_ptr<RocksStore>>
    open_to_read(const std::filesystem::path& path);
    ~RocksStore() override;
    RocksStore(const RocksStore&) = delete;
    RocksStore& operator=(const RocksStore&) = delete;

    /// Reads every file of the store against its checksums.
    [[nodiscard]] Problem verify_files() const;
    /// A copy of everything that is committed, on the same disk, mostly by other names of the same files. `path` must
    /// not be there yet.
    [[nodiscard]] Problem checkpoint(const std::filesystem::path& path) const;

    struct Sizes {
        u64 files = 0, memory = 0; ///< bytes; `memory`: what is in no file but the log
    };
    [[nodiscard]] Sizes sizes() const;

    // ---- the state; from any thread
    [[nodiscard]] std::optional<Bytes> get(const Bytes& key) const override;
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix,
                                                              const Bytes& after) const override;
    /// Rows that will be asked for: all at once costs less, and another thread has the time.
    void read_ahead(std::span<const Bytes> keys) const;

    // ---- beside the state
    enum class Family : std::size_t {
        Blocks = 2, ///< by height
        Index,      ///< for questions: which block holds an intent, which height ended a day
        Meta,       ///< one row about all of it
        Tree,       ///< nodes of the state tree, by tree::NodeKey
        Stale,      ///< by height: the nodes that are in no tree from there on
        History     ///< what rows were before a height (history.hpp)
    };
    [[nodiscard]] std::optional<Bytes> find(Family family, const Bytes& key) const;
    /// The first row at or after `key`.
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> seek(Family family, const Bytes& key) const;
    /// Rows from `key` on, as long as `take` says so.
    void walk(Family family, const Bytes& key, const std::function<bool(ByteView key, ByteView value)>& take) const;
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> last_at_or_before(Family family, const Bytes& key) const;
    [[nodiscard]] std::optional<Bytes> block(u64 height) const;
    [[nodiscard]] std::optional<Bytes> index(const Bytes& key) const { return find(Family::Index, key); }
    [[nodiscard]] std::optional<Bytes> meta() const;

    struct Block {
        struct Row {
            Family family = Family::Index;
            Bytes key;
            std::optional<Bytes> value; ///< nothing: the row goes
        };
        u64 height = 0;
        Bytes record;
        std::vector<Row> rows;
        Bytes meta;
    };
    void commit(const WriteSet& state, const Block& block);
    void write_meta(const Bytes& meta);

    /// From now on history rows up to this height may go when files are compacted: the tip's
    /// `history_from`, after it is durable.
    void drop_history(u64 up_to);

private:
    struct Impl;
    explicit RocksStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
