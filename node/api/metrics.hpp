/// What a node counts, as text for Prometheus. From any thread.
#pragma once

#include "node/api/watch.hpp"
#include "node/ordering/watch.hpp"

#include <map>
#include <mutex>

namespace tally {

enum class Metric : std::size_t {
#define METRIC(name, text, type, help) name,
#include "node/api/metrics.def"
#undef METRIC
};

class Metrics final : public OrderingWatch, public ApiWatch {
public:
    /// `labels`: `route="/v1/status",status="200"`, or nothing.
    void add(Metric metric, const std::string& labels = {}, double amount = 1);
    void set(Metric metric, double value, const std::string& labels = {});
    void observe(Metric metric, std::chrono::microseconds time);
    /// The text exposition format, version 0.0.4.
    [[nodiscard]] std::string text() const;

    // ---- what is counted as it happens
    void refused(const SignedTransaction* transaction, const NodeError& error) override;
    void answered(const Answer& answer) override;
    void made_block(const MadeBlock& block) override;
    void waiting(std::size_t count) override;
    void answered(const Answered& request) override;
    void turned_away(const std::string& address, const std::string& why) override;

private:
    static constexpr double bounds[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
    struct Histogram {
        u64 counts[std::size(bounds) + 1] = {};
        double sum = 0;
    };
    mutable std::mutex mutex_;
    std::map<Metric, std::map<std::string, double>> values_; ///< by labels
    std::map<Metric, Histogram> histograms_;
};

} // namespace tally
