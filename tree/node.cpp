#include "tree/node.hpp"

#include <algorithm>

namespace tally::tree {
namespace {

void write_mask(ByteWriter& out, unsigned mask) {
    out.u8(static_cast<std::uint8_t>(mask >> 8));
    out.u8(static_cast<std::uint8_t>(mask));
}

unsigned read_mask(ByteReader& in) {
    const unsigned high = in.u8();
    return high << 8 | in.u8();
}

} // namespace

void Node::set(unsigned number, Child child) {
    const auto at = children_.begin() + static_cast<std::ptrdiff_t>(place(number));
    const bool comes = child.kind != Child::Kind::Empty;
    if (has(number)) {
        if (comes) *at = std::move(child);
        else children_.erase(at);
    } else if (comes) {
        children_.insert(at, std::move(child));
    }
    present_ = (present_ & ~(1U << number)) | (comes ? 1U << number : 0U);
}

Node::Side Node::side(unsigned first, unsigned count) const {
    if (count == 1) return {child(first).kind, child(first).hash};
    const Side left = side(first, count / 2), right = side(first + count / 2, count / 2);
    using enum Child::Kind;
    // One leaf alone stands for its whole subtree, and nothing for nothing.
    if (left.kind == Empty && right.kind != Inner) return right;
    if (right.kind == Empty && left.kind == Leaf) return left;
    return {Inner, inner_hash(left.hash, right.hash)};
}

Bytes encode(const Node& node) {
    unsigned present = 0, leaves = 0;
    for (unsigned i = 0; i < Node::width; ++i) {
        if (node.child(i).kind != Child::Kind::Empty) present |= 1U << i;
        if (node.child(i).kind == Child::Kind::Leaf) leaves |= 1U << i;
    }
    ByteWriter out;
    write_mask(out, present);
    write_mask(out, leaves);
    for (const Child& child : node.children()) {
        if (child.kind == Child::Kind::Leaf) out.bytes(child.key.view());
        else out.uvarint(child.version);
        out.raw(child.hash);
    }
    return out.take();
}

bool decode(ByteView bytes, Node& out) {
    ByteReader in(bytes);
    const unsigned present = read_mask(in), leaves = read_mask(in);
    if ((leaves & ~present) != 0) return false;
    out = {};
    for (unsigned i = 0; i < Node::width; ++i) {
        if ((present >> i & 1) == 0) continue;
        Child child;
        child.kind = (leaves >> i & 1) != 0 ? Child::Kind::Leaf : Child::Kind::Inner;
        if (child.kind == Child::Kind::Leaf) {
            child.key = RowKey(in.bytes(key_bytes_max));
        } else {
            child.version = in.uvarint();
        }
        in.read(child.hash);
        out.set(i, std::move(child));
    }
    return in.done();
}

NodeKey NodeKey::below(unsigned child, u64 child_version) const {
    NodeKey out{child_version, depth + 1, way};
    out.way[depth / 2] |= static_cast<std::uint8_t>(depth % 2 == 0 ? child << 4 : child);
    return out;
}

Bytes NodeKey::bytes() const {
    ByteWriter out;
    out.u64be(version);
    out.u8(static_cast<std::uint8_t>(depth));
    out.raw(ByteView(way).first((depth + 1) / 2));
    return out.take();
}

} // namespace tally::tree
