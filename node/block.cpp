#include "node/block.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr u64 block_version = 1;
constexpr std::size_t receipt_bytes_max = 64U << 20; // our own writing: only against nonsense
constexpr std::size_t clause_runs_max = 1U << 24;

void read(ByteReader& in, Hash& out) {
    const ByteView bytes = in.raw(out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
}

bool read(ByteReader& in, Receipt& out) { return decode(in.bytes(receipt_bytes_max), out); }

bool read(ByteReader& in, ClauseRun& out) {
    out.instance = in.uvarint();
    out.clause = in.text(limits::name_bytes);
    out.date = in.varint();
    return read(in, out.receipt);
}

} // namespace

Bytes encode(const BlockRecord& block) {
    ByteWriter out;
    out.uvarint(block_version);
    out.uvarint(block.height);
    out.varint(block.date);
    out.raw(block.parent);
    out.raw(block.root);
    out.uvarint(block.clauses.size());
    for (const ClauseRun& run : block.clauses) {
        out.uvarint(run.instance);
        out.text(run.clause);
        out.varint(run.date);
        out.bytes(encode(run.receipt));
    }
    out.uvarint(block.transactions.size());
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        out.bytes(block.transactions[i]);
        out.bytes(encode(block.receipts[i]));
    }
    return out.take();
}

bool decode(ByteView bytes, BlockRecord& out) {
    ByteReader in(bytes);
    out = BlockRecord{};
    if (in.uvarint() != block_version) return false;
    out.height = in.uvarint();
    out.date = in.varint();
    read(in, out.parent);
    read(in, out.root);
    out.clauses.resize(in.count(clause_runs_max));
    for (ClauseRun& run : out.clauses)
        if (!read(in, run)) return false;
    const std::size_t count = in.count(limits::block_transactions);
    out.transactions.resize(count);
    out.receipts.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const ByteView transaction = in.bytes(limits::deploy_bytes);
        out.transactions[i].assign(transaction.begin(), transaction.end());
        if (!read(in, out.receipts[i])) return false;
    }
    return in.done();
}

Hash root_after(const Hash& before, const WriteSet& writes) {
    ByteWriter out;
    out.raw(before);
    out.uvarint(writes.size());
    for (const auto& [key, value] : writes) {
        out.bytes(key);
        out.u8(value ? 1 : 0);
        if (value) out.bytes(*value);
    }
    return tagged_hash("tally/root/v1", out.data());
}

} // namespace tally
