/// What a ledger remembers of intents, against the lists in the state tree that commit to it.
#pragma once

#include "node/errors.hpp"
#include "runtime/chained_list.hpp"
#include "runtime/store.hpp"

#include <map>

namespace tally {

/// Takes every row of the state, in the order of their keys.
class IntentCheck {
public:
    explicit IntentCheck(const Store& store) : store_(store) {}
    /// False when the row is not where its fellows say.
    [[nodiscard]] bool add(const Bytes& key, const Bytes& value);
    /// Nothing if every intent that still counts at this height is in a list, and every list is whole.
    [[nodiscard]] Problem check(u64 height) const;

private:
    bool add_expiry(ByteView key, const Bytes& value);
    bool add_list(ByteView key, const Bytes& value);

    const Store& store_;
    u64 intents_ = 0, placed_ = 0;
    std::map<u64, ChainedList> lists_; ///< by expiry: found, and not yet held against the row that commits to it
};

} // namespace tally
