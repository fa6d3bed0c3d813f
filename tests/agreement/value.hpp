/// Values of the evaluator: a tree of numbers and texts, read by their type of the language.
#pragma once

#include "compiler/check/types.hpp"
#include "vm/value/bytes.hpp"
#include "vm/value/int128.hpp"

#include <string>
#include <vector>

namespace tally::agreement {

using check::Kind;
using check::Ty;

/// What a value of a type uses:
///   Bool, Int, Money, Rate, Date, enums, parties, instances …   number
///   Fraction   number over `below`; 0 over 0 is one that nobody has set
///   Text, Blob text
///   Record     parts, by field; an enum whose cases have fields: its case, then the fields of every case, zero where they are another's
///   Optional   parts: none or one
///   List, Set  parts; a Set in the order of its elements
///   Map        parts: key, value, key, value …, in the order of the keys
struct Value {
    i128 number = 0, below = 0;
    std::string text;
    std::vector<Value> parts;
};

[[nodiscard]] Value number(i128 v);
/// The types of the parts of a value, over and over; none of what has no parts.
[[nodiscard]] std::vector<const Ty*> part_types(const Ty* type);
/// What a field is before anybody has set it.
[[nodiscard]] Value zero_of(const Ty* type);
/// Has an enum's value this field in the case that is present? Of any other type: yes.
[[nodiscard]] bool alive(const Ty* type, std::size_t field, i128 present);
[[nodiscard]] bool same(const Value& a, const Value& b, const Ty* type);
/// The order of keys: negative, zero, positive.
[[nodiscard]] int order(const Value& a, const Value& b, const Ty* type);

// ---- maps and sets
/// Where the key is in the parts, or would go; `found` tells which.
[[nodiscard]] std::size_t find_key(const Value& table, const Value& key, const Ty* type, bool& found);
[[nodiscard]] std::size_t count_of(const Value& collection, const Ty* type);

/// The canonical bytes, as runtime/codec.hpp describes them.
void encode(const Value& value, const Ty* type, ByteWriter& out);
[[nodiscard]] Bytes encoded(const Value& value, const Ty* type);
/// The inverse, of bytes that `encode` wrote.
[[nodiscard]] Value decoded(const Ty* type, ByteReader& in);
/// Order-preserving bytes of a key, as runtime/codec.hpp describes them.
void encode_key(const Value& key, const Ty* type, ByteWriter& out);
/// For people.
[[nodiscard]] std::string show(const Value& value, const Ty* type);

} // namespace tally::agreement
