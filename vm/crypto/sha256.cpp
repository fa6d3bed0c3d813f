#include "vm/crypto/sha256.hpp"

// The one-shot functions of OpenSSL 3 look the algorithm up or allocate a context for each message,
// which costs more than hashing a node of the state tree. The plain ones do neither.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <new>

namespace tally {
namespace {

SHA256_CTX* of(void* context) { return static_cast<SHA256_CTX*>(context); }

} // namespace

Sha256::Sha256() {
    static_assert(sizeof(SHA256_CTX) <= sizeof context_ && alignof(SHA256_CTX) <= alignof(u64));
    SHA256_Init(new (context_.data()) SHA256_CTX);
}

void Sha256::add(ByteView bytes) { SHA256_Update(of(context_.data()), bytes.data(), bytes.size()); }

Hash Sha256::done() {
    Hash hash{};
    SHA256_Final(hash.data(), of(context_.data()));
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
