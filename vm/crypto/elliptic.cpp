#include "vm/crypto/elliptic.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace tally::elliptic {
namespace {

template <auto release> struct Release {
    template <typename T> void operator()(T* held) const { release(held); }
};
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Numbers = std::unique_ptr<BN_CTX, Release<BN_CTX_free>>;
using Point = std::unique_ptr<EC_POINT, Release<EC_POINT_free>>;
using PKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using EcdsaSig = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;

constexpr std::size_t half = 32;     ///< bytes of r, of s, of a scalar
constexpr std::size_t der_max = 72;  ///< SEQUENCE of two INTEGERs of 33 bytes
constexpr std::string_view sm2_identity = "1234567812345678"; ///< GB/T 35276's, which everybody uses

bool is_sm2(SignatureScheme scheme) { return scheme == SignatureScheme::Sm2; }

/// The group, once: OpenSSL builds its tables when it is made. Only lack of memory can fail here.
const EC_GROUP& group(SignatureScheme scheme) {
    static const EC_GROUP* const p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    static const EC_GROUP* const sm2 = EC_GROUP_new_by_curve_name(NID_sm2);
    const EC_GROUP* const chosen = is_sm2(scheme) ? sm2 : p256;
    if (chosen == nullptr) std::abort();
    return *chosen;
}

PKey make_key(SignatureScheme scheme, ByteView point, const BIGNUM* scalar) {
    const Builder builder(OSSL_PARAM_BLD_new());
    const char* const name = is_sm2(scheme) ? "SM2" : "prime256v1";
    bool built = builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
                 OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
    if (built && scalar != nullptr) built = OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1;
    const Params params(built ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    const PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, is_sm2(scheme) ? "SM2" : "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    const int selection = scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) return nullptr;
    return PKey(key);
}

/// A compressed point that lies on the curve, and is not at infinity.
bool on_curve(SignatureScheme scheme, ByteView bytes) {
    if (bytes.size() != key_bytes(scheme) || (bytes[0] != 2 && bytes[0] != 3)) return false;
    const Point point(EC_POINT_new(&group(scheme)));
    return point && EC_POINT_oct2point(&group(scheme), point.get(), bytes.data(), bytes.size(), nullptr) == 1;
}

/// s ≤ order / 2.
bool is_low(const BIGNUM* s) {
    const Number bound(BN_dup(EC_GROUP_get0_order(&group(SignatureScheme::P256))));
    return bound && BN_rshift1(bound.get(), bound.get()) == 1 && BN_cmp(s, bound.get()) <= 0;
}

struct Der {
    std::array<std::uint8_t, der_max> bytes{};
    std::size_t size = 0;
};

Der to_der(const ECDSA_SIG& signature) {
    Der out;
    const int size = i2d_ECDSA_SIG(&signature, nullptr);
    if (size <= 0 || static_cast<std::size_t>(size) > der_max) return out;
    std::uint8_t* at = out.bytes.data();
    out.size = static_cast<std::size_t>(i2d_ECDSA_SIG(&signature, &at));
    return out;
}

EcdsaSig split(const Signature& signature) {
    EcdsaSig out(ECDSA_SIG_new());
    Number r(BN_bin2bn(signature.data(), half, nullptr)), s(BN_bin2bn(signature.data() + half, half, nullptr));
    if (!out || !r || !s || ECDSA_SIG_set0(out.get(), r.get(), s.get()) != 1) return nullptr;
    (void)r.release(); // the signature's now
    (void)s.release();
    return out;
}

bool set_identity(EVP_PKEY_CTX* context) {
    return EVP_PKEY_CTX_set1_id(context, sm2_identity.data(), static_cast<int>(sm2_identity.size())) == 1;
}

bool sm2_verifies(EVP_PKEY* key, const Hash& message, const Der& der) {
    const Digest digest(EVP_MD_CTX_new());
    const PKeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    if (!digest || !context || !set_identity(context.get())) return false;
    EVP_MD_CTX_set_pkey_ctx(digest.get(), context.get());
    return EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sm3(), nullptr, key) == 1 &&
           EVP_DigestVerify(digest.get(), der.bytes.data(), der.size, message.data(), message.size()) == 1;
}

bool p256_verifies(EVP_PKEY* key, const Hash& message, const Der& der) {
    const PKeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    return context && EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_verify(context.get(), der.bytes.data(), der.size, message.data(), message.size()) == 1;
}

std::size_t sm2_sign(EVP_PKEY* key, const Hash& message, Der& der) {
    const Digest digest(EVP_MD_CTX_new());
    const PKeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    std::size_t size = der_max;
    if (!digest || !context || !set_identity(context.get())) return 0;
    EVP_MD_CTX_set_pkey_ctx(digest.get(), context.get());
    const bool done = EVP_DigestSignInit(digest.get(), nullptr, EVP_sm3(), nullptr, key) == 1 &&
                      EVP_DigestSign(digest.get(), der.bytes.data(), &size, message.data(), message.size()) == 1;
    return done ? size : 0;
}

std::size_t p256_sign(EVP_PKEY* key, const Hash& message, Der& der) {
    const PKeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    std::size_t size = der_max;
    const bool done = context && EVP_PKEY_sign_init(context.get()) == 1 &&
                      EVP_PKEY_sign(context.get(), der.bytes.data(), &size, message.data(), message.size()) == 1;
    return done ? size : 0;
}

/// r ‖ s; of P-256 the smaller of s and order − s.
Signature join(const ECDSA_SIG& signature, SignatureScheme scheme) {
    Signature out{};
    const BIGNUM *r = nullptr, *s = nullptr;
    ECDSA_SIG_get0(&signature, &r, &s);
    const Number other(BN_dup(EC_GROUP_get0_order(&group(scheme))));
    const bool flip = !is_sm2(scheme) && !is_low(s);
    if (!other || (flip && BN_sub(other.get(), other.get(), s) != 1)) std::abort();
    if (BN_bn2binpad(r, out.data(), half) < 0 || BN_bn2binpad(flip ? other.get() : s, out.data() + half, half) < 0) std::abort();
    return out;
}

} // namespace

bool key_is_sound(const VerifyKey& key) { return on_curve(key.scheme, key.view()); }

bool verify(const VerifyKey& key, const Hash& message, const Signature& signature) {
    if (!on_curve(key.scheme, key.view())) return false;
    const EcdsaSig parts = split(signature);
    if (!parts || (!is_sm2(key.scheme) && !is_low(ECDSA_SIG_get0_s(parts.get())))) return false;
    const Der der = to_der(*parts);
    const PKey pkey = make_key(key.scheme, key.view(), nullptr);
    if (!pkey || der.size == 0) return false;
    return is_sm2(key.scheme) ? sm2_verifies(pkey.get(), message, der) : p256_verifies(pkey.get(), message, der);
}

SigningKey signing_key(const KeySeed& seed, SignatureScheme scheme) {
    const Numbers numbers(BN_CTX_new());
    const Number scalar(BN_bin2bn(seed.data(), half, nullptr));
    const Number bound(BN_dup(EC_GROUP_get0_order(&group(scheme))));
    const Point point(EC_POINT_new(&group(scheme)));
    SigningKey out;
    out.public_key.scheme = scheme;
    const bool made = numbers && scalar && bound && point && BN_sub_word(bound.get(), 1) == 1 &&
                      BN_mod(scalar.get(), scalar.get(), bound.get(), numbers.get()) == 1 && BN_add_word(scalar.get(), 1) == 1 &&
                      EC_POINT_mul(&group(scheme), point.get(), scalar.get(), nullptr, nullptr, numbers.get()) == 1 &&
                      EC_POINT_point2oct(&group(scheme), point.get(), POINT_CONVERSION_COMPRESSED, out.public_key.bytes.data(),
                                         VerifyKey::max_bytes, numbers.get()) == VerifyKey::max_bytes &&
                      BN_bn2binpad(scalar.get(), out.secret.data(), half) == half;
    if (!made) std::abort(); // out of memory: nothing here depends on what was given
    return out;
}

Signature sign(const SigningKey& key, const Hash& message) {
    const SignatureScheme scheme = key.public_key.scheme;
    const Number scalar(BN_bin2bn(key.secret.data(), half, nullptr));
    const PKey pkey = make_key(scheme, key.public_key.view(), scalar.get());
    Der der;
    if (pkey) der.size = is_sm2(scheme) ? sm2_sign(pkey.get(), message, der) : p256_sign(pkey.get(), message, der);
    const std::uint8_t* at = der.bytes.data();
    const EcdsaSig parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size)));
    if (!parts) std::abort();
    return join(*parts, scheme);
}

} // namespace tally::elliptic
