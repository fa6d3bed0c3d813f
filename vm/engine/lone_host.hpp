/// The surroundings of code that runs alone: whatever it asks, the answer is the same.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally {

/// Changes nothing and gives nothing back. With Trap::None it agrees to everything.
class LoneHost : public Host {
public:
    explicit LoneHost(Trap answer) : answer_(answer) {}
    [[nodiscard]] Trap call(HostFn, const HostCall&) override { return answer_; }
    [[nodiscard]] Trap call_import(std::uint32_t, const HostCall&) override { return answer_; }
    [[nodiscard]] Trap asset_empty(Holding&) override { return answer_; }
    [[nodiscard]] Trap asset_amount(Holding, i128&) override { return answer_; }
    [[nodiscard]] Trap asset_withdraw(std::uint32_t, u64, i128, Arena&, Holding&) override { return answer_; }
    [[nodiscard]] Trap asset_deposit(std::uint32_t, u64, Arena&, Holding) override { return answer_; }
    [[nodiscard]] Trap asset_pay(Holding, u64) override { return answer_; }
    [[nodiscard]] Trap asset_take(Holding, i128, Holding&) override { return answer_; }
    [[nodiscard]] Trap asset_join(Holding, Holding) override { return answer_; }
    [[nodiscard]] Trap asset_end(Holding) override { return answer_; }

private:
    Trap answer_;
};

} // namespace tally
