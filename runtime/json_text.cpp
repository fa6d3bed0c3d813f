#include "runtime/json_text.hpp"

#include "runtime/json_reader.hpp"

namespace tally {
namespace {

constexpr u64 exact_max = u64{1} << 53;

/// Length of the UTF-8 sequence at the front; 0 if there is none. Overlong forms and surrogates are
/// none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0U) != 0x80) return 0;
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool outside = (first == 0xed && byte(1) >= 0xa0) || (first == 0xf4 && byte(1) >= 0x90);
    return overlong || outside ? 0 : length;
}

void escape(std::string& out, unsigned char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u00";
    out += digits[c >> 4];
    out += digits[c & 15U];
}

} // namespace

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char c = text.front();
        if (length == 0)
            out += "\xef\xbf\xbd";
        else if (length == 1 && static_cast<unsigned char>(c) < 0x20)
            escape(out, static_cast<unsigned char>(c));
        else {
            if (c == '"' || c == '\\') out += '\\';
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out + "\"";
}

std::string json_number(u64 value) {
    const std::string digits = std::to_string(value);
    return value > exact_max ? "\"" + digits + "\"" : digits;
}

std::string json_number(i64 value) {
    if (value >= 0) return json_number(static_cast<u64>(value));
    const std::string digits = std::to_string(value);
    return value < -static_cast<i64>(exact_max) ? "\"" + digits + "\"" : digits;
}

std::string json_text(const Json& tree) {
    switch (tree.kind) {
    case Json::Kind::Null: return "null";
    case Json::Kind::Bool:
    case Json::Kind::Number: return tree.text;
    case Json::Kind::Text: return json_quoted(tree.text);
    case Json::Kind::Array: {
        JsonArray out;
        for (const Json& item : tree.items)
            out.raw(json_text(item));
        return out.done();
    }
    case Json::Kind::Object: {
        JsonObject out;
        for (std::size_t i = 0; i < tree.names.size(); ++i)
            out.raw(tree.names[i], json_text(tree.items[i]));
        return out.done();
    }
    }
    return "null";
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
    text_ += text_.empty() ? "{" : ", ";
    text_ += json_quoted(name);
    text_ += ": ";
    text_ += json;
    return *this;
}

} // namespace tally
