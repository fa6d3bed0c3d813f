#include "compiler/diag/diag.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

namespace tally {
namespace {

struct Style {
    std::string_view red, blue, bold, off;
};
/// Bytes of a source line that an excerpt shows.
constexpr std::size_t line_shown_max = 200;
constexpr Style plain{"", "", "", ""};
constexpr Style coloured{"\x1b[1;31m", "\x1b[34m", "\x1b[1m", "\x1b[0m"};

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

void json_labels(std::string& out, const Sources& sources, const Diagnostic& d) {
    out += ",\"labels\":[";
    for (std::size_t i = 0; i < d.labels.size(); ++i) {
        out += i == 0 ? "{" : ",{";
        json_span(out, sources, d.labels[i].span);
        out += ",\"text\":";
        json_text(out, d.labels[i].text);
        out += '}';
    }
    out += ']';
}

void json_suggestions(std::string& out, const Sources& sources, const Diagnostic& d) {
    out += ",\"suggestions\":[";
    for (std::size_t i = 0; i < d.suggestions.size(); ++i) {
        const auto& s = d.suggestions[i];
        out += (i == 0 ? "" : ",") + std::string("{\"applicability\":\"") + std::string(name_of(s.applicability)) + "\",\"edits\":[";
        for (std::size_t k = 0; k < s.edits.size(); ++k) {
            out += k == 0 ? "{" : ",{";
            json_span(out, sources, s.edits[k].span);
            out += ",\"begin\":" + std::to_string(s.edits[k].span.begin) + ",\"end\":" + std::to_string(s.edits[k].span.end);
            out += ",\"replacement\":";
            json_text(out, s.edits[k].replacement);
            out += '}';
        }
        out += "]}";
    }
    out += ']';
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

/// Columns on a terminal: an ideograph takes two.
std::size_t columns(std::string_view text) {
    std::size_t out = 0;
    while (!text.empty()) {
        const auto [length, point] = character(text);
        const bool wide = (point >= 0x1100 && point < 0x1160) || (point >= 0x2e80 && point < 0xa4d0) || (point >= 0xac00 && point < 0xd7a4) ||
                          (point >= 0xf900 && point < 0xfb00) || (point >= 0xfe30 && point < 0xfe70) || (point >= 0xff00 && point < 0xff61) ||
                          (point >= 0x1f300 && point < 0x1f650) || (point >= 0x20000 && point < 0x40000);
        out += wide ? 2 : 1;
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    return out;
}

/// What a terminal can show of a long line around a place in it, and where in that the place is.
std::pair<std::string_view, std::size_t> window(std::string_view line, std::size_t column) {
    constexpr std::size_t before = 80;
    if (line.size() <= line_shown_max) return {line, column};
    const auto boundary = [&](std::size_t at) { // of a character, which has at most three bytes behind its first
        for (int i = 0; i < 3 && at > 0 && at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80; ++i) --at;
        return at;
    };
    const auto from = boundary(column > before ? column - before : 0);
    const auto to = boundary(std::min(line.size(), from + line_shown_max));
    return {line.substr(from, to - from), column - from};
}

struct Mark {
    Span span;
    std::string_view text;
    bool primary;
};

void underline(std::string& out, const Sources& sources, const Mark& mark, bool show_line, std::size_t gutter, const Style& style) {
    const Place begin = sources.place(mark.span.file, mark.span.begin);
    const auto whole = sources.line_text(mark.span.file, begin.line);
    const std::string number = std::to_string(begin.line);
    const auto [line, column] = window(whole, std::min<std::size_t>(begin.column - 1, whole.size()));
    const std::size_t length = std::min<std::size_t>(mark.span.end - mark.span.begin, line.size() - column);
    const auto bar = std::string(style.blue) + " | " + std::string(style.off);
    if (show_line) out += std::string(style.blue) + std::string(gutter - number.size(), ' ') + number + bar + printable(line) + '\n';
    out += std::string(gutter, ' ') + bar + std::string(columns(line.substr(0, column)), ' ');
    out += std::string(mark.primary ? style.red : style.blue);
    out += std::string(std::max<std::size_t>(1, columns(line.substr(column, length))), mark.primary ? '^' : '-');
    if (!mark.text.empty()) out += ' ' + printable(mark.text);
    out += std::string(style.off) + '\n';
}

/// All places of a message in the order of the source, each line shown once; other files behind their name.
void excerpt(std::string& out, const Sources& sources, const Diagnostic& d, const Style& style) {
    std::vector<Mark> marks{{d.span, d.here, true}};
    for (const auto& label : d.labels) marks.push_back({label.span, label.text, false});
    const auto key = [&](const Mark& m) { return std::tuple(m.span.file != d.span.file, m.span.file, m.span.begin); };
    std::stable_sort(marks.begin(), marks.end(), [&](const Mark& a, const Mark& b) { return key(a) < key(b); });
    std::size_t gutter = 4;
    for (const auto& m : marks) gutter = std::max(gutter, std::to_string(sources.line(m.span)).size());
    std::pair<std::uint32_t, std::uint32_t> shown{d.span.file, 0};
    for (const auto& m : marks) {
        const std::pair at{m.span.file, sources.line(m.span)};
        if (at.first != shown.first) out += "  in " + printable(sources.file(at.first).path) + ":\n";
        const bool long_line = sources.line_text(at.first, at.second).size() > line_shown_max; // each shows its own part
        underline(out, sources, m, at != shown || long_line, gutter, style);
        shown = at;
    }
}

/// A choice as its author would read it: the line as it would be.
void choices(std::string& out, const Sources& sources, const Diagnostic& d) {
    for (const auto& s : d.suggestions) {
        if (s.applicability != Applicability::Choice || s.edits.empty()) continue;
        const Place first = sources.place(s.edits.front().span.file, s.edits.front().span.begin);
        const Place last = sources.place(s.edits.back().span.file, s.edits.back().span.end);
        if (first.line != last.line || sources.line_text(s.edits.front().span.file, first.line).size() > line_shown_max) continue;
        auto inside = s;
        const auto start = s.edits.front().span.begin - (first.column - 1);
        for (auto& edit : inside.edits) edit.span = {edit.span.file, edit.span.begin - start, edit.span.end - start};
        const auto line = applied(std::string(sources.line_text(s.edits.front().span.file, first.line)), inside);
        out += "   or: " + printable(line.substr(std::min(line.find_first_not_of(" \t"), line.size()))) + '\n';
    }
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
    excerpt(out, sources, d, style);
    if (const auto why = d.why(); !why.empty()) out += "  why: " + printable(why) + '\n';
    if (const auto fix = d.fix(); !fix.empty()) out += "  fix: " + printable(fix) + '\n';
    choices(out, sources, d);
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
        out += ",\"here\":";
        json_text(out, d.here);
        json_labels(out, sources, d);
        json_suggestions(out, sources, d);
        out += '}';
    }
    return out + "]\n";
}

std::string render_short(const Sources& sources, const Diagnostic& d) {
    const Place begin = sources.place(d.span.file, d.span.begin), end = sources.place(d.span.file, d.span.end);
    return std::string(diag_info(d.kind).code) + " " + std::to_string(begin.line) + ":" + std::to_string(begin.column) +
           "-" + std::to_string(end.line) + ":" + std::to_string(end.column) + ": " + d.what();
}

} // namespace tally
