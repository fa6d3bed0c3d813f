/// Signatures of the ledger, whatever their scheme. One pinned verifier for each: Ed25519 by libsodium,
/// P-256 and SM2 by OpenSSL. What is signed is always a hash of 32 bytes; a signature is always 64 bytes.
///
///   scheme    key                             signature
///   Ed25519   32 bytes                        as in RFC 8032, over the 32 bytes as its message
///   P256      33 bytes, compressed (SEC 1)    r ‖ s, big endian; the 32 bytes are ECDSA's digest. s is at
///                                             most half the group's order: a signature has one form
///   Sm2       33 bytes, compressed            r ‖ s, big endian; GB/T 32918.2 with SM3 over the 32 bytes
///                                             and the identity `1234567812345678`
#pragma once

#include "vm/crypto/ed25519.hpp"
#include "vm/crypto/sha256.hpp"

#include <optional>
#include <string>

namespace tally {

enum class SignatureScheme : std::uint8_t { None = 0, Ed25519, P256, Sm2 };

/// How many bytes a key of the scheme has; 0 for None.
[[nodiscard]] std::size_t key_bytes(SignatureScheme scheme);

/// A public key. `None`: nobody can sign with it.
struct VerifyKey {
    static constexpr std::size_t max_bytes = 33;
    SignatureScheme scheme = SignatureScheme::None;
    std::array<std::uint8_t, max_bytes> bytes{}; ///< zero behind the key

    VerifyKey() = default;
    VerifyKey(const PublicKey& ed25519);
    [[nodiscard]] ByteView view() const { return {bytes.data(), key_bytes(scheme)}; }
    friend auto operator<=>(const VerifyKey&, const VerifyKey&) = default;
};

/// Canonical: the scheme (1 byte), then the key.
void write(ByteWriter& out, const VerifyKey& key);
/// Fails the reader on an unknown scheme.
[[nodiscard]] VerifyKey read_verify_key(ByteReader& in);

/// `9f3c…` (64 hexadecimal digits) is Ed25519; `p256:02…` and `sm2:03…` have 66 digits.
[[nodiscard]] std::string key_text(const VerifyKey& key);
[[nodiscard]] std::optional<VerifyKey> key_from_text(std::string_view text);
[[nodiscard]] std::optional<SignatureScheme> scheme_by_name(std::string_view name); ///< ed25519, p256, sm2

/// Whether the bytes are a point that a key can be. Of Ed25519 keys `verify` refuses the weak ones, and
/// `key_from_text` does not read them.
[[nodiscard]] bool key_is_sound(const VerifyKey& key);
[[nodiscard]] bool verify(const VerifyKey& key, const Hash& message, const Signature& signature);

/// What signs: for clients and tests, never in the core.
struct SigningKey {
    VerifyKey public_key;
    std::array<std::uint8_t, 64> secret{}; ///< Ed25519: libsodium's form; else the scalar in the first 32 bytes
};
/// The same seed gives the same key. P-256 and SM2: the seed modulo (order − 1), plus 1.
[[nodiscard]] SigningKey signing_key(const KeySeed& seed, SignatureScheme scheme = SignatureScheme::Ed25519);
/// Ed25519 signatures are always the same; the others have a random part.
[[nodiscard]] Signature sign(const SigningKey& key, const Hash& message);

} // namespace tally
