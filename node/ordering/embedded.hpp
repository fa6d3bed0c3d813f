/// Ordering by one process: transactions go into blocks as they arrive. While one block is made the
/// next one's transactions gather, so blocks grow with the load and nobody waits without it.
#pragma once

#include "node/ordering/ordering.hpp"
#include "node/ordering/watch.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace tally {

class EmbeddedOrdering final : public Ordering {
public:
    struct Options {
        std::size_t waiting_max = 100'000;     ///< transactions in the queue; from half of it on it is shared out
        std::vector<OrderingWatch*> watches{}; ///< told in this order; must outlive the ordering
    };
    /// The chain must outlive this.
    explicit EmbeddedOrdering(Chain& chain) : EmbeddedOrdering(chain, Options{}) {}
    EmbeddedOrdering(Chain& chain, Options options);
    ~EmbeddedOrdering() override;
    EmbeddedOrdering(const EmbeddedOrdering&) = delete;
    EmbeddedOrdering& operator=(const EmbeddedOrdering&) = delete;

    void submit(const std::vector<Bytes>& envelopes, Wait wait, Done done) override;
    /// Finishes the block at hand first.
    void stop() override;

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
    std::size_t make_block(); ///< how many were answered
    std::size_t distribute(Answers answers); ///< how many were answered, refused ones included
    void refuse_all(const NodeError& error);
    [[nodiscard]] Problem closed_to(std::size_t count) const;
    [[nodiscard]] bool enqueue(const std::shared_ptr<Batch>& batch); ///< false: the node stops
    void take_places(std::vector<Result<SignedTransaction>>& items);
    void limit_senders(std::vector<Result<SignedTransaction>>& items);
    void tell_admission(const std::vector<Bytes>& envelopes, const std::vector<Result<SignedTransaction>>& items) const;
    void tell_fates(std::span<const SignedTransaction* const> transactions, const Answers& answers) const;
    void forget(const Result<SignedTransaction>& item);
    template <typename Say> void tell(const Say& say) const {
        for (OrderingWatch* const watch : options_.watches)
            say(*watch);
    }

    Chain& chain_;
    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Queue queue_;
    std::size_t waiting_ = 0; ///< transactions in the queue
    std::map<PartyId, std::size_t> waiting_of_; ///< of them, by sender; nobody with none
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace tally
