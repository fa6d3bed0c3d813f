// Values as people read them. The reader takes what the writer wrote, and a number where the writer
// gives a string.
#include "runtime/codec.hpp"

#include "runtime/json_reader.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/engine/natives.hpp"
#include "vm/value/date.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace tally {
namespace {

std::string quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (byte >= 0x20) {
            out += c;
            continue;
        }
        out += "\\u00";
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out + "\"";
}

/// `0.036` rather than eighteen digits.
std::string trimmed_decimal(i128 value) {
    std::string text = decimal_text(value, decimal_scale);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string hex_of(const std::uint8_t* limbs) {
    ByteWriter out;
    for (int limb = 3; limb >= 0; --limb)
        out.u64be(read_word<u64>(limbs + 8 * limb));
    return hex(out.data());
}

class JsonWriter {
public:
    JsonWriter(const Program& program, const Names& names) : program_(program), names_(names) {}

    std::string value(std::uint32_t number, const std::uint8_t* at) const {
        const Type& type = program_.module.types[number];
        const Layout& layout = program_.facts.layouts[number];
        switch (type.kind) {
        case TypeKind::Unit:
        case TypeKind::Cash: return "null";
        case TypeKind::Amount:
        case TypeKind::Money:
            return quoted(decimal_text(read_word<i128>(at), names_.money_exponent));
        case TypeKind::Rate:
        case TypeKind::Decimal: return quoted(trimmed_decimal(read_word<i128>(at)));
        case TypeKind::Fraction:
            return quoted(int_text(read_word<i64>(at)) + "/" + int_text(read_word<i64>(at + 8)));
        case TypeKind::Number: return quoted(int_text(read_word<i128>(at)));
        case TypeKind::Text: return text(type, layout, at);
        case TypeKind::Blob: return bytes(type, layout, at);
        case TypeKind::Variant: return variant(type, layout, at);
        case TypeKind::Record: return record(type, layout, at);
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return collection(type, layout, at);
        case TypeKind::Optional:
            return read_word<u64>(at) == 1 ? value(type.element, at + layout.first) : "null";
        case TypeKind::Accrual:
            return "{\"sum\": " + quoted("0x" + hex_of(at)) +
                   ", \"until\": " + date(read_word<i64>(at + 32)) + "}";
        default: return word(type, read_word<i64>(at));
        }
    }

private:
    static std::string date(i64 days) {
        const std::string text = date_text(days);
        return text.empty() ? int_text(days) : quoted(text);
    }

    std::string word(const Type& type, i64 value) const {
        switch (type.kind) {
        case TypeKind::Bool: return value != 0 ? "true" : "false";
        case TypeKind::Date: return date(value);
        case TypeKind::Party: return party(static_cast<u64>(value));
        case TypeKind::Enum:
            if (value >= 0 && static_cast<u64>(value) < type.cases.size())
                return quoted(type.cases[static_cast<std::size_t>(value)]);
            return int_text(value);
        default: return int_text(value);
        }
    }

    std::string party(u64 id) const {
        const std::string name = names_.party && id != 0 ? names_.party(id) : std::string();
        return name.empty() ? int_text(i128{id}) : quoted(name);
    }

    static std::string text(const Type& type, const Layout& layout, const std::uint8_t* at) {
        const u64 count = std::min<u64>(read_word<u64>(at), type.max);
        return quoted(as_text({at + layout.first, static_cast<std::size_t>(count)}));
    }

    static std::string bytes(const Type& type, const Layout& layout, const std::uint8_t* at) {
        const u64 count = std::min<u64>(read_word<u64>(at), type.max);
        return quoted(hex({at + layout.first, static_cast<std::size_t>(count)}));
    }

    /// `"Fixed"`, or with fields `{"Fixed": {"rate": "0.05"}}`.
    std::string variant(const Type& type, const Layout& layout, const std::uint8_t* at) const {
        const auto& cases = program_.module.types[type.fields[0].type].cases;
        const u64 which = read_word<u64>(at);
        if (which >= cases.size()) return int_text(i128{which});
        std::string fields;
        for (std::size_t i = 1; i < type.fields.size(); ++i) {
            if (!variant_field_alive(type, i, cases[which])) continue;
            if (!fields.empty()) fields += ", ";
            fields += quoted(type.fields[i].name.substr(cases[which].size() + 1)) + ": " + value(type.fields[i].type, at + layout.offsets[i]);
        }
        if (fields.empty()) return quoted(cases[which]);
        return "{" + quoted(cases[which]) + ": {" + fields + "}}";
    }

    std::string record(const Type& type, const Layout& layout, const std::uint8_t* at) const {
        std::string out = "{";
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const Field& field = type.fields[i];
            if (i != 0) out += ", ";
            out += quoted(field.name) + ": " + value(field.type, at + layout.offsets[i]);
        }
        return out + "}";
    }

    std::string collection(const Type& type, const Layout& layout, const std::uint8_t* at) const {
        if (layout.size == 0) return "null";
        const u64 count = std::min<u64>(read_word<u64>(at), type.max);
        const std::uint8_t* item = at + layout.first;
        std::string out = "[";
        for (u64 i = 0; i < count; ++i, item += layout.stride) {
            if (i != 0) out += ", ";
            const std::string element = value(type.element, item + layout.value);
            if (type.kind != TypeKind::Map)
                out += element;
            else
                out += "{\"key\": " + value(type.key, item) + ", \"value\": " + element + "}";
        }
        return out + "]";
    }

    const Program& program_;
    const Names& names_;
};

// ---- reading ------------------------------------------------------------------------------------

using Problem = std::optional<std::string>;

class ValueReader {
public:
    ValueReader(const Program& program, int money_exponent,
                const std::function<u64(const std::string&)>& party_id)
        : program_(program), money_exponent_(money_exponent), party_id_(party_id) {}

    /// Into zeroed memory.
    Problem value(std::uint32_t number, const Json& json, std::uint8_t* at) const {
        const Type& type = program_.module.types[number];
        const Layout& layout = program_.facts.layouts[number];
        switch (type.kind) {
        case TypeKind::Unit: return std::nullopt;
        case TypeKind::Cash:
        case TypeKind::Accrual: return "this cannot be written down";
        case TypeKind::Amount:
        case TypeKind::Money: return wide(json, money_exponent_, "an amount", at);
        case TypeKind::Rate:
        case TypeKind::Decimal: return wide(json, decimal_scale, "a decimal number", at);
        case TypeKind::Fraction: return fraction(json, at);
        case TypeKind::Number: return wide(json, 0, "a whole number", at);
        case TypeKind::Text: return text(type, layout, json, at);
        case TypeKind::Blob: return bytes(type, layout, json, at);
        case TypeKind::Variant: return variant(type, layout, json, at);
        case TypeKind::Record: return record(type, layout, json, at);
        case TypeKind::List:
        case TypeKind::Set: return sequence(type, layout, json, at);
        case TypeKind::Map: return map(type, layout, json, at);
        case TypeKind::Optional:
            if (json.kind == Json::Kind::Null) return std::nullopt;
            write_word(at, u64{1});
            return value(type.element, json, at + layout.first);
        default: return word(type, json, at);
        }
    }

private:
    static bool plain(const Json& json) {
        return json.kind == Json::Kind::Text || json.kind == Json::Kind::Number;
    }

    static Problem wide(const Json& json, int scale, const char* what, std::uint8_t* at) {
        const auto number = plain(json) ? decimal_parse(json.text, scale) : std::nullopt;
        if (!number) return std::string("expected ") + what;
        write_word(at, *number);
        return std::nullopt;
    }

    static std::optional<i64> whole(std::string_view text) {
        const auto number = decimal_parse(text, 0);
        if (!number || i128{static_cast<i64>(*number)} != *number) return std::nullopt;
        return static_cast<i64>(*number);
    }

    static Problem fraction(const Json& json, std::uint8_t* at) {
        const std::size_t bar = json.text.find('/');
        const bool has_bar = plain(json) && bar != std::string::npos;
        auto numerator = plain(json) ? whole(json.text.substr(0, bar)) : std::nullopt;
        auto denominator = has_bar ? whole(json.text.substr(bar + 1)) : std::optional<i64>(1);
        if (!numerator || !denominator || *denominator <= 0 || *numerator == INT64_MIN)
            return "expected a fraction such as \"2/3\"";
        const i64 common = std::gcd(*numerator, *denominator);
        write_word(at, *numerator / common);
        write_word(at + 8, *denominator / common);
        return std::nullopt;
    }

    static Problem text(const Type& type, const Layout& layout, const Json& json,
                        std::uint8_t* at) {
        if (json.kind != Json::Kind::Text) return "expected a text";
        if (json.text.size() > type.max)
            return "the text is longer than " + std::to_string(type.max) + " bytes";
        write_word(at, static_cast<u64>(json.text.size()));
        std::copy(json.text.begin(), json.text.end(), at + layout.first);
        return std::nullopt;
    }

    static Problem bytes(const Type& type, const Layout& layout, const Json& json, std::uint8_t* at) {
        Bytes raw;
        if (json.kind != Json::Kind::Text || !unhex(json.text, raw)) return "expected bytes as pairs of hexadecimal digits";
        if (raw.size() > type.max) return "more than " + std::to_string(type.max) + " bytes";
        write_word(at, static_cast<u64>(raw.size()));
        std::copy(raw.begin(), raw.end(), at + layout.first);
        return std::nullopt;
    }

    Problem variant(const Type& type, const Layout& layout, const Json& json, std::uint8_t* at) const {
        const bool with_fields = json.kind == Json::Kind::Object && json.names.size() == 1 && json.items[0].kind == Json::Kind::Object;
        const Type& tag = program_.module.types[type.fields[0].type];
        const auto number = with_fields ? case_number(tag, json.names[0]) : json.kind == Json::Kind::Text ? case_number(tag, json.text) : std::nullopt;
        if (!number) return "expected a case of " + type.name + R"(, such as "Case" or {"Case": {"field": …}})";
        const std::string name(tag.cases[static_cast<std::size_t>(*number)]);
        write_word(at, *number);
        std::size_t taken = 0;
        for (std::size_t i = 1; i < type.fields.size(); ++i) {
            if (!variant_field_alive(type, i, name)) continue;
            const std::string field(type.fields[i].name.substr(name.size() + 1));
            const Json* const member = with_fields ? json.items[0].member(field) : nullptr;
            if (member == nullptr) return "the field `" + field + "` of " + name + " is missing";
            if (auto problem = value(type.fields[i].type, *member, at + layout.offsets[i])) return "`" + field + "`: " + *problem;
            ++taken;
        }
        if (with_fields && json.items[0].names.size() > taken) return "there are too many fields for " + name;
        return std::nullopt;
    }

    Problem word(const Type& type, const Json& json, std::uint8_t* at) const {
        std::optional<i64> number;
        std::string what = "a whole number";
        if (type.kind == TypeKind::Bool) {
            what = "true or false";
            if (json.kind == Json::Kind::Bool) number = json.text == "true" ? 1 : 0;
        } else if (type.kind == TypeKind::Date) {
            what = "a date such as \"2026-03-31\"";
            if (json.kind == Json::Kind::Text) number = date_parse(json.text);
        } else if (type.kind == TypeKind::Enum) {
            what = "one of the cases of " + type.name;
            if (json.kind == Json::Kind::Text) number = case_number(type, json.text);
        } else if (type.kind == TypeKind::Party && json.kind == Json::Kind::Text) {
            const u64 id = party_id_ ? party_id_(json.text) : 0;
            if (id == 0) return "no party is called \"" + json.text + "\"";
            number = static_cast<i64>(id);
        } else if (plain(json)) {
            number = whole(json.text);
        }
        if (!number) return "expected " + what;
        write_word(at, *number);
        return std::nullopt;
    }

    static std::optional<i64> case_number(const Type& type, const std::string& name) {
        const auto found = std::find(type.cases.begin(), type.cases.end(), name);
        if (found == type.cases.end()) return std::nullopt;
        return found - type.cases.begin();
    }

    Problem record(const Type& type, const Layout& layout, const Json& json,
                   std::uint8_t* at) const {
        if (json.kind != Json::Kind::Object)
            return "expected an object with the fields of " + type.name;
        if (json.names.size() > type.fields.size())
            return "there are too many fields for " + type.name;
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const Field& field = type.fields[i];
            const Json* const member = json.member(field.name);
            const bool optional = program_.module.types[field.type].kind == TypeKind::Optional;
            if (member == nullptr && optional) continue;
            if (member == nullptr) return "the field `" + std::string(field.name) + "` is missing";
            if (auto problem = value(field.type, *member, at + layout.offsets[i]))
                return "`" + std::string(field.name) + "`: " + *problem;
        }
        return std::nullopt;
    }

    Problem count(const Type& type, const Json& json) const {
        if (json.kind != Json::Kind::Array) return "expected a list";
        if (json.items.size() > type.max)
            return "more than " + std::to_string(type.max) + " elements";
        return std::nullopt;
    }

    Problem sequence(const Type& type, const Layout& layout, const Json& json,
                     std::uint8_t* at) const {
        if (auto problem = count(type, json)) return problem;
        write_word(at, static_cast<u64>(json.items.size()));
        std::uint8_t* item = at + layout.first;
        for (const Json& element : json.items) {
            if (auto problem = value(type.element, element, item)) return problem;
            item += layout.stride;
        }
        if (type.kind == TypeKind::List) return std::nullopt;
        return sort(type.element, layout, json.items.size(), at);
    }

    Problem map(const Type& type, const Layout& layout, const Json& json, std::uint8_t* at) const {
        if (layout.size == 0) return "this cannot be written down";
        if (auto problem = count(type, json)) return problem;
        write_word(at, static_cast<u64>(json.items.size()));
        std::uint8_t* item = at + layout.first;
        for (const Json& pair : json.items) {
            const Json* const key = pair.member("key");
            const Json* const element = pair.member("value");
            if (key == nullptr || element == nullptr || pair.names.size() != 2)
                return "expected {\"key\": …, \"value\": …}";
            if (auto problem = value(type.key, *key, item)) return problem;
            if (auto problem = value(type.element, *element, item + layout.value)) return problem;
            item += layout.stride;
        }
        return sort(type.key, layout, json.items.size(), at);
    }

    Problem sort(std::uint32_t key, const Layout& layout, std::size_t count,
                 std::uint8_t* at) const {
        std::vector<Bytes> items;
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint8_t* const item = at + layout.first + i * layout.stride;
            items.emplace_back(item, item + layout.stride);
        }
        std::sort(items.begin(), items.end(), [&](const Bytes& a, const Bytes& b) {
            return compare_keys(program_, key, a.data(), b.data()) < 0;
        });
        for (std::size_t i = 0; i < count; ++i) {
            if (i != 0 && compare_keys(program_, key, items[i - 1].data(), items[i].data()) == 0)
                return "the same key twice";
            std::copy(items[i].begin(), items[i].end(), at + layout.first + i * layout.stride);
        }
        return std::nullopt;
    }

    const Program& program_;
    int money_exponent_;
    const std::function<u64(const std::string&)>& party_id_;
};

/// Zeroed memory with the alignment that values ask for.
std::vector<std::uint8_t> memory_for(const Program& program, std::uint32_t type) {
    return std::vector<std::uint8_t>(std::max<std::size_t>(program.facts.layouts[type].size, 16));
}

} // namespace

std::string json_of(const Program& program, std::uint32_t type, const std::uint8_t* at,
                    const Names& names) {
    return JsonWriter(program, names).value(type, at);
}

std::string json_of_bytes(const Program& program, std::uint32_t type, ByteView bytes,
                          const Names& names) {
    if (type >= program.module.types.size()) return "null";
    auto memory = memory_for(program, type);
    ByteReader in(bytes);
    if (!decode_value(program, type, in, memory.data()) || !in.done()) return "null";
    return json_of(program, type, memory.data(), names);
}

std::optional<std::string> bytes_of_json(const Program& program, std::uint32_t type,
                                         std::string_view json, int money_exponent,
                                         const std::function<u64(const std::string&)>& party_id,
                                         ByteWriter& out) {
    if (type >= program.module.types.size()) return "no such type";
    const auto tree = parse_json(json);
    if (!tree) return "this is not JSON";
    auto memory = memory_for(program, type);
    if (auto problem =
            ValueReader(program, money_exponent, party_id).value(type, *tree, memory.data()))
        return problem;
    if (!encode_value(program, type, memory.data(), out)) return "a value is outside its type";
    return std::nullopt;
}

} // namespace tally
