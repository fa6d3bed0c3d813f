#include "compiler/source/source.hpp"

#include <algorithm>

namespace tally {

std::uint32_t Sources::add(std::string path, std::string text, bool made) {
    SourceFile file{std::move(path), std::move(text), {0}, made};
    for (std::uint32_t i = 0; i < file.text.size(); ++i)
        if (file.text[i] == '\n') file.line_starts.push_back(i + 1);
    files_.push_back(std::move(file));
    return static_cast<std::uint32_t>(files_.size() - 1);
}

Place Sources::place(std::uint32_t number, std::uint32_t offset) const {
    const auto& starts = file(number).line_starts;
    const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
    const auto line = static_cast<std::uint32_t>(after - starts.begin());
    return {line, offset - starts[line - 1] + 1};
}

std::string_view Sources::line_text(std::uint32_t number, std::uint32_t line) const {
    const auto& source = file(number);
    const std::size_t begin = source.line_starts.at(line - 1);
    std::size_t end = line < source.line_starts.size() ? source.line_starts[line] - 1 : source.text.size();
    if (end > begin && source.text[end - 1] == '\r') --end;
    return std::string_view(source.text).substr(begin, end - begin);
}

} // namespace tally
