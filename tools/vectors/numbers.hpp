/// Numbers and times as the official cases write them: decimal text, never a binary fraction.
#pragma once

#include "vm/value/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// A number at 10^-18, and the unit of the last digit that its text has.
struct CaseNumber {
    i128 value = 0;
    i128 last_digit = 0;
};
/// ` 500`, `-1.5`, `1.5E-3`: blanks around it, a sign, digits with one point, an exponent. Digits behind the 18th are
/// rounded half-even. Nothing if it is anything else or not below 10^18.
[[nodiscard]] std::optional<CaseNumber> case_number(std::string_view text);

/// A day and whether its end is meant.
struct CaseTime {
    std::string day; ///< YYYY-MM-DD
    bool late = false;
    friend bool operator==(const CaseTime&, const CaseTime&) = default;
    friend auto operator<=>(const CaseTime&, const CaseTime&) = default;
    [[nodiscard]] std::string text() const { return late ? day + "T23:59:59" : day; }
    [[nodiscard]] std::string json() const { return "{\"day\": \"" + day + "\", \"late\": " + (late ? "true}" : "false}"); }
};
/// `2013-01-01`, `2013-01-01T00:00`, `…T00:00:00`, `…T23:59:59`; 24:00 is the next day. Nothing for another time of
/// day, or a year outside 1900 to 2200.
[[nodiscard]] std::optional<CaseTime> case_time(std::string_view text);

/// `P1ML0`, `P2WL1`, `P31D`, `1M-`: a JSON Cycle of actus.terms, `null` for a period of nothing. L0 and + are a long last
/// stub; without a word about it the stub is short. Nothing if it is anything else.
[[nodiscard]] std::optional<std::string> case_cycle(std::string_view text);

} // namespace tally
