// What host functions are mostly given: modes, dates, types and addresses where they want them. A function that is not in
// the table here gets small numbers and good addresses by its signature.
#include "tests/tri/code_writer.hpp"

namespace tally::tri {
namespace {

enum class Hint { Any, Small, Mode, Date, Type, TableType, EndRule, Part, Year, Month, Day, Exponent, Degree, Places, Payments, Periods, Bytes };

struct Row {
    HostFn fn;
    std::vector<Hint> x; ///< the x parameters, pointers included
};

const std::vector<Row>& rows() {
    using enum Hint;
    static const std::vector<Row> out{
        {HostFn::MulDiv3, {Small, Mode}},          {HostFn::Annuity, {Periods, Payments, Mode}}, {HostFn::AccrualAdd, {Any, Small}},
        {HostFn::AccrualRound, {Any, Mode}},       {HostFn::AddMonths, {Date, Small, EndRule}},  {HostFn::DatePart, {Date, Part}},
        {HostFn::MakeDate, {Year, Month, Day}},    {HostFn::Equal, {Type, Any, Any}},            {HostFn::MapFind, {TableType, Any, Any}},
        {HostFn::MapInsert, {TableType, Any, Any}}, {HostFn::MapRemove, {TableType, Any, Any}},  {HostFn::Power, {Exponent, Mode}},
        {HostFn::Root, {Degree, Mode}},            {HostFn::DecimalFused, {Places, Mode}},       {HostFn::Sha256, {Any, Bytes, Any}},
    };
    return out;
}

/// A number that is right for the hint nine times of ten, and just outside the tenth time.
u64 number(Dice& dice, Hint hint) {
    const auto between = [&](i64 from, i64 to) { return static_cast<u64>(dice.chance(98) ? dice.roll(from, to) : dice.chance(50) ? from - 1 : to + 1); };
    switch (hint) {
    case Hint::Mode: return between(0, dice.chance(95) ? 6 : 7);
    case Hint::Date: return between(-25567, 84370);
    case Hint::Type: return between(0, types::count - 1);
    case Hint::EndRule: return between(0, 2);
    case Hint::Part: return between(0, 3);
    case Hint::Year: return between(1900, 2200);
    case Hint::Month: return between(1, 12);
    case Hint::Day: return between(1, 28);
    case Hint::Exponent: return dice.chance(1) ? between(-600, 600) : between(-6, 9);
    case Hint::Degree: return dice.chance(1) ? between(1, 40) : between(1, 4);
    case Hint::Places: return between(-20, 18);
    case Hint::Payments: return dice.chance(1) ? between(1, 600) : between(1, 30);
    case Hint::Periods: return between(1, 366);
    case Hint::Bytes: return dice.chance(99) ? between(0, 130) : between(60'000, 65'536);
    case Hint::TableType: return dice.pick(std::vector<u64>{types::IntMap, types::RecordMap, types::IntSet, types::MoneySet});
    default: return dice.chance(90) ? static_cast<u64>(dice.roll(-20, 100)) : edge_word(dice);
    }
}

i128 wide_number(Dice& dice) {
    constexpr i128 one = 1'000'000'000'000'000'000;
    const i64 kind = dice.roll(0, 9);
    if (kind < 4) return dice.roll(1, 1'000'000);
    if (kind < 8) return one * dice.roll(1, 40) + dice.roll(-1000, 1000);
    return kind == 8 ? -dice.roll(0, 1'000'000) : edge_wide(dice);
}

i128 wrapping_sum(i128 a, i128 b) { return static_cast<i128>(static_cast<u128>(a) + static_cast<u128>(b)); }

void address(CodeWriter& code, unsigned to, u64 type) {
    Dice& dice = code.dice();
    if (type < types::count && type != types::Cash && dice.chance(70)) return code.set_x(to, place_of(static_cast<std::uint32_t>(type), dice.chance(50)));
    code.put({Op::AddImmX, to, code.good_base(), 0, 16 * dice.roll(0, 6)});
}

/// 128-bit numbers from x[at] + offset on.
void numbers(CodeWriter& code, unsigned at, i64 offset, const std::vector<i128>& values) {
    for (const i128 value : values) {
        const unsigned w = code.scratch_w();
        code.set_w(w, value);
        code.put({Op::StoreW, w, at, 0, offset});
        offset += 16;
    }
}

/// A list of them: the count first. `spare` is overwritten.
void list(CodeWriter& code, unsigned at, unsigned spare, i64 count, const std::vector<i128>& values) {
    code.put({Op::LoadImmX, spare, 0, 0, count});
    code.put({Op::StoreX, spare, at});
    numbers(code, at, 16, values);
}

i128 hostile_number(Dice& dice) { return dice.chance(50) ? i128_min + dice.roll(0, 9) : i128_max - dice.roll(0, 9); }

/// The sum of the weights, then what each row is owed: seldom what a carry may be, so that what follows from a wrong one
/// is seen too.
std::vector<i128> carry(Dice& dice, const std::vector<i128>& weights) {
    std::vector<i128> out{0};
    for (const i128 w : weights) out[0] = wrapping_sum(out[0], w);
    const bool hostile = dice.chance(50);
    for (std::size_t i = 0; i < weights.size(); ++i) out.push_back(hostile ? (dice.chance(80) ? hostile_number(dice) : edge_wide(dice)) : dice.roll(-20, 20));
    return out;
}

/// split: weights at x[a], parts at x[a + 1]. share: weights, carry, parts, the row to start with.
void weights(CodeWriter& code, HostFn fn, unsigned a, unsigned b) {
    Dice& dice = code.dice();
    if (dice.chance(40)) code.set_w(b, dice.roll(0, 5));
    std::vector<i128> values(static_cast<std::size_t>(code.has_w() ? dice.roll(1, 4) : 0));
    for (i128& v : values) v = dice.chance(93) ? dice.roll(0, dice.chance(50) ? 3 : 50) : edge_wide(dice);
    const i64 count = dice.chance(90) ? static_cast<i64>(values.size()) : dice.chance(80) ? dice.roll(0, 6) : dice.roll(250, 300);
    code.set_x(a, place_of(types::List, false));
    list(code, a, a + 1, count, values);
    const unsigned parts = fn == HostFn::Share ? a + 2 : a + 1;
    if (dice.chance(80)) code.set_x(parts, place_of(types::List, true));
    else code.put({Op::MoveX, parts, a});
    if (fn != HostFn::Share) return;
    code.set_x(a + 1, place_of(types::Record, true) + 2000); // far from the lists
    if (dice.chance(60)) list(code, a + 1, a + 3, dice.chance(60) ? count + 1 : 0, carry(dice, values));
    if (dice.chance(20)) code.set_x(a + 1, 0);
    code.set_x(a + 3, number(dice, Hint::Small));
}

} // namespace

void write_host_arguments(CodeWriter& code, HostFn fn, unsigned a, unsigned b) {
    Dice& dice = code.dice();
    const HostInfo& info = host_info(fn);
    for (unsigned i = 0; i < info.w_params(); ++i)
        if (dice.chance(85)) code.set_w(b + i, wide_number(dice));
    if (fn == HostFn::Split || fn == HostFn::Share) return weights(code, fn, a, b);
    const auto row = std::find_if(rows().begin(), rows().end(), [&](const Row& r) { return r.fn == fn; });
    unsigned x = 0;
    u64 type = types::Record;
    for (const char kind : info.signature.substr(0, info.signature.find(':'))) {
        if (kind == 'w') continue;
        const Hint hint = row != rows().end() && x < row->x.size() ? row->x[x] : Hint::Small;
        const u64 value = number(dice, hint);
        if (hint == Hint::Type || hint == Hint::TableType) type = value;
        if (kind == 'p') address(code, a + x, type);
        else code.set_x(a + x, value);
        ++x;
    }
}

} // namespace tally::tri
