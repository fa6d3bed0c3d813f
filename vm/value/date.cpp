#include "vm/value/date.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tally {
namespace {

constexpr i64 year_min = 1900;
constexpr i64 year_max = 2200;
constexpr i64 months_span = (year_max - year_min + 1) * 12;

constexpr i64 days_per_era = 146'097;       // 400 years
constexpr i64 epoch_from_march_0 = 719'468; // 0000-03-01 … 1970-01-01

constexpr bool leap(i64 year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/// Counts from 1 March, so that the leap day is the last of its year. Year, month and day are
/// valid and the year is positive, so every division below is of a number that is not negative.
/// Source: H. Hinnant, howardhinnant.github.io/date_algorithms.html, days_from_civil.
constexpr Date days_from_civil(const Civil& c) {
    const i64 year = c.month <= 2 ? c.year - 1 : c.year;
    const i64 era = year / 400;
    const i64 year_of_era = year - era * 400;
    const i64 month_from_march = (c.month + 9) % 12;
    const i64 day_of_year = (153 * month_from_march + 2) / 5 + c.day - 1;
    const i64 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * days_per_era + day_of_era - epoch_from_march_0;
}
static_assert(days_from_civil({year_min, 1, 1}) == date_min);
static_assert(days_from_civil({year_max, 12, 31}) == date_max);

/// −1 unless every character is a digit.
i64 digits_value(std::string_view text) {
    i64 value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

void append_padded(std::string& out, i64 value, std::size_t width) {
    const auto digits = std::to_string(value);
    out.append(width - std::min(width, digits.size()), '0');
    out += digits;
}

} // namespace

Civil civil_from_date(Date d) {
    if (!date_valid(d)) return {};
    const i64 days = d + epoch_from_march_0;
    const i64 era = days / days_per_era;
    const i64 day_of_era = days - era * days_per_era;
    const i64 year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const i64 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const i64 month_from_march = (5 * day_of_year + 2) / 153;
    const i64 day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const i64 month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

std::optional<Date> date_from_civil(i64 year, i64 month, i64 day) {
    if (year < year_min || year > year_max) return std::nullopt;
    if (day < 1 || day > days_in_month(year, month)) return std::nullopt;
    return days_from_civil({year, month, day});
}

i64 days_in_month(i64 year, i64 month) {
    constexpr std::array<i64, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap(year) ? 1 : 0);
}

std::optional<Date> date_add_months(Date d, i64 months, EndOfMonth rule) {
    // The bound on the months also keeps the count below from ever being negative.
    if (!date_valid(d) || months > months_span || months < -months_span) return std::nullopt;
    const Civil from = civil_from_date(d);
    const i64 count = from.year * 12 + from.month - 1 + months;
    const i64 year = count / 12;
    const i64 month = count % 12 + 1;
    const i64 last = days_in_month(year, month);
    const bool was_last = from.day == days_in_month(from.year, from.month);
    if (rule == EndOfMonth::KeepEom && was_last) return date_from_civil(year, month, last);
    // December never runs over, so the month after it is always in the same year.
    if (rule == EndOfMonth::Roll && from.day > last) return date_from_civil(year, month + 1, 1);
    return date_from_civil(year, month, std::min(from.day, last));
}

std::optional<Date> date_parse(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    return date_from_civil(digits_value(text.substr(0, 4)), digits_value(text.substr(5, 2)),
                           digits_value(text.substr(8, 2)));
}

std::string date_text(Date d) {
    const Civil c = civil_from_date(d);
    std::string out;
    append_padded(out, c.year, 4);
    out += '-';
    append_padded(out, c.month, 2);
    out += '-';
    append_padded(out, c.day, 2);
    return out;
}

} // namespace tally
