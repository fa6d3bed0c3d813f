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

Result<Routes::Query> Routes::Query::read(std::string_view target, const Route& route) {
    Query query;
    const std::string_view path = path_of(target);
    if (route.takes_part()) {
        auto part = unescape(path.substr(route.stem().size()));
        if (!part) return bad_parameter("the path");
        query.part = std::move(*part);
    }
    std::string_view rest = target.substr(std::min(target.size(), path.size() + 1));
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        const auto name = unescape(pair.substr(0, equals));
        const auto value = unescape(equals == std::string_view::npos ? std::string_view()
                                                                     : pair.substr(equals + 1));
        if (!name || !value) return bad_parameter("the query");
        if (!route.takes(*name)) return bad_parameter("`" + *name + "` is not one of `" + std::string(route.path) + "`");
        if (!query.parameters.emplace(*name, *value).second) return bad_parameter("`" + *name + "` comes twice");
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
