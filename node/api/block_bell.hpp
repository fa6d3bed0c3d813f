/// Wakes those that wait for the next block.
#pragma once

#include "node/ordering/watch.hpp"

#include <functional>
#include <mutex>

namespace tally {

class BlockBell final : public OrderingWatch {
public:
    using Wake = std::function<void()>; ///< must only post: the block thread calls it

    [[nodiscard]] u64 subscribe(Wake wake) {
        const std::lock_guard lock(mutex_);
        sleepers_.emplace(++last_, std::move(wake));
        return last_;
    }
    void unsubscribe(u64 number) {
        const std::lock_guard lock(mutex_);
        sleepers_.erase(number);
    }
    void ring() {
        const std::lock_guard lock(mutex_);
        for (const auto& [number, wake] : sleepers_)
            wake();
    }
    void made_block(const MadeBlock&) override { ring(); }

private:
    std::mutex mutex_;
    std::map<u64, Wake> sleepers_;
    u64 last_ = 0;
};

} // namespace tally
