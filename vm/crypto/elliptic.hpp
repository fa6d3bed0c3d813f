/// ECDSA on P-256 and SM2 (OpenSSL's libcrypto behind a narrow door).
#pragma once

#include "vm/crypto/signature.hpp"

namespace tally::elliptic {

[[nodiscard]] bool key_is_sound(const VerifyKey& key);
[[nodiscard]] bool verify(const VerifyKey& key, const Hash& message, const Signature& signature);
[[nodiscard]] SigningKey signing_key(const KeySeed& seed, SignatureScheme scheme);
[[nodiscard]] Signature sign(const SigningKey& key, const Hash& message);

} // namespace tally::elliptic
