#include "node/api/event_walk.hpp"

namespace tally {
namespace {

constexpr u64 blocks_per_walk = 1000;

/// Those of clauses come first, as they ran.
std::vector<const Event*> events_of(const BlockRecord& block) {
    std::vector<const Event*> out;
    const auto add = [&](const Receipt& receipt) {
        for (const Event& event : receipt.events)
            out.push_back(&event);
    };
    for (const ClauseRun& run : block.clauses)
        add(run.receipt);
    for (const Receipt& receipt : block.receipts)
        add(receipt);
    return out;
}

} // namespace

EventPlace walk_events(const Chain& chain, EventPlace from, const EachEvent& each) {
    const u64 tip = chain.read([](const Ledger&, const Tip& now) { return now.height; });
    u64 height = std::max<u64>(from.height, 1), skip = from.skip;
    for (u64 left = blocks_per_walk; height <= tip && left != 0; --left, ++height, skip = 0) {
        const auto block = chain.block(height);
        if (!block) break;
        const auto events = events_of(*block);
        for (std::size_t i = static_cast<std::size_t>(skip); i < events.size(); ++i) {
            if (each({height, i + 1}, *events[i])) continue;
            return i + 1 < events.size() ? EventPlace{height, i + 1} : EventPlace{height + 1, 0};
        }
    }
    return {height, skip};
}

} // namespace tally
