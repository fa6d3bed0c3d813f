/// Who decides the order of transactions. `embedded` is one process on its own; a consortium brings
/// another driver behind the same door.
#pragma once

#include "node/chain.hpp"

#include <functional>

namespace tally {

class Ordering {
public:
    using Answers = std::vector<Result<Answer>>;
    using Done = std::function<void(Answers)>;
    enum class Wait {
        Final,    ///< until all of them are final and durable
        Admitted, ///< until those that are good wait for a block: their answers have no height and no receipt
    };
    virtual ~Ordering() = default;
    /// Envelopes from outside. `done` is called once, from a thread of the driver or from this one,
    /// with an answer for each in their order.
    virtual void submit(const std::vector<Bytes>& envelopes, Wait wait, Done done) = 0;
    /// Answers those who wait with N2012, and takes no more.
    virtual void stop() = 0;
};

/// Waits for the answers.
[[nodiscard]] Ordering::Answers submit_and_wait(Ordering& ordering,
                                                const std::vector<Bytes>& envelopes);

} // namespace tally
