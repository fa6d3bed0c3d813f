/// Rows read lately, in front of the database: the answers are exactly those of the database, only
/// sooner. Not safe for two threads at once; RocksStore locks.
#pragma once

#include "runtime/store.hpp"

#include <unordered_map>

namespace tally {

/// Answers of `get`, absent rows included. Two generations: what was not asked for during a whole
/// generation goes.
class RowCache {
public:
    explicit RowCache(std::size_t rows_per_generation) : limit_(rows_per_generation) {}
    /// Nothing: not known here. An empty inner value: known to be absent.
    [[nodiscard]] std::optional<std::optional<Bytes>> find(const Bytes& key);
    void put(const Bytes& key, std::optional<Bytes> value);

private:
    struct Hashing {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    using Rows = std::unordered_map<std::string, std::optional<Bytes>, Hashing, std::equal_to<>>;
    std::size_t limit_;
    Rows young_, old_;
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
