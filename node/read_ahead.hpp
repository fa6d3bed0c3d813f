/// Reads what a block will need while its transactions run: the rows of the instances that they call, and the
/// tree nodes above them. Another thread has the time, and a disk or a big database answers many questions
/// sooner than one after the other. It changes no answer, only when it is there.
#pragma once

#include "node/state_tree.hpp"
#include "runtime/transaction.hpp"

#include <atomic>
#include <thread>

namespace tally {

class ReadAhead {
public:
    /// Of the tree at `height`. Both must outlive this.
    ReadAhead(const RocksStore& store, const StateTree& tree, u64 height) : store_(store), tree_(tree), height_(height) {}
    ~ReadAhead() { stop(); }
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// What a transaction will read.
    void note(const Transaction& transaction);
    /// Nothing is read for few.
    void start();
    void stop();

private:
    void read();

    const RocksStore& store_;
    const StateTree& tree_;
    u64 height_;
    std::vector<Bytes> rows_; ///< in the order in which they are needed; some twice
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace tally
