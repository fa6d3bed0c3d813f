#include "tree/ics23.hpp"

#include <algorithm>

namespace tally::tree {
namespace {

constexpr std::size_t value_bytes_max = 1U << 20; // code is the largest row
constexpr std::size_t proof_bytes_max = 4U << 20;

// ---- protobuf, as much as these messages need ---------------------------------------------------

constexpr unsigned length_delimited = 2, varint = 0;
constexpr std::uint8_t tag(unsigned field, unsigned wire) {
    return static_cast<std::uint8_t>(field << 3 | wire);
}

void write_bytes(ByteWriter& out, unsigned field, ByteView bytes) {
    if (bytes.empty()) return; // a default is not written
    out.u8(tag(field, length_delimited));
    out.bytes(bytes);
}

/// A field that must come next, or an empty one if it does not.
ByteView read_bytes(ByteReader& in, ByteView all, unsigned field, std::size_t max) {
    if (!in.ok() || in.left() == 0 || all[in.position()] != tag(field, length_delimited)) return {};
    in.u8();
    const ByteView bytes = in.bytes(max);
    if (bytes.empty()) in.fail();
    return bytes;
}

// ---- the operations of the specification --------------------------------------------------------

/// hash SHA256, prehash_key SHA256, prehash_value SHA256, length NO_PREFIX (the default), prefix 0x00
constexpr std::array<std::uint8_t, 9> leaf_op = {tag(1, varint), 1, tag(2, varint), 1,
                                                 tag(3, varint), 1, tag(5, length_delimited), 1,
                                                 leaf_prefix};

Bytes encode(const Step& step) {
    ByteWriter out, prefix;
    prefix.u8(inner_prefix);
    if (step.from_right) prefix.raw(step.other);
    out.u8(tag(1, varint));
    out.u8(1); // SHA256
    write_bytes(out, 2, prefix.data());
    if (!step.from_right) write_bytes(out, 3, step.other);
    return out.take();
}

bool decode(ByteView bytes, Step& out) {
    ByteReader in(bytes);
    if (in.u8() != tag(1, varint) || in.u8() != 1) return false;
    const ByteView prefix = read_bytes(in, bytes, 2, 1 + out.other.size());
    const ByteView suffix = read_bytes(in, bytes, 3, out.other.size());
    if (!in.done() || prefix.empty() || prefix[0] != inner_prefix) return false;
    out.from_right = suffix.empty();
    const ByteView other = out.from_right ? prefix.subspan(1) : suffix;
    if (other.size() != out.other.size() || (!out.from_right && prefix.size() != 1)) return false;
    std::copy(other.begin(), other.end(), out.other.begin());
    return true;
}

Bytes body(const Existence& proof) {
    ByteWriter out;
    write_bytes(out, 1, proof.key);
    write_bytes(out, 2, proof.value);
    write_bytes(out, 3, leaf_op);
    for (const Step& step : proof.steps)
        write_bytes(out, 4, encode(step));
    return out.take();
}

void assign(Bytes& out, ByteView bytes) { out.assign(bytes.begin(), bytes.end()); }

bool read_body(ByteView bytes, Existence& out) {
    ByteReader in(bytes);
    out = {};
    assign(out.key, read_bytes(in, bytes, 1, value_bytes_max));
    assign(out.value, read_bytes(in, bytes, 2, value_bytes_max));
    const ByteView leaf = read_bytes(in, bytes, 3, leaf_op.size());
    if (!std::equal(leaf.begin(), leaf.end(), leaf_op.begin(), leaf_op.end())) return false;
    while (in.ok() && in.left() != 0) {
        if (out.steps.size() == bits) return false;
        if (!decode(read_bytes(in, bytes, 4, 128), out.steps.emplace_back())) return false;
    }
    return in.done();
}

/// A CommitmentProof with this one field.
Bytes commitment(unsigned field, const Bytes& message) {
    ByteWriter out;
    write_bytes(out, field, message);
    return out.take();
}

bool read_commitment(ByteView bytes, unsigned field, ByteView& message) {
    ByteReader in(bytes);
    message = read_bytes(in, bytes, field, proof_bytes_max);
    return in.done() && !message.empty();
}

// ---- neighbours ---------------------------------------------------------------------------------

using Steps = std::vector<Step>;

/// Nothing but empty subtrees lies on that side of the way.
bool outermost(const Steps& steps, std::size_t count, bool rightmost) {
    return std::all_of(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const Step& step) {
                           return step.from_right == rightmost || step.other == empty_hash;
                       });
}

/// Whether no leaf lies between the two: below the node where they part, the left way keeps to the
/// right and the right way to the left.
bool adjacent(const Steps& left, const Steps& right) {
    std::size_t a = left.size(), b = right.size();
    while (a > 0 && b > 0 && left[a - 1] == right[b - 1]) {
        --a;
        --b;
    }
    if (a == 0 || b == 0 || left[a - 1].from_right || !right[b - 1].from_right) return false;
    return outermost(left, a - 1, true) && outermost(right, b - 1, false);
}

} // namespace

Bytes encode(const Existence& proof) { return commitment(1, body(proof)); }

Bytes encode(const Absence& proof) {
    ByteWriter out;
    write_bytes(out, 1, proof.key);
    if (proof.left) write_bytes(out, 2, body(*proof.left));
    if (proof.right) write_bytes(out, 3, body(*proof.right));
    return commitment(2, out.take());
}

bool decode(ByteView bytes, Existence& out) {
    ByteView message;
    return read_commitment(bytes, 1, message) && read_body(message, out);
}

bool decode(ByteView bytes, Absence& out) {
    ByteView message;
    if (!read_commitment(bytes, 2, message)) return false;
    ByteReader in(message);
    out = {};
    assign(out.key, read_bytes(in, message, 1, value_bytes_max));
    const ByteView left = read_bytes(in, message, 2, proof_bytes_max);
    const ByteView right = read_bytes(in, message, 3, proof_bytes_max);
    if (!in.done()) return false;
    if (!left.empty() && !read_body(left, out.left.emplace())) return false;
    return right.empty() || read_body(right, out.right.emplace());
}

Hash root_of(const Existence& proof) {
    Hash hash = leaf_hash(sha256(proof.key), sha256(proof.value));
    for (const Step& step : proof.steps)
        hash = step.from_right ? inner_hash(step.other, hash) : inner_hash(hash, step.other);
    return hash;
}

bool holds(const Existence& proof, const Hash& root) {
    // ICS-23 knows neither empty keys nor empty values.
    return !proof.key.empty() && !proof.value.empty() && proof.steps.size() <= bits &&
           root_of(proof) == root;
}

bool holds(const Absence& proof, const Hash& root) {
    const Hash key = sha256(proof.key);
    const bool left = proof.left.has_value(), right = proof.right.has_value();
    if (proof.key.empty() || (!left && !right)) return false;
    if (left && (!holds(*proof.left, root) || sha256(proof.left->key) >= key)) return false;
    if (right && (!holds(*proof.right, root) || key >= sha256(proof.right->key))) return false;
    if (!right) return outermost(proof.left->steps, proof.left->steps.size(), true);
    if (!left) return outermost(proof.right->steps, proof.right->steps.size(), false);
    return adjacent(proof.left->steps, proof.right->steps);
}

} // namespace tally::tree
