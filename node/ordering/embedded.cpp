#include "node/ordering/embedded.hpp"

#include "vm/bytecode/limits.hpp"

#include <chrono>
#include <future>

namespace tally {
namespace {

constexpr auto pause_when_stuck = std::chrono::milliseconds(200);

} // namespace

Ordering::Answers submit_and_wait(Ordering& ordering, const std::vector<Bytes>& envelopes) {
    const auto promise = std::make_shared<std::promise<Ordering::Answers>>();
    auto answers = promise->get_future();
    ordering.submit(envelopes,
                    [promise](Ordering::Answers all) { promise->set_value(std::move(all)); });
    return answers.get();
}

EmbeddedOrdering::EmbeddedOrdering(Chain& chain, Options options)
    : chain_(chain), options_(std::move(options)), thread_([this] { run(); }) {}

EmbeddedOrdering::~EmbeddedOrdering() { stop(); }

void EmbeddedOrdering::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void EmbeddedOrdering::submit(const std::vector<Bytes>& envelopes, Done done) {
    const auto batch = std::make_shared<Batch>();
    batch->done = std::move(done);
    Problem refused;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_ + envelopes.size() > options_.waiting_max) refused = NodeError{NodeCode::QueueFull, {}};
    }
    if (!refused) {
        batch->items = chain_.admit(envelopes); // the slow part, outside the lock
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            refused = NodeError{NodeCode::Stopping, {}};
        } else if (!batch->items.empty()) {
            limit_senders(batch->items);
            waiting_ += batch->items.size();
            queue_.push_back(batch);
            wake_.notify_all();
            return;
        }
    }
    Answers answers;
    if (refused) answers.assign(envelopes.size(), *refused);
    batch->done(std::move(answers));
}

/// Once the queue is more than half full no sender may fill the rest of it: each has an equal part.
/// Those that stand in it may fill their part; the signatures hold, so nobody fills another's.
void EmbeddedOrdering::limit_senders(std::vector<Result<SignedTransaction>>& items) {
    std::size_t waiting = waiting_;
    for (auto& item : items) {
        ++waiting;
        if (!item) continue;
        const PartyId sender = item->transaction.signers.front();
        std::size_t& own = waiting_of_[sender];
        if (waiting > options_.waiting_max / 2 && own >= options_.waiting_max / 2 / waiting_of_.size())
            item = NodeError{NodeCode::SenderShare, "party " + std::to_string(sender)};
        else
            ++own;
        if (own == 0) waiting_of_.erase(sender);
    }
}

/// It does not wait any more.
void EmbeddedOrdering::forget(const Result<SignedTransaction>& item) {
    --waiting_;
    if (!item) return;
    const auto own = waiting_of_.find(item->transaction.signers.front());
    if (--own->second == 0) waiting_of_.erase(own);
}

void EmbeddedOrdering::run() {
    while (wait_for_work()) {
        if (const auto problem = chain_.no_room()) {
            refuse_all(*problem);
            std::this_thread::sleep_for(pause_when_stuck); // in which the refusals go out
            if (problem->code == NodeCode::DiskFull) stop_node(*problem);
            continue;
        }
        const u64 before = chain_.height();
        const auto transactions = gather();
        auto answers = chain_.make_block(transactions);
        if (chain_.height() != before) tell([&](OrderingWatch& watch) { watch.made_block(chain_.height()); });
        const std::size_t answered = distribute(std::move(answers));
        // Due clauses that could not run stay pending without a block: then there is no hurry.
        if (answered == 0 && chain_.height() == before)
            std::this_thread::sleep_for(pause_when_stuck);
    }
    refuse_all({NodeCode::Stopping, {}});
}

bool EmbeddedOrdering::wait_for_work() {
    const bool pending = chain_.work_pending();
    std::unique_lock lock(mutex_);
    if (!pending) wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    return !stopping_;
}

/// What the next block may hold at most, in order of arrival. Envelopes that were refused at
/// admission are passed over here and answered in `distribute`.
std::vector<const SignedTransaction*> EmbeddedOrdering::gather() const {
    std::vector<const SignedTransaction*> out;
    const std::lock_guard lock(mutex_);
    for (const auto& batch : queue_) {
        for (std::size_t i = batch->answers.size(); i < batch->items.size(); ++i) {
            if (!batch->items[i]) continue;
            if (out.size() == limits::block_transactions) return out;
            out.push_back(&*batch->items[i]);
        }
    }
    return out;
}

std::size_t EmbeddedOrdering::distribute(Answers answers) {
    std::size_t next = 0, count = 0;
    Queue finished;
    {
        const std::lock_guard lock(mutex_);
        while (!queue_.empty()) {
            Batch& batch = *queue_.front();
            while (batch.answers.size() < batch.items.size()) {
                const auto& item = batch.items[batch.answers.size()];
                if (item && next == answers.size()) break;
                if (item)
                    batch.answers.push_back(std::move(answers[next++]));
                else
                    batch.answers.push_back(item.error());
                forget(item);
                ++count;
            }
            if (batch.answers.size() < batch.items.size()) break;
            finished.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
    }
    for (const auto& batch : finished)
        batch->done(std::move(batch->answers));
    return count;
}

void EmbeddedOrdering::refuse_all(const NodeError& error) {
    Queue refused;
    {
        const std::lock_guard lock(mutex_);
        refused.swap(queue_);
        waiting_ = 0;
        waiting_of_.clear();
    }
    for (const auto& batch : refused) {
        for (std::size_t i = batch->answers.size(); i < batch->items.size(); ++i) {
            const auto& item = batch->items[i];
            batch->answers.push_back(item ? error : item.error());
        }
        batch->done(std::move(batch->answers));
    }
}

} // namespace tally
