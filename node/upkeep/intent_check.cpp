#include "node/upkeep/intent_check.hpp"

#include "runtime/intents.hpp"
#include "runtime/keys.hpp"

#include <fmt/format.h>

namespace tally {

bool IntentCheck::add(const Bytes& key, const Bytes& value) {
    const ByteView behind = ByteView(key).subspan(1);
    if (keys::is_in(key, keys::Space::intent)) ++intents_;
    if (keys::is_in(key, keys::Space::expiry)) return add_expiry(behind, value);
    if (keys::is_in(key, keys::Space::intents)) return add_list(behind, value);
    return true;
}

bool IntentCheck::add_expiry(ByteView key, const Bytes& value) {
    ByteReader in(key), id(value);
    const u64 expiry = in.u64be(), number = in.u64be();
    IntentId intent{};
    id.read(intent);
    const auto row = store_.get(keys::intent(intent));
    const auto remembered = row ? decode_remembered(*row) : std::nullopt;
    if (!id.done() || !remembered || remembered->expiry != expiry || remembered->number != number) return false;
    ChainedList& list = lists_[expiry];
    list.count = number;
    list.chain = chain_after(list.chain, intent, *row);
    ++placed_;
    return true;
}

bool IntentCheck::add_list(ByteView key, const Bytes& value) {
    ByteReader in(key);
    const auto found = lists_.extract(in.u64be());
    return !found.empty() && decode_list(value) == found.mapped();
}

Problem IntentCheck::check(u64 height) const {
    if (intents_ != placed_) return NodeError{NodeCode::ContentsWrong, fmt::format("{} intents are remembered, {} are in lists", intents_, placed_)};
    // What is left has no list any more: it has expired and is about to go.
    if (!lists_.empty() && lists_.rbegin()->first > height)
        return NodeError{NodeCode::ContentsWrong, fmt::format("intents until height {} are in no list of the state tree", lists_.rbegin()->first)};
    return std::nullopt;
}

} // namespace tally
