#include "vm/crypto/ed25519.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace tally;

namespace {

Bytes unhexed(std::string_view text) {
    Bytes out;
    REQUIRE(unhex(text, out));
    return out;
}

template <typename Array> Array array_of(std::string_view text) {
    const Bytes bytes = unhexed(text);
    Array out{};
    REQUIRE(bytes.size() == out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

struct Known {
    const char* seed;
    const char* public_key;
    const char* message;
    const char* signature;
};

// RFC 8032 §7.1, tests 1 to 3.
constexpr Known known[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

} // namespace

TEST_CASE("Ed25519 known answers") {
    for (const Known& row : known) {
        CAPTURE(row.public_key);
        const auto keys = key_pair_from_seed(array_of<KeySeed>(row.seed));
        const Bytes message = unhexed(row.message);
        CHECK(hex(keys.public_key) == row.public_key);
        CHECK(hex(keys.secret_key) == std::string(row.seed) + row.public_key);
        CHECK(hex(ed25519_sign(keys, message)) == row.signature);
        CHECK(ed25519_verify(keys.public_key, message, array_of<Signature>(row.signature)));
    }
}

TEST_CASE("one changed bit anywhere is refused") {
    const auto keys = key_pair_from_seed(array_of<KeySeed>(known[2].seed));
    const Bytes message = unhexed(known[2].message);
    const auto signature = ed25519_sign(keys, message);
    for (std::size_t i = 0; i < signature.size(); ++i) {
        auto changed = signature;
        changed[i] ^= 1U;
        CHECK_FALSE(ed25519_verify(keys.public_key, message, changed));
    }
    auto other_key = keys.public_key;
    other_key[0] ^= 1U;
    CHECK_FALSE(ed25519_verify(other_key, message, signature));
    CHECK_FALSE(ed25519_verify(keys.public_key, unhexed("af83"), signature));
    CHECK_FALSE(ed25519_verify(keys.public_key, {}, signature));
}

TEST_CASE("a second spelling of a signature is refused") {
    // S + L, with L the order of the group: the same point, other bytes.
    const Bytes order = unhexed("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    auto signature = array_of<Signature>(known[1].signature);
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        carry += static_cast<unsigned>(signature[32 + i]) + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    REQUIRE(carry == 0);
    const auto key = array_of<PublicKey>(known[1].public_key);
    CHECK_FALSE(ed25519_verify(key, unhexed(known[1].message), signature));
}

TEST_CASE("keys of small order and keys not in canonical form are refused") {
    // With the neutral point as key and as R, and S = 0, the equation holds for any message.
    Signature neutral{};
    neutral[0] = 1;
    PublicKey key{};
    key[0] = 1;
    CHECK_FALSE(ed25519_verify(key, to_bytes("any"), neutral));
    CHECK_FALSE(ed25519_verify(PublicKey{}, to_bytes("any"), neutral)); // order 4
    PublicKey same_point{}; // p + 1, the neutral point again
    same_point.fill(0xff);
    same_point[0] = 0xee;
    same_point[31] = 0x7f;
    CHECK_FALSE(ed25519_verify(same_point, to_bytes("any"), neutral));
}

TEST_CASE("a key pair made from a random seed signs what it verifies") {
    const auto seed = random_seed();
    CHECK(seed != random_seed());
    const auto keys = key_pair_from_seed(seed);
    const Bytes message = to_bytes("pay to the bearer");
    CHECK(ed25519_verify(keys.public_key, message, ed25519_sign(keys, message)));
}
