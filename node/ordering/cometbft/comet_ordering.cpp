#include "node/ordering/cometbft/comet_ordering.hpp"

#include <fmt/format.h>

namespace tally {
namespace {

constexpr std::size_t sent_at_once = 500;
constexpr auto pause_without_engine = std::chrono::milliseconds(200);
constexpr auto pause_without_work = std::chrono::milliseconds(500);

} // namespace

CometOrdering::CometOrdering(Chain& chain, Options options)
    : chain_(chain), options_(std::move(options)), rpc_(options_.rpc),
      height_(chain.read([](const Ledger&, const Tip& tip) { return tip.height; })), thread_([this] { run(); }) {}

CometOrdering::~CometOrdering() { stop(); }

void CometOrdering::stop() {
    Finished finished;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        while (!waiting_.empty())
            settle(waiting_.begin()->first, NodeError{NodeCode::Stopping, {}}, finished);
    }
    tell_finished(std::move(finished));
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

// ---- on the way in ------------------------------------------------------------------------------

/// What can be said of it without a block; nothing if it has to wait for one. Held: the mutex, so that a block with it
/// cannot come between the question and the waiting.
std::optional<Result<Answer>> CometOrdering::at_once(const Result<SignedTransaction>& item) const {
    if (!item) return Result<Answer>(item.error());
    const IntentId& intent = item->transaction.intent;
    if (auto known = chain_.answer_of(intent)) {
        known->duplicate = true;
        return known->id == item->id ? Result<Answer>(std::move(*known)) : NodeError{NodeCode::IntentReused, hex(intent)};
    }
    if (stopping_) return Result<Answer>(NodeError{NodeCode::Stopping, {}});
    if (waiting_.size() >= options_.waiting_max) return Result<Answer>(NodeError{NodeCode::QueueFull, {}});
    return std::nullopt;
}

/// Held: the mutex.
void CometOrdering::wait_for(SignedTransaction transaction, const Place& place) {
    const Hash digest = sha256(transaction.bytes);
    tell([&](OrderingWatch& watch) { watch.taken(transaction); });
    by_expiry_.emplace(transaction.transaction.expiry, digest);
    fresh_.push_back(digest);
    Waiting& waiting = waiting_.try_emplace(digest, Waiting{std::move(transaction), {}, Clock::now()}).first->second;
    waiting.places.push_back(place);
    ++place.batch->open;
}

void CometOrdering::submit(const std::vector<Bytes>& envelopes, Wait wait, Done done) {
    if (envelopes.empty()) return done({});
    auto items = chain_.admit(envelopes);
    if (const auto problem = chain_.no_room()) std::fill(items.begin(), items.end(), Result<SignedTransaction>(*problem));
    const auto batch = std::make_shared<Batch>();
    batch->answers.resize(items.size());
    Answers admitted;
    bool complete = false;
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < items.size(); ++i) {
            batch->answers[i] = at_once(items[i]);
            if (const auto& answer = batch->answers[i]) {
                tell([&](OrderingWatch& watch) { *answer ? watch.answered(**answer) : watch.refused(items[i] ? &*items[i] : nullptr, answer->error()); });
                admitted.push_back(*answer);
                continue;
            }
            Answer promised;
            promised.id = items[i]->id;
            promised.intent = items[i]->transaction.intent;
            admitted.push_back(std::move(promised));
            wait_for(std::move(*items[i]), {batch, i});
        }
        complete = batch->open == 0;
        if (wait == Wait::Final) batch->done = done;
        tell([&](OrderingWatch& watch) { watch.waiting(waiting_.size()); });
    }
    wake_.notify_all();
    if (wait == Wait::Admitted) return done(std::move(admitted));
    if (complete) tell_finished({batch});
}

/// Held: the mutex. The new ones first, in the order in which they came; then those whose turn has come again.
std::vector<Bytes> CometOrdering::next_to_send() {
    std::vector<Bytes> out;
    const auto now = Clock::now();
    const auto send = [&](const Hash& digest) {
        const auto found = waiting_.find(digest);
        if (found == waiting_.end()) return;
        out.push_back(found->second.transaction.bytes);
        again_.emplace_back(now + options_.again, digest);
    };
    for (; !fresh_.empty() && out.size() < sent_at_once; fresh_.pop_front())
        send(fresh_.front());
    for (; !again_.empty() && again_.front().first <= now && out.size() < sent_at_once; again_.pop_front())
        send(again_.front().second);
    return out;
}

void CometOrdering::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const std::vector<Bytes> envelopes = next_to_send();
        if (envelopes.empty()) {
            wake_.wait_for(lock, pause_without_work, [this] { return stopping_ || !fresh_.empty(); });
            Finished late;
            give_up_late(late);
            lock.unlock();
            tell_finished(std::move(late));
            lock.lock();
            continue;
        }
        lock.unlock();
        const Problem problem = rpc_.broadcast(envelopes);
        lock.lock();
        // What could not be sent is sent again in its turn; not before the engine has had time to come up.
        if (problem) wake_.wait_for(lock, pause_without_engine, [this] { return stopping_; });
    }
}

// ---- answers ------------------------------------------------------------------------------------

/// Held: the mutex.
void CometOrdering::settle(const Hash& digest, const Result<Answer>& answer, Finished& finished) {
    const auto found = waiting_.find(digest);
    if (found == waiting_.end()) return;
    const Waiting& waiting = found->second;
    tell([&](OrderingWatch& watch) { answer ? watch.answered(*answer) : watch.refused(&waiting.transaction, answer.error()); });
    for (const Place& place : waiting.places) {
        place.batch->answers[place.number] = answer;
        if (--place.batch->open == 0) finished.push_back(place.batch);
    }
    by_expiry_.erase({waiting.transaction.transaction.expiry, digest});
    waiting_.erase(found);
}

void CometOrdering::tell_finished(Finished finished) {
    for (const auto& batch : finished) {
        if (!batch->done) continue;
        Answers all;
        for (auto& answer : batch->answers)
            all.push_back(std::move(*answer));
        batch->done(std::move(all));
    }
}

void CometOrdering::turned_away(const Hash& digest, const NodeError& why) {
    // Another copy of it was in a block: that block answers it.
    if (why.code == NodeCode::IntentReused) return;
    Finished finished;
    {
        const std::lock_guard lock(mutex_);
        settle(digest, why, finished);
    }
    tell_finished(std::move(finished));
}

void CometOrdering::decided(std::vector<Decided> block) {
    const Chain::Times times = chain_.times();
    const u64 height = chain_.height();
    Finished finished;
    {
        const std::lock_guard lock(mutex_);
        if (height != height_) {
            const MadeBlock made{height, block.size(), times.run + times.tree + times.history + times.commit, times.tree, times.commit};
            tell([&](OrderingWatch& watch) { watch.made_block(made); });
        }
        for (const Decided& transaction : block)
            settle(transaction.digest, transaction.answer, finished);
        if (std::exchange(height_, height) != height) give_up_expired(height, finished);
        tell([&](OrderingWatch& watch) { watch.waiting(waiting_.size()); });
    }
    tell_finished(std::move(finished));
}

/// Held: the mutex. Nothing that expires at the height of a durable block can come into a later one.
void CometOrdering::give_up_expired(u64 height, Finished& finished) {
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= height)
        settle(by_expiry_.begin()->second, NodeError{NodeCode::Expired, fmt::format("it was {}, this is block {}", by_expiry_.begin()->first, height)}, finished);
}

/// Held: the mutex.
void CometOrdering::give_up_late(Finished& finished) {
    const auto before = Clock::now() - options_.patience;
    std::vector<Hash> late;
    for (const auto& [digest, waiting] : waiting_)
        if (waiting.since < before) late.push_back(digest);
    for (const Hash& digest : late)
        settle(digest, NodeError{NodeCode::EngineSilent, {}}, finished);
}

} // namespace tally
