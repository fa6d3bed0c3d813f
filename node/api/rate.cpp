#include "node/api/rate.hpp"

#include <algorithm>
#include <cmath>

namespace tally {

std::optional<u64> Rate::take(const std::string& client, u64 amount, Time now) {
    if (per_second_ == 0) return std::nullopt;
    const std::lock_guard lock(mutex_);
    Bucket& bucket = bucket_of(client, now);
    if (bucket.tokens < 1) return static_cast<u64>(std::ceil((1 - bucket.tokens) / per_second_));
    bucket.tokens -= static_cast<double>(amount);
    return std::nullopt;
}

Rate::Bucket& Rate::bucket_of(const std::string& client, Time now) {
    const auto found = buckets_.find(client);
    if (found != buckets_.end()) {
        fill(found->second, now);
        return found->second;
    }
    // Who has a full bucket is as good as new; a crowd of debtors is forgiven before memory runs out.
    if (buckets_.size() >= clients_max) {
        for (auto& [name, bucket] : buckets_)
            fill(bucket, now);
        std::erase_if(buckets_, [&](const auto& entry) { return entry.second.tokens >= capacity(); });
    }
    if (buckets_.size() >= clients_max) buckets_.clear();
    return buckets_.emplace(client, Bucket{capacity(), now}).first->second;
}

void Rate::fill(Bucket& bucket, Time now) const {
    const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
    bucket.tokens = std::min(capacity(), bucket.tokens + std::max(0.0, seconds) * per_second_);
    bucket.filled = now;
}

} // namespace tally
