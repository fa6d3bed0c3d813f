#include "tests/bench/vm/engines.hpp"
#include "tests/bench/vm/loops.hpp"
#include "tests/bench/vm/subjects.hpp"

#include <cstring>

namespace tally::bench {
namespace {

constexpr u64 periods = 20'000, rounds_of_control = 50'000, rows_of_waterfall = 4'000;
constexpr std::uint32_t memory_at = self_address;
constexpr u64 control_words = 128;
constexpr i64 plenty = i64{1} << 60;

// A loan whose payment is its interest, rounded: it never ends, and one period is like the other.
const Amortisation loan{20'000'003, 73'500'000'000'000'000, i128{12} * 1'000'000'000'000'000'000, 122'500, 0};

struct Expected {
    i128 interest_paid;
    u64 state;
    i128 left;
    std::vector<std::uint8_t> words, rows;
};

std::vector<std::uint8_t> first_words() { return std::vector<std::uint8_t>(control_words * 8 + 8, 0x5a); }

std::vector<std::uint8_t> first_rows() {
    std::vector<std::uint8_t> out(rows_of_waterfall * 32);
    for (u64 i = 0; i < rows_of_waterfall; ++i) {
        const i128 owed = static_cast<i128>(i * 37 % 1000);
        std::memcpy(out.data() + i * 32, &owed, sizeof owed);
    }
    return out;
}

constexpr i128 cash = 1'500'000; // enough for three quarters of the rows

Expected natively() {
    Expected out{0, 1, cash, first_words(), first_rows()};
    Amortisation s = loan;
    if (!amortise(s, periods) || !control(out.words, out.state, rounds_of_control) || !waterfall(out.rows, out.left, rows_of_waterfall))
        give_up("a native loop trapped");
    out.interest_paid = s.interest_paid;
    return out;
}

/// One engine's three programs, and the memory that they work on.
struct OnEngine {
    ProgramRef amortise, control, waterfall;
    Arena words{memory_at + control_words * 8 + 8}, rows{memory_at + static_cast<std::uint32_t>(rows_of_waterfall) * 32};
    LoneHost host{Trap::None};
    Outcome outcome;

    void run_one(const ProgramRef& program, const Arguments& arguments, Arena& arena) {
        Gas gas{plenty};
        outcome = run(*program, 0, arguments, memory_at, arena, gas, host);
        if (outcome.trap != Trap::None) give_up("a loop trapped");
    }
    void run_amortise() { run_one(amortise, {{periods}, {loan.balance, loan.rate, loan.scale, loan.payment}, {}}, words); }
    void run_control() { run_one(control, {{rounds_of_control, 1, memory_at}, {}, {}}, words); }
    void run_waterfall() { run_one(waterfall, {{rows_of_waterfall, memory_at}, {cash}, {}}, rows); }
};

void fill(Arena& arena, const std::vector<std::uint8_t>& bytes) { std::memcpy(arena.at(memory_at, bytes.size()), bytes.data(), bytes.size()); }
bool holds(const Arena& arena, const std::vector<std::uint8_t>& bytes) { return std::memcmp(arena.at(memory_at, bytes.size()), bytes.data(), bytes.size()) == 0; }

/// The engine's results are the native ones, to the last byte.
void prove(OnEngine& engine) {
    const Expected want = natively();
    fill(engine.words, first_words());
    fill(engine.rows, first_rows());
    engine.run_amortise();
    bool same = engine.outcome.w == want.interest_paid;
    engine.run_control();
    same = same && engine.outcome.x == want.state && holds(engine.words, want.words);
    engine.run_waterfall();
    same = same && engine.outcome.w == want.left && holds(engine.rows, want.rows);
    if (!same) give_up("an engine and the native loop disagree");
}

struct Loop {
    const char* name;
    double units;
    std::function<void()> native;
    void (OnEngine::*run)();
    double bars[2]; ///< by engine
};

} // namespace

std::vector<Row> loops(int rounds) {
    std::vector<EngineRow> engines = engines_for_bench();
    std::vector<OnEngine> on(engines.size());
    for (std::size_t e = 0; e < engines.size(); ++e) {
        on[e].amortise = engines[e].prepare(assembled(amortise_code));
        on[e].control = engines[e].prepare(assembled(control_code));
        on[e].waterfall = engines[e].prepare(assembled(waterfall_code));
        prove(on[e]);
    }
    Amortisation s;
    std::vector<std::uint8_t> words = first_words(), rows = first_rows();
    u64 state = 1;
    i128 left = 0;
    const std::vector<Loop> all{
        {"amortisation, a period", static_cast<double>(periods), [&] { s = loan; if (!amortise(s, periods)) give_up("trap"); }, &OnEngine::run_amortise, {1.7, 1.45}},
        {"64-bit control, a round", static_cast<double>(rounds_of_control), [&] { if (!control(words, state, rounds_of_control)) give_up("trap"); }, &OnEngine::run_control, {7, 2.8}},
        {"128-bit waterfall, a row", static_cast<double>(rows_of_waterfall), [&] { left = cash; if (!waterfall(rows, left, rows_of_waterfall)) give_up("trap"); }, &OnEngine::run_waterfall, {7, 4}}};
    std::vector<Subject> subjects;
    for (const Loop& loop : all) {
        subjects.push_back({loop.name, loop.units, loop.native});
        for (OnEngine& engine : on) subjects.push_back({loop.name, loop.units, [&engine, &loop] { (engine.*loop.run)(); }});
    }
    const std::vector<double> ns = measure(subjects, rounds);
    std::vector<Row> out;
    std::size_t at = 0;
    for (const Loop& loop : all) {
        const double native = ns[at++];
        for (std::size_t e = 0; e < engines.size(); ++e, ++at)
            out.push_back({std::string(loop.name) + ", " + engines[e].name, ns[at], native, ns[at] / native, "x native", loop.bars[e]});
    }
    return out;
}

} // namespace tally::bench
