/// How the protocol cuts a stream into messages: the length as an unsigned varint, then so many bytes.
#pragma once

#include "vm/value/bytes.hpp"

#include <optional>
#include <string>

namespace tally {

/// Takes a stream in any pieces and gives whole messages.
class FrameReader {
public:
    static constexpr std::size_t message_max = 64U << 20; ///< bytes; a block has 4 MiB at most

    void add(ByteView bytes);
    /// The next whole message, valid until `add`; nothing when it is not whole yet, or `broken`.
    [[nodiscard]] std::optional<ByteView> next();
    /// A length that no message has: what follows cannot be read.
    [[nodiscard]] bool broken() const { return broken_; }

private:
    Bytes buffer_;
    std::size_t at_ = 0; ///< everything before was given out
    bool broken_ = false;
};

/// A message behind its length.
void write_frame(std::string& out, std::string_view message);

} // namespace tally
