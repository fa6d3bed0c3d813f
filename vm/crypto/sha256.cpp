#include "vm/crypto/sha256.hpp"

// The one-shot functions of OpenSSL 3 look the algorithm up or allocate a context for each message,
// which costs more than hashing a node of the state tree. The plain ones do neither.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace tally {
namespace {

class Hasher {
public:
    Hasher() { SHA256_Init(&context_); }
    void add(ByteView bytes) { SHA256_Update(&context_, bytes.data(), bytes.size()); }
    [[nodiscard]] Hash finish() {
        Hash hash{};
        SHA256_Final(hash.data(), &context_);
        return hash;
    }

private:
    SHA256_CTX context_{};
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
