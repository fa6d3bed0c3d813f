/// Lines for operators and their machines: what happened, then fields by name. As text
/// `[2026-11-23 06:00:38.528] [info] transaction in block intent=… height=7 trap=None`, or each line one
/// JSON object. Whatever comes from outside is escaped: no field ends a line or reaches a terminal.
#pragma once

#include "vm/value/int128.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace tally::log {

enum class Level { Trace, Debug, Info, Warn, Error, Off };
enum class Format { Text, Json };

/// To the standard error from now on. Before that nothing is written.
void start(Level least, Format format);
[[nodiscard]] bool level_by_name(std::string_view name, Level& out);
/// Whether a line of this level is written: ask before fields are put together that cost something.
[[nodiscard]] bool shows(Level level);

struct Field {
    std::string_view name;
    std::string value;
    bool is_number = false;

    Field(std::string_view called, std::string_view text) : name(called), value(text) {}
    Field(std::string_view called, const std::string& text) : name(called), value(text) {}
    Field(std::string_view called, const char* text) : name(called), value(text) {}
    template <typename Int>
        requires std::is_integral_v<Int>
    Field(std::string_view called, Int number) : name(called), value(std::to_string(number)), is_number(true) {}
};

void line(Level level, std::string_view what, std::initializer_list<Field> fields = {});

/// The line without its time and level, or as JSON with them. For tests.
[[nodiscard]] std::string as_text(std::string_view what, std::initializer_list<Field> fields);
[[nodiscard]] std::string as_json(std::string_view time, Level level, std::string_view what, std::initializer_list<Field> fields);

} // namespace tally::log
