#include "runtime/bench_property.hpp"

#include "vm/engine/natives.hpp"
#include "vm/value/date.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>
#include <cstring>

namespace tally {
namespace {

/// splitmix64 (Steele, Lea, Flood 2014): one word of state, the same on every machine.
u64 next_word(u64& state) {
    state += 0x9e3779b97f4a7c15;
    u64 z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

class Maker {
public:
    Maker(const Program& program, Choices& choices, u64 parties) : program_(program), choices_(choices), parties_(parties) {}

    void value(std::uint32_t number, std::uint8_t* at) {
        const Type& type = program_.module.types[number];
        const Layout& layout = program_.facts.layouts[number];
        switch (type.kind) {
        case TypeKind::Unit: case TypeKind::Cash: case TypeKind::Accrual: return;
        case TypeKind::Bool: return word(at, static_cast<i64>(choices_.below(2)));
        case TypeKind::Enum: return word(at, static_cast<i64>(choices_.below(type.cases.size())));
        case TypeKind::Party: return word(at, static_cast<i64>(1 + choices_.below(parties_)));
        case TypeKind::Date: return word(at, date());
        case TypeKind::Days: case TypeKind::Months: return word(at, static_cast<i64>(choices_.below(500)));
        case TypeKind::Weight: return word(at, static_cast<i64>(magnitude(20)));
        case TypeKind::Amount: return wide(at, magnitude(60));
        case TypeKind::Money: return wide(at, signed_value(60));
        case TypeKind::Rate: return wide(at, signed_value(20) * 1'000'000'000'000); // steps of 0.0001 %
        case TypeKind::Decimal: case TypeKind::Number: return wide(at, signed_value(80));
        case TypeKind::Fraction:
            word(at, static_cast<i64>(signed_value(20)));
            return word(at + 8, static_cast<i64>(1 + magnitude(20)));
        case TypeKind::Text: return text(type, layout, at, 'a', 26);
        case TypeKind::Blob: return text(type, layout, at, 0, 256);
        case TypeKind::Record:
            for (std::size_t i = 0; i < type.fields.size(); ++i) value(type.fields[i].type, at + layout.offsets[i]);
            return;
        case TypeKind::Variant: return variant(type, layout, at);
        case TypeKind::Optional:
            word(at, static_cast<i64>(choices_.below(2)));
            if (read_word<i64>(at) == 1) value(type.element, at + layout.first);
            return;
        case TypeKind::List: case TypeKind::Set: case TypeKind::Map: return collection(type, layout, at);
        default: return word(at, static_cast<i64>(signed_value(40)));
        }
    }

private:
    static void word(std::uint8_t* at, i64 v) { write_word(at, v); }
    static void wide(std::uint8_t* at, i128 v) { write_word(at, v); }

    /// Small numbers and powers of two more often than others.
    i128 magnitude(u64 bits_max) {
        const u64 bits = choices_.below(bits_max + 1);
        if (bits == 0) return 0;
        const u64 low = choices_.below(u64{1} << std::min<u64>(bits, 62));
        if (bits <= 62) return static_cast<i128>(low);
        return (static_cast<i128>(choices_.below(u64{1} << (bits - 62))) << 62) + static_cast<i128>(low);
    }
    i128 signed_value(u64 bits_max) {
        const i128 m = magnitude(bits_max);
        return choices_.below(2) == 1 ? -m : m;
    }
    /// 2026-01-01 and the ten years after it; a month's last day more often than others.
    i64 date() {
        const i64 year = 2026 + static_cast<i64>(choices_.below(10));
        const i64 month = 1 + static_cast<i64>(choices_.below(12));
        const i64 last = days_in_month(year, month);
        const u64 day = choices_.below(static_cast<u64>(last) + 4);
        return date_from_civil(year, month, std::min<i64>(last, 1 + static_cast<i64>(day))).value_or(0);
    }
    void text(const Type& type, const Layout& layout, std::uint8_t* at, unsigned first, u64 letters) {
        const u64 count = choices_.below(u64{type.max} + 1);
        word(at, static_cast<i64>(count));
        for (u64 i = 0; i < count; ++i) at[layout.first + i] = static_cast<std::uint8_t>(first + choices_.below(letters));
    }
    void variant(const Type& type, const Layout& layout, std::uint8_t* at) {
        value(type.fields[0].type, at);
        const auto& name = program_.module.types[type.fields[0].type].cases[read_word<u64>(at)];
        for (std::size_t i = 1; i < type.fields.size(); ++i)
            if (variant_field_alive(type, i, name)) value(type.fields[i].type, at + layout.offsets[i]);
    }
    /// Keys in order and once each: what is out of order is left away.
    void collection(const Type& type, const Layout& layout, std::uint8_t* at) {
        if (layout.size == 0) return;
        const u64 wanted = choices_.below(std::min<u64>(type.max, 12) + 1);
        const bool map = type.kind == TypeKind::Map;
        const std::uint32_t key = map ? type.key : type.element;
        std::vector<std::vector<std::uint8_t>> items;
        for (u64 i = 0; i < wanted; ++i) {
            std::vector<std::uint8_t> item(std::max<std::size_t>(layout.stride, 16));
            if (map) value(type.key, item.data());
            value(type.element, item.data() + layout.value);
            items.push_back(std::move(item));
        }
        if (type.kind != TypeKind::List) {
            const auto less = [&](const auto& a, const auto& b) { return compare_keys(program_, key, a.data(), b.data()) < 0; };
            std::stable_sort(items.begin(), items.end(), less);
            const auto same = [&](const auto& a, const auto& b) { return compare_keys(program_, key, a.data(), b.data()) == 0; };
            items.erase(std::unique(items.begin(), items.end(), same), items.end());
        }
        word(at, static_cast<i64>(items.size()));
        for (std::size_t i = 0; i < items.size(); ++i) std::memcpy(at + layout.first + i * layout.stride, items[i].data(), layout.stride);
    }

    const Program& program_;
    Choices& choices_;
    u64 parties_;
};

} // namespace

u64 Choices::below(u64 bound) {
    if (bound <= 1) return 0;
    u64 v = 0;
    if (made_.size() < given_.size()) v = given_[made_.size()] % bound;
    else if (state_ != 0) v = next_word(state_) % bound;
    made_.push_back(v);
    return v;
}

void make_value(const Program& program, std::uint32_t type, Choices& choices, u64 parties, std::uint8_t* at) {
    Maker(program, choices, parties).value(type, at);
}

} // namespace tally
