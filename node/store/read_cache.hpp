/// Rows read lately, in front of the database: the answers are exactly those of the database, only
/// sooner. Not safe for two threads at once; RocksStore locks.
#pragma once

#include "node/store/slot_cache.hpp"
#include "runtime/store.hpp"

namespace tally {

/// Answers of `get`, absent rows included.
class RowCache {
public:
    explicit RowCache(std::size_t rows) : rows_(rows) {}
    /// Nothing: not known here. An empty inner value: known to be absent. Good until the next `put`.
    [[nodiscard]] const std::optional<Bytes>* find(const Bytes& key) { return rows_.find(hash(key), key); }
    void put(const Bytes& key, std::optional<Bytes> value);

private:
    static std::size_t hash(const Bytes& key) { return std::hash<std::string_view>{}(as_text(key)); }
    SlotCache<Bytes, std::optional<Bytes>> rows_;
};

/// A stretch of neighbouring rows under one prefix, read ahead for `next`.
class Window {
public:
    using Row = std::pair<Bytes, Bytes>;
    /// All rows from `from` (inclusive) to the last of `rows`, or to the prefix's end if
    /// `complete`.
    Window(Bytes from, std::vector<Row> rows, bool complete)
        : from_(std::move(from)), rows_(std::move(rows)), complete_(complete) {}
    /// Whether this window knows the first row at or after `key`.
    [[nodiscard]] bool covers(const Bytes& key) const;
    [[nodiscard]] std::optional<Row> first_at(const Bytes& key) const;
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

private:
    Bytes from_;
    std::vector<Row> rows_;
    bool complete_;
};

} // namespace tally
