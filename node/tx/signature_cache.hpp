/// Envelopes whose signatures held, so that one that was checked when it came in is not checked again when
/// it is in a block or sent once more. Forgetting costs time and nothing else.
#pragma once

#include "vm/crypto/signature.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace tally {

class SignatureCache {
public:
    /// Remembers at least the last `capacity` envelopes and at most twice as many.
    explicit SignatureCache(std::size_t capacity) : capacity_(capacity) {}

    /// The keys under which the signatures of these very bytes held, signer by signer.
    [[nodiscard]] std::optional<std::vector<VerifyKey>> find(const Hash& envelope) const;
    void add(const Hash& envelope, std::vector<VerifyKey> keys);

private:
    std::size_t capacity_;
    mutable std::mutex mutex_;
    std::map<Hash, std::vector<VerifyKey>> young_, old_;
};

} // namespace tally
