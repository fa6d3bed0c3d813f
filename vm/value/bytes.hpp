/// The canonical encoding: how every value becomes bytes that are stored, signed and hashed.
/// Minimal variable-length integers, length-prefixed byte strings. One value, one encoding: the
/// reader refuses anything that the writer would not have written.
#pragma once

#include "vm/value/int128.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

[[nodiscard]] Bytes to_bytes(std::string_view text);
[[nodiscard]] inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
[[nodiscard]] std::string hex(ByteView bytes);
/// False (and `out` untouched) on an odd length or a digit that is not lower-case hexadecimal.
[[nodiscard]] bool unhex(std::string_view text, Bytes& out);

class ByteWriter {
public:
    void u8(std::uint8_t v) { bytes_.push_back(v); }
    void uvarint(u64 v);      ///< LEB128, minimal
    void varint(i64 v);       ///< zigzag, then LEB128
    void varint128(i128 v);   ///< zigzag, then LEB128 of at most 19 bytes
    void u32be(std::uint32_t v);
    void u64be(u64 v);
    void i64be(i64 v);        ///< order-preserving: sign bit flipped, big endian
    void i128be(i128 v);      ///< order-preserving, 16 bytes
    void raw(ByteView v) { bytes_.insert(bytes_.end(), v.begin(), v.end()); }
    void bytes(ByteView v);   ///< uvarint length, then the bytes
    void text(std::string_view v);

    [[nodiscard]] const Bytes& data() const { return bytes_; }
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

/// Reads what ByteWriter wrote. After the first fault every read gives zero and `ok()` is false,
/// so a caller checks once at the end; `done()` also demands that nothing is left over.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes), at_(bytes.data()), end_(at_ + bytes.size()) {}
    std::uint8_t u8() {
        if (at_ != end_) return *at_++;
        fail();
        return 0;
    }
    /// Most numbers are one byte; only longer ones are worth a call.
    u64 uvarint() { return short_number() ? *at_++ : long_uvarint(); }
    /// The next numbers when each is one byte; else nothing is read.
    template <std::size_t count> const std::uint8_t* short_numbers() {
        if (left() < count) return nullptr;
        unsigned all = 0;
        for (std::size_t i = 0; i < count; ++i) all |= at_[i];
        if (all >= 0x80U) return nullptr;
        at_ += count;
        return at_ - count;
    }
    i64 varint();
    i128 varint128();
    std::uint32_t u32be();
    u64 u64be();
    i64 i64be();
    i128 i128be();
    ByteView raw(std::size_t n) {
        if (n > left()) {
            fail();
            return {};
        }
        at_ += n;
        return {at_ - n, n};
    }
    ByteView bytes(std::size_t max) { return raw(count(max)); }
    /// Hashes, keys and signatures: exactly as many bytes as it has.
    template <std::size_t size> void read(std::array<std::uint8_t, size>& out) {
        const ByteView from = raw(size);
        if (from.size() == size)
            std::copy(from.begin(), from.end(), out.begin());
        else
            out.fill(0);
    }
    std::string text(std::size_t max);
    /// A count of things of which each takes at least one byte: refused when more than is left.
    std::size_t count(std::size_t max) {
        const u64 n = uvarint();
        if (n <= max && n <= left()) return static_cast<std::size_t>(n);
        fail();
        return 0;
    }

    /// What has not been read.
    [[nodiscard]] ByteView ahead() const { return {at_, left()}; }

    void fail() {
        ok_ = false;
        end_ = at_;
    }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool done() const { return ok_ && at_ == end_; }
    [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(at_ - bytes_.data()); }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

private:
    [[nodiscard]] bool short_number() const { return at_ != end_ && *at_ < 0x80U; }
    /// Takes and gives values only, so that the place of a reader that is a local may stay in registers.
    struct LongNumber {
        u64 value;
        const std::uint8_t* at;
        bool ok;
    };
    static LongNumber long_number(const std::uint8_t* at, const std::uint8_t* end);
    u64 long_uvarint() {
        const LongNumber number = long_number(at_, end_);
        at_ = number.at;
        if (!number.ok) fail();
        return number.value;
    }

    ByteView bytes_;
    const std::uint8_t *at_, *end_; ///< nothing is left after a fault, so that no read needs to ask for one
    bool ok_ = true;
};

} // namespace tally
