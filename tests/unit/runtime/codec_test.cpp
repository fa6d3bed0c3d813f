#include "runtime/codec.hpp"

#include "tests/unit/bytecode/rich_module.hpp"
#include "vm/bytecode/encode.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace tally::test {
namespace {

std::shared_ptr<const Program> rich_program() {
    auto loaded = load(rich_module(), Hash{});
    REQUIRE(loaded.index() == 0);
    return std::get<0>(loaded);
}

u64 party_id(const std::string& name) { return name == "alice" ? 7 : name == "bob" ? 3 : 0; }
const Names names{2, [](u64 id) { return std::string(id == 7 ? "alice" : id == 3 ? "bob" : ""); }};

std::string there_and_back(const Program& program, std::uint32_t type, std::string_view json) {
    ByteWriter out;
    if (const auto problem = bytes_of_json(program, type, json, 2, party_id, out))
        return "! " + *problem;
    std::vector<std::uint8_t> memory(std::max<std::size_t>(program.facts.layouts[type].size, 16));
    ByteReader in(out.data());
    REQUIRE(decode_value(program, type, in, memory.data()));
    REQUIRE(in.done());
    ByteWriter again;
    REQUIRE(encode_value(program, type, memory.data(), again));
    CHECK(again.data() == out.data());
    return json_of_bytes(program, type, out.data(), names);
}

} // namespace

TEST_CASE("values of every kind become JSON and come back") {
    const auto program = rich_program();
    const auto same = [&](std::uint32_t type, const std::string& json) {
        CHECK(there_and_back(*program, type, json) == json);
    };
    same(rich::boolean, "true");
    same(rich::integer, "-5");
    same(rich::date, "\"2026-03-31\"");
    same(rich::party, "\"alice\"");
    same(rich::party, "99");
    same(rich::money, "\"-12.34\"");
    same(rich::rate, "\"0.036\"");
    same(rich::rate, "\"2\"");
    same(rich::fraction, "\"2/3\"");
    same(rich::text, "\"a \\\"b\\\" \\u0001\"");
    same(rich::color, "\"green\"");
    same(rich::pair, "{\"who\": \"bob\", \"what\": \"1.00\"}");
    same(rich::ints, "[1, 2, 3, 4]");
    same(rich::by_party,
         "[{\"key\": \"bob\", \"value\": \"1.00\"}, {\"key\": \"alice\", \"value\": \"2.00\"}]");
    same(rich::parties, "[\"bob\", \"alice\"]");
    same(rich::maybe_money, "null");
    same(rich::maybe_money, "\"1.00\"");
    // Sorted, and in lowest terms, on the way in.
    CHECK(there_and_back(*program, rich::parties, "[\"alice\", \"bob\"]") ==
          "[\"bob\", \"alice\"]");
    CHECK(there_and_back(*program, rich::fraction, "\"4/6\"") == "\"2/3\"");
    CHECK(there_and_back(*program, rich::money, "3") == "\"3.00\"");
}

TEST_CASE("what JSON cannot mean is refused with the place") {
    const auto program = rich_program();
    const auto refused = [&](std::uint32_t type, std::string_view json) {
        return there_and_back(*program, type, json);
    };
    CHECK(refused(rich::money, "\"1.234\"") == "! expected an amount");
    CHECK(refused(rich::pair, "{\"who\": \"carol\", \"what\": \"1\"}") ==
          "! `who`: no party is called \"carol\"");
    CHECK(refused(rich::pair, "{\"who\": \"bob\"}") == "! the field `what` is missing");
    CHECK(refused(rich::ints, "[1, 2, 3, 4, 5]") == "! more than 4 elements");
    CHECK(refused(rich::parties, "[\"bob\", \"bob\"]") == "! the same key twice");
    CHECK(refused(rich::color, "\"blue\"") == "! expected one of the cases of Color");
    CHECK(refused(rich::fraction, "\"1/0\"").starts_with("! "));
    for (const char* text :
         {"", "[1,]", "{\"a\":1,\"a\":2}", "01", "1.", "\"\\x\"", "[1] 2", "nul"})
        CHECK(refused(rich::ints, text) == "! this is not JSON");
}

TEST_CASE("memory that is no value of its type is not encoded, nor such bytes decoded") {
    const auto program = rich_program();
    std::vector<std::uint8_t> memory(4096);
    ByteWriter out;
    memory[0] = 5;
    CHECK_FALSE(encode_value(*program, rich::ints, memory.data(), out));
    memory[0] = 2; // two equal keys
    CHECK_FALSE(encode_value(*program, rich::parties, memory.data(), out));
    CHECK_FALSE(encode_value(*program, rich::boolean, memory.data(), out));
    CHECK_FALSE(encode_value(*program, rich::maybe_money, memory.data(), out));
    const Bytes descending{2, 6, 4};
    ByteReader in(descending);
    CHECK_FALSE(decode_value(*program, rich::parties, in, memory.data()));
}

TEST_CASE("key bytes sort as keys do") {
    const auto program = rich_program();
    const std::vector<i64> ordered{INT64_MIN, -7, -1, 0, 1, 256, INT64_MAX};
    Bytes before;
    for (const i64 value : ordered) {
        std::array<std::uint8_t, 8> memory{};
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&value), 8, memory.begin());
        const Bytes key = key_bytes(*program, rich::integer, memory.data());
        CHECK(key.size() == 8);
        CHECK(before < key);
        before = key;
        std::array<std::uint8_t, 8> back{};
        ByteReader in(key);
        CHECK(key_from_bytes(*program, rich::integer, in, back.data()));
        CHECK(back == memory);
    }
}

} // namespace tally::test
