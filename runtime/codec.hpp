/// Values between the arena, the canonical bytes and text, guided by a module's type table.
#pragma once

#include "vm/engine/machine.hpp"

#include <functional>

namespace tally {

/// Canonical bytes of the value of a type at an address: integers as varints, 128-bit as varint128,
/// collections as a count and their live elements, optionals as 0 or 1 and the value, text as bytes.
/// False when the memory does not hold such a value (a count above the maximum, an enum case that is not
/// there, keys out of order, an Amount is not known here): then the writer's content is unspecified.
[[nodiscard]] bool encode_value(const Program& program, std::uint32_t type, const std::uint8_t* at, ByteWriter& out);
/// The inverse into zeroed memory; refuses what encode_value would not have written.
[[nodiscard]] bool decode_value(const Program& program, std::uint32_t type, ByteReader& in, std::uint8_t* at);

/// Order-preserving fixed-width bytes of a key type (8 bytes per word, 16 per 128-bit word).
[[nodiscard]] Bytes key_bytes(const Program& program, std::uint32_t type, const std::uint8_t* at);
[[nodiscard]] bool key_from_bytes(const Program& program, std::uint32_t type, ByteReader& in, std::uint8_t* at);

/// How people see numbers that the types alone do not explain.
struct Names {
    int money_exponent = 2;                       ///< of the instance's currency
    std::function<std::string(u64)> party;        ///< name of a party
};
/// JSON of a value: amounts and rates as decimal strings, dates ISO, parties by name, records as objects,
/// maps with scalar keys as arrays of {"key", "value"}.
[[nodiscard]] std::string json_of(const Program& program, std::uint32_t type, const std::uint8_t* at, const Names& names);
/// The same from encoded bytes; "null" when they do not decode.
[[nodiscard]] std::string json_of_bytes(const Program& program, std::uint32_t type, ByteView bytes, const Names& names);
/// The reverse: JSON text (as above; parties by name through `party_id`) to canonical bytes. Returns what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> bytes_of_json(const Program& program, std::uint32_t type, std::string_view json, int money_exponent,
                                                       const std::function<u64(const std::string&)>& party_id, ByteWriter& out);

} // namespace tally
