/// `GET /metrics` for Prometheus, on a loopback address and a thread of its own, apart from the API.
#pragma once

#include "node/api/metrics.hpp"

namespace tally {

class MetricsServer {
public:
    /// `measure` sets what is only looked at when somebody asks. Both must outlive the server.
    [[nodiscard]] static Result<std::unique_ptr<MetricsServer>> start(const std::string& listen, Metrics& metrics, std::function<void()> measure);
    ~MetricsServer();
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;
    /// `http://127.0.0.1:9300/metrics`
    [[nodiscard]] std::string address() const;

private:
    struct Impl;
    explicit MetricsServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
