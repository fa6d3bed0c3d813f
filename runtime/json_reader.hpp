/// JSON text to a tree. Strict, bounded in depth, and without numbers: a number stays the text that
/// it was, so nothing is rounded on the way in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally {

struct Json {
    enum class Kind { Null, Bool, Number, Text, Array, Object };
    Kind kind = Kind::Null;
    std::string text;               ///< Bool, Number, Text
    std::vector<Json> items;        ///< of an array, or an object's members
    std::vector<std::string> names; ///< of an object's members, distinct, in their order
    /// Nothing if this is no object or has no such member.
    [[nodiscard]] const Json* member(std::string_view name) const {
        for (std::size_t i = 0; i < names.size(); ++i)
            if (names[i] == name) return &items[i];
        return nullptr;
    }
};

[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

} // namespace tally
