/// JSON text to a tree. Strict, bounded in depth, and without numbers: a number stays the text that it
/// was, so nothing is rounded on the way in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally {

struct Json {
    enum class Kind { Null, Bool, Number, Text, Array, Object };
    Kind kind = Kind::Null;
    std::string text; ///< Bool, Number, Text
    std::vector<Json> items;
    std::vector<std::pair<std::string, Json>> members; ///< names are distinct
    /// Nothing if this is no object or has no such member.
    [[nodiscard]] const Json* member(std::string_view name) const {
        for (const auto& [key, value] : members)
            if (key == name) return &value;
        return nullptr;
    }
};

[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

} // namespace tally
