#include "tree/multiproof.hpp"

#include <algorithm>
#include <span>

namespace tally::tree {
namespace {

struct Wanted {
    Hash key{};
    std::optional<Hash> value;
};
using WantedSpan = std::span<const Wanted>;

class Reader {
public:
    explicit Reader(ByteView proof) : in_(proof) {}

    /// The hash of the subtree at this place. `way` is a key hash below it.
    Hash side(unsigned depth, const Hash& way, WantedSpan wanted) {
        const auto mark = static_cast<Mark>(in_.u8());
        if (!in_.ok()) return {};
        switch (mark) {
        case Mark::Empty: return absent(wanted) ? empty_hash : wrong();
        case Mark::Wanted: return wanted_leaf(wanted);
        case Mark::Other: return other_leaf(depth, way, wanted);
        case Mark::Inner: return inner(depth, wanted);
        case Mark::Hash: return wanted.empty() ? other_hash() : wrong();
        }
        return wrong();
    }
    [[nodiscard]] bool done() const { return in_.done(); }

private:
    static bool absent(WantedSpan wanted) {
        return std::none_of(wanted.begin(), wanted.end(),
                            [](const Wanted& row) { return row.value.has_value(); });
    }

    Hash wanted_leaf(WantedSpan wanted) {
        const Wanted* present = nullptr;
        for (const Wanted& row : wanted) {
            if (!row.value) continue;
            if (present != nullptr) return wrong();
            present = &row;
        }
        return present != nullptr ? leaf_hash(present->key, *present->value) : wrong();
    }

    Hash other_leaf(unsigned depth, const Hash& way, WantedSpan wanted) {
        const Hash key = hash(), value = hash();
        if (wanted.empty() || !absent(wanted)) return wrong();
        for (unsigned at = 0; at < depth; ++at)
            if (bit_of(key, at) != bit_of(way, at)) return wrong();
        for (const Wanted& row : wanted)
            if (row.key == key) return wrong();
        return leaf_hash(key, value);
    }

    Hash inner(unsigned depth, WantedSpan wanted) {
        if (wanted.empty() || depth == bits) return wrong();
        const auto split = std::find_if(wanted.begin(), wanted.end(), [&](const Wanted& row) {
            return bit_of(row.key, depth) != 0;
        });
        const auto count = static_cast<std::size_t>(split - wanted.begin());
        const auto half = [&](WantedSpan part) {
            return side(depth + 1, part.empty() ? Hash{} : part.front().key, part);
        };
        const Hash left = half(wanted.first(count));
        const Hash right = half(wanted.subspan(count));
        return inner_hash(left, right);
    }

    /// Nothing has a mark of its own: one proof, one encoding.
    Hash other_hash() {
        const Hash out = hash();
        return out == empty_hash ? wrong() : out;
    }

    Hash hash() {
        Hash out;
        in_.read(out);
        return out;
    }
    Hash wrong() {
        in_.fail();
        return {};
    }

    ByteReader in_;
};

} // namespace

bool holds(ByteView proof, const std::vector<ProvenRow>& rows, const Hash& root) {
    std::vector<Wanted> wanted;
    wanted.reserve(rows.size());
    for (const ProvenRow& row : rows)
        wanted.push_back({sha256(row.key), row.value ? std::optional(sha256(*row.value)) : std::nullopt});
    std::sort(wanted.begin(), wanted.end(),
              [](const Wanted& a, const Wanted& b) { return a.key < b.key; });
    const auto same = [](const Wanted& a, const Wanted& b) { return a.key == b.key; };
    if (wanted.empty() || std::adjacent_find(wanted.begin(), wanted.end(), same) != wanted.end())
        return false;
    Reader reader(proof);
    const Hash found = reader.side(0, wanted.front().key, wanted);
    return reader.done() && found == root;
}

} // namespace tally::tree
