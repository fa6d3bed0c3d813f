#include "node/api/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tally {
namespace {

struct Info {
    std::string_view name, type, help;
};
constexpr Info infos[] = {
#define METRIC(name, text, type, help) {text, #type, help},
#include "node/api/metrics.def"
#undef METRIC
};

std::string label(std::string_view name, std::string_view value) { return fmt::format("{}=\"{}\"", name, value); }

std::string sample(std::string_view name, const std::string& labels, double value) {
    return fmt::format("{}{}{}{} {}\n", name, labels.empty() ? "" : "{", labels, labels.empty() ? "" : "}", value);
}

} // namespace

void Metrics::add(Metric metric, const std::string& labels, double amount) {
    const std::lock_guard lock(mutex_);
    values_[metric][labels] += amount;
}

void Metrics::set(Metric metric, double value, const std::string& labels) {
    const std::lock_guard lock(mutex_);
    values_[metric][labels] = value;
}

void Metrics::observe(Metric metric, std::chrono::microseconds time) {
    const double seconds = static_cast<double>(time.count()) / 1e6;
    const auto place = static_cast<std::size_t>(std::lower_bound(std::begin(bounds), std::end(bounds), seconds) - std::begin(bounds));
    const std::lock_guard lock(mutex_);
    Histogram& histogram = histograms_[metric];
    ++histogram.counts[place];
    histogram.sum += seconds;
}

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (std::size_t i = 0; i < std::size(infos); ++i) {
        const Info& info = infos[i];
        out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", info.name, info.help, info.name, info.type);
        if (const auto found = values_.find(static_cast<Metric>(i)); found != values_.end())
            for (const auto& [labels, value] : found->second)
                out += sample(info.name, labels, value);
        const auto found = histograms_.find(static_cast<Metric>(i));
        if (found == histograms_.end()) continue;
        u64 below = 0;
        for (std::size_t k = 0; k <= std::size(bounds); ++k) {
            below += found->second.counts[k];
            const std::string bound = k < std::size(bounds) ? fmt::format("{}", bounds[k]) : "+Inf";
            out += sample(fmt::format("{}_bucket", info.name), label("le", bound), static_cast<double>(below));
        }
        out += sample(fmt::format("{}_sum", info.name), {}, found->second.sum);
        out += sample(fmt::format("{}_count", info.name), {}, static_cast<double>(below));
    }
    return out;
}

void Metrics::refused(const SignedTransaction*, const NodeError& error) { add(Metric::Refusals, label("code", node_code_info(error.code).text)); }

void Metrics::answered(const Answer& answer) {
    if (answer.duplicate) return add(Metric::Duplicates);
    const TrapInfo* const info = trap_info(answer.receipt.trap);
    add(Metric::Transactions, label("trap", info != nullptr ? info->name : "None"));
}

void Metrics::made_block(const MadeBlock& block) {
    set(Metric::Height, static_cast<double>(block.height));
    observe(Metric::BlockSeconds, block.whole);
    observe(Metric::TreeSeconds, block.tree);
    observe(Metric::CommitSeconds, block.commit);
}

void Metrics::waiting(std::size_t count) { set(Metric::Waiting, static_cast<double>(count)); }

void Metrics::answered(const Answered& request) {
    // The route of the table and never what was sent: the series are as many as the routes.
    add(Metric::Requests, label("route", request.route.empty() ? "none" : request.route) + "," + label("status", std::to_string(request.status)));
}

void Metrics::turned_away(const std::string&, const std::string&) { add(Metric::TurnedAway); }

} // namespace tally
