#include "node/store/read_cache.hpp"

#include <algorithm>

namespace tally {

void RowCache::put(const Bytes& key, std::optional<Bytes> value) {
    const std::size_t hashed = hash(key);
    if (auto* const known = rows_.find(hashed, key)) *known = std::move(value);
    else rows_.add(hashed, key, std::move(value));
}

bool Window::covers(const Bytes& key) const {
    if (key < from_) return false;
    return complete_ || (!rows_.empty() && key <= rows_.back().first);
}

std::optional<Window::Row> Window::first_at(const Bytes& key) const {
    const auto found =
        std::lower_bound(rows_.begin(), rows_.end(), key,
                         [](const Row& row, const Bytes& k) { return row.first < k; });
    if (found == rows_.end()) return std::nullopt;
    return *found;
}

} // namespace tally
