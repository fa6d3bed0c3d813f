#include "node/log.hpp"

#include "runtime/json_text.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>

namespace tally::log {
namespace {

constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error", "off"};
constexpr spdlog::level::level_enum levels[] = {spdlog::level::trace, spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err, spdlog::level::off};

std::shared_ptr<spdlog::logger> logger;
Format form = Format::Text;

spdlog::level::level_enum of(Level level) { return levels[static_cast<std::size_t>(level)]; }

/// Bytes that are not printable ASCII as `\x1b`.
std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
            continue;
        }
        out += "\\x";
        out += digits[byte >> 4];
        out += digits[byte & 15U];
    }
    return out;
}

/// What a reader may take for one word.
bool is_plain(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; });
}

std::string now() {
    const auto time = std::chrono::system_clock::now();
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    const std::string fraction = std::to_string(1000 + millis).substr(1);
    return std::string(text, size) + "." + fraction + "Z";
}

} // namespace

void start(Level least, Format format) {
    form = format;
    logger = spdlog::stderr_logger_mt("tallyd");
    logger->set_level(of(least));
    if (format == Format::Json) logger->set_pattern("%v");
}

bool level_by_name(std::string_view name, Level& out) {
    const auto* const found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) return false;
    out = static_cast<Level>(found - std::begin(names));
    return true;
}

bool shows(Level level) { return logger && logger->should_log(of(level)); }

std::string as_text(std::string_view what, std::initializer_list<Field> fields) {
    std::string out(what);
    for (const Field& field : fields) {
        out += ' ';
        out += field.name;
        out += '=';
        out += is_plain(field.value) ? field.value : json_quoted(escaped(field.value));
    }
    return out;
}

std::string as_json(std::string_view time, Level level, std::string_view what, std::initializer_list<Field> fields) {
    JsonObject out;
    out.text("time", time).text("level", names[static_cast<std::size_t>(level)]).text("what", what);
    for (const Field& field : fields)
        out.raw(field.name, field.is_number ? field.value : json_quoted(escaped(field.value)));
    return out.done();
}

void line(Level level, std::string_view what, std::initializer_list<Field> fields) {
    if (!shows(level)) return;
    const std::string text = form == Format::Json ? as_json(now(), level, what, fields) : as_text(what, fields);
    logger->log(of(level), spdlog::string_view_t(text.data(), text.size()));
}

} // namespace tally::log
