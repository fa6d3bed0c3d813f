/// Where state lives, as the runtime sees it: ordered bytes to bytes. The node brings RocksDB, tests and
/// `tally test` bring memory. Node trouble (disk, memory) never returns from here: the store stops the node.
#pragma once

#include "vm/value/bytes.hpp"

#include <map>
#include <optional>

namespace tally {

class Store {
public:
    virtual ~Store() = default;
    [[nodiscard]] virtual std::optional<Bytes> get(const Bytes& key) const = 0;
    /// The first entry with a key greater than `after` that starts with `prefix`; nothing at the end.
    [[nodiscard]] virtual std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix, const Bytes& after) const = 0;
};

/// What a block changes, in key order; no value: the key goes.
using WriteSet = std::map<Bytes, std::optional<Bytes>>;

class MemoryStore : public Store {
public:
    [[nodiscard]] std::optional<Bytes> get(const Bytes& key) const override;
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix, const Bytes& after) const override;
    void apply(const WriteSet& writes);
    [[nodiscard]] const std::map<Bytes, Bytes>& entries() const { return entries_; }

private:
    std::map<Bytes, Bytes> entries_;
};

} // namespace tally
