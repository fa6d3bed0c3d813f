#include "tests/unit/engine/machine_kit.hpp"

#include "vm/engine/natives.hpp"
#include "vm/value/accrual.hpp"
#include "vm/value/date.hpp"
#include "vm/value/split.hpp"

#include <map>

using namespace tally;
using namespace tally::test;

namespace {

enum : std::uint32_t {
    integer,
    money,
    text,
    numbers,
    pair,
    map,
    set,
    maybe,
    cash,
    vaults,
    nested,
    key_map,
    unit,
    two_pairs,
    long_key,
    two_pairs_map,
    long_key_set,
    kinds
};

Module value_module() {
    const auto simple = [](TypeKind kind) { return Type{kind, "", none, none, 0, {}, {}}; };
    Module m;
    m.types.resize(kinds);
    m.types[integer] = simple(TypeKind::Int);
    m.types[money] = simple(TypeKind::Money);
    m.types[text] = {TypeKind::Text, "", none, none, 20, {}, {}};
    m.types[numbers] = {TypeKind::List, "", none, integer, 4, {}, {}};
    m.types[pair] = {TypeKind::Record, "Pair", none, none, 0, {{"a", integer}, {"b", money}}, {}};
    m.types[map] = {TypeKind::Map, "", integer, money, 8, {}, {}};
    m.types[set] = {TypeKind::Set, "", none, integer, 8, {}, {}};
    m.types[maybe] = {TypeKind::Optional, "", none, money, 0, {}, {}};
    m.types[cash] = simple(TypeKind::Cash);
    m.types[vaults] = {TypeKind::Map, "", integer, cash, 8, {}, {}};
    m.types[nested] = {TypeKind::Map, "", integer, numbers, 3, {}, {}};
    m.types[key_map] = {TypeKind::Map, "", pair, integer, 4, {}, {}};
    m.types[unit] = simple(TypeKind::Unit);
    m.types[two_pairs] = {TypeKind::Record, "TwoPairs", none, none, 0, {{"a", pair}, {"b", pair}}, {}};
    m.types[long_key] = {TypeKind::Record, "LongKey", none, none, 0, {{"a", two_pairs}, {"b", integer}}, {}};
    m.types[two_pairs_map] = {TypeKind::Map, "", two_pairs, integer, 8, {}, {}};
    m.types[long_key_set] = {TypeKind::Set, "", none, long_key, 8, {}, {}};
    return m;
}

/// Calls a native straight, in an arena of 4096 bytes.
struct Bench {
    ProgramRef program = must_load(value_module());
    Trial trial;
    std::array<u64, 5> x{};
    std::array<i128, 3> w{};

    Trap operator()(HostFn fn, std::vector<u64> xs, std::vector<i128> ws = {}) {
        std::copy(xs.begin(), xs.end(), x.begin());
        std::copy(ws.begin(), ws.end(), w.begin());
        return native(*program, fn, {x.data(), w.data(), nullptr, &trial.arena, &trial.gas});
    }
    i64 gas_of(HostFn fn, std::vector<u64> xs, std::vector<i128> ws = {}) {
        trial.gas.left = 1'000'000;
        (void)(*this)(fn, xs, ws);
        return 1'000'000 - trial.gas.left;
    }
};

constexpr u64 here = 1024;
constexpr u64 there = 2048;
constexpr u64 outside = 4090;
u64 bits(i64 v) { return static_cast<u64>(v); }

} // namespace

TEST_CASE("muldiv by three") {
    Bench bench;
    CHECK(bench(HostFn::MulDiv3, {3, 0}, {10, 10, 7}) == Trap::None);
    CHECK((bench.w[0] == 42)); // 300 ÷ 7 = 42.86
    CHECK(bench(HostFn::MulDiv3, {3, 1}, {10, 10, 7}) == Trap::None);
    CHECK((bench.w[0] == 43));
    CHECK(bench(HostFn::MulDiv3, {3, 7}, {10, 10, 7}) == Trap::Inexact);
    CHECK(bench(HostFn::MulDiv3, {3, 8}, {10, 10, 7}) == Trap::BadArgument);
    CHECK(bench(HostFn::MulDiv3, {3, 0}, {10, 10, 0}) == Trap::DivideByZero);
    CHECK(bench(HostFn::MulDiv3, {3, 0}, {i128_max, 10, 7}) == Trap::Overflow);
}

TEST_CASE("a split adds up and its list has as many parts as weights") {
    Bench bench;
    bench.trial.put(here, 3);
    for (const u64 i : {0u, 1u, 2u})
        bench.trial.put_wide(here + 16 + 16 * i, 1);
    CHECK(bench(HostFn::Split, {here, there}, {100}) == Trap::None);
    CHECK(bench.trial.word(there) == 3);
    CHECK((bench.trial.wide(there + 16) == 34));
    CHECK((bench.trial.wide(there + 32) == 33));
    CHECK((bench.trial.wide(there + 48) == 33));
    CHECK(bench.gas_of(HostFn::Split, {here, there}, {100}) == 60);

    CHECK(bench(HostFn::Split, {here, there}, {-1}) == Trap::BadArgument);
    CHECK(bench(HostFn::Split, {here, outside}, {100}) == Trap::Bounds);
    CHECK(bench(HostFn::Split, {outside, there}, {100}) == Trap::Bounds);
    CHECK(bench(HostFn::Split, {~u64{0} - 7, there}, {100}) == Trap::Bounds);
    bench.trial.gas.left = 59;
    CHECK(bench(HostFn::Split, {here, there}, {100}) == Trap::OutOfGas);
    bench.trial.gas.left = 1'000'000;
    bench.trial.put(here, split_parts_max + 1);
    CHECK(bench(HostFn::Split, {here, there}, {100}) == Trap::BadArgument);
    bench.trial.put(here, split_parts_max); // 16 + 256 · 16 bytes are not there
    CHECK(bench(HostFn::Split, {here, there}, {100}) == Trap::Bounds);
    bench.trial.put(here, 0);
    CHECK(bench(HostFn::Split, {here, there}, {0}) == Trap::None);
    CHECK(bench.trial.word(there) == 0);
}

TEST_CASE("an annuity") {
    Bench bench;
    const i128 twelve_percent = 120'000'000'000'000'000;
    CHECK(bench(HostFn::Annuity, {12, 12, 4}, {1'000'000, twelve_percent}) == Trap::None);
    CHECK((bench.w[0] == 88'849)); // 10,000.00 at 1 % a month, 12 payments: 888.49
    CHECK(bench.gas_of(HostFn::Annuity, {12, 12, 4}, {1'000'000, twelve_percent}) == 12 * 4);
    CHECK(bench(HostFn::Annuity, {12, 0, 4}, {1'000'000, 0}) == Trap::BadArgument);
    CHECK(bench(HostFn::Annuity, {12, 601, 4}, {1'000'000, 0}) == Trap::BadArgument);
    CHECK(bench(HostFn::Annuity, {12, 12, 8}, {1'000'000, 0}) == Trap::BadArgument);
}

TEST_CASE("an accrual is added, rounded and taken") {
    Bench bench;
    CHECK(bench(HostFn::AccrualAdd, {here, 10}, {1000, 7}) == Trap::None);
    CHECK(bench(HostFn::AccrualAdd, {here, 1}, {1000, -7}) == Trap::None);
    CHECK(bench.trial.word(here) == 63'000);
    CHECK(bench(HostFn::AccrualRound, {here, 4}, {10'000}) == Trap::None);
    CHECK((bench.w[0] == 6));
    CHECK(bench(HostFn::AccrualTake, {here}, {6, 10'000}) == Trap::None);
    CHECK(bench.trial.word(here) == 3'000);
    CHECK(bench(HostFn::AccrualRound, {here, 7}, {10'000}) == Trap::Inexact);
    CHECK(bench(HostFn::AccrualRound, {here, 4}, {0}) == Trap::DivideByZero);
    CHECK(bench(HostFn::AccrualRound, {here, 4}, {-1}) == Trap::BadArgument);
    CHECK(bench(HostFn::AccrualRound, {here, 9}, {1}) == Trap::BadArgument);
    CHECK(bench(HostFn::AccrualAdd, {outside, 1}, {1, 1}) == Trap::Bounds);
    CHECK(bench(HostFn::AccrualRound, {outside, 1}, {1}) == Trap::Bounds);
    CHECK(bench(HostFn::AccrualTake, {outside}, {1, 1}) == Trap::Bounds);
}

TEST_CASE("dates") {
    Bench bench;
    const auto date = [](i64 y, i64 m, i64 d) { return bits(*date_from_civil(y, m, d)); };
    const u64 end_of_january = date(2024, 1, 31);
    CHECK(bench(HostFn::AddMonths, {end_of_january, 1, 0}) == Trap::None);
    CHECK(bench.x[0] == date(2024, 2, 29));
    CHECK(bench(HostFn::AddMonths, {end_of_january, 1, 1}) == Trap::None);
    CHECK(bench.x[0] == date(2024, 3, 1));
    CHECK(bench(HostFn::AddMonths, {date(2024, 2, 29), 1, 2}) == Trap::None);
    CHECK(bench.x[0] == date(2024, 3, 31));
    CHECK(bench(HostFn::AddMonths, {end_of_january, bits(-1), 0}) == Trap::None);
    CHECK(bench.x[0] == date(2023, 12, 31));
    CHECK(bench(HostFn::AddMonths, {end_of_january, 1, 3}) == Trap::BadArgument);
    CHECK(bench(HostFn::AddMonths, {bits(date_max + 1), 1, 0}) == Trap::BadDate);
    CHECK(bench(HostFn::AddMonths, {bits(date_max), 1, 0}) == Trap::BadDate);
    CHECK(bench(HostFn::AddMonths, {end_of_january, u64{1} << 63, 0}) == Trap::BadDate);
    CHECK(bench(HostFn::AddMonths, {end_of_january, ~u64{0} >> 1, 0}) == Trap::BadDate);

    const std::array<u64, 4> parts{2024, 2, 29, 29};
    for (const u64 part : {0u, 1u, 2u, 3u}) {
        CHECK(bench(HostFn::DatePart, {date(2024, 2, 29), part}) == Trap::None);
        CHECK(bench.x[0] == parts[part]);
    }
    CHECK(bench(HostFn::DatePart, {0, 4}) == Trap::BadArgument);
    CHECK(bench(HostFn::DatePart, {bits(date_min - 1), 0}) == Trap::BadDate);

    CHECK(bench(HostFn::MakeDate, {2200, 12, 31}) == Trap::None);
    CHECK(bench.x[0] == bits(date_max));
    CHECK(bench(HostFn::MakeDate, {2023, 2, 29}) == Trap::BadDate);
    CHECK(bench(HostFn::MakeDate, {1899, 12, 31}) == Trap::BadDate);
    CHECK(bench(HostFn::MakeDate, {2201, 1, 1}) == Trap::BadDate);
    CHECK(bench(HostFn::MakeDate, {2023, 0, 1}) == Trap::BadDate);
    CHECK(bench(HostFn::MakeDate, {~u64{0}, 1, 1}) == Trap::BadDate);
}

TEST_CASE("values are equal by what is alive in them") {
    Bench bench;
    const auto same = [&](std::uint32_t type) {
        REQUIRE(bench(HostFn::Equal, {type, here, there}) == Trap::None);
        return bench.x[0] == 1;
    };
    Trial& trial = bench.trial;
    CHECK(same(integer));
    trial.put(here, 1);
    CHECK(!same(integer));
    CHECK(same(unit));
    // a list of one: beyond the count nothing matters
    trial.put(there, 1);
    trial.put(here + 16, 99);
    CHECK(same(numbers));
    trial.put(here + 8, 5);
    CHECK(!same(numbers));
    trial.put(there + 8, 5);
    CHECK(same(numbers));
    trial.put(there, 2);
    CHECK(!same(numbers));
    trial.put(there, 5);
    CHECK(bench(HostFn::Equal, {numbers, here, there}) == Trap::Bounds);
    // a record: the 8 bytes between its fields are padding
    trial.arena.clear();
    trial.put(here + 8, 77);
    CHECK(same(pair));
    trial.put(here + 16, 77);
    CHECK(!same(pair));
    // an absent optional has no value
    CHECK(same(maybe));
    trial.put(here, 1);
    trial.put(there, 1);
    CHECK(!same(maybe));
    trial.put(there + 16, 77);
    CHECK(same(maybe));
    trial.put(there, 2);
    CHECK(bench(HostFn::Equal, {maybe, here, there}) == Trap::Bounds);
    // text by its bytes
    trial.arena.clear();
    trial.put(here, 2);
    trial.put(there, 2);
    trial.put(here + 8, 0x996161);
    trial.put(there + 8, 0x6161);
    CHECK(same(text));
    trial.put(there, 3);
    trial.put(here, 3);
    CHECK(!same(text));
    // a map of lists
    trial.arena.clear();
    for (const u64 at : {here, there}) {
        trial.put(at, 1);
        trial.put(at + 8, 4);   // key
        trial.put(at + 16, 1);  // count of its list
        trial.put(at + 24, at); // its only element
        trial.put(at + 32, at); // a dead one
    }
    CHECK(!same(nested));
    trial.put(here + 24, there);
    CHECK(same(nested));
    trial.put(here + 8, 5);
    CHECK(!same(nested));

    CHECK(bench(HostFn::Equal, {kinds, here, there}) == Trap::BadArgument);
    CHECK(bench(HostFn::Equal, {integer, outside, there}) == Trap::Bounds);
    CHECK(bench(HostFn::Equal, {integer, here, outside}) == Trap::Bounds);
    CHECK(bench.gas_of(HostFn::Equal, {money, here, there}) == 4);
}

TEST_CASE("a map in the arena behaves like a map") {
    Bench bench;
    Trial& trial = bench.trial;
    std::map<i64, u64> model;
    u64 seed = 12345;
    const u64 value_offset = 16, first = 16, stride = 32;
    for (int step = 0; step < 2000; ++step) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const i64 key = static_cast<i64>((seed >> 33) % 12) - 6;
        trial.put(there, bits(key));
        CAPTURE(step);
        switch ((seed >> 50) % 3) {
        case 0: {
            const Trap trap = bench(HostFn::MapInsert, {map, here, there});
            if (model.size() == 8 && model.count(key) == 0) {
                CHECK(trap == Trap::Capacity);
                break;
            }
            REQUIRE(trap == Trap::None);
            CHECK(trial.word(bench.x[0]) == model[key]); // zero if new
            trial.put(bench.x[0], model[key] = seed >> 8);
            break;
        }
        case 1:
            REQUIRE(bench(HostFn::MapRemove, {map, here, there}) == Trap::None);
            CHECK(bench.x[0] == model.erase(key));
            break;
        default:
            REQUIRE(bench(HostFn::MapFind, {map, here, there}) == Trap::None);
            CHECK((bench.x[0] != 0) == (model.count(key) == 1));
            if (bench.x[0] != 0) CHECK(trial.word(bench.x[0]) == model[key]);
        }
        REQUIRE(trial.word(here) == model.size());
        u64 at = here + first;
        for (const auto& [k, v] : model) {
            CHECK(trial.word(at) == bits(k));
            CHECK(trial.word(at + value_offset) == v);
            at += stride;
        }
        for (; at < here + first + 8 * stride; at += 8)
            CHECK(trial.word(at) == 0);
    }
}

TEST_CASE("a set, and a key that lies in its own set") {
    Bench bench;
    Trial& trial = bench.trial;
    for (const i64 element : {7, -2, 5}) {
        trial.put(there, bits(element));
        CHECK(bench(HostFn::MapInsert, {set, here, there}) == Trap::None);
    }
    CHECK(trial.word(here + 8) == bits(-2));
    CHECK(trial.word(here + 16) == 5);
    CHECK(trial.word(here + 24) == 7);
    CHECK(bench(HostFn::MapFind, {set, here, there}) == Trap::None);
    CHECK(bench.x[0] == here + 16);
    CHECK(bench(HostFn::MapRemove, {set, here, here + 8}) == Trap::None); // -2 itself
    CHECK(bench.x[0] == 1);
    CHECK(trial.word(here + 8) == 5);
    CHECK(trial.word(here) == 2);
    // The count as a key: 2 goes before 5.
    CHECK(bench(HostFn::MapInsert, {set, here, here}) == Trap::None);
    CHECK(trial.word(here + 8) == 2);
    CHECK(trial.word(here) == 3);
}

TEST_CASE("record keys are ordered field by field") {
    Bench bench;
    Trial& trial = bench.trial;
    const auto insert = [&](i64 a, i128 b) {
        trial.put(there, bits(a));
        trial.put_wide(there + 16, b);
        CHECK(bench(HostFn::MapInsert, {key_map, here, there}) == Trap::None);
        return bench.x[0];
    };
    insert(1, -1);
    insert(1, i128_min);
    insert(-1, i128_max);
    // pairs of key (32 bytes) and value (8), rounded up to 48, from 16
    CHECK(trial.word(here + 16) == bits(-1));
    CHECK((trial.wide(here + 16 + 48 + 16) == i128_min));
    CHECK((trial.wide(here + 16 + 96 + 16) == -1));
    CHECK(insert(1, -1) == here + 16 + 96 + 32);
    CHECK(trial.word(here) == 3);
}

TEST_CASE("maps refuse what is not one") {
    Bench bench;
    for (const HostFn fn : {HostFn::MapFind, HostFn::MapInsert, HostFn::MapRemove}) {
        for (const u64 type : {u64{integer}, u64{numbers}, u64{vaults}, u64{kinds}, ~u64{0}})
            CHECK(bench(fn, {type, here, there}) == Trap::BadArgument);
        CHECK(bench(fn, {map, outside, there}) == Trap::Bounds);
        CHECK(bench(fn, {map, here, outside}) == Trap::Bounds);
        CHECK(bench(fn, {map, 0, there}) == Trap::Bounds);
        bench.trial.put(here, 9); // more than its maximum
        CHECK(bench(fn, {map, here, there}) == Trap::Bounds);
        bench.trial.put(here, 0);
        bench.trial.gas.left = 0;
        CHECK(bench(fn, {map, here, there}) == Trap::OutOfGas);
        bench.trial.gas.left = 1'000'000;
    }
}

TEST_CASE("a map's gas is by its maximum and, to find, by the bytes of its key") {
    Bench bench;
    CHECK(bench.gas_of(HostFn::MapFind, {map, here, there}) == 4 * 6);
    CHECK(bench.gas_of(HostFn::MapFind, {two_pairs_map, here, there}) == 4 * 6); // a key of 64 bytes
    CHECK(bench.gas_of(HostFn::MapFind, {long_key_set, here, there}) == 4 * 2 * 6); // of 80
    CHECK(bench.gas_of(HostFn::MapInsert, {map, here, there}) == 5); // 272 bytes
    CHECK(bench.gas_of(HostFn::MapRemove, {map, here, there}) == 5);
}

TEST_CASE("what is not pure is not the engine's") {
    Bench bench;
    for (std::size_t i = 0; i < host_count; ++i) {
        const auto fn = static_cast<HostFn>(i);
        if (host_info(fn).kind != HostKind::Pure)
            CHECK(bench(fn, {0, 0, 0, 0, 0}) == Trap::BadArgument);
    }
}

TEST_CASE("a native is called from code") {
    Trial trial;
    const Outcome outcome = trial("fn f(x3 w0 h0) -> x regs x3 w0 h0 frame 0 {\nb0:\n"
                                  " host x0, w0, make_date\n retx x0\n}\n",
                                  {{1970, 1, 2}, {}, {}});
    CHECK(outcome.x == 1);
    CHECK(1'000'000 - trial.gas.left == 1 + 2 + 15 + 1);
}
