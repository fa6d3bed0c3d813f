#include "tests/agreement/value.hpp"

#include "vm/value/decimal_text.hpp"

namespace tally::agreement {
namespace {

bool all_same(const std::vector<Value>& a, const std::vector<Value>& b,
              const std::vector<const Ty*>& types) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!same(a[i], b[i], types[i % types.size()])) return false;
    return true;
}

bool has_parts(const Ty* type) {
    return type->is(Kind::Record) || type->is(Kind::Optional) || type->collection();
}

bool is_string(const Ty* type) { return type->is(Kind::Text) || type->is(Kind::Blob); }

int order_of(i128 a, i128 b) { return a < b ? -1 : a > b ? 1 : 0; }

} // namespace

std::vector<const Ty*> part_types(const Ty* type) {
    if (type->is(Kind::Map)) return {type->key, type->element};
    if (!type->is(Kind::Record)) return {type->element};
    std::vector<const Ty*> out;
    for (const auto& field : type->record->fields) out.push_back(field.type);
    return out;
}

bool alive(const Ty* type, std::size_t field, i128 present) {
    const auto* of = type->is(Kind::Record) ? type->record->variant_of : nullptr;
    if (of == nullptr || field == 0) return true;
    const bool known = present >= 0 && present < static_cast<i128>(of->cases.size());
    return known && type->record->fields[field].name.starts_with(of->cases[static_cast<std::size_t>(present)] + ".");
}

Value number(i128 v) {
    Value out;
    out.number = v;
    return out;
}

Value zero_of(const Ty* type) {
    Value out;
    if (type->is(Kind::Record))
        for (const auto& field : type->record->fields) out.parts.push_back(zero_of(field.type));
    return out;
}

bool same(const Value& a, const Value& b, const Ty* type) {
    if (is_string(type)) return a.text == b.text;
    // A half equals two quarters; what nobody has set equals only itself.
    if (type->is(Kind::Fraction))
        return (a.below == 0) == (b.below == 0) && a.number * b.below == b.number * a.below;
    if (has_parts(type)) return all_same(a.parts, b.parts, part_types(type));
    return a.number == b.number;
}

int order(const Value& a, const Value& b, const Ty* type) {
    if (!type->is(Kind::Record)) return order_of(a.number, b.number);
    for (std::size_t i = 0; i < a.parts.size(); ++i)
        if (const int o = order(a.parts[i], b.parts[i], type->record->fields[i].type); o != 0)
            return o;
    return 0;
}

std::size_t find_key(const Value& table, const Value& key, const Ty* type, bool& found) {
    const bool map = type->is(Kind::Map);
    std::size_t at = 0;
    for (; at < table.parts.size(); at += map ? 2U : 1U) {
        const int o = order(table.parts[at], key, map ? type->key : type->element);
        found = o == 0;
        if (o >= 0) return at;
    }
    found = false;
    return at;
}

std::size_t count_of(const Value& collection, const Ty* type) {
    return collection.parts.size() / (type->is(Kind::Map) ? 2 : 1);
}

void encode(const Value& value, const Ty* type, ByteWriter& out) {
    if (is_string(type)) return out.text(value.text);
    if (type->collection()) out.uvarint(count_of(value, type));
    if (type->is(Kind::Optional)) out.u8(value.parts.empty() ? 0 : 1);
    if (has_parts(type)) {
        const auto types = part_types(type);
        for (std::size_t i = 0; i < value.parts.size(); ++i)
            if (alive(type, i, value.parts[0].number)) encode(value.parts[i], types[i % types.size()], out);
        return;
    }
    if (type->wide()) return out.varint128(value.number);
    out.varint(static_cast<i64>(value.number));
    if (type->is(Kind::Fraction)) out.varint(static_cast<i64>(value.below));
}

Bytes encoded(const Value& value, const Ty* type) {
    ByteWriter out;
    encode(value, type, out);
    return out.take();
}

Value decoded(const Ty* type, ByteReader& in) {
    Value out;
    if (is_string(type)) {
        out.text = as_text(in.bytes(4096));
    } else if (has_parts(type)) {
        const auto types = part_types(type);
        std::size_t count = types.size();
        if (type->collection()) count = in.count(65536) * types.size();
        if (type->is(Kind::Optional)) count = in.u8();
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            const Ty* part = types[i % types.size()];
            out.parts.push_back(i == 0 || alive(type, i, out.parts[0].number) ? decoded(part, in) : zero_of(part));
        }
    } else {
        out.number = type->wide() ? in.varint128() : in.varint();
        if (type->is(Kind::Fraction)) out.below = in.varint();
    }
    return out;
}

void encode_key(const Value& key, const Ty* type, ByteWriter& out) {
    if (type->is(Kind::Record)) {
        for (std::size_t i = 0; i < key.parts.size(); ++i)
            encode_key(key.parts[i], type->record->fields[i].type, out);
        return;
    }
    if (type->wide()) out.i128be(key.number);
    else out.i64be(static_cast<i64>(key.number));
}

std::string show(const Value& value, const Ty* type) {
    if (is_string(type)) return "\"" + value.text + "\"";
    if (type->is(Kind::Fraction)) return int_text(value.number) + "/" + int_text(value.below);
    if (!has_parts(type)) return int_text(value.number);
    const auto types = part_types(type);
    std::string out;
    for (std::size_t i = 0; i < value.parts.size(); ++i)
        out += (i == 0 ? "" : ", ") + show(value.parts[i], types[i % types.size()]);
    return type->is(Kind::Record) ? type->record->name + "{" + out + "}" : "[" + out + "]";
}

} // namespace tally::agreement
