/// The bench that `tally test` puts a contract on: a ledger in memory, and the Test host functions.
#pragma once

#include "runtime/ledger.hpp"

namespace tally {

struct TestResult {
    std::string name;
    bool passed = false;
    std::uint32_t line = 0;  ///< of the failure
    std::string message;     ///< what, with the values
    i64 gas_used = 0;
    std::size_t cases = 0;   ///< of a property
};

/// `modules` are all modules of the test, dependencies first, the one with the tests last; canonical
/// bytes. Each test starts from an empty ledger on 2026-01-01 unless its first `advance` says otherwise.
class TestBench {
public:
    explicit TestBench(const std::vector<Bytes>& modules);
    ~TestBench();
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] TestResult run(std::size_t test);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
