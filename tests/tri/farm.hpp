/// Runs cases on all engines from the same start and compares all that can be seen of a run: trap and where, gas left,
/// result, registers of the frame in which it stopped, the whole arena, every question to the host.
#pragma once

#include "tests/tri/case.hpp"
#include "tests/tri/engines.hpp"

#include <map>

namespace tally::tri {

class Farm {
public:
    /// How the engines differ over this case; nothing if they agree.
    [[nodiscard]] std::optional<std::string> differ(const Case& c);
    /// What the last case cost on the yardstick, and how it ended there.
    [[nodiscard]] i64 gas_used() const { return used_; }
    [[nodiscard]] Trap trap() const { return trap_; }
    /// Traps are counted, or not: those of gas limits that were chosen to be too low say nothing of the programs.
    void count_traps(bool on) { counting_ = on; }

    u64 executions = 0, cases = 0;
    std::map<std::string, u64> traps;

    struct Run {
        Outcome outcome;
        i64 left = 0;
        Registers registers;
        std::vector<u64> trace;
        Arena arena{0};
    };

private:
    void prepare(const std::shared_ptr<const Program>& program);
    void start_with(const Case& c);
    void run(std::size_t engine, const Case& c);

    const Program* program_ = nullptr;
    std::shared_ptr<const Program> keep_; ///< so that another program cannot have its address
    std::vector<Prepared> prepared_;
    std::vector<std::uint8_t> memory_;
    u64 memory_seed_ = 0;
    std::uint32_t memory_function_ = 0;
    std::vector<Run> runs_;
    i64 used_ = 0;
    Trap trap_ = Trap::None;
    bool counting_ = true;
};

[[nodiscard]] std::string trap_name(Trap trap);

} // namespace tally::tri
