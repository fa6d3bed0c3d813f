#include "vm/crypto/signature.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace tally;

namespace {

constexpr SignatureScheme schemes[] = {SignatureScheme::Ed25519, SignatureScheme::P256, SignatureScheme::Sm2};

template <typename Array> Array array_of(std::string_view text) {
    Bytes bytes;
    REQUIRE(unhex(text, bytes));
    Array out{};
    REQUIRE(bytes.size() == out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

/// order − s of P-256, big endian.
Signature other_form(const Signature& signature) {
    const auto order = array_of<Hash>("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    Signature out = signature;
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int digit = order[i] - signature[32 + i] - borrow;
        borrow = digit < 0 ? 1 : 0;
        out[32 + i] = static_cast<std::uint8_t>(digit + 256 * borrow);
    }
    return out;
}

} // namespace

TEST_CASE("every scheme signs and verifies, and notices every changed byte") {
    for (const SignatureScheme scheme : schemes) {
        const SigningKey key = signing_key(KeySeed{7, 7}, scheme), stranger = signing_key(KeySeed{8}, scheme);
        CHECK(signing_key(KeySeed{7, 7}, scheme).public_key == key.public_key);
        const Hash message = sha256(to_bytes("a message"));
        const Signature signature = sign(key, message);
        CHECK(verify(key.public_key, message, signature));
        CHECK_FALSE(verify(stranger.public_key, message, signature));
        CHECK_FALSE(verify(key.public_key, sha256(to_bytes("another")), signature));
        CHECK_FALSE(verify(key.public_key, message, Signature{}));
        for (std::size_t i = 0; i < signature.size(); ++i) {
            Signature changed = signature;
            changed[i] ^= 1;
            CHECK_FALSE(verify(key.public_key, message, changed));
        }
        VerifyKey under_another = key.public_key;
        under_another.scheme = scheme == SignatureScheme::P256 ? SignatureScheme::Sm2 : SignatureScheme::P256;
        CHECK_FALSE(verify(under_another, message, signature));
    }
    CHECK_FALSE(verify(VerifyKey{}, Hash{}, Signature{}));
}

TEST_CASE("ECDSA on P-256 gives what RFC 6979 says") {
    // A.2.5: the key, and its signature of "sample" with SHA-256.
    const auto scalar = array_of<KeySeed>("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    KeySeed seed = scalar; // the seed of a scalar is one less
    seed[31] = static_cast<std::uint8_t>(seed[31] - 1);
    const SigningKey key = signing_key(seed, SignatureScheme::P256);
    CHECK(hex(key.public_key.view()) == "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    const auto high = array_of<Signature>("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    const Hash message = sha256(to_bytes("sample"));
    CHECK_FALSE(verify(key.public_key, message, high)); // of the two forms only the low one counts
    CHECK(verify(key.public_key, message, other_form(high)));
    CHECK_FALSE(verify(key.public_key, message, other_form(sign(key, message))));
}

TEST_CASE("keys in text and bytes are canonical, and points of their curve") {
    for (const SignatureScheme scheme : schemes) {
        const SigningKey key = signing_key(KeySeed{1}, scheme);
        CHECK(key_from_text(key_text(key.public_key)) == key.public_key);
        ByteWriter out;
        write(out, key.public_key);
        ByteReader in(out.data());
        CHECK(read_verify_key(in) == key.public_key);
        CHECK(in.done());
    }
    const std::string p256 = key_text(signing_key(KeySeed{1}, SignatureScheme::P256).public_key);
    CHECK_FALSE(key_from_text("p384:" + p256.substr(5)));
    CHECK_FALSE(key_from_text("p256:04" + p256.substr(7))); // not the compressed form
    CHECK_FALSE(key_from_text("p256:02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")); // x = p
    CHECK_FALSE(key_from_text("p256:000000000000000000000000000000000000000000000000000000000000000000"));
    CHECK_FALSE(key_from_text(""));
    const Bytes unknown{9, 1, 2};
    ByteReader in(unknown);
    (void)read_verify_key(in);
    CHECK_FALSE(in.ok());
}
