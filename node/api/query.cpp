#include "node/api/query.hpp"

#include <algorithm>
#include <charconv>

namespace tally {

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::optional<std::string> unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        unsigned value = 0;
        const char* const digits = text.data() + i + 1;
        if (i + 2 >= text.size() ||
            std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2)
            return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

std::optional<u64> whole_number(std::string_view text) {
    u64 value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<Routes::Query> Routes::Query::read(std::string_view target) {
    Query query;
    const std::size_t mark = target.find('?');
    if (mark == std::string_view::npos) return query;
    std::string_view rest = target.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        const auto name = unescape(pair.substr(0, equals));
        const auto value = unescape(equals == std::string_view::npos ? std::string_view()
                                                                     : pair.substr(equals + 1));
        if (!name || !value || !query.parameters.emplace(*name, *value).second) return std::nullopt;
    }
    return query;
}

std::string Routes::Query::text(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
}

std::optional<u64> Routes::Query::number(const std::string& name, u64 otherwise) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? otherwise : whole_number(found->second);
}

} // namespace tally
