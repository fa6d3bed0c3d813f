#include "tree/list.hpp"

#include <bit>
#include <span>

namespace tally::tree {
namespace {

using Leaves = std::span<const Hash>;

/// How many of n > 1 lie on the left.
std::size_t left_of(std::size_t n) { return std::bit_floor(n - 1); }

Hash root_over(Leaves leaves) {
    if (leaves.size() == 1) return leaves.front();
    const std::size_t left = left_of(leaves.size());
    return inner_hash(root_over(leaves.first(left)), root_over(leaves.subspan(left)));
}

void add_path(Leaves leaves, std::size_t index, std::vector<Hash>& path) {
    if (leaves.size() == 1) return;
    const std::size_t left = left_of(leaves.size());
    const bool on_left = index < left;
    const Leaves own = on_left ? leaves.first(left) : leaves.subspan(left);
    const Leaves other = on_left ? leaves.subspan(left) : leaves.first(left);
    add_path(own, on_left ? index : index - left, path);
    path.push_back(root_over(other));
}

/// The hash over `count` items, from the leaf and the last `path.size()` hashes; false when their
/// number is not the tree's.
bool climb(const Hash& leaf, std::size_t index, std::size_t count, std::span<const Hash> path, Hash& out) {
    if (count == 1) {
        out = leaf;
        return path.empty();
    }
    if (path.empty()) return false;
    const std::size_t left = left_of(count);
    const bool on_left = index < left;
    Hash own{};
    if (!climb(leaf, on_left ? index : index - left, on_left ? left : count - left,
               path.first(path.size() - 1), own))
        return false;
    out = on_left ? inner_hash(own, path.back()) : inner_hash(path.back(), own);
    return true;
}

} // namespace

Hash list_leaf(ByteView item) {
    Bytes bytes{leaf_prefix};
    bytes.insert(bytes.end(), item.begin(), item.end());
    return sha256(bytes);
}

Hash list_root(const std::vector<Hash>& leaves) {
    return leaves.empty() ? sha256({}) : root_over(leaves);
}

std::vector<Hash> list_path(const std::vector<Hash>& leaves, std::size_t index) {
    std::vector<Hash> path;
    if (index < leaves.size()) add_path(leaves, index, path);
    return path;
}

bool list_holds(const Hash& leaf, std::size_t index, std::size_t count,
                const std::vector<Hash>& path, const Hash& root) {
    Hash found{};
    return index < count && climb(leaf, index, count, path, found) && found == root;
}

} // namespace tally::tree
