#include "vm/value/currency.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

int exponent(std::string_view name) {
    const auto found = currency_by_name(name);
    return found ? found->exponent : -1;
}

} // namespace

TEST_CASE("minor units of ISO 4217 list one") {
    CHECK(exponent("USD") == 2);
    CHECK(exponent("CNY") == 2);
    CHECK(exponent("JPY") == 0);
    CHECK(exponent("KWD") == 3);
    CHECK(exponent("CLF") == 4);
    CHECK(exponent("UYW") == 4);
    CHECK(exponent("AED") == 2); // the first of the table
    CHECK(exponent("ZWG") == 2); // the last
}

TEST_CASE("a code without a minor unit is no currency") {
    for (const auto* name : {"XAU", "XAG", "XXX", "XTS", "XDR", "XSU"}) {
        CHECK_FALSE(currency_by_name(name));
    }
}

TEST_CASE("anything but a listed code is refused") {
    for (const auto* name : {"", "US", "USDT", "usd", "ZZZ", "AAA", "U D"}) {
        CHECK_FALSE(currency_by_name(name));
    }
    CHECK_FALSE(currency_by_code(0));
    CHECK_FALSE(currency_by_code(~CurrencyCode{0}));
    CHECK_FALSE(currency_by_code(currency_code('U', 'S', 'D') | (1U << 24)));
}

TEST_CASE("name, code and number belong together") {
    int count = 0;
#define CURRENCY(name, places)                                                                     \
    CHECK(currency_by_name(#name)->exponent == places);                                            \
    CHECK(currency_name(currency_by_name(#name)->code) == #name);                                  \
    ++count;
#include "vm/value/currencies.def"
#undef CURRENCY
    CHECK(count == 166);
    CHECK(currency_code('U', 'S', 'D') == 0x555344);
    CHECK(currency_name(0x555344) == "USD");
    CHECK(currency_name(0).empty());
    CHECK(currency_name(currency_code('X', 'A', 'U')).empty());
}
