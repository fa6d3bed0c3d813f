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

class Hasher {
public:
    Hasher() : context_(EVP_MD_CTX_new()) {
        require(context_ != nullptr && EVP_DigestInit_ex2(context_, algorithm(), nullptr) == 1);
    }
    ~Hasher() { EVP_MD_CTX_free(context_); }
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void add(ByteView bytes) {
        require(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
    }
    [[nodiscard]] Hash finish() {
        Hash hash{};
        require(EVP_DigestFinal_ex(context_, hash.data(), nullptr) == 1);
        return hash;
    }

private:
    EVP_MD_CTX* context_;
};

} // namespace

Hash sha256(ByteView bytes) {
    Hasher hasher;
    hasher.add(bytes);
    return hasher.finish();
}

Hash tagged_hash(std::string_view domain, ByteView bytes) {
    ByteWriter tag;
    tag.text(domain);
    Hasher hasher;
    hasher.add(tag.data());
    hasher.add(bytes);
    return hasher.finish();
}

} // namespace tally
