#include "vm/crypto/ed25519.hpp"

#include <sodium.h>

#include <cstdlib>

namespace tally {
namespace {

static_assert(crypto_sign_PUBLICKEYBYTES == std::tuple_size_v<PublicKey>);
static_assert(crypto_sign_SECRETKEYBYTES == std::tuple_size_v<decltype(KeyPair::secret_key)>);
static_assert(crypto_sign_SEEDBYTES == std::tuple_size_v<KeySeed>);
static_assert(crypto_sign_BYTES == std::tuple_size_v<Signature>);

/// libsodium chooses its implementations once, before the first use. It can only fail where the
/// system has no source of randomness, and then there is nothing sensible left to do.
void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) std::abort();
}

} // namespace

KeyPair key_pair_from_seed(const KeySeed& seed) {
    start_sodium();
    KeyPair keys{};
    crypto_sign_seed_keypair(keys.public_key.data(), keys.secret_key.data(), seed.data());
    return keys;
}

KeySeed random_seed() {
    start_sodium();
    KeySeed seed{};
    randombytes_buf(seed.data(), seed.size());
    return seed;
}

Signature ed25519_sign(const KeyPair& keys, ByteView message) {
    start_sodium();
    Signature signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         keys.secret_key.data());
    return signature;
}

bool ed25519_key_is_sound(const PublicKey& key) {
    start_sodium();
    return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

bool ed25519_verify(const PublicKey& key, ByteView message, const Signature& signature) {
    start_sodium();
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                       key.data()) == 0;
}

} // namespace tally
