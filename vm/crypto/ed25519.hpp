/// Ed25519 signatures (libsodium behind a narrow door). libsodium's verification is the rule of
/// the ledger: it refuses non-canonical S, small-order and non-canonical public keys.
#pragma once

#include "vm/value/bytes.hpp"

#include <array>

namespace tally {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;
using KeySeed = std::array<std::uint8_t, 32>;

struct KeyPair {
    PublicKey public_key;
    std::array<std::uint8_t, 64> secret_key; ///< seed and public key, libsodium's form
};

[[nodiscard]] KeyPair key_pair_from_seed(const KeySeed& seed);
/// A seed from the operating system's generator; for key-making tools, never in the core.
[[nodiscard]] KeySeed random_seed();
[[nodiscard]] Signature ed25519_sign(const KeyPair& keys, ByteView message);
/// A canonical point of the main subgroup, of which somebody can have the other half.
[[nodiscard]] bool ed25519_key_is_sound(const PublicKey& key);
[[nodiscard]] bool ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature);

} // namespace tally
