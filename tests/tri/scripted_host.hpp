/// A host that knows nothing and answers all: what it says follows from its seed, how often it was asked and what it was
/// asked. It writes down every question with all that its signature lets it see.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally::tri {

class ScriptedHost final : public Host {
public:
    ScriptedHost(const Module& module, u64 seed) : module_(module), seed_(seed) {}
    /// Of each call: a number for what was asked, then the arguments and what lies at the pointers among them.
    [[nodiscard]] const std::vector<u64>& trace() const { return trace_; }

    Trap call(HostFn fn, const HostCall& args) override;
    Trap call_import(std::uint32_t import, const HostCall& args) override;
    Trap asset_empty(Holding& out) override;
    Trap asset_amount(Holding holding, i128& out) override;
    Trap asset_withdraw(std::uint32_t vault, u64 key, i128 amount, Arena& arena, Holding& out) override;
    Trap asset_deposit(std::uint32_t vault, u64 key, Arena& arena, Holding holding) override;
    Trap asset_pay(Holding holding, u64 account) override;
    Trap asset_take(Holding from, i128 amount, Holding& out) override;
    Trap asset_join(Holding into, Holding from) override;
    Trap asset_end(Holding holding) override;

private:
    enum Question : u64 { Empty = 1000, Amount, Withdraw, Deposit, Pay, Take, Join, End, FirstImport = 2000 };
    void asked(u64 question);
    void heard(u64 word) { trace_.push_back(word); }
    void heard(i128 wide);
    void look(const Arena& arena, u64 address);
    u64 next();
    bool one_in(u64 n) { return next() % n == 0; }
    u64 word();
    i128 wide();
    Holding fresh() { return ++holdings_; }
    Trap refusal();
    Trap cost(Gas& gas);
    void leave_mark(Arena& arena, u64 address);
    Trap asset(Holding* out);

    const Module& module_;
    u64 seed_;
    u64 state_ = 0;
    Holding holdings_ = 1000; ///< those given as arguments are below
    std::vector<u64> trace_;
};

} // namespace tally::tri
