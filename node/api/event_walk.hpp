/// Events by height, from any place on. A page of them and a stream walk the same way, so both can be
/// taken up where the other was left.
#pragma once

#include "node/chain.hpp"

namespace tally {

struct EventPlace {
    u64 height = 1;
    u64 skip = 0; ///< events of that block that are behind
};

/// `behind` is where to go on after this event; false: no more.
using EachEvent = std::function<bool(EventPlace behind, const Event& event)>;

/// Until `each` has enough, the last block, or 1,000 blocks. Where to go on.
[[nodiscard]] EventPlace walk_events(const Chain& chain, EventPlace from, const EachEvent& each);

} // namespace tally
