/// How much each client may ask: a bucket of tokens that fills at a steady rate. What is asked is given as
/// long as anything is left, and may leave a debt, so that one large batch is possible at any rate; then
/// the client waits until the debt is paid. From any thread.
#pragma once

#include "vm/value/int128.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tally {

class Rate {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t clients_max = 10'000;
    static constexpr unsigned burst_seconds = 2; ///< how much an idle client saves up

    /// 0: as much as it likes.
    explicit Rate(u64 per_second) : per_second_(static_cast<double>(per_second)) {}

    /// Nothing when it is given; else in how many seconds to ask again.
    [[nodiscard]] std::optional<u64> take(const std::string& client, u64 amount, Time now);

private:
    struct Bucket {
        double tokens = 0;
        Time filled;
    };
    Bucket& bucket_of(const std::string& client, Time now);
    void fill(Bucket& bucket, Time now) const;
    [[nodiscard]] double capacity() const { return per_second_ * burst_seconds; }

    const double per_second_;
    std::mutex mutex_;
    std::map<std::string, Bucket> buckets_;
};

} // namespace tally
