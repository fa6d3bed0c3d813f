/// Proleptic Gregorian dates as days since 1970-01-01. No time of day, no zone, no locale.
#pragma once

#include "vm/value/int128.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// Days since 1970-01-01. Valid dates are 1900-01-01 … 2200-12-31.
using Date = i64;
inline constexpr Date date_min = -25567;
inline constexpr Date date_max = 84370;
[[nodiscard]] constexpr bool date_valid(Date d) { return d >= date_min && d <= date_max; }

struct Civil {
    i64 year;
    i64 month; ///< 1…12
    i64 day;   ///< 1…31
    friend bool operator==(const Civil&, const Civil&) = default;
};

/// All zeros when `d` is not a valid date.
[[nodiscard]] Civil civil_from_date(Date d);
/// Nothing when the month has no such day or the date is out of range.
[[nodiscard]] std::optional<Date> date_from_civil(i64 year, i64 month, i64 day);
/// Zero when there is no such month.
[[nodiscard]] i64 days_in_month(i64 year, i64 month);

/// What "one month after the 31st" means. The numbers are part of the bytecode.
enum class EndOfMonth : std::uint8_t {
    Clamp = 0,   ///< the last day of a month that is too short
    Roll = 1,    ///< the first day of the month after it
    KeepEom = 2, ///< like Clamp, and the last day of a month stays the last day
};
/// Nothing when the result is out of range.
[[nodiscard]] std::optional<Date> date_add_months(Date d, i64 months, EndOfMonth rule);

/// ISO 8601 calendar date, exactly `YYYY-MM-DD`.
[[nodiscard]] std::optional<Date> date_parse(std::string_view text);
[[nodiscard]] std::string date_text(Date d);

} // namespace tally
