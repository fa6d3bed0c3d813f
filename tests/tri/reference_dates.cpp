// The calendar counted year by year and month by month from 1900 on.
#include "tests/tri/reference_natives.hpp"

#include <optional>

namespace tally::tri {
namespace {

constexpr i64 first_year = 1900, last_year = 2200;
constexpr i64 first_day = -25567; ///< 1900-01-01, in days since 1970-01-01

struct Day {
    i64 year, month, day;
};

i64 days_of_month(i64 year, i64 month) {
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    constexpr std::array<i64, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

std::optional<Day> day_of(i64 date) {
    if (date < first_day || date > first_day + 366 * (last_year - first_year + 1)) return std::nullopt;
    i64 left = date - first_day;
    for (i64 year = first_year; year <= last_year; ++year)
        for (i64 month = 1; month <= 12; ++month) {
            if (left < days_of_month(year, month)) return Day{year, month, left + 1};
            left -= days_of_month(year, month);
        }
    return std::nullopt;
}

Trap give(const HostCall& args, const Day& d) {
    if (d.year < first_year || d.year > last_year || d.day > days_of_month(d.year, d.month)) return Trap::BadDate;
    i64 date = first_day + d.day - 1;
    for (i64 year = first_year; year <= d.year; ++year)
        for (i64 month = 1; month <= (year < d.year ? 12 : d.month - 1); ++month) date += days_of_month(year, month);
    args.x[0] = static_cast<u64>(date);
    return Trap::None;
}

enum EndRule : u64 { Clamp, Roll, KeepEnd };

Trap add_months(const HostCall& args) {
    const u64 rule = args.x[2];
    if (rule > KeepEnd) return Trap::BadArgument;
    const auto from = day_of(static_cast<i64>(args.x[0]));
    const auto months = static_cast<i64>(args.x[1]);
    constexpr i64 span = 12 * (last_year - first_year + 1);
    if (!from || months > span || months < -span) return Trap::BadDate;
    const i64 count = 12 * (from->year - first_year) + from->month - 1 + months;
    if (count < 0 || count >= span) return Trap::BadDate;
    Day to{first_year + count / 12, count % 12 + 1, from->day};
    const i64 last = days_of_month(to.year, to.month);
    const bool was_last = from->day == days_of_month(from->year, from->month);
    if (rule == Roll && to.day > last) to = {to.year, to.month + 1, 1}; // December has 31 days
    else if (to.day > last || (rule == KeepEnd && was_last)) to.day = last;
    return give(args, to);
}

Trap date_part(const HostCall& args) {
    const auto d = day_of(static_cast<i64>(args.x[0]));
    if (!d) return Trap::BadDate;
    if (args.x[1] > 3) return Trap::BadArgument;
    const std::array<i64, 4> parts{d->year, d->month, d->day, days_of_month(d->year, d->month)};
    args.x[0] = static_cast<u64>(parts[args.x[1]]);
    return Trap::None;
}

Trap make_date(const HostCall& args) {
    const auto year = static_cast<i64>(args.x[0]), month = static_cast<i64>(args.x[1]), day = static_cast<i64>(args.x[2]);
    if (year < first_year || year > last_year || month < 1 || month > 12 || day < 1) return Trap::BadDate;
    return give(args, {year, month, day});
}

} // namespace

Trap reference_dates(HostFn fn, const HostCall& args) {
    if (fn == HostFn::AddMonths) return add_months(args);
    return fn == HostFn::DatePart ? date_part(args) : make_date(args);
}

} // namespace tally::tri
