#include "vm/value/bytes.hpp"

#include "tests/unit/value/numbers.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace tally;
using tally::test::Numbers;

namespace {

Bytes unhexed(std::string_view text) {
    Bytes out;
    CHECK(unhex(text, out));
    return out;
}

template <typename Write> std::string written(Write write) {
    ByteWriter out;
    write(out);
    return hex(out.data());
}

/// What a read makes of the bytes, and whether it used all of them without a fault.
template <typename Read> bool reads(std::string_view bytes_hex, Read read) {
    const Bytes bytes = unhexed(bytes_hex);
    ByteReader in(bytes);
    return read(in) && in.done();
}

bool refused_uvarint(std::string_view bytes_hex) {
    const Bytes bytes = unhexed(bytes_hex);
    ByteReader in(bytes);
    return in.uvarint() == 0 && !in.ok() && !in.done();
}

bool refused_varint128(std::string_view bytes_hex) {
    const Bytes bytes = unhexed(bytes_hex);
    ByteReader in(bytes);
    return in.varint128() == 0 && !in.ok();
}

std::string repeated(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i)
        out += text;
    return out;
}

} // namespace

TEST_CASE("variable-length integers are written as the specification of LEB128 says") {
    const auto uvarint = [](u64 v) { return written([&](ByteWriter& w) { w.uvarint(v); }); };
    CHECK(uvarint(0) == "00");
    CHECK(uvarint(127) == "7f");
    CHECK(uvarint(128) == "8001");
    CHECK(uvarint(624'485) == "e58e26");
    CHECK(uvarint(~u64{0}) == repeated("ff", 9) + "01");
    const auto varint = [](i64 v) { return written([&](ByteWriter& w) { w.varint(v); }); };
    CHECK(varint(0) == "00");
    CHECK(varint(-1) == "01");
    CHECK(varint(1) == "02");
    CHECK(varint(63) == "7e");
    CHECK(varint(-64) == "7f");
    CHECK(varint(64) == "8001");
    CHECK(varint(INT64_MIN) == repeated("ff", 9) + "01");
    CHECK(varint(INT64_MAX) == "fe" + repeated("ff", 8) + "01");
    const auto varint128 = [](i128 v) { return written([&](ByteWriter& w) { w.varint128(v); }); };
    CHECK(varint128(-2) == "03");
    CHECK(varint128(i128_min) == repeated("ff", 18) + "03");
    CHECK(varint128(i128_max) == "fe" + repeated("ff", 17) + "03");
}

TEST_CASE("the reader refuses what is not minimal, too long, too wide or cut off") {
    CHECK(reads("00", [](ByteReader& in) { return in.uvarint() == 0; }));
    CHECK(refused_uvarint(""));
    CHECK(refused_uvarint("80"));
    CHECK(refused_uvarint("8000"));
    CHECK(refused_uvarint("ff00"));
    CHECK(refused_uvarint(repeated("80", 9) + "00"));
    CHECK(reads(repeated("ff", 9) + "01", [](ByteReader& in) { return in.uvarint() == ~u64{0}; }));
    CHECK(refused_uvarint(repeated("ff", 9) + "02"));
    CHECK(refused_uvarint(repeated("ff", 9) + "81"));
    CHECK(refused_uvarint(repeated("ff", 9) + "8100"));
    CHECK(reads(repeated("ff", 18) + "03",
                [](ByteReader& in) { return in.varint128() == i128_min; }));
    CHECK(refused_varint128(repeated("ff", 18) + "04"));
    CHECK(refused_varint128(repeated("ff", 18) + "83"));
    CHECK(refused_varint128(repeated("ff", 18)));
    CHECK(refused_varint128(repeated("80", 18) + "00"));
    CHECK(refused_varint128(""));
}

TEST_CASE("fixed widths are big endian and keep the order of signed numbers") {
    CHECK(written([](ByteWriter& w) { w.u32be(0x01020304); }) == "01020304");
    CHECK(written([](ByteWriter& w) { w.u64be(0x0102030405060708); }) == "0102030405060708");
    CHECK(written([](ByteWriter& w) { w.i64be(0); }) == "8000000000000000");
    CHECK(written([](ByteWriter& w) { w.i64be(-1); }) == "7fffffffffffffff");
    CHECK(written([](ByteWriter& w) { w.i128be(i128_min); }) == repeated("00", 16));
    CHECK(written([](ByteWriter& w) { w.i128be(i128_max); }) == repeated("ff", 16));
    Numbers numbers(1);
    for (int i = 0; i < 10'000; ++i) {
        const i128 a = numbers.adversarial();
        const i128 b = numbers.adversarial();
        const auto text = [](i128 v) { return written([&](ByteWriter& w) { w.i128be(v); }); };
        CHECK((text(a) < text(b)) == (a < b));
        const auto a64 = static_cast<i64>(a);
        const auto b64 = static_cast<i64>(b);
        const auto text64 = [](i64 v) { return written([&](ByteWriter& w) { w.i64be(v); }); };
        CHECK((text64(a64) < text64(b64)) == (a64 < b64));
    }
}

TEST_CASE("everything that is written is read back") {
    Numbers numbers(2);
    for (int i = 0; i < 20'000; ++i) {
        const i128 v = numbers.adversarial();
        const auto v64 = static_cast<i64>(v);
        const auto v32 = static_cast<std::uint32_t>(low_half(v));
        ByteWriter out;
        out.u8(static_cast<std::uint8_t>(v32));
        out.uvarint(low_half(v));
        out.varint(v64);
        out.varint128(v);
        out.u32be(v32);
        out.u64be(low_half(v));
        out.i64be(v64);
        out.i128be(v);
        const Bytes bytes = out.take();
        ByteReader in(bytes);
        bool same = in.u8() == static_cast<std::uint8_t>(v32);
        same = in.uvarint() == low_half(v) && same;
        same = in.varint() == v64 && same;
        same = in.varint128() == v && same;
        same = in.u32be() == v32 && same;
        same = in.u64be() == low_half(v) && same;
        same = in.i64be() == v64 && same;
        same = in.i128be() == v && same;
        CHECK(same);
        CHECK(in.done());
    }
}

TEST_CASE("whatever the reader accepts is what the writer would have written") {
    Numbers numbers(4);
    int accepted = 0;
    for (int i = 0; i < 100'000; ++i) {
        Bytes bytes(1 + numbers.below(20));
        for (auto& byte : bytes) {
            const u64 more = numbers.below(4) != 0 ? 0x80U : 0U;
            byte = static_cast<std::uint8_t>(numbers.next() | more);
        }
        ByteReader in(bytes);
        const i128 v = in.varint128();
        if (!in.ok()) continue;
        ++accepted;
        ByteWriter out;
        out.varint128(v);
        CHECK(out.data() ==
              Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(in.position())));
    }
    CHECK(accepted > 1000);
}

TEST_CASE("strings carry their length and a limit") {
    ByteWriter out;
    out.text("abc");
    out.bytes(to_bytes("de"));
    out.text("");
    CHECK(hex(out.data()) == "03616263"
                             "026465"
                             "00");
    const Bytes bytes = out.take();
    ByteReader in(bytes);
    CHECK(in.text(3) == "abc");
    CHECK(as_text(in.bytes(100)) == "de");
    CHECK(in.text(0).empty());
    CHECK(in.done());
    ByteReader strict(bytes);
    CHECK(strict.text(2).empty());
    CHECK_FALSE(strict.ok());
    const Bytes cut = unhexed("036162");
    ByteReader truncated(cut);
    CHECK(truncated.bytes(100).empty());
    CHECK_FALSE(truncated.ok());
}

TEST_CASE("a count is bounded by its limit and by what is left") {
    const Bytes bytes = unhexed("02aabb");
    for (const std::size_t max : {std::size_t{2}, std::size_t{3}}) {
        ByteReader in(bytes);
        CHECK(in.count(max) == 2);
        CHECK(in.ok());
        CHECK(in.left() == 2);
    }
    ByteReader limited(bytes);
    CHECK(limited.count(1) == 0);
    CHECK_FALSE(limited.ok());
    const Bytes more = unhexed("03aabb");
    ByteReader promised(more);
    CHECK(promised.count(100) == 0);
    CHECK_FALSE(promised.ok());
    const Bytes huge = unhexed(repeated("ff", 9) + "01");
    ByteReader giant(huge);
    CHECK(giant.count(~std::size_t{0}) == 0);
    CHECK_FALSE(giant.ok());
}

TEST_CASE("after the first fault every read gives zero") {
    const Bytes bytes = unhexed("80000102030405060708090a0b0c0d0e0f101112131415161718");
    ByteReader in(bytes);
    CHECK(in.uvarint() == 0);
    CHECK_FALSE(in.ok());
    CHECK(in.u8() == 0);
    CHECK(in.varint() == 0);
    CHECK(in.varint128() == 0);
    CHECK(in.u32be() == 0);
    CHECK(in.u64be() == 0);
    CHECK(in.i64be() == 0);
    CHECK(in.i128be() == 0);
    CHECK(in.raw(1).empty());
    CHECK(in.bytes(9).empty());
    CHECK(in.text(9).empty());
    CHECK(in.count(9) == 0);
    CHECK_FALSE(in.done());
}

TEST_CASE("fixed widths that are cut off fault without a value") {
    const Bytes bytes = unhexed("ffffff");
    const auto faulty = [&](auto read) {
        ByteReader in(bytes);
        return read(in) == 0 && !in.ok();
    };
    CHECK(faulty([](ByteReader& in) { return in.u32be(); }));
    CHECK(faulty([](ByteReader& in) { return in.u64be(); }));
    CHECK(faulty([](ByteReader& in) { return in.i64be(); }));
    CHECK(faulty([](ByteReader& in) { return in.i128be(); }));
    ByteReader in(bytes);
    CHECK(in.raw(3).size() == 3);
    CHECK(in.done());
    CHECK(in.raw(0).empty());
    CHECK(in.done());
    CHECK(in.raw(1).empty());
    CHECK_FALSE(in.ok());
}

TEST_CASE("hexadecimal text, lower case only") {
    CHECK(hex(Bytes{0x00, 0x0f, 0xf0, 0xab}) == "000ff0ab");
    CHECK(unhexed("000ff0ab") == Bytes{0x00, 0x0f, 0xf0, 0xab});
    CHECK(unhexed("").empty());
    Bytes out{1};
    for (const auto* bad : {"0", "0g", "AB", "0x", " 0"}) {
        CHECK_FALSE(unhex(bad, out));
    }
    CHECK_FALSE(unhex(std::string_view("0\0", 2), out));
    CHECK(out == Bytes{1});
}

TEST_CASE("an array is read whole, or is zero") {
    const Bytes bytes{1, 2, 3, 4, 5};
    ByteReader in(bytes);
    std::array<std::uint8_t, 3> three{9, 9, 9};
    in.read(three);
    CHECK(three == std::array<std::uint8_t, 3>{1, 2, 3});
    CHECK(in.ok());
    in.read(three);
    CHECK(three == std::array<std::uint8_t, 3>{});
    CHECK_FALSE(in.ok());
    CHECK(in.left() == 0);
}
