#include "node/tx/signature_cache.hpp"

namespace tally {

std::optional<std::vector<VerifyKey>> SignatureCache::find(const Hash& envelope) const {
    const std::lock_guard lock(mutex_);
    for (const auto* const generation : {&young_, &old_})
        if (const auto found = generation->find(envelope); found != generation->end()) return found->second;
    return std::nullopt;
}

void SignatureCache::add(const Hash& envelope, std::vector<VerifyKey> keys) {
    const std::lock_guard lock(mutex_);
    young_.insert_or_assign(envelope, std::move(keys));
    if (young_.size() < capacity_) return;
    old_ = std::move(young_);
    young_.clear();
}

} // namespace tally
