/// A module on a ledger in memory: what the machine says to a step.
#pragma once

#include "compiler/compile.hpp"
#include "runtime/bench_host.hpp"
#include "tests/agreement/farm.hpp"

namespace tally::agreement {

class Bench {
public:
    Bench(const Bytes& module, CurrencyCode currency);
    [[nodiscard]] bool deployed() const { return deployed_; }
    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] Date today() { return stage_.core().today(); }
    void advance(Date to);
    [[nodiscard]] Outcome apply(const Step& step, const FnDecl& fn);
    [[nodiscard]] std::vector<StateRow> state(u64 instance);
    [[nodiscard]] i128 balance(u64 party);
    [[nodiscard]] const std::string& note() const { return note_; }
    /// Of the last step; nothing where it ended in a trap of the machine.
    [[nodiscard]] std::optional<u64> gas_used() const { return gas_used_; }

private:
    Caches caches_;
    TestStage stage_;
    CurrencyCode currency_;
    Hash code_{};
    bool deployed_ = false;
    std::string message_, note_;
    std::optional<u64> gas_used_;
};

} // namespace tally::agreement
