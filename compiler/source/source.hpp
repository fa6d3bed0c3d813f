/// A source file in memory and places in it. The bottom of the compiler: everyone above points here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally {

/// Bytes [begin, end) of a file, by the file's number in the Sources.
struct Span {
    std::uint32_t file = 0, begin = 0, end = 0;
};

struct SourceFile {
    std::string path; ///< as the user wrote it
    std::string text;
    std::vector<std::uint32_t> line_starts;
    bool made = false; ///< by the compiler, from something that was written: its names may hold `__`
};

struct Place {
    std::uint32_t line, column; ///< from 1; the column counts bytes
};

class Sources {
public:
    std::uint32_t add(std::string path, std::string text, bool made = false);
    [[nodiscard]] const SourceFile& file(std::uint32_t number) const { return files_.at(number); }
    [[nodiscard]] std::size_t count() const { return files_.size(); }
    [[nodiscard]] Place place(std::uint32_t file, std::uint32_t offset) const;
    [[nodiscard]] std::uint32_t line(Span span) const { return place(span.file, span.begin).line; }
    [[nodiscard]] std::string_view line_text(std::uint32_t file, std::uint32_t line) const;

private:
    std::vector<SourceFile> files_;
};

inline constexpr std::size_t source_bytes_max = 1024 * 1024;
inline constexpr std::size_t nesting_max = 200;
inline constexpr std::size_t identifier_bytes_max = 255;

} // namespace tally
