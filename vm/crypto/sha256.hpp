/// SHA-256 (OpenSSL's libcrypto behind a narrow door).
#pragma once

#include "vm/value/bytes.hpp"

#include <array>

namespace tally {

using Hash = std::array<std::uint8_t, 32>;

[[nodiscard]] Hash sha256(ByteView bytes);
/// The same of bytes that come one part after the other.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(ByteView bytes);
    [[nodiscard]] Hash done(); ///< once

private:
    alignas(u64) std::array<std::uint8_t, 128> context_; ///< libcrypto's, which needs no cleaning up
};
/// SHA-256 of a length-prefixed domain tag followed by the bytes: two domains never collide.
[[nodiscard]] Hash tagged_hash(std::string_view domain, ByteView bytes);

} // namespace tally
