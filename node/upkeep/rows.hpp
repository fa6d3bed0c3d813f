/// The rows of a state as bytes on a disk, without the runtime that wrote them.
#pragma once

#include "node/store/rocks_store.hpp"
#include "runtime/transaction.hpp"

#include <map>

namespace tally {

/// What the rows say about one currency.
struct MoneySums {
    i128 issued = 0, held = 0;     ///< by its supply row
    i128 accounts = 0, vaults = 0; ///< added up
};
using Money = std::map<CurrencyCode, MoneySums>;

/// False when the key is none that the runtime writes or the value does not decode. Adds to `money`. Records,
/// schedules and elements are looked at by their key only: their form is their contract's.
[[nodiscard]] bool row_decodes(const RocksStore& store, const Bytes& key, const Bytes& value, Money& money);

} // namespace tally
