#include "vm/value/currency.hpp"

#include <algorithm>
#include <array>

namespace tally {
namespace {

constexpr CurrencyCode code_of(std::string_view name) {
    return currency_code(name[0], name[1], name[2]);
}

constexpr auto currencies = std::to_array<Currency>({
#define CURRENCY(name, exponent) {code_of(#name), exponent},
#include "vm/value/currencies.def"
#undef CURRENCY
});

constexpr bool ascending(const Currency& a, const Currency& b) { return a.code < b.code; }
static_assert(std::is_sorted(currencies.begin(), currencies.end(), ascending));

} // namespace

std::optional<Currency> currency_by_name(std::string_view name) {
    if (name.size() != 3) return std::nullopt;
    return currency_by_code(code_of(name));
}

std::optional<Currency> currency_by_code(CurrencyCode code) {
    const auto found =
        std::lower_bound(currencies.begin(), currencies.end(), Currency{code, 0}, ascending);
    if (found == currencies.end() || found->code != code) return std::nullopt;
    return *found;
}

std::string currency_name(CurrencyCode code) {
    if (!currency_by_code(code)) return {};
    return {static_cast<char>(code >> 16), static_cast<char>((code >> 8) & 0xFFU),
            static_cast<char>(code & 0xFFU)};
}

} // namespace tally
