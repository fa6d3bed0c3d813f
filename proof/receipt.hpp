/// That a block holds a transaction with this receipt: the item's way to the block's row in the
/// state, and that row's way to the root of the same or any later height.
///
///   file   "tally/receipt/v1", height of the block, place, count, item behind its length,
///          path (a count, then 32 bytes each), ICS-23 proof of the block's row behind its length
#pragma once

#include "proof/fault.hpp"
#include "runtime/transaction.hpp"
#include "tree/ics23.hpp"

#include <variant>

namespace tally {

struct ReceiptFile {
    u64 height = 0, place = 0, count = 0;
    Bytes item;
    std::vector<Hash> path;
    Bytes row;
};
[[nodiscard]] Bytes encode(const ReceiptFile& file);
[[nodiscard]] bool decode(ByteView bytes, ReceiptFile& out);

/// What is proven: a transaction's receipt, or a clause's.
struct ProvenReceipt {
    u64 height = 0;
    Hash id{};         ///< of the transaction
    IntentId intent{}; ///< of the transaction
    std::string clause; ///< the clause's name; empty: a transaction
    u64 instance = 0;   ///< the clause's
    Hash before{};      ///< the root before the block
    Receipt receipt;
};
[[nodiscard]] std::variant<ProvenReceipt, ProofFault> verify_receipt(const ReceiptFile& file, const Hash& root);

// ---- a block's items and its row

/// The value of the block's row in the state: the root before (32 bytes), the items' root (32
/// bytes), their number.
struct BlockDigest {
    Hash parent{};
    Hash items{};
    u64 count = 0;
};
[[nodiscard]] Bytes encode(const BlockDigest& digest);
[[nodiscard]] bool decode(ByteView bytes, BlockDigest& out);

/// An item: what the block did, a clause that ran or a transaction.
///
///   clause        01, instance, clause, date, receipt behind its length
///   transaction   02, id (32 bytes), intent (16 bytes), receipt behind its length
[[nodiscard]] Bytes clause_item(u64 instance, std::string_view clause, Date date, const Receipt& receipt);
[[nodiscard]] Bytes transaction_item(const Hash& id, const IntentId& intent, const Receipt& receipt);

} // namespace tally
