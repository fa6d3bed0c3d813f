/// The ledger as it was. A block leaves beside each row that it changes what the row was before; so
/// the state of an earlier height is today's state with what came later taken back.
///
///   history key   the row's key (each zero byte as 00 ff), 00 01, height (big endian)
///   value         01 and the value before that height, or 00: there was no such row
///
/// A row's history lies together, oldest first, and rows lie in the order of their keys.
#pragma once

#include "runtime/store.hpp"

#include <vector>

namespace tally {

class RocksStore;

[[nodiscard]] Bytes history_key(const Bytes& row, u64 height);
/// The height in a history key.
[[nodiscard]] u64 history_height(ByteView key);

/// What a block at `height` leaves of the rows that it writes; `before` is the state under it.
[[nodiscard]] std::vector<std::pair<Bytes, Bytes>> history_of(const Store& before, const WriteSet& writes, u64 height);

/// The last height up to this one at which a row was written, as far as the history reaches back.
[[nodiscard]] std::optional<u64> last_written(const RocksStore& store, const Bytes& row, u64 height);

/// The state after the block of a height. Not of the rows that are only queues (keys.hpp: `lasting`).
class PastStore final : public Store {
public:
    /// The store must outlive this, and its history must reach back to `height`.
    PastStore(const RocksStore& store, u64 height) : store_(store), height_(height) {}
    [[nodiscard]] std::optional<Bytes> get(const Bytes& key) const override;
    [[nodiscard]] std::optional<std::pair<Bytes, Bytes>> next(const Bytes& prefix, const Bytes& after) const override;

private:
    /// What was written over the row first after `height_`: the value then. Nothing: it is today's.
    [[nodiscard]] std::optional<std::optional<Bytes>> replaced(const Bytes& key) const;
    /// The first row after `after` that has a history at all.
    [[nodiscard]] std::optional<Bytes> next_with_history(const Bytes& after) const;

    const RocksStore& store_;
    u64 height_;
};

} // namespace tally
