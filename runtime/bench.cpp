#include "runtime/bench.hpp"

#include "runtime/bench_host.hpp"
#include "runtime/bench_property.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::size_t cases = 100, shrinks = 400, discards_per_case = 20;
constexpr i64 own_gas = 10'000'000'000; ///< of a test's own code; transactions have theirs
constexpr u64 party_count = 4; ///< parties that a property's parameters may name

constexpr u64 align16(u64 v) { return (v + 15) / 16 * 16; }

/// The same seed for the same property on every machine: a run can be repeated by anybody.
u64 seed_of(const std::string& name) {
    u64 hash = 0xcbf29ce484222325; // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash | 1;
}

enum class Verdict { Passed, Failed, Discarded };

} // namespace

struct TestBench::Impl {
    std::vector<Bytes> modules;
    std::function<void(TestStage&)> before, after; ///< of a run, for who watches it
    Caches caches; ///< verified once, for all tests
    Module tests;  ///< empty if the last module does not decode
    Bound bound;

    struct Case {
        TestResult result;
        Verdict verdict = Verdict::Failed;
        std::vector<u64> choices;
        std::string values; ///< `x = 1.00, y = 3`
    };
    /// One run on a fresh ledger; a property's parameters are made of the choices.
    Case run(const TestEntry& test, Choices choices);
    TestResult property(const TestEntry& test);
    Case shrink(const TestEntry& test, Case failing);
};

TestBench::TestBench(const std::vector<Bytes>& modules, Prepare prepare) : impl_(std::make_unique<Impl>()) {
    impl_->modules = modules;
    impl_->caches.codes.prepare = prepare;
    if (modules.empty()) return;
    auto decoded = decode(modules.back());
    if (auto* module = std::get_if<Module>(&decoded)) impl_->tests = std::move(*module);
}

TestBench::~TestBench() = default;

std::vector<std::string> TestBench::names() const {
    std::vector<std::string> out;
    for (const TestEntry& test : impl_->tests.tests)
        out.push_back(test.name);
    return out;
}

TestBench::Impl::Case TestBench::Impl::run(const TestEntry& test, Choices choices) {
    Case out;
    TestResult& result = out.result;
    result.name = test.name;
    result.line = test.line;
    TestStage stage(caches);
    Hash code{};
    for (const Bytes& module : modules)
        if (!stage.deploy(module, code, result.message)) return out;
    if (before) before(stage);
    if (!test.params.empty())
        for (u64 i = 1; i <= party_count; ++i) static_cast<void>(stage.party("p" + std::to_string(i)));
    const CodePtr ready = stage.core().state().code(code);
    const Program& program = *ready->program;
    // A test is no instance: its parameters lie where a record would, its frames behind them.
    u64 end = self_address;
    for (const Field& param : test.params) end = align16(end) + program.facts.layouts[param.type].size;
    const auto stack = static_cast<std::uint32_t>(align16(end));
    Arena arena(stack + program.facts.stack_bytes[test.function] + 16);
    Arguments arguments;
    u64 at = self_address;
    const Names names = stage.core().names_for(test.currency);
    for (const Field& param : test.params) {
        at = align16(at);
        const TypeKind kind = program.module.types[param.type].kind;
        const u64 size = program.facts.layouts[param.type].size;
        std::uint8_t* const value = arena.at(at, size);
        make_value(program, param.type, choices, party_count + 1, value);
        out.values += (out.values.empty() ? "" : ", ") + std::string(param.name) + " = " + json_of(program, param.type, value, names);
        if (bank_of(kind) == ResultBank::W) arguments.w.push_back(read_word<i128>(value));
        else arguments.x.push_back(is_aggregate(kind) ? at : read_word<u64>(value));
        at += size;
    }
    out.choices = choices.made();
    Gas gas{own_gas};
    TestHost host(stage, *ready);
    host.check_costs(bound);
    const Outcome outcome = tally::run(program, test.function, arguments, stack, arena, gas, host);
    if (after && outcome.trap == Trap::None) after(stage);
    result.gas_used = stage.gas_used();
    result.passed = outcome.trap == Trap::None && host.end();
    out.verdict = host.discarded() ? Verdict::Discarded : result.passed ? Verdict::Passed : Verdict::Failed;
    if (result.passed) return out;
    const bool known = outcome.function < program.module.functions.size();
    const std::uint32_t line =
        known ? line_of(program.module.functions[outcome.function], outcome.instruction) : 0;
    result.line = host.line() != 0 ? host.line() : line != 0 ? line : test.line;
    result.message = host.message();
    if (const TrapInfo* info = trap_info(outcome.trap); info != nullptr && result.message.empty())
        result.message = std::string(info->name) + ": " + std::string(info->what);
    return out;
}

/// Smaller choices while the case still fails: parts left out, then single choices lowered.
TestBench::Impl::Case TestBench::Impl::shrink(const TestEntry& test, Case failing) {
    std::size_t tries = 0;
    const auto better = [&](std::vector<u64> choices) {
        if (choices == failing.choices || tries++ >= shrinks) return false;
        Case candidate = run(test, Choices(std::move(choices), 0));
        const bool simpler = candidate.verdict == Verdict::Failed &&
                             (candidate.choices.size() < failing.choices.size() ||
                              (candidate.choices.size() == failing.choices.size() && candidate.choices < failing.choices));
        if (simpler) failing = std::move(candidate);
        return simpler;
    };
    for (bool progress = true; progress && tries < shrinks;) {
        progress = false;
        for (std::size_t size = std::max<std::size_t>(failing.choices.size() / 2, 1); size > 0; size /= 2)
            for (std::size_t i = 0; i + size <= failing.choices.size(); ++i) {
                auto fewer = failing.choices;
                fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i), fewer.begin() + static_cast<std::ptrdiff_t>(i + size));
                progress = better(std::move(fewer)) || progress;
            }
        for (std::size_t i = 0; i < failing.choices.size(); ++i)
            for (u64 step = failing.choices[i]; step > 0 && i < failing.choices.size(); step /= 2) {
                auto lower = failing.choices;
                if (lower[i] < step) continue;
                lower[i] -= step;
                progress = better(std::move(lower)) || progress;
            }
    }
    return failing;
}

TestResult TestBench::Impl::property(const TestEntry& test) {
    const u64 seed = seed_of(test.name);
    TestResult total;
    total.name = test.name;
    total.line = test.line;
    std::size_t discarded = 0;
    for (std::size_t i = 0; i < cases;) {
        Case one = run(test, Choices({}, seed + (i + discarded) * 2));
        total.gas_used += one.result.gas_used;
        if (one.verdict == Verdict::Discarded) {
            if (++discarded <= cases * discards_per_case) continue;
            total.message = "`given` refuses nearly every case: only " + std::to_string(i) + " of " + std::to_string(i + discarded) + " counted; make the parameters from smaller ones";
            return total;
        }
        ++i;
        if (one.verdict == Verdict::Passed) continue;
        Case small = shrink(test, std::move(one));
        small.result.gas_used = total.gas_used;
        small.result.message = "with " + small.values + ": " + small.result.message + " (case " + std::to_string(i) + ", shrunk)";
        return small.result;
    }
    total.passed = true;
    total.cases = cases;
    return total;
}

void TestBench::check_costs(Bound bound) { impl_->bound = std::move(bound); }

TestResult TestBench::simulate(std::size_t test, Date until, const std::vector<std::string>& fields, std::vector<Snapshot>& out) {
    std::vector<ClauseRun> runs;
    std::string stuck; ///< behind the test's own end
    impl_->before = [&](TestStage& stage) {
        stage.watch([&](Core& core, Date date) {
            if (out.empty() || out.back().date != date) out.push_back({date, {}, {}});
            look_at(core, stage.given(), fields, out.back());
        });
    };
    impl_->after = [&](TestStage& stage) {
        if (until > stage.core().today() && !stage.advance(until, runs)) stuck = "the date does not move on to " + date_text(until);
        for (const ClauseRun& run : runs)
            if (run.receipt.trap != Trap::None && stuck.empty()) stuck = "clause " + run.clause + " on " + date_text(run.date) + ": " + run.receipt.note;
    };
    auto result = run(test);
    impl_->before = impl_->after = nullptr;
    if (stuck.empty()) return result;
    result.passed = false;
    result.message = stuck;
    return result;
}

bool TestBench::is_property(std::size_t test) const { return !impl_->tests.tests.at(test).params.empty(); }

TestResult TestBench::run(std::size_t number) {
    if (number >= impl_->tests.tests.size()) return {};
    const TestEntry& test = impl_->tests.tests[number];
    return test.params.empty() ? impl_->run(test, Choices({}, 0)).result : impl_->property(test);
}

} // namespace tally
