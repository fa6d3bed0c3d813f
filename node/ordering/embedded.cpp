#include "node/ordering/embedded.hpp"

#include "vm/bytecode/limits.hpp"

#include <chrono>
#include <future>

namespace tally {
namespace {

/// What can be said of those that wait for a block.
Ordering::Answers so_far(const std::vector<Result<SignedTransaction>>& items) {
    Ordering::Answers out;
    for (const auto& item : items) {
        if (!item) {
            out.push_back(item.error());
            continue;
        }
        Answer answer;
        answer.id = item->id;
        answer.intent = item->transaction.intent;
        out.push_back(std::move(answer));
    }
    return out;
}

constexpr auto pause_when_stuck = std::chrono::milliseconds(200);

} // namespace

Ordering::Answers submit_and_wait(Ordering& ordering, const std::vector<Bytes>& envelopes) {
    const auto promise = std::make_shared<std::promise<Ordering::Answers>>();
    auto answers = promise->get_future();
    ordering.submit(envelopes, Ordering::Wait::Final,
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

// ---- admission ----------------------------------------------------------------------------------

void EmbeddedOrdering::submit(const std::vector<Bytes>& envelopes, Wait wait, Done done) {
    const auto refuse = [&](const NodeError& error) {
        tell_admission(envelopes, std::vector<Result<SignedTransaction>>(envelopes.size(), error));
        done(Answers(envelopes.size(), error));
    };
    if (const auto problem = closed_to(envelopes.size())) return refuse(*problem);
    if (envelopes.empty()) return done({});
    const auto batch = std::make_shared<Batch>();
    batch->items = chain_.admit(envelopes); // the slow part, outside the lock
    take_places(batch->items);
    tell_admission(envelopes, batch->items); // before a block can have them
    Answers admitted = wait == Wait::Admitted ? so_far(batch->items) : Answers();
    batch->done = wait == Wait::Admitted ? [](Answers) {} : done;
    if (!enqueue(batch)) return refuse({NodeCode::Stopping, {}});
    if (wait == Wait::Admitted) done(std::move(admitted));
}

Problem EmbeddedOrdering::closed_to(std::size_t count) const {
    const std::lock_guard lock(mutex_);
    if (stopping_) return NodeError{NodeCode::Stopping, {}};
    if (waiting_ + count > options_.waiting_max) return NodeError{NodeCode::QueueFull, {}};
    return std::nullopt;
}

bool EmbeddedOrdering::enqueue(const std::shared_ptr<Batch>& batch) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    queue_.push_back(batch);
    wake_.notify_all();
    return true;
}

void EmbeddedOrdering::take_places(std::vector<Result<SignedTransaction>>& items) {
    const std::lock_guard lock(mutex_);
    limit_senders(items);
    waiting_ += items.size();
    tell([&](OrderingWatch& watch) { watch.waiting(waiting_); });
}

void EmbeddedOrdering::tell_admission(const std::vector<Bytes>& envelopes, const std::vector<Result<SignedTransaction>>& items) const {
    if (options_.watches.empty()) return;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i]) {
            tell([&](OrderingWatch& watch) { watch.taken(*items[i]); });
            continue;
        }
        const auto decoded = decode_envelope(envelopes[i]); // a refused one has an intent too
        tell([&](OrderingWatch& watch) { watch.refused(decoded ? &*decoded : nullptr, items[i].error()); });
    }
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
        // Due clauses that could not run stay pending without a block: then there is no hurry.
        if (make_block() == 0 && chain_.height() == before)
            std::this_thread::sleep_for(pause_when_stuck);
    }
    refuse_all({NodeCode::Stopping, {}});
}

std::size_t EmbeddedOrdering::make_block() {
    const u64 before = chain_.height();
    const auto transactions = gather();
    const auto start = std::chrono::steady_clock::now();
    auto answers = chain_.make_block(transactions);
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    tell_fates(transactions, answers);
    if (chain_.height() != before) {
        const MadeBlock made{chain_.height(), answers.size(), whole, chain_.times().tree, chain_.times().commit};
        tell([&](OrderingWatch& watch) { watch.made_block(made); });
    }
    return distribute(std::move(answers));
}

/// The first of these have answers.
void EmbeddedOrdering::tell_fates(std::span<const SignedTransaction* const> transactions, const Answers& answers) const {
    for (std::size_t i = 0; i < answers.size(); ++i)
        tell([&](OrderingWatch& watch) { answers[i] ? watch.answered(*answers[i]) : watch.refused(transactions[i], answers[i].error()); });
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
        tell([&](OrderingWatch& watch) { watch.waiting(waiting_); });
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
        // One by one: others have taken places and do not stand in the queue yet.
        for (const auto& batch : refused)
            for (std::size_t i = batch->answers.size(); i < batch->items.size(); ++i)
                forget(batch->items[i]);
        tell([&](OrderingWatch& watch) { watch.waiting(waiting_); });
    }
    for (const auto& batch : refused) {
        for (std::size_t i = batch->answers.size(); i < batch->items.size(); ++i) {
            const auto& item = batch->items[i];
            if (item) tell([&](OrderingWatch& watch) { watch.refused(&*item, error); });
            batch->answers.push_back(item ? error : item.error());
        }
        batch->done(std::move(batch->answers));
    }
}

} // namespace tally
