#include "tests/bench/vm/engines.hpp"
#include "tests/bench/vm/subjects.hpp"

namespace tally::bench {
namespace {

constexpr const char* one_host_call = R"(
fn today(x0 w0 h0) -> x  regs x1 w0 h0 frame 0 {
b0:
    host x0, w0, today
    retx x0
}
)";
constexpr double call_bar_ns = 150;
constexpr int calls_in_a_round = 20'000;

} // namespace

std::vector<Row> calls(int rounds) {
    std::vector<Row> out;
    Arena arena(4096);
    LoneHost host{Trap::None};
    const Arguments nothing;
    std::vector<Subject> subjects;
    const auto engines = engines_for_bench();
    for (const EngineRow& engine : engines) {
        const ProgramRef program = engine.prepare(assembled(one_host_call));
        subjects.push_back({engine.name, calls_in_a_round, [&, program] {
            for (int i = 0; i < calls_in_a_round; ++i) {
                Gas gas{1'000'000};
                if (run(*program, 0, nothing, self_address, arena, gas, host).trap != Trap::None) give_up("a call trapped");
            }
        }});
    }
    const auto ns = measure(subjects, rounds);
    for (std::size_t e = 0; e < engines.size(); ++e)
        out.push_back({std::string("call from outside, one host call, ") + engines[e].name, ns[e], 0, ns[e], "ns", call_bar_ns});
    return out;
}

} // namespace tally::bench
