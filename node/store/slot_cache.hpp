/// Keeps what was used lately. A key has four places; when all are taken, what was not used for longest
/// goes. It grows up to a limit and never clears itself, so that no single use pays for all the others.
/// Not safe for two threads at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace tally {

/// The hash of a key is the caller's, and well mixed.
template <typename Key, typename Value> class SlotCache {
public:
    explicit SlotCache(std::size_t entries_max) : buckets_(1), buckets_max_(std::max<std::size_t>(1, entries_max / ways)) {}

    /// Nothing if the key is not here; else good until the next `add`.
    [[nodiscard]] Value* find(std::size_t hash, const auto& key) {
        Bucket& bucket = bucket_of(hash);
        for (std::size_t i = 0; i < ways; ++i) {
            if (!bucket[i].used || bucket[i].hash != hash || !(bucket[i].key == key)) continue;
            std::rotate(bucket.begin(), bucket.begin() + static_cast<std::ptrdiff_t>(i), bucket.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            return &bucket.front().value;
        }
        return nullptr;
    }
    /// The key must not be here.
    void add(std::size_t hash, Key key, Value value) {
        if (used_ >= buckets_.size() * (ways / 2) && buckets_.size() < buckets_max_) grow();
        place({true, hash, std::move(key), std::move(value)});
    }

private:
    static constexpr std::size_t ways = 4;
    struct Entry {
        bool used = false;
        std::size_t hash = 0;
        Key key{};
        Value value{};
    };
    using Bucket = std::array<Entry, ways>; ///< the one used last stands first

    [[nodiscard]] Bucket& bucket_of(std::size_t hash) { return buckets_[hash % buckets_.size()]; }

    void place(Entry entry) {
        Bucket& bucket = bucket_of(entry.hash);
        std::rotate(bucket.begin(), bucket.end() - 1, bucket.end());
        if (!bucket.front().used) ++used_;
        bucket.front() = std::move(entry);
    }

    void grow() {
        std::vector<Bucket> before(std::min(buckets_.size() * 2, buckets_max_));
        before.swap(buckets_);
        used_ = 0;
        for (Bucket& bucket : before)
            for (auto entry = bucket.rbegin(); entry != bucket.rend(); ++entry)
                if (entry->used) place(std::move(*entry));
    }

    std::vector<Bucket> buckets_;
    std::size_t buckets_max_, used_ = 0;
};

} // namespace tally
