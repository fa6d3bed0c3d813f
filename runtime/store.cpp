#include "runtime/store.hpp"

#include <algorithm>

namespace tally {
namespace {

bool starts_with(const Bytes& key, const Bytes& prefix) {
    return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

} // namespace

std::optional<Bytes> MemoryStore::get(const Bytes& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::pair<Bytes, Bytes>> MemoryStore::next(const Bytes& prefix,
                                                         const Bytes& after) const {
    // An `after` below the prefix means: from the prefix itself on.
    const auto found = after < prefix ? entries_.lower_bound(prefix) : entries_.upper_bound(after);
    if (found == entries_.end() || !starts_with(found->first, prefix)) return std::nullopt;
    return *found;
}

void MemoryStore::apply(const WriteSet& writes) {
    for (const auto& [key, value] : writes) {
        if (value)
            entries_[key] = *value;
        else
            entries_.erase(key);
    }
}

} // namespace tally
