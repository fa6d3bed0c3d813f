#include "node/block.hpp"

#include "tree/list.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr u64 block_version = 2;
constexpr std::size_t receipt_bytes_max = 64U << 20; // our own writing: only against nonsense
constexpr std::size_t clause_runs_max = 1U << 24;

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
        out.raw(block.ids[i].id);
        out.raw(block.ids[i].intent);
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
    in.read(out.parent);
    in.read(out.root);
    out.clauses.resize(in.count(clause_runs_max));
    for (ClauseRun& run : out.clauses)
        if (!read(in, run)) return false;
    const std::size_t count = in.count(limits::block_transactions);
    out.transactions.resize(count);
    out.receipts.resize(count);
    out.ids.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        in.read(out.ids[i].id);
        in.read(out.ids[i].intent);
        const ByteView transaction = in.bytes(limits::deploy_bytes);
        out.transactions[i].assign(transaction.begin(), transaction.end());
        if (!read(in, out.receipts[i])) return false;
    }
    return in.done();
}

std::vector<Bytes> items_of(const BlockRecord& block) {
    std::vector<Bytes> out;
    for (const ClauseRun& run : block.clauses)
        out.push_back(clause_item(run.instance, run.clause, run.date, run.receipt));
    for (std::size_t i = 0; i < block.transactions.size(); ++i)
        out.push_back(transaction_item(block.ids[i].id, block.ids[i].intent, block.receipts[i]));
    return out;
}

BlockDigest digest_of(const BlockRecord& block) {
    std::vector<Hash> leaves;
    for (const Bytes& item : items_of(block))
        leaves.push_back(tree::list_leaf(item));
    return {block.parent, tree::list_root(leaves), leaves.size()};
}

} // namespace tally
