#include "vm/crypto/sha256.hpp"

#include <openssl/evp.h>

#include <cstdlib>

namespace tally {
namespace {

// A library that cannot hash leaves nothing to compute with: stop, rather than invent a hash.
void require(bool worked) {
    if (!worked) std::abort();
}

/// Fetched once: looking the algorithm up costs more than hashing a short message.
const EVP_MD* algorithm() {
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    require(fetched != nullptr);
    return fetched;
}

EVP_MD_CTX* of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

} // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr && EVP_DigestInit_ex2(of(context_), algorithm(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(of(context_)); }

void Sha256::add(ByteView bytes) {
    require(EVP_DigestUpdate(of(context_), bytes.data(), bytes.size()) == 1);
}

Hash Sha256::done() {
    Hash hash{};
    require(EVP_DigestFinal_ex(of(context_), hash.data(), nullptr) == 1);
    return hash;
}

Hash sha256(ByteView bytes) {
    Sha256 hasher;
    hasher.add(bytes);
    return hasher.done();
}

Hash tagged_hash(std::string_view domain, ByteView bytes) {
    ByteWriter tag;
    tag.text(domain);
    Sha256 hasher;
    hasher.add(tag.data());
    hasher.add(bytes);
    return hasher.done();
}

} // namespace tally
