/// Ordering by CometBFT, which the nodes of all institutions run together. A transaction goes into the engine's memory
/// and to its peers; some node proposes it; when its block is durable here, whoever sent it is answered. Until then
/// it is sent again from time to time, for an engine that was restarted has forgotten it.
#pragma once

#include "node/ordering/cometbft/application.hpp"
#include "node/ordering/cometbft/engine_rpc.hpp"
#include "node/ordering/ordering.hpp"
#include "node/ordering/watch.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>

namespace tally {

class CometOrdering final : public Ordering, public EngineWatch {
public:
    struct Options {
        std::string rpc = "http://127.0.0.1:26657"; ///< the engine's
        std::size_t waiting_max = 20'000;           ///< transactions of this node's clients
        std::chrono::milliseconds patience{60'000}; ///< after it a client is told that the engine is silent
        std::chrono::milliseconds again{5'000};     ///< until a transaction is sent once more
        std::vector<OrderingWatch*> watches{};      ///< told in this order; must outlive the ordering
    };
    /// The chain must outlive this.
    CometOrdering(Chain& chain, Options options);
    ~CometOrdering() override;

    void submit(const std::vector<Bytes>& envelopes, Wait wait, Done done) override;
    void turned_away(const Hash& digest, const NodeError& why) override;
    void decided(std::vector<Decided> block) override;
    /// What they sent may still come into a block.
    void stop() override;

private:
    using Clock = std::chrono::steady_clock;
    /// What came in together and is answered together.
    struct Batch {
        std::vector<std::optional<Result<Answer>>> answers;
        std::size_t open = 0; ///< without an answer
        Done done;
    };
    struct Place {
        std::shared_ptr<Batch> batch;
        std::size_t number = 0;
    };
    struct Waiting {
        SignedTransaction transaction;
        std::vector<Place> places; ///< the same bytes may be sent twice
        Clock::time_point since;
    };
    /// Those whose last answer has come: told when no lock is held.
    using Finished = std::vector<std::shared_ptr<Batch>>;

    void run();
    [[nodiscard]] std::vector<Bytes> next_to_send();
    [[nodiscard]] std::optional<Result<Answer>> at_once(const Result<SignedTransaction>& item) const;
    void wait_for(SignedTransaction transaction, const Place& place);
    void settle(const Hash& digest, const Result<Answer>& answer, Finished& finished);
    void give_up_expired(u64 height, Finished& finished);
    void give_up_late(Finished& finished);
    static void tell_finished(Finished finished);
    template <typename Say> void tell(const Say& say) const {
        for (OrderingWatch* const watch : options_.watches)
            say(*watch);
    }

    Chain& chain_;
    const Options options_;
    EngineRpc rpc_; ///< the sending thread's
    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<Hash, Waiting> waiting_;                            ///< by the hash of the envelope
    std::set<std::pair<u64, Hash>> by_expiry_;                   ///< the same
    std::deque<Hash> fresh_;                                     ///< not sent yet
    std::deque<std::pair<Clock::time_point, Hash>> again_;       ///< when to send it once more; answered ones are passed over
    u64 height_ = 0;                                             ///< of the ledger, as of the last block
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace tally
