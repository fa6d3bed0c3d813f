/// What an instruction or a host function costs that asks the ledger: each stands many times in an action of a
/// contract, which a transaction calls on a ledger in memory. What the same transaction costs without it is taken off.
#pragma once

#include "runtime/ledger.hpp"
#include "runtime/store.hpp"
#include "tests/bench/vm/measure.hpp"

#include <memory>

namespace tally::bench {

struct LedgerSubject {
    std::string name;
    std::string body;     ///< what stands there `copies` times; its key is at x3, its value at x4
    double copies, rounds;
};

[[nodiscard]] std::vector<LedgerSubject> ledger_subjects();

/// A ledger with one contract, of which each subject is an action; the first does nothing.
class LedgerBench {
public:
    explicit LedgerBench(const std::vector<LedgerSubject>& subjects);
    /// Gas of a whole transaction; nothing of it is kept.
    i64 run(std::size_t subject);

private:
    Receipt send(Payload payload);
    void commit();

    MemoryStore store_;
    Ledger ledger_{store_};
    u64 height_ = 1, intents_ = 0;
};

} // namespace tally::bench
