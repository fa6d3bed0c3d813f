/// What an item of a block did to money, and where each sum came from. Nothing of it is stored: the block runs again
/// over the state before it, and what comes out must be what the block's record says.
#pragma once

#include "node/block_rerun.hpp"

namespace tally {

/// `HEIGHT.ITEM` or `HEIGHT.ITEM.NUMBER`, all from 1: an item as in docs/formats.md, the clauses of a block first and
/// then its transactions; a posting in the order in which they happened.
struct PostingId {
    u64 height = 0, item = 0, number = 0; ///< no number: all of the item
};

/// From its text; 32 hexadecimal digits are the intent of a transaction, and stand for all of its postings.
[[nodiscard]] Result<PostingId> posting_id(const Chain& chain, std::string_view text);

/// Who asks. The others' postings are left out of an item, and refused by themselves.
struct PostingReader {
    bool of_item = true; ///< may know the item though none of its postings is for them
    std::function<bool(const Posting&)> may_read = [](const Posting&) { return true; };
};

/// The members of the answer: the item and its postings, or the one posting with its lineage.
[[nodiscard]] Result<std::string> explain_postings(const Chain& chain, const PostingId& id, const PostingReader& reader = {});

} // namespace tally
