#include "vm/crypto/signature.hpp"

#include "vm/crypto/elliptic.hpp"

#include <algorithm>

namespace tally {
namespace {

struct Scheme {
    SignatureScheme scheme;
    std::string_view name;
    std::size_t key_bytes;
};
constexpr Scheme schemes[] = {
    {SignatureScheme::Ed25519, "ed25519", 32},
    {SignatureScheme::P256, "p256", 33},
    {SignatureScheme::Sm2, "sm2", 33},
};

const Scheme* known(SignatureScheme scheme) {
    for (const Scheme& one : schemes)
        if (one.scheme == scheme) return &one;
    return nullptr;
}

PublicKey ed25519_key(const VerifyKey& key) {
    PublicKey out{};
    std::copy_n(key.bytes.begin(), out.size(), out.begin());
    return out;
}

} // namespace

std::size_t key_bytes(SignatureScheme scheme) {
    const Scheme* const one = known(scheme);
    return one == nullptr ? 0 : one->key_bytes;
}

std::optional<SignatureScheme> scheme_by_name(std::string_view name) {
    for (const Scheme& one : schemes)
        if (one.name == name) return one.scheme;
    return std::nullopt;
}

VerifyKey::VerifyKey(const PublicKey& ed25519) : scheme(SignatureScheme::Ed25519) {
    std::copy(ed25519.begin(), ed25519.end(), bytes.begin());
}

void write(ByteWriter& out, const VerifyKey& key) {
    out.u8(static_cast<std::uint8_t>(key.scheme));
    out.raw(key.view());
}

VerifyKey read_verify_key(ByteReader& in) {
    VerifyKey key;
    key.scheme = static_cast<SignatureScheme>(in.u8());
    if (key.scheme != SignatureScheme::None && known(key.scheme) == nullptr) in.fail();
    const ByteView bytes = in.raw(key_bytes(key.scheme));
    std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
    return key;
}

std::string key_text(const VerifyKey& key) {
    const Scheme* const one = known(key.scheme);
    if (one == nullptr) return "none";
    const std::string digits = hex(key.view());
    return key.scheme == SignatureScheme::Ed25519 ? digits : std::string(one->name) + ":" + digits;
}

std::optional<VerifyKey> key_from_text(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto scheme = colon == std::string_view::npos ? SignatureScheme::Ed25519 : scheme_by_name(text.substr(0, colon));
    if (!scheme) return std::nullopt;
    Bytes bytes;
    if (!unhex(colon == std::string_view::npos ? text : text.substr(colon + 1), bytes)) return std::nullopt;
    if (bytes.size() != key_bytes(*scheme)) return std::nullopt;
    VerifyKey key;
    key.scheme = *scheme;
    std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
    const bool weak = key.scheme == SignatureScheme::Ed25519 && !ed25519_key_is_sound(ed25519_key(key));
    return !weak && key_is_sound(key) ? std::optional(key) : std::nullopt;
}

bool key_is_sound(const VerifyKey& key) {
    switch (key.scheme) {
    case SignatureScheme::Ed25519: return true;
    case SignatureScheme::P256:
    case SignatureScheme::Sm2: return elliptic::key_is_sound(key);
    case SignatureScheme::None: break;
    }
    return false;
}

bool verify(const VerifyKey& key, const Hash& message, const Signature& signature) {
    switch (key.scheme) {
    case SignatureScheme::Ed25519: return ed25519_verify(ed25519_key(key), message, signature);
    case SignatureScheme::P256:
    case SignatureScheme::Sm2: return elliptic::verify(key, message, signature);
    case SignatureScheme::None: break;
    }
    return false;
}

SigningKey signing_key(const KeySeed& seed, SignatureScheme scheme) {
    if (scheme != SignatureScheme::Ed25519) return elliptic::signing_key(seed, scheme);
    const KeyPair pair = key_pair_from_seed(seed);
    return {pair.public_key, pair.secret_key};
}

Signature sign(const SigningKey& key, const Hash& message) {
    if (key.public_key.scheme != SignatureScheme::Ed25519) return elliptic::sign(key, message);
    return ed25519_sign({ed25519_key(key.public_key), key.secret}, message);
}

} // namespace tally
