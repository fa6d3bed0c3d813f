#include "runtime/bench.hpp"

#include "runtime/bench_host.hpp"
#include "vm/bytecode/encode.hpp"

namespace tally {

struct TestBench::Impl {
    std::vector<Bytes> modules;
    Caches caches; ///< verified once, for all tests
    Module tests;  ///< empty if the last module does not decode
};

TestBench::TestBench(const std::vector<Bytes>& modules) : impl_(std::make_unique<Impl>()) {
    impl_->modules = modules;
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

TestResult TestBench::run(std::size_t number) {
    TestResult result;
    if (number >= impl_->tests.tests.size()) return result;
    const TestEntry& test = impl_->tests.tests[number];
    result.name = test.name;
    result.line = test.line;
    TestStage stage(impl_->caches);
    Hash code{};
    for (const Bytes& module : impl_->modules)
        if (!stage.deploy(module, code, result.message)) return result;
    const CodePtr ready = stage.core().state().code(code);
    const Program& program = *ready->program;
    // A test is no instance: its frames begin where a record would.
    const std::uint32_t stack = self_address;
    Arena arena(stack + program.facts.stack_bytes[test.function] + 16);
    Gas gas{INT64_MAX};
    TestHost host(stage, *ready);
    const Outcome outcome = tally::run(program, test.function, {}, stack, arena, gas, host);
    result.gas_used = stage.gas_used();
    result.passed = outcome.trap == Trap::None && host.end();
    if (result.passed) return result;
    const bool known = outcome.function < program.module.functions.size();
    const std::uint32_t line =
        known ? line_of(program.module.functions[outcome.function], outcome.instruction) : 0;
    result.line = host.line() != 0 ? host.line() : line != 0 ? line : test.line;
    result.message = host.message();
    if (const TrapInfo* info = trap_info(outcome.trap); info != nullptr && result.message.empty())
        result.message = std::string(info->name) + ": " + std::string(info->what);
    return result;
}

} // namespace tally
