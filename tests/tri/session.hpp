/// A session of the farm: programs from the generators, one after the other, and what was seen of them.
#pragma once

#include "tests/tri/farm.hpp"
#include "tests/tri/generators.hpp"

namespace tally::agreement {
class Dice;
}

namespace tally::tri {

struct SessionOptions {
    u64 seed = 1;
    std::string generator;       ///< only this one; empty: all by their weight
    std::string save;            ///< the folder for findings
    std::size_t findings_max = 5; ///< more than that are rarely different ones
    bool silent = false;         ///< findings are only counted
};

class Session {
public:
    explicit Session(SessionOptions options);
    [[nodiscard]] bool known_generator() const { return weight_ > 0; }

    void regressions(const std::string& folder);
    /// So many programs, each at every gas limit from 0 to what it uses.
    void sweep(u64 programs);
    /// Every operation with every number at the edges.
    void edges();
    /// Until so many runs of an engine more were made, or enough was found.
    void executions(u64 wanted);

    struct Totals {
        u64 programs = 0, refused = 0, findings = 0;
        std::map<std::string, u64> by_generator;
    };
    [[nodiscard]] const Totals& totals() const { return totals_; }
    [[nodiscard]] const Farm& farm() const { return farm_; }

private:
    const Generator& pick(agreement::Dice& dice) const;
    std::vector<Case> next(u64 number);
    bool judge(const Case& c);
    bool enough() const { return totals_.findings >= options_.findings_max; }
    void limits_of(const Case& c, agreement::Dice& dice);
    void found(const Case& c, const std::string& difference);

    SessionOptions options_;
    Farm farm_;
    u64 weight_ = 0;
    Totals totals_;
};

} // namespace tally::tri
