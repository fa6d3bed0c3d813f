/// Ordering by one process: transactions go into blocks as they arrive. While one block is made the
/// next one's transactions gather, so blocks grow with the load and nobody waits without it.
#pragma once

#include "node/ordering/ordering.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace tally {

class EmbeddedOrdering final : public Ordering {
public:
    /// The chain must outlive this.
    explicit EmbeddedOrdering(Chain& chain);
    ~EmbeddedOrdering() override;
    EmbeddedOrdering(const EmbeddedOrdering&) = delete;
    EmbeddedOrdering& operator=(const EmbeddedOrdering&) = delete;

    void submit(const std::vector<Bytes>& envelopes, Done done) override;
    /// Finishes the block at hand, answers the rest with N2012.
    void stop();

private:
    struct Batch {
        std::vector<Result<SignedTransaction>> items;
        Answers answers; ///< so far, in order
        Done done;
    };
    using Queue = std::deque<std::shared_ptr<Batch>>;

    void run();
    bool wait_for_work();
    std::vector<const SignedTransaction*> gather() const;
    std::size_t distribute(Answers answers); ///< how many were answered, refused ones included
    void refuse_all(const NodeError& error);

    Chain& chain_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Queue queue_;
    std::size_t waiting_ = 0; ///< transactions in the queue
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace tally
