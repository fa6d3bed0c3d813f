#include "tools/vectors/numbers.hpp"

#include "vm/value/date.hpp"
#include "vm/value/decimal_text.hpp"

#include <algorithm>
#include <charconv>

namespace tally {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::optional<int> small_number(std::string_view text) {
    int out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

i128 power_of_ten(int n) {
    i128 out = 1;
    for (int i = 0; i < n; ++i) out *= 10;
    return out;
}

/// Half-even on decimal digits: `digits` without its last `drop` ones.
void round_digits(std::string& digits, std::size_t drop) {
    const std::string rest = digits.substr(digits.size() - drop);
    digits.resize(digits.size() - drop);
    const bool tie = rest[0] == '5' && rest.find_first_not_of('0', 1) == std::string::npos;
    const bool odd = !digits.empty() && (digits.back() - '0') % 2 != 0;
    if (rest[0] < '5' || (tie && !odd)) return;
    std::size_t at = digits.size();
    while (at > 0 && digits[at - 1] == '9') digits[--at] = '0';
    if (at == 0) digits.insert(digits.begin(), '1');
    else ++digits[at - 1];
}

} // namespace

std::optional<CaseNumber> case_number(std::string_view text) {
    constexpr std::size_t length_max = 400;
    text = trimmed(text);
    if (text.size() > length_max) return std::nullopt;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    int exponent = 0;
    if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
        auto power = text.substr(e + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto parsed = small_number(power);
        if (!parsed || *parsed < -500 || *parsed > 500) return std::nullopt;
        exponent = *parsed;
        text = text.substr(0, e);
    }
    const auto point = std::min(text.find('.'), text.size());
    const auto whole = text.substr(0, point);
    const auto fraction = point == text.size() ? std::string_view() : text.substr(point + 1);
    if ((!whole.empty() && !all_digits(whole)) || (!fraction.empty() && !all_digits(fraction)) || (whole.empty() && fraction.empty())) return std::nullopt;
    // The digits as a whole number of 10^-places.
    std::string digits = std::string(whole) + std::string(fraction);
    const int places = static_cast<int>(fraction.size()) - exponent;
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    CaseNumber out;
    out.last_digit = places > decimal_scale ? 0 : power_of_ten(std::clamp(decimal_scale - places, 0, 36));
    if (places > decimal_scale) {
        const auto drop = static_cast<std::size_t>(places - decimal_scale);
        if (drop > digits.size()) digits.clear();
        else round_digits(digits, drop);
    } else if (!digits.empty()) {
        if (decimal_scale - places > 36) return std::nullopt;
        digits.append(static_cast<std::size_t>(decimal_scale - places), '0');
    }
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > 36) return std::nullopt;
    for (const char c : digits) out.value = out.value * 10 + (c - '0');
    if (negative) out.value = -out.value;
    return out;
}

std::optional<CaseTime> case_time(std::string_view text) {
    text = trimmed(text);
    constexpr std::size_t day_length = 10;
    const auto date = date_parse(text.substr(0, day_length));
    if (!date) return std::nullopt;
    CaseTime out{std::string(text.substr(0, day_length)), false};
    if (text.size() == day_length) return out;
    auto time = text.substr(day_length);
    // A time zone and parts of seconds of zero say nothing more.
    for (const std::string_view end : {"Z", "+00:00", ".000", ".0"})
        if (time.ends_with(end)) time.remove_suffix(end.size());
    if (time == "T00:00" || time == "T00:00:00" || time == " 00:00:00") return out;
    if (time == "T23:59:59" || time == "T23:59") return CaseTime{out.day, true};
    if ((time == "T24:00" || time == "T24:00:00") && date_valid(*date + 1)) return CaseTime{date_text(*date + 1), false};
    return std::nullopt;
}

std::optional<std::string> case_cycle(std::string_view text) {
    text = trimmed(text);
    std::string stub = "Short";
    if (text.ends_with("L0") || text.ends_with("L1")) {
        if (text.back() == '0') stub = "Long";
        text.remove_suffix(2);
    } else if (text.ends_with('+') || text.ends_with('-')) {
        if (text.back() == '+') stub = "Long";
        text.remove_suffix(1);
    }
    if (text.starts_with('P')) text.remove_prefix(1);
    if (text.size() < 2 || std::string_view("DWMQHY").find(text.back()) == std::string_view::npos) return std::nullopt;
    const auto length = text.substr(0, text.size() - 1);
    const auto number = all_digits(length) ? small_number(length) : std::nullopt;
    constexpr int length_max = 10'000;
    if (!number || *number > length_max) return std::nullopt;
    if (*number == 0) return "null";
    return "{\"length\": " + std::to_string(*number) + ", \"unit\": \"" + std::string(1, text.back()) + "\", \"stub\": \"" + stub + "\"}";
}

} // namespace tally
