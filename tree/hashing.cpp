#include "tree/hashing.hpp"

#include <algorithm>

namespace tally::tree {
namespace {

Hash of_two(std::uint8_t prefix, const Hash& first, const Hash& second) {
    std::array<std::uint8_t, 65> bytes{prefix};
    std::copy(first.begin(), first.end(), bytes.begin() + 1);
    std::copy(second.begin(), second.end(), bytes.begin() + 33);
    return sha256(bytes);
}

} // namespace

Hash leaf_hash(const Hash& key_hash, const Hash& value_hash) {
    return of_two(leaf_prefix, key_hash, value_hash);
}

Hash inner_hash(const Hash& left, const Hash& right) { return of_two(inner_prefix, left, right); }

} // namespace tally::tree
