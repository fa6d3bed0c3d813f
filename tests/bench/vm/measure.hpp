/// Interleaved measuring: every subject once a round, the fastest round of each counts. What disturbs the
/// machine then disturbs all subjects alike.
#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace tally::bench {

/// One line of the report. `figure` is what the bar is about: a ratio to the baseline, or nanoseconds.
struct Row {
    std::string name;
    double ns = 0, baseline_ns = 0;
    double figure = 0;
    std::string unit;
    double bar = 0; ///< at most; 0: none
    [[nodiscard]] bool met() const { return bar <= 0 || figure <= bar; }
};

struct Subject {
    std::string name;
    double units; ///< of work in one call; the result is nanoseconds for one
    std::function<void()> work;
};

/// Nanoseconds for a unit of each subject.
[[nodiscard]] inline std::vector<double> measure(const std::vector<Subject>& subjects, int rounds) {
    using clock = std::chrono::steady_clock;
    std::vector<double> best(subjects.size(), std::numeric_limits<double>::infinity());
    for (int round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            const auto begin = clock::now();
            subjects[i].work();
            const std::chrono::duration<double, std::nano> spent = clock::now() - begin;
            best[i] = std::min(best[i], spent.count() / subjects[i].units);
        }
    return best;
}

} // namespace tally::bench
