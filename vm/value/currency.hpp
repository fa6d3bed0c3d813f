/// ISO 4217: the alphabetic codes of list one and their minor units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// A currency as a number: its three letters, first letter highest (`'U'<<16 | 'S'<<8 | 'D'`). 0 is none.
using CurrencyCode = std::uint32_t;

struct Currency {
    CurrencyCode code;
    int exponent; ///< decimal places of the minor unit
};

[[nodiscard]] constexpr CurrencyCode currency_code(char a, char b, char c) {
    return static_cast<CurrencyCode>((static_cast<unsigned char>(a) << 16) |
                                     (static_cast<unsigned char>(b) << 8) |
                                     static_cast<unsigned char>(c));
}
/// Nothing for a text that is not in ISO 4217 list one or has no minor unit there (XAU, XXX, …).
[[nodiscard]] std::optional<Currency> currency_by_name(std::string_view name);
[[nodiscard]] std::optional<Currency> currency_by_code(CurrencyCode code);
/// The three letters; empty for a code that `currency_by_code` does not know.
[[nodiscard]] std::string currency_name(CurrencyCode code);

} // namespace tally
