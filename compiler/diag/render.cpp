#include "compiler/diag/diag.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tally {
namespace {

struct Style {
    std::string_view red, blue, bold, off;
};
constexpr Style plain{"", "", "", ""};
constexpr Style coloured{"\x1b[1;31m", "\x1b[34m", "\x1b[1m", "\x1b[0m"};

void underline(std::string& out, const Sources& sources, Span span, std::string_view text, char mark,
               std::string_view colour, const Style& style) {
    const Place begin = sources.place(span.file, span.begin);
    const auto line = printable(sources.line_text(span.file, begin.line));
    const std::string number = std::to_string(begin.line);
    const std::string gutter(number.size() < 4 ? 4 - number.size() : 0, ' ');
    const std::size_t column = std::min<std::size_t>(begin.column - 1, line.size());
    const std::size_t width =
        std::max<std::size_t>(1, std::min<std::size_t>(span.end - span.begin, line.size() - column));
    out += std::string(style.blue) + gutter + number + " | " + std::string(style.off) + line + '\n';
    out += std::string(style.blue) + std::string(gutter.size() + number.size(), ' ') + " | " + std::string(style.off);
    out += std::string(column, ' ') + std::string(colour) + std::string(width, mark);
    if (!text.empty()) out += ' ' + std::string(text);
    out += std::string(style.off) + '\n';
}

void json_text(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void json_span(std::string& out, const Sources& sources, Span span) {
    const Place begin = sources.place(span.file, span.begin), end = sources.place(span.file, span.end);
    out += "\"file\":";
    json_text(out, sources.file(span.file).path);
    out += ",\"line\":" + std::to_string(begin.line) + ",\"column\":" + std::to_string(begin.column);
    out += ",\"end_line\":" + std::to_string(end.line) + ",\"end_column\":" + std::to_string(end.column);
}

/// Length of the UTF-8 character that starts here and its code point; length 0 if there is none.
std::pair<std::size_t, std::uint32_t> character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    if (length == 0 || length > text.size()) return {0, 0};
    std::uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text[k]);
        if ((next & 0xc0) != 0x80) return {0, 0};
        point = (point << 6) | (next & 0x3f);
    }
    return {length, point};
}

bool harmless(std::uint32_t point) {
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool hidden = (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x2069) || point == 0xfeff;
    return !control && !hidden;
}

} // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto [length, point] = character(text);
        if (point == '\t') out += ' ';
        else if (length > 0 && harmless(point)) out += text.substr(0, length);
        else out += '?';
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return out;
}

std::string render(const Sources& sources, const Diagnostic& d, Colour colour) {
    const Style& style = colour == Colour::On ? coloured : plain;
    std::string out = std::string(style.red) + "error[" + std::string(diag_info(d.kind).code) + "]" +
                      std::string(style.off) + std::string(style.bold) + ": " + printable(d.what()) + std::string(style.off);
    if (sources.count() == 0) return out + '\n';
    const Place at = sources.place(d.span.file, d.span.begin);
    out += "   " + printable(sources.file(d.span.file).path) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + "\n";
    for (const auto& label : d.labels) underline(out, sources, label.span, label.text, '-', style.blue, style);
    underline(out, sources, d.span, "", '^', style.red, style);
    if (const auto why = d.why(); !why.empty()) out += "  why: " + printable(why) + '\n';
    if (const auto fix = d.fix(); !fix.empty()) out += "  fix: " + printable(fix) + '\n';
    return out;
}

std::string render_json(const Sources& sources, const std::vector<Diagnostic>& diagnostics) {
    std::string out = "[";
    for (const auto& d : diagnostics) {
        if (out.size() > 1) out += ",\n ";
        out += "{\"code\":\"" + std::string(diag_info(d.kind).code) + "\",";
        if (sources.count() > 0) json_span(out, sources, d.span);
        out += ",\"what\":";
        json_text(out, d.what());
        out += ",\"why\":";
        json_text(out, d.why());
        out += ",\"fix\":";
        json_text(out, d.fix());
        out += ",\"labels\":[";
        for (std::size_t i = 0; i < d.labels.size(); ++i) {
            out += i == 0 ? "{" : ",{";
            json_span(out, sources, d.labels[i].span);
            out += ",\"text\":";
            json_text(out, d.labels[i].text);
            out += '}';
        }
        out += "]}";
    }
    return out + "]\n";
}

std::string render_short(const Sources& sources, const Diagnostic& d) {
    const Place begin = sources.place(d.span.file, d.span.begin), end = sources.place(d.span.file, d.span.end);
    return std::string(diag_info(d.kind).code) + " " + std::to_string(begin.line) + ":" + std::to_string(begin.column) +
           "-" + std::to_string(end.line) + ":" + std::to_string(end.column) + ": " + d.what();
}

} // namespace tally
