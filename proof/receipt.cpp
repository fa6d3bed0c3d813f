#include "proof/receipt.hpp"

#include "runtime/keys.hpp"
#include "tree/list.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::string_view format = "tally/receipt/v1";
constexpr std::size_t item_bytes_max = 64U << 20, path_max = 64, row_bytes_max = 1U << 20;
constexpr std::uint8_t clause_kind = 1, transaction_kind = 2;

void assign(Bytes& out, ByteView bytes) { out.assign(bytes.begin(), bytes.end()); }

bool read_item(ByteView bytes, ProvenReceipt& out) {
    ByteReader in(bytes);
    const std::uint8_t kind = in.u8();
    if (kind == clause_kind) {
        out.instance = in.uvarint();
        out.clause = in.text(limits::name_bytes);
        (void)in.varint();
    } else {
        in.read(out.id);
        in.read(out.intent);
    }
    const ByteView receipt = in.bytes(item_bytes_max);
    return in.done() && (kind == clause_kind || kind == transaction_kind) && decode(receipt, out.receipt);
}

} // namespace

Bytes clause_item(u64 instance, std::string_view clause, Date date, const Receipt& receipt) {
    ByteWriter out;
    out.u8(clause_kind);
    out.uvarint(instance);
    out.text(clause);
    out.varint(date);
    out.bytes(encode(receipt));
    return out.take();
}

Bytes transaction_item(const Hash& id, const IntentId& intent, const Receipt& receipt) {
    ByteWriter out;
    out.u8(transaction_kind);
    out.raw(id);
    out.raw(intent);
    out.bytes(encode(receipt));
    return out.take();
}

Bytes encode(const BlockDigest& digest) {
    ByteWriter out;
    out.raw(digest.parent);
    out.raw(digest.items);
    out.uvarint(digest.count);
    return out.take();
}

bool decode(ByteView bytes, BlockDigest& out) {
    ByteReader in(bytes);
    in.read(out.parent);
    in.read(out.items);
    out.count = in.uvarint();
    return in.done();
}

Bytes encode(const ReceiptFile& file) {
    ByteWriter out;
    out.text(format);
    out.uvarint(file.height);
    out.uvarint(file.place);
    out.uvarint(file.count);
    out.bytes(file.item);
    out.uvarint(file.path.size());
    for (const Hash& hash : file.path)
        out.raw(hash);
    out.bytes(file.row);
    return out.take();
}

bool decode(ByteView bytes, ReceiptFile& out) {
    ByteReader in(bytes);
    out = {};
    if (in.text(format.size()) != format) return false;
    out.height = in.uvarint();
    out.place = in.uvarint();
    out.count = in.uvarint();
    assign(out.item, in.bytes(item_bytes_max));
    out.path.resize(in.count(path_max));
    for (Hash& hash : out.path)
        in.read(hash);
    assign(out.row, in.bytes(row_bytes_max));
    return in.done();
}

std::variant<ProvenReceipt, ProofFault> verify_receipt(const ReceiptFile& file, const Hash& root) {
    tree::Existence row;
    if (!tree::decode(file.row, row)) return not_a_file_of_this_kind("proof of a block's row");
    if (!tree::holds(row, root)) return does_not_lead_to_root("the block's row");
    BlockDigest digest;
    if (row.key != keys::block(file.height) || !decode(row.value, digest))
        return not_complete("the proven row is not that of block " + std::to_string(file.height));
    if (digest.count != file.count || file.place >= file.count)
        return not_complete("the block has " + std::to_string(digest.count) + " items");
    if (!tree::list_holds(tree::list_leaf(file.item), static_cast<std::size_t>(file.place), static_cast<std::size_t>(file.count), file.path, digest.items))
        return does_not_lead_to_root("the item");
    ProvenReceipt out;
    out.height = file.height;
    out.before = digest.parent;
    if (!read_item(file.item, out)) return not_a_file_of_this_kind("receipt");
    return out;
}

} // namespace tally
