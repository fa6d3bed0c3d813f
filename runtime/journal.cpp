#include "runtime/journal.hpp"

#include <algorithm>

namespace tally {
namespace {

bool starts_with(const Bytes& key, const Bytes& prefix) {
    return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

} // namespace

std::optional<Bytes> Journal::get(const Bytes& key) const {
    const auto found = writes_.find(key);
    return found == writes_.end() ? below_.get(key) : found->second;
}

bool Journal::has(const Bytes& key) const { return get(key).has_value(); }

std::optional<std::pair<Bytes, Bytes>> Journal::next(const Bytes& prefix,
                                                     const Bytes& after) const {
    auto ours = after < prefix ? writes_.lower_bound(prefix) : writes_.upper_bound(after);
    auto theirs = below_.next(prefix, after);
    while (true) {
        const bool have = ours != writes_.end() && starts_with(ours->first, prefix);
        if (!have || (theirs && theirs->first < ours->first)) return theirs;
        // Ours comes first, or covers theirs.
        if (theirs && theirs->first == ours->first) theirs = below_.next(prefix, theirs->first);
        if (ours->second) return std::pair{ours->first, *ours->second};
        ++ours;
    }
}

void Journal::write(const Bytes& key, std::optional<Bytes> value) {
    const auto [at, fresh] = writes_.try_emplace(key);
    undo_.push_back({at, fresh, fresh ? std::nullopt : std::move(at->second)});
    at->second = std::move(value);
}

void Journal::rollback(Savepoint to) {
    while (undo_.size() > to) {
        Undo& last = undo_.back();
        if (last.fresh)
            writes_.erase(last.at);
        else
            last.at->second = std::move(last.before);
        undo_.pop_back();
    }
}

void Journal::clear() {
    writes_.clear();
    undo_.clear();
}

} // namespace tally
