/// The bench that `tally test` puts a contract on: a ledger in memory, and the Test host functions.
#pragma once

#include "runtime/ledger.hpp"
#include "runtime/snapshot.hpp"

#include <functional>
#include <optional>

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
    explicit TestBench(const std::vector<Bytes>& modules, Prepare prepare = nullptr);
    ~TestBench();
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] TestResult run(std::size_t test);
    /// The most gas that an entry may use: a transaction of a test that uses more fails the test.
    using Bound = std::function<std::optional<u64>(const std::string& module, const std::string& contract, const std::string& entry)>;
    void check_costs(Bound bound);
    [[nodiscard]] bool is_property(std::size_t test) const;
    /// Runs one test (no property) and then on to `until`; a clause that is refused on the way fails it, and tells what is held after each change.
    TestResult simulate(std::size_t test, Date until, const std::vector<std::string>& fields, std::vector<Snapshot>& out);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
