/// What the targets that run code share.
#pragma once

#include "vm/engine/lone_host.hpp"

#include <cstdlib>

namespace tally::fuzz {

/// Agrees to everything, gives a holding where one is asked for, and does nothing else.
class NullHost final : public LoneHost {
public:
    NullHost() : LoneHost(Trap::None) {}
    Trap asset_empty(Holding& out) override { return fill(out); }
    Trap asset_amount(Holding, i128& out) override {
        out = 0;
        return Trap::None;
    }
    Trap asset_withdraw(std::uint32_t, u64, i128, Arena&, Holding& out) override { return fill(out); }
    Trap asset_take(Holding, i128, Holding& out) override { return fill(out); }

private:
    static Trap fill(Holding& out) {
        out = 1;
        return Trap::None;
    }
};

inline void demand(bool holds) {
    if (!holds) std::abort();
}

constexpr i64 gas_limit = 100'000;

/// Runs the first function, and demands what holds of every run.
inline Outcome run_first(const Program& program, Arena& arena, Gas& gas) {
    const Function& first = program.module.functions[0];
    const Arguments arguments{std::vector<u64>(first.x_params, 64), std::vector<i128>(first.w_params, 1), std::vector<Holding>(first.h_params, 1)};
    NullHost host;
    const Outcome outcome = run(program, 0, arguments, self_address, arena, gas, host);
    demand(gas.left >= 0 && gas.left <= gas_limit);
    demand(outcome.trap == Trap::None || trap_info(outcome.trap) != nullptr);
    return outcome;
}

/// Large enough for the first function; a program's calls may want more and trap.
inline Arena arena_for(const Program& program) { return Arena(self_address + program.facts.stack_bytes[0] + 4096); }

} // namespace tally::fuzz
