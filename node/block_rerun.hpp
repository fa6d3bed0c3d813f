/// A block that runs again over the state before it, for whoever wants to see what it does.
#pragma once

#include "node/chain.hpp"
#include "runtime/trace/tracer.hpp"

namespace tally {

/// The place of the item of this number, from 1: the clauses of a block first, then its transactions.
[[nodiscard]] std::optional<ItemPlace> item_place(const BlockRecord& block, u64 item);
[[nodiscard]] u64 item_number(const BlockRecord& block, const ItemPlace& place);

/// Runs the block up to this item, which the tracer sees, over the state that `past` is. ContentsWrong when what comes
/// out is not what the block's record says: then nothing that was seen counts.
[[nodiscard]] Problem run_again(const Chain::Past& past, const BlockRecord& block, const ItemPlace& last, Tracer& tracer);

} // namespace tally
