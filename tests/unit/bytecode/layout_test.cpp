#include "tests/unit/bytecode/rich_module.hpp"

#include "vm/bytecode/layout.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/verify.hpp"

#include <doctest/doctest.h>

using namespace tally;
using namespace tally::test;

TEST_CASE("values have the size and place that the machine expects") {
    const auto all = layouts(rich_types());
    const auto size = [&](std::uint32_t type) { return all[type].size; };
    CHECK(size(rich::unit) == 0);
    CHECK(size(rich::cash) == 0);
    for (const auto type : {rich::boolean, rich::integer, rich::date, rich::party, rich::color,
                            rich::account, rich::instance, rich::days, rich::months})
        CHECK(size(type) == 8);
    for (const auto type : {rich::money, rich::rate, rich::decimal}) {
        CHECK(size(type) == 16);
        CHECK(all[type].align == 16);
    }
    CHECK(size(rich::fraction) == 16);
    CHECK(all[rich::fraction].align == 8);
    CHECK(size(rich::text) == 8 + 24);
    CHECK(size(rich::pair) == 32);
    CHECK(all[rich::pair].offsets == std::vector<std::uint32_t>{0, 16});
    CHECK(size(rich::ints) == 8 + 4 * 8);
    CHECK(size(rich::by_party) == 16 + 3 * 32);
    CHECK(all[rich::by_party].first == 16);
    CHECK(all[rich::by_party].stride == 32);
    CHECK(all[rich::by_party].value == 16);
    CHECK(size(rich::parties) == 8 + 5 * 8);
    CHECK(size(rich::maybe_money) == 32);
    CHECK(all[rich::maybe_money].first == 16);
    CHECK(size(rich::vaults) == 0);
    CHECK(size(rich::accrual) == 40);
    CHECK(all[rich::accrual].offsets == std::vector<std::uint32_t>{32});
    CHECK(size(rich::big_list) == 16 + 1000 * 32);
}

TEST_CASE("a record keeps fields aligned, a count for what is stored, nothing for vaults") {
    const auto types = rich_types();
    const auto record = record_layout(rich_child(), layouts(types), types);
    // state, borrower, rate (16), shares, accrual, vault, vault, count
    CHECK(record.offsets == std::vector<std::uint32_t>{8, 16, 32, 144, 0, 0, 184});
    CHECK(record.size == 192);
    CHECK(parent_address(192) == 256);
    CHECK(parent_address(8) == 80);
}

TEST_CASE("a collection moves out of the record above its limit") {
    constexpr std::uint32_t fits = limits::inline_bytes / 8 - 1; // after the count
    std::vector<Type> types{plain_type(TypeKind::Int),
                            {TypeKind::List, "", none, 0, fits, {}, {}},
                            {TypeKind::List, "", none, 0, fits + 1, {}, {}}};
    const auto all = layouts(types);
    CHECK(all[1].size == limits::inline_bytes);
    CHECK(!stored_by_key(types[1], all[1]));
    CHECK(stored_by_key(types[2], all[2]));
    CHECK(!stored_by_key(types[0], all[0]));
}

TEST_CASE("banks of values") {
    CHECK(bank_of(TypeKind::Unit) == ResultBank::None);
    CHECK(bank_of(TypeKind::Bool) == ResultBank::X);
    CHECK(bank_of(TypeKind::Money) == ResultBank::W);
    CHECK(bank_of(TypeKind::Decimal) == ResultBank::W);
    CHECK(bank_of(TypeKind::Record) == ResultBank::X);
    CHECK(bank_of(TypeKind::Cash) == ResultBank::H);
    CHECK(is_aggregate(TypeKind::Fraction));
    CHECK(is_aggregate(TypeKind::Optional));
    CHECK(!is_aggregate(TypeKind::Decimal));
    CHECK(!is_aggregate(TypeKind::Cash));
}
