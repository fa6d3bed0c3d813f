#include "node/tx/signature_pool.hpp"

#include <algorithm>
#include <atomic>

namespace tally {
namespace {

constexpr std::size_t chunk = 8; ///< about half a millisecond of work

} // namespace

struct SignaturePool::Work {
    std::span<SignatureJob> jobs;
    std::atomic<std::size_t> next{0}, finished{0};
    std::mutex mutex;
    std::condition_variable done;

    /// Takes chunks until none is left. The jobs live as long as one chunk is unfinished.
    void help() {
        while (true) {
            const std::size_t from = next.fetch_add(chunk);
            if (from >= jobs.size()) return;
            const std::size_t to = std::min(from + chunk, jobs.size());
            for (std::size_t i = from; i < to; ++i) {
                SignatureJob& job = jobs[i];
                job.holds = tally::verify(job.key, job.message, job.signature);
            }
            if (finished.fetch_add(to - from) + (to - from) != jobs.size()) continue;
            const std::lock_guard lock(mutex);
            done.notify_all();
        }
    }
    void wait() {
        std::unique_lock lock(mutex);
        done.wait(lock, [this] { return finished.load() == jobs.size(); });
    }
};

SignaturePool::SignaturePool(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i)
        threads_.emplace_back([this] { serve(); });
}

SignaturePool::~SignaturePool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void SignaturePool::serve() {
    while (true) {
        std::shared_ptr<Work> work;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            work = queue_.front();
            if (work->next.load() >= work->jobs.size()) {
                queue_.pop_front();
                continue;
            }
        }
        work->help();
    }
}

void SignaturePool::verify(std::span<SignatureJob> jobs) {
    if (jobs.empty()) return;
    const auto work = std::make_shared<Work>();
    work->jobs = jobs;
    if (jobs.size() > chunk) {
        const std::lock_guard lock(mutex_);
        queue_.push_back(work);
        wake_.notify_all();
    }
    work->help();
    work->wait();
}

} // namespace tally
