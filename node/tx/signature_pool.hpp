/// Checks many signatures at once on a few threads. The one part of admission that costs real time.
#pragma once

#include "vm/crypto/signature.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace tally {

struct SignatureJob {
    VerifyKey key;
    Hash message{};
    Signature signature{};
    bool holds = false; ///< the answer
};

class SignaturePool {
public:
    explicit SignaturePool(unsigned threads);
    ~SignaturePool();
    SignaturePool(const SignaturePool&) = delete;
    SignaturePool& operator=(const SignaturePool&) = delete;

    /// Fills in `holds` of each; the calling thread works along. From any thread.
    void verify(std::span<SignatureJob> jobs);

private:
    struct Work;
    void serve();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Work>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

} // namespace tally
