#include "node/identity/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace tally {
namespace {

template <auto release> struct Release {
    template <typename T> void operator()(T* held) const { release(held); }
};
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); } // not what is in it
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;
using Stack = std::unique_ptr<STACK_OF(X509), Release<free_stack>>;
using PKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using Request = std::unique_ptr<X509_REQ, Release<X509_REQ_free>>;
using Input = std::unique_ptr<BIO, Release<BIO_free_all>>;

NodeError bad(std::string detail) { return {NodeCode::BadCertificate, std::move(detail)}; }

/// All of the bytes are the certificate.
Certificate parse(ByteView der) {
    const std::uint8_t* at = der.data();
    Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    return out && at == der.data() + der.size() ? std::move(out) : nullptr;
}

VerifyKey ed25519_key(EVP_PKEY& key) {
    PublicKey bytes{};
    std::size_t size = bytes.size();
    return EVP_PKEY_get_raw_public_key(&key, bytes.data(), &size) == 1 && size == bytes.size() ? VerifyKey(bytes) : VerifyKey();
}

/// The point, compressed, if the curve is one of ours.
VerifyKey elliptic_key(EVP_PKEY& key) {
    std::array<char, 32> group{};
    std::array<std::uint8_t, 65> point{};
    std::size_t group_size = 0, size = 0;
    if (EVP_PKEY_get_group_name(&key, group.data(), group.size(), &group_size) != 1) return {};
    if (EVP_PKEY_get_octet_string_param(&key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1) return {};
    const std::string_view name(group.data(), group_size);
    VerifyKey out;
    if (name == "prime256v1" || name == "P-256") out.scheme = SignatureScheme::P256;
    else if (name == "SM2") out.scheme = SignatureScheme::Sm2;
    else return {};
    const bool whole = size == point.size() && point[0] == 4, compressed = size == VerifyKey::max_bytes;
    if (!whole && !compressed) return {};
    out.bytes[0] = whole ? static_cast<std::uint8_t>(2 + (point[64] & 1)) : point[0];
    std::copy_n(point.begin() + 1, VerifyKey::max_bytes - 1, out.bytes.begin() + 1);
    return out;
}

VerifyKey key_in(X509& certificate) {
    EVP_PKEY* const key = X509_get0_pubkey(&certificate);
    if (key == nullptr) return {};
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? ed25519_key(*key) : elliptic_key(*key);
}

/// The way from the first to the last, each as the issuer of the one before.
Problem check_way(std::span<const Certificate> chain) {
    const Store store(X509_STORE_new());
    const Stack between(sk_X509_new_null());
    const Check check(X509_STORE_CTX_new());
    bool ready = store && between && check && X509_STORE_add_cert(store.get(), chain.back().get()) == 1;
    for (const Certificate& one : chain)
        ready = ready && sk_X509_push(between.get(), one.get()) > 0;
    ready = ready && X509_STORE_CTX_init(check.get(), store.get(), chain.front().get(), between.get()) == 1;
    if (!ready) return bad("OpenSSL has no memory for it");
    if (X509_verify_cert(check.get()) == 1) return std::nullopt;
    const int error = X509_STORE_CTX_get_error(check.get());
    return bad(std::string(X509_verify_cert_error_string(error)) + ", at certificate " + std::to_string(X509_STORE_CTX_get_error_depth(check.get()) + 1));
}

PKey elliptic_private(const SigningKey& key) {
    const Builder builder(OSSL_PARAM_BLD_new());
    const Number scalar(BN_bin2bn(key.secret.data(), 32, nullptr));
    const char* const name = key.public_key.scheme == SignatureScheme::Sm2 ? "SM2" : "prime256v1";
    const ByteView point = key.public_key.view();
    const bool built = builder && scalar && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
                       OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1 &&
                       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) == 1;
    const Params params(built ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, key.public_key.scheme == SignatureScheme::Sm2 ? "SM2" : "EC", nullptr));
    EVP_PKEY* out = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 || EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_KEYPAIR, params.get()) != 1) return nullptr;
    return PKey(out);
}

PKey private_key(const SigningKey& key) {
    if (key.public_key.scheme != SignatureScheme::Ed25519) return elliptic_private(key);
    return PKey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.secret.data(), 32)); // the seed comes first
}

std::string text_in(BIO* memory) {
    char* at = nullptr;
    const long size = BIO_get_mem_data(memory, &at);
    return size > 0 ? std::string(at, static_cast<std::size_t>(size)) : std::string();
}

} // namespace

Result<std::string> certificate_request(const SigningKey& key, const std::string& common_name) {
    const PKey pkey = private_key(key);
    const Request request(X509_REQ_new());
    const Input memory(BIO_new(BIO_s_mem()));
    const EVP_MD* const digest = key.public_key.scheme == SignatureScheme::Ed25519 ? nullptr : key.public_key.scheme == SignatureScheme::Sm2 ? EVP_sm3() : EVP_sha256();
    const auto* const name = reinterpret_cast<const unsigned char*>(common_name.data());
    const bool made = pkey && request && memory && X509_REQ_set_version(request.get(), 0) == 1 &&
                      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8, name, static_cast<int>(common_name.size()), -1, 0) == 1 &&
                      X509_REQ_set_pubkey(request.get(), pkey.get()) == 1 && X509_REQ_sign(request.get(), pkey.get(), digest) > 0 &&
                      PEM_write_bio_X509_REQ(memory.get(), request.get()) == 1;
    ERR_clear_error();
    if (!made) return bad("no request can be made for this key and name: a name has 1 to 64 characters");
    return text_in(memory.get());
}

Result<std::string> private_key_pem(const SigningKey& key) {
    const PKey pkey = private_key(key);
    const Input memory(BIO_new(BIO_s_mem()));
    if (!pkey || !memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return bad("the key cannot be written as PEM");
    return text_in(memory.get());
}

Result<std::vector<Bytes>> certificates_from_pem(std::string_view text) {
    const Input input(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    std::vector<Bytes> out;
    while (input) {
        const Certificate one(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr));
        if (!one) break;
        const int size = i2d_X509(one.get(), nullptr);
        if (size <= 0) return bad("a certificate cannot be written as DER");
        Bytes& der = out.emplace_back(static_cast<std::size_t>(size));
        std::uint8_t* at = der.data();
        (void)i2d_X509(one.get(), &at);
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (out.empty() || !at_end) return bad("it is not PEM with certificates, the holder's first and the root last");
    return out;
}

Problem check_certificates(std::span<const ByteView> ders, const VerifyKey& key) {
    std::vector<Certificate> chain;
    for (const ByteView der : ders) {
        chain.push_back(parse(der));
        if (!chain.back()) return bad("certificate " + std::to_string(chain.size()) + " is not one");
    }
    if (chain.empty()) return bad("there is none");
    if (key_in(*chain.front()) != key) return bad("the first certificate is of another key");
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK) return bad("certificate " + std::to_string(i + 1) + " is not the issuer of the one before it");
    if (chain.size() > 1 && X509_check_ca(chain.back().get()) == 0) return bad("the last certificate is no authority's");
    auto problem = check_way(chain);
    ERR_clear_error();
    return problem;
}

} // namespace tally
