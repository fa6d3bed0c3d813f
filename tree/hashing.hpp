/// The hashes of the state tree: those of ICS-23's sparse Merkle specification (`smt`), so that any
/// ICS-23 verifier can check a proof.
///
///   key hash    SHA-256(key)                        its bits are the way from the root, high bit first
///   leaf        SHA-256(0x00 ‖ key hash ‖ SHA-256(value))
///   inner       SHA-256(0x01 ‖ left ‖ right)
///   empty       32 zero bytes
///
/// A subtree with one leaf is that leaf, wherever it begins; so the root depends on the set of rows
/// and on nothing else.
#pragma once

#include "vm/crypto/sha256.hpp"

namespace tally::tree {

inline constexpr Hash empty_hash{};
inline constexpr unsigned bits = 256;   ///< of a way, at most
inline constexpr unsigned nibbles = 64; ///< of a way, at most
inline constexpr std::uint8_t leaf_prefix = 0, inner_prefix = 1;

/// 0 or 1, counted from the high bit of the first byte.
[[nodiscard]] inline unsigned bit_of(const Hash& hash, unsigned at) {
    return hash[at / 8] >> (7 - at % 8) & 1;
}
[[nodiscard]] inline unsigned nibble_of(const Hash& hash, unsigned at) {
    return at % 2 == 0 ? hash[at / 2] >> 4 : hash[at / 2] & 0xf;
}

[[nodiscard]] Hash leaf_hash(const Hash& key_hash, const Hash& value_hash);
[[nodiscard]] Hash inner_hash(const Hash& left, const Hash& right);

} // namespace tally::tree
