#include "tools/vectors/compare.hpp"

#include "vm/value/decimal_text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace tally {

namespace {

constexpr i128 closest = 1'000'000'000; // 10^-9

/// One unit of the last digit that is printed. A whole number (`0`, `20.0`) says less than that of its precision, and
/// so does a rate (`0.1`): there at most a millionth of it, so that 20 is not taken for 20.5, nor 10 % for 15 %.
bool close(const CaseNumber& expected, i128 got, bool rate) {
    const auto size = [](i128 v) { return v < 0 ? -v : v; };
    const bool whole = expected.value % decimal_one == 0;
    const i128 unit = whole || rate ? std::min(expected.last_digit, size(expected.value) / 1'000'000) : expected.last_digit;
    i128 apart = 0;
    return sub_fits(expected.value, got, apart) && apart != i128_min && size(apart) <= std::max(closest, unit);
}

/// 18 digits are too many to read: without the zeros at the end.
std::string short_text(i128 value) {
    auto text = decimal_text(value, decimal_scale);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string shown(const CaseRow& row) {
    return fmt::format("{} {} {} {} (notional {}, rate {}, accrued {})", row.at.text(), row.kind, short_text(row.payoff), row.currency, short_text(row.notional), short_text(row.rate), short_text(row.accrued));
}

std::string printed(const Json& event, std::string_view name) {
    const Json* const found = event.member(name);
    return found == nullptr || found->kind == Json::Kind::Null ? std::string() : found->text;
}
std::string shown(const Json& event) {
    return fmt::format("{} {} {} {} (notional {}, rate {}, accrued {})", printed(event, "eventDate"), printed(event, "eventType"), printed(event, "payoff"), printed(event, "currency"), printed(event, "notionalPrincipal"), printed(event, "nominalInterestRate"), printed(event, "accruedInterest"));
}

/// In what an event is not the expected one; empty: in nothing.
std::string difference(const Json& expected, const CaseRow& got) {
    const auto day = case_time(printed(expected, "eventDate"));
    if (!day) return "the case's eventDate cannot be read";
    if (*day != got.at) return "eventDate";
    if (printed(expected, "eventType") != got.kind) return "eventType";
    if (const auto currency = printed(expected, "currency"); !currency.empty() && currency != got.currency) return "currency";
    const std::pair<const char*, i128> numbers[] = {{"payoff", got.payoff}, {"notionalPrincipal", got.notional}, {"nominalInterestRate", got.rate}, {"accruedInterest", got.accrued}, {"exerciseAmount", got.exercised}};
    for (const auto& [name, value] : numbers) {
        const auto text = printed(expected, name);
        if (text.empty() && name == std::string_view("payoff")) return "the case's payoff is missing";
        if (text.empty()) continue;
        const auto number = case_number(text);
        if (!number) return std::string("the case's ") + name + " is no number";
        if (!close(*number, value, name == std::string_view("nominalInterestRate"))) return name;
    }
    return "";
}

} // namespace

std::optional<std::string> first_difference(const Json& expected, const std::vector<CaseRow>& got) {
    for (std::size_t i = 0; i < std::max(expected.items.size(), got.size()); ++i) {
        if (i >= got.size()) return fmt::format("event {}: expected {}, but there is none", i + 1, shown(expected.items[i]));
        if (i >= expected.items.size()) return fmt::format("event {}: none expected, got {}", i + 1, shown(got[i]));
        if (const auto what = difference(expected.items[i], got[i]); !what.empty())
            return fmt::format("event {}, {}: expected {}; got {}", i + 1, what, shown(expected.items[i]), shown(got[i]));
    }
    return std::nullopt;
}

} // namespace tally
