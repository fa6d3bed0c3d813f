#include "tests/tri/interface.hpp"

#include "tests/tri/case.hpp"
#include "vm/bytecode/layout.hpp"

namespace tally::tri {
namespace {

Type plain(TypeKind kind) {
    Type out;
    out.kind = kind;
    return out;
}

Type of(TypeKind kind, std::uint32_t element, std::uint32_t max = 0, std::uint32_t key = none) {
    Type out = plain(kind);
    out.element = element;
    out.max = max;
    out.key = key;
    return out;
}

Type with_fields(TypeKind kind, const char* name, std::vector<Field> fields) {
    Type out = plain(kind);
    out.name = name;
    out.fields = std::move(fields);
    return out;
}

/// In the order of `types`.
std::vector<Type> all_types() {
    std::vector<Type> out(types::count);
    out[types::Int] = plain(TypeKind::Int);
    out[types::Money] = plain(TypeKind::Money);
    out[types::Enum] = plain(TypeKind::Enum);
    out[types::Enum].cases = {"low", "high", "none"};
    out[types::Record] = with_fields(TypeKind::Record, "Pair", {{"number", types::Int}, {"amount", types::Money}});
    out[types::List] = of(TypeKind::List, types::Money, 8);
    out[types::IntMap] = of(TypeKind::Map, types::Money, 6, types::Int);
    out[types::RecordMap] = of(TypeKind::Map, types::Int, 3, types::Record);
    out[types::IntSet] = of(TypeKind::Set, types::Int, 5);
    out[types::MoneySet] = of(TypeKind::Set, types::Money, 3);
    out[types::Text] = plain(TypeKind::Text);
    out[types::Text].max = 20;
    out[types::Optional] = of(TypeKind::Optional, types::Money);
    out[types::Fraction] = plain(TypeKind::Fraction);
    out[types::Variant] = with_fields(TypeKind::Variant, "Choice", {{"case", types::Enum}, {"low.number", types::Int}, {"high.amount", types::Money}, {"high.share", types::Fraction}});
    out[types::Cash] = plain(TypeKind::Cash);
    out[types::CashMap] = of(TypeKind::Map, types::Cash, 4, types::Int);
    out[types::ListOfRecords] = of(TypeKind::List, types::Variant, 2);
    out[types::Accrual] = plain(TypeKind::Accrual);
    return out;
}

Contract contract() {
    Contract out;
    out.name = "Loan";
    out.states = {"open", "closed"};
    out.edges = {3, 0};
    out.fields = {{"total", FieldKind::Var, types::Money, 0}, {"cash", FieldKind::Vault, types::Cash, 0}, {"shares", FieldKind::Vault, types::CashMap, 0}, {"interest", FieldKind::Accrual, types::Accrual, 0}};
    return out;
}

Import import(std::vector<std::uint32_t> params, std::uint32_t result) {
    Import out;
    out.module = "other";
    out.contract = "Other";
    out.entry = "entry" + std::to_string(params.size()) + (result == none ? "" : "_" + std::to_string(result));
    out.params = std::move(params);
    out.result = result;
    return out;
}

i128 ten_to(int n) { return n == 0 ? 1 : 10 * ten_to(n - 1); }

} // namespace

Module module_without_code() {
    Module out;
    out.name = "generated";
    out.types = all_types();
    out.contracts = {contract()};
    out.imports = {import({}, none), import({types::Int, types::Money}, types::Money), import({types::Cash}, types::Int), import({types::Cash, types::Money, types::Cash}, types::Cash),
                   import({}, types::Cash), import({types::Record, types::Int}, types::Record), import({types::Money}, none)};
    out.events = {{"Event", types::Record, ""}};
    out.errors = {{"Error", types::Record, "no"}};
    return out;
}

const std::vector<u64>& sharp_words() {
    static const std::vector<u64> out{0, 1, 2, ~u64{0}, u64{1} << 63, (u64{1} << 63) - 1, (u64{1} << 63) + 1, u64{1} << 31, (u64{1} << 31) - 1, u64{1} << 32, (u64{1} << 32) - 1,
                                      0xffffffff80000000U, 0xff, 0x80, 0x7f, 0x8000, 0xffff, 63, 64, 65, 127, 128, 1'000'000'000'000'000'000U};
    return out;
}

const std::vector<i128>& sharp_wides() {
    constexpr i128 half = i128{1} << 63, one = i128{1} << 64;
    static const std::vector<i128> out{i128_min, i128_min + 1, i128_max, i128_max - 1, -1,   0,        1,        2,                  half,               half - 1,   -half,
                                       -half - 1, one,        one - 1,  -one,         -one - 1, i128_max / 2 + 1, i128_min / 2 - 1, ten_to(38), -ten_to(38)};
    return out;
}

u64 edge_word(Dice& dice) {
    const i64 kind = dice.roll(0, 9);
    if (kind < 6) return static_cast<u64>(dice.roll(-3, 12));
    if (kind < 8) return sharp_word(dice);
    return kind == 8 ? dice.next() >> dice.roll(0, 63) : dice.next();
}

i128 edge_wide(Dice& dice) {
    const i64 kind = dice.roll(0, 12);
    if (kind == 12) return sharp_wide(dice);
    if (kind < 4) return dice.roll(-3, 12);
    if (kind < 6) return static_cast<i64>(edge_word(dice));
    if (kind < 7) return from_halves(edge_word(dice), edge_word(dice));
    if (kind < 8) return dice.chance(50) ? i128_min + dice.roll(0, 2) : i128_max - dice.roll(0, 2);
    if (kind < 9) return (dice.chance(50) ? 1 : -1) * ten_to(static_cast<int>(dice.roll(0, 38))) + dice.roll(-1, 1);
    if (kind < 10) return from_halves(dice.next(), dice.next()) >> dice.roll(0, 127);
    return dice.roll(-2'000'000, 2'000'000) * (dice.chance(50) ? 1 : ten_to(18));
}

u64 edge_address(Dice& dice) {
    static const std::vector<u64> bases{0, 1, self_address, low_memory, usual_arena, usual_arena - 16, u64{1} << 31, u64{1} << 32, u64{1} << 63, 0};
    return dice.pick(bases) + static_cast<u64>(dice.roll(-17, 17));
}

u64 place_of(std::uint32_t type, bool second) {
    static const std::vector<u64> places = [] {
        std::vector<u64> out;
        u64 at = self_address;
        for (const Layout& layout : layouts(all_types())) {
            out.push_back(at);
            at += (2 * layout.size + 31) / 16 * 16;
        }
        return out;
    }();
    static const auto sizes = layouts(all_types());
    const u64 size = (sizes[type].size + 15) / 16 * 16;
    return places[type] + (second ? size : 0);
}

} // namespace tally::tri
