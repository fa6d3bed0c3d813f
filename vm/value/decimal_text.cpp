#include "vm/value/decimal_text.hpp"

#include "vm/value/wide_division.hpp"

#include <algorithm>
#include <cstddef>

namespace tally {
namespace {

std::string digits_text(u128 v) {
    std::string digits;
    do {
        digits += static_cast<char>('0' + static_cast<int>(v % 10));
        v /= 10;
    } while (v != 0);
    std::reverse(digits.begin(), digits.end());
    return digits;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool append_digit(u128& value, unsigned digit) {
    return mul_fits(value, u128{10}, value) && add_fits(value, u128{digit}, value);
}

/// Takes digits, with single underscores between them, from the front of `text`.
/// The number of digits taken; 0 is a fault: no digit, a stray underscore, or too large a value.
std::size_t take_digits(std::string_view& text, u128& value) {
    std::size_t count = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] != '.'; ++at) {
        const bool between =
            at > 0 && is_digit(text[at - 1]) && at + 1 < text.size() && is_digit(text[at + 1]);
        if (text[at] == '_' && between) continue;
        if (!is_digit(text[at])) return 0;
        if (!append_digit(value, static_cast<unsigned>(text[at] - '0'))) return 0;
        ++count;
    }
    text.remove_prefix(at);
    return count;
}

} // namespace

std::string decimal_text(i128 units, int scale) {
    const auto places = static_cast<std::size_t>(std::max(scale, 0));
    std::string digits = digits_text(magnitude(units));
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    if (places != 0) digits.insert(digits.size() - places, 1, '.');
    return units < 0 ? "-" + digits : digits;
}

std::optional<i128> decimal_parse(std::string_view text, int scale) {
    auto missing = static_cast<std::size_t>(std::max(scale, 0));
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    u128 value = 0;
    if (take_digits(text, value) == 0) return std::nullopt;
    if (!text.empty()) {
        text.remove_prefix(1); // the point, the only character at which digits stop
        const std::size_t count = take_digits(text, value);
        if (count == 0 || count > missing || !text.empty()) return std::nullopt;
        missing -= count;
    }
    for (; missing != 0; --missing) {
        if (!append_digit(value, 0)) return std::nullopt;
    }
    i128 out = 0;
    if (signed_result(negative, value, out) != Arithmetic::Ok) return std::nullopt;
    return out;
}

std::string int_text(i128 value) { return decimal_text(value, 0); }

} // namespace tally
