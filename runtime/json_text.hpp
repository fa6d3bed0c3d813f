/// Writing JSON by hand: text in, text out, in the order in which it is written.
#pragma once

#include "vm/value/bytes.hpp"

#include <string>
#include <string_view>

namespace tally {

struct Json;

/// A JSON string; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_quoted(std::string_view text);
/// A number, or a string where a reader with 53-bit numbers would round it.
[[nodiscard]] std::string json_number(u64 value);
[[nodiscard]] std::string json_number(i64 value);
/// The text of a tree; numbers stay as they were written.
[[nodiscard]] std::string json_text(const Json& tree);

/// `{"a": 1, "b": "x"}`, member by member.
class JsonObject {
public:
    JsonObject& raw(std::string_view name, std::string_view json);
    JsonObject& text(std::string_view name, std::string_view value) {
        return raw(name, json_quoted(value));
    }
    template <typename Int> JsonObject& number(std::string_view name, Int value) {
        return raw(name, json_number(value));
    }
    JsonObject& flag(std::string_view name, bool value) {
        return raw(name, value ? "true" : "false");
    }
    [[nodiscard]] std::string done() { return (text_.empty() ? "{" : std::move(text_)) + "}"; }

private:
    std::string text_;
};

class JsonArray {
public:
    JsonArray& raw(std::string_view json) {
        text_ += text_.empty() ? "[" : ", ";
        text_ += json;
        return *this;
    }
    [[nodiscard]] std::string done() { return (text_.empty() ? "[" : std::move(text_)) + "]"; }

private:
    std::string text_;
};

} // namespace tally
