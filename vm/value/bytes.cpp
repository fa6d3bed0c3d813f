#include "vm/value/bytes.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// −1 for anything that is not a lower-case hexadecimal digit.
int hex_value(char c) {
    const auto at = hex_digits.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// Zigzag keeps small negative numbers short: 0, −1, 1, −2, … become 0, 1, 2, 3, …
template <typename UInt, typename Int> UInt zigzag(Int v) {
    const UInt sign = v < 0 ? ~UInt{0} : UInt{0};
    return (static_cast<UInt>(v) << 1) ^ sign;
}

template <typename Int, typename UInt> Int unzigzag(UInt v) {
    const UInt sign = (v & 1U) != 0 ? ~UInt{0} : UInt{0};
    return static_cast<Int>((v >> 1) ^ sign);
}

template <typename UInt> void write_leb(ByteWriter& out, UInt v) {
    while (v >= 0x80U) {
        out.u8(static_cast<std::uint8_t>((v & 0x7FU) | 0x80U));
        v >>= 7;
    }
    out.u8(static_cast<std::uint8_t>(v));
}

/// Refuses a last byte of zero (not minimal) and bits beyond the width (overlong).
template <typename UInt> UInt read_leb(ByteReader& in) {
    constexpr unsigned width = sizeof(UInt) * 8;
    UInt value = 0;
    for (unsigned shift = 0; shift < width; shift += 7) {
        const unsigned byte = in.u8();
        const unsigned digit = byte & 0x7FU;
        if (!in.ok()) return 0;
        const unsigned room = width - shift;
        if (room < 7 && (digit >> room) != 0) break;
        value |= static_cast<UInt>(digit) << shift;
        if ((byte & 0x80U) != 0) continue;
        if (digit == 0 && shift != 0) break;
        return value;
    }
    in.fail();
    return 0;
}

template <typename UInt> void write_big_endian(ByteWriter& out, UInt v) {
    for (unsigned shift = sizeof(UInt) * 8; shift != 0;) {
        shift -= 8;
        out.u8(static_cast<std::uint8_t>(v >> shift));
    }
}

template <typename UInt> UInt read_big_endian(ByteReader& in) {
    UInt value = 0;
    for (const std::uint8_t byte : in.raw(sizeof(UInt))) {
        value = static_cast<UInt>((value << 8) | byte);
    }
    return value;
}

constexpr u64 sign_bit_64 = u64{1} << 63;
constexpr u128 sign_bit_128 = u128{1} << 127;

} // namespace

Bytes to_bytes(std::string_view text) {
    Bytes out(text.size());
    std::transform(text.begin(), text.end(), out.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    return out;
}

std::string hex(ByteView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out += hex_digits[byte >> 4];
        out += hex_digits[byte & 0xFU];
    }
    return out;
}

bool unhex(std::string_view text, Bytes& out) {
    if (text.size() % 2 != 0) return false;
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return false;
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    out = std::move(bytes);
    return true;
}

void ByteWriter::uvarint(u64 v) { write_leb(*this, v); }
void ByteWriter::varint(i64 v) { write_leb(*this, zigzag<u64>(v)); }
void ByteWriter::varint128(i128 v) { write_leb(*this, zigzag<u128>(v)); }
void ByteWriter::u32be(std::uint32_t v) { write_big_endian(*this, v); }
void ByteWriter::u64be(u64 v) { write_big_endian(*this, v); }
void ByteWriter::i64be(i64 v) { write_big_endian(*this, static_cast<u64>(v) ^ sign_bit_64); }
void ByteWriter::i128be(i128 v) { write_big_endian(*this, static_cast<u128>(v) ^ sign_bit_128); }

void ByteWriter::bytes(ByteView v) {
    uvarint(v.size());
    raw(v);
}

void ByteWriter::text(std::string_view v) {
    uvarint(v.size());
    bytes_.insert(bytes_.end(), v.begin(), v.end());
}

ByteReader::LongNumber ByteReader::long_number(const std::uint8_t* at, const std::uint8_t* end) {
    ByteReader in(ByteView(at, end));
    const u64 value = read_leb<u64>(in);
    return {value, in.at_, in.ok_};
}
i64 ByteReader::varint() { return unzigzag<i64>(uvarint()); }
i128 ByteReader::varint128() {
    if (short_number()) return unzigzag<i128>(u128{*at_++});
    return unzigzag<i128>(read_leb<u128>(*this));
}
std::uint32_t ByteReader::u32be() { return read_big_endian<std::uint32_t>(*this); }
u64 ByteReader::u64be() { return read_big_endian<u64>(*this); }

// A faulty read must give zero, and zero is not what a flipped sign bit would turn it into.
i64 ByteReader::i64be() {
    const u64 v = u64be();
    return ok_ ? static_cast<i64>(v ^ sign_bit_64) : 0;
}

i128 ByteReader::i128be() {
    const u128 v = read_big_endian<u128>(*this);
    return ok_ ? static_cast<i128>(v ^ sign_bit_128) : 0;
}

std::string ByteReader::text(std::size_t max) { return std::string(as_text(bytes(max))); }

} // namespace tally
