#include "vm/crypto/sha256.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

std::string digest(std::string_view text) { return hex(sha256(to_bytes(text))); }

} // namespace

// FIPS 180-4 examples.
TEST_CASE("SHA-256 known answers") {
    CHECK(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(digest(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    CHECK(hex(sha256({})) == digest(""));
}

TEST_CASE("a tagged hash covers the length of its tag") {
    CHECK(tagged_hash("ab", to_bytes("c")) == sha256(to_bytes("\x02"
                                                              "abc")));
    CHECK(tagged_hash("", {}) == sha256(Bytes{0}));
    CHECK(tagged_hash("ab", to_bytes("c")) != tagged_hash("a", to_bytes("bc")));
    const std::string long_tag(200, 'x');
    CHECK(tagged_hash(long_tag, {}) == sha256(to_bytes("\xc8\x01" + long_tag)));
}
