#include "node/store/read_cache.hpp"

#include <algorithm>

namespace tally {

std::optional<std::optional<Bytes>> RowCache::find(const Bytes& key) {
    const std::string_view name = as_text(key);
    const auto young = young_.find(name);
    if (young != young_.end()) return young->second;
    const auto old = old_.find(name);
    if (old == old_.end()) return std::nullopt;
    std::optional<Bytes> value = std::move(old->second);
    old_.erase(old);
    put(key, value);
    return value;
}

void RowCache::put(const Bytes& key, std::optional<Bytes> value) {
    if (young_.size() >= limit_) {
        old_ = std::move(young_);
        young_.clear();
    }
    const std::string_view name = as_text(key);
    if (const auto old = old_.find(name); old != old_.end()) old_.erase(old);
    if (const auto young = young_.find(name); young != young_.end()) young->second = std::move(value);
    else young_.emplace(name, std::move(value));
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
