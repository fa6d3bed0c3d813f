#include "vm/engine/natives.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/value/accrual.hpp"
#include "vm/value/annuity.hpp"
#include "vm/value/decimal.hpp"
#include "vm/value/power.hpp"
#include "vm/value/date.hpp"
#include "vm/value/memory.hpp"
#include "vm/value/muldiv.hpp"
#include "vm/value/split.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

// Every value here comes from a register: type numbers, modes and addresses are all checked.

namespace tally {
namespace {

i64 as_signed(u64 v) { return static_cast<i64>(v); }
bool is_mode(u64 mode) { return mode < rounding_count; }
Rounding as_mode(u64 mode) { return static_cast<Rounding>(mode); }

bool charge(const HostCall& args, HostFn fn, u64 units) {
    return args.gas->charge(host_info(fn).gas_unit * as_signed(units));
}

Trap give_date(const HostCall& args, std::optional<Date> date) {
    if (!date) return Trap::BadDate;
    args.x[0] = static_cast<u64>(*date);
    return Trap::None;
}

// ---- exact arithmetic ---------------------------------------------------------------------------

// Operands go by value, so that w[0] can be both an operand and where the result goes.
Trap muldiv_by_three(const HostCall& args) {
    if (!is_mode(args.x[1])) return Trap::BadArgument;
    return trap_of(muldiv3(args.w[0], args.w[1], as_signed(args.x[0]), args.w[2],
                           as_mode(args.x[1]), args.w[0]));
}

// A list of 128-bit elements: the count, then the elements from the next multiple of 16.
constexpr u64 wide_first = 16;
constexpr u64 wide_stride = 16;

Trap split_by_weights(const HostCall& args) {
    const std::uint8_t* const head = args.arena->at(args.x[0], wide_first);
    if (head == nullptr) return Trap::Bounds;
    const u64 count = read_word<u64>(head);
    if (count > split_parts_max) return Trap::BadArgument;
    if (!charge(args, HostFn::Split, count)) return Trap::OutOfGas;
    const u64 bytes = count * wide_stride;
    const std::uint8_t* const from = args.arena->at(args.x[0], wide_first + bytes);
    std::uint8_t* const to = args.arena->at(args.x[1], wide_first + bytes);
    if (from == nullptr || to == nullptr) return Trap::Bounds;
    std::array<i128, split_parts_max> weights{}, parts{};
    read_words<i128>(from + wide_first, std::span(weights).first(count));
    const Arithmetic status =
        split(args.w[0], std::span(weights).first(count), std::span(parts).first(count));
    if (status != Arithmetic::Ok) return trap_of(status);
    write_word(to, count);
    write_words<i128>(to + wide_first, std::span(parts).first(count));
    return Trap::None;
}

Trap share_by_weights(const HostCall& args) {
    const std::uint8_t* const head = args.arena->at(args.x[0], wide_first);
    if (head == nullptr) return Trap::Bounds;
    const u64 count = read_word<u64>(head);
    if (count > split_parts_max) return Trap::BadArgument;
    if (!charge(args, HostFn::Share, count)) return Trap::OutOfGas;
    const u64 bytes = count * wide_stride;
    const bool carries = args.x[1] != 0;
    const std::uint8_t* const from = args.arena->at(args.x[0], wide_first + bytes);
    std::uint8_t* const memory = carries ? args.arena->at(args.x[1], wide_first + bytes + wide_stride) : nullptr;
    std::uint8_t* const to = args.arena->at(args.x[2], wide_first + bytes);
    if (from == nullptr || to == nullptr || (carries && memory == nullptr)) return Trap::Bounds;
    std::array<i128, split_parts_max> weights{}, carry{}, parts{};
    read_words<i128>(from + wide_first, std::span(weights).first(count));
    // A carry is empty, or the sum of the weights that it counts over and then what each row is owed.
    i128 sum = 0;
    for (const i128 weight : std::span(weights).first(count))
        if (weight < 0 || !add_fits(sum, weight, sum)) return weight < 0 ? Trap::BadArgument : Trap::Overflow;
    const u64 remembered = carries ? read_word<u64>(memory) : 0;
    if (remembered != 0 && (remembered != count + 1 || read_word<i128>(memory + wide_first) != sum)) return Trap::BadArgument;
    if (remembered != 0) read_words<i128>(memory + wide_first + wide_stride, std::span(carry).first(count));
    const Arithmetic status = share(args.w[0], std::span(weights).first(count), std::span(carry).first(carries ? count : 0),
                                    args.x[3], std::span(parts).first(count));
    if (status != Arithmetic::Ok) return trap_of(status);
    write_word(to, count);
    write_words<i128>(to + wide_first, std::span(parts).first(count));
    if (!carries) return Trap::None;
    write_word(memory, count + 1);
    write_word(memory + wide_first, sum);
    write_words<i128>(memory + wide_first + wide_stride, std::span(carry).first(count));
    return Trap::None;
}

Trap annuity_instalment(const HostCall& args) {
    const i64 payments = as_signed(args.x[1]);
    if (!is_mode(args.x[2]) || payments < 1 || payments > annuity_periods_max)
        return Trap::BadArgument;
    if (!charge(args, HostFn::Annuity, args.x[1])) return Trap::OutOfGas;
    return trap_of(annuity(args.w[0], args.w[1], as_signed(args.x[0]), payments, as_mode(args.x[2]),
                           args.w[0]));
}

Trap decimal_fused_of(const HostCall& args) {
    if (!is_mode(args.x[1])) return Trap::BadArgument;
    return trap_of(decimal_fused(args.w[0], args.w[1], args.w[2], args.w[3], as_signed(args.x[0]), as_mode(args.x[1]), args.w[0]));
}

Trap power_of(const HostCall& args) {
    const i64 n = as_signed(args.x[0]);
    if (!is_mode(args.x[1]) || n < -power_exponent_max || n > power_exponent_max) return Trap::BadArgument;
    if (!charge(args, HostFn::Power, static_cast<u64>(n < 0 ? -n : n))) return Trap::OutOfGas;
    return trap_of(power(args.w[0], n, as_mode(args.x[1]), args.w[0]));
}

Trap root_of(const HostCall& args) {
    const i64 n = as_signed(args.x[0]);
    if (!is_mode(args.x[1]) || n < 1 || n > root_degree_max) return Trap::BadArgument;
    if (!charge(args, HostFn::Root, args.x[0])) return Trap::OutOfGas;
    return trap_of(root(args.w[0], n, as_mode(args.x[1]), args.w[0]));
}

Wide read_sum(const std::uint8_t* at) {
    Wide sum;
    read_words<u64>(at, sum.limbs);
    return sum;
}

/// Changes the sum at x[0] by `change`, which leaves it untouched when it fails.
template <typename Change> Trap change_sum(const HostCall& args, Change change) {
    std::uint8_t* const at = args.arena->at(args.x[0], sizeof(Wide));
    if (at == nullptr) return Trap::Bounds;
    Wide sum = read_sum(at);
    const Arithmetic status = change(sum);
    if (status == Arithmetic::Ok) write_words<u64>(at, sum.limbs);
    return trap_of(status);
}

Trap add_accrual(const HostCall& args) {
    return change_sum(args, [&](Wide& sum) {
        return accrual_add(sum, args.w[0], args.w[1], as_signed(args.x[1]));
    });
}

Trap take_accrual(const HostCall& args) {
    return change_sum(args, [&](Wide& sum) { return accrual_take(sum, args.w[0], args.w[1]); });
}

Trap round_accrual(const HostCall& args) {
    const std::uint8_t* const at = args.arena->at(args.x[0], sizeof(Wide));
    if (at == nullptr) return Trap::Bounds;
    if (args.w[0] == 0) return Trap::DivideByZero;
    if (args.w[0] < 0 || !is_mode(args.x[1])) return Trap::BadArgument;
    return trap_of(accrual_round(read_sum(at), args.w[0], as_mode(args.x[1]), args.w[0]));
}

// ---- dates --------------------------------------------------------------------------------------

// More months than the calendar has: refused before any arithmetic on them.
constexpr i64 months_max = 12 * 400;

Trap add_months(const HostCall& args) {
    const Date date = as_signed(args.x[0]);
    const i64 months = as_signed(args.x[1]);
    if (args.x[2] > static_cast<u64>(EndOfMonth::KeepEom)) return Trap::BadArgument;
    if (!date_valid(date) || months < -months_max || months > months_max) return Trap::BadDate;
    return give_date(args, date_add_months(date, months, static_cast<EndOfMonth>(args.x[2])));
}

Trap date_part(const HostCall& args) {
    const Date date = as_signed(args.x[0]);
    if (!date_valid(date)) return Trap::BadDate;
    const Civil civil = civil_from_date(date);
    const std::array<i64, 4> parts{civil.year, civil.month, civil.day,
                                   days_in_month(civil.year, civil.month)};
    if (args.x[1] >= parts.size()) return Trap::BadArgument;
    args.x[0] = static_cast<u64>(parts[args.x[1]]);
    return Trap::None;
}

Trap make_date(const HostCall& args) {
    const u64 year = args.x[0], month = args.x[1], day = args.x[2];
    if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31)
        return Trap::BadDate;
    return give_date(args, date_from_civil(as_signed(year), as_signed(month), as_signed(day)));
}

// ---- hash ---------------------------------------------------------------------------------------

constexpr u64 hashed_bytes_max = 65536;

Trap sha256_of(const HostCall& args) {
    if (args.x[1] > hashed_bytes_max) return Trap::BadArgument;
    if (!charge(args, HostFn::Sha256, (args.x[1] + 7) / 8)) return Trap::OutOfGas;
    const std::uint8_t* const from = args.arena->at(args.x[0], args.x[1]);
    std::uint8_t* const to = args.arena->at(args.x[2], sizeof(Hash));
    if (from == nullptr || to == nullptr) return Trap::Bounds;
    const Hash hash = sha256({from, args.x[1]});
    std::copy(hash.begin(), hash.end(), to);
    return Trap::None;
}

// ---- values in the arena ------------------------------------------------------------------------

enum class Sameness { Same, Different, Damaged };

/// Compares what is alive: never the padding, and never beyond a count. Ends: every part takes
/// room, and types nest at most limits::type_depth deep.
class Comparison {
public:
    explicit Comparison(const Program& program)
        : types_(program.module.types), layouts_(program.facts.layouts) {}

    Sameness same(std::uint32_t number, const std::uint8_t* a, const std::uint8_t* b) const {
        const Type& type = types_[number];
        const Layout& layout = layouts_[number];
        switch (type.kind) {
        case TypeKind::Variant: return variant(type, layout, a, b);
        case TypeKind::Fraction: return fractions(a, b);
        case TypeKind::Record: return fields(type, layout, a, b);
        case TypeKind::Blob:
        case TypeKind::Text:
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return counted(type, layout, type.max, a, b);
        case TypeKind::Optional: return counted(type, layout, 1, a, b);
        default: return bytes(layout.size, a, b);
        }
    }

private:
    static Sameness bytes(std::size_t size, const std::uint8_t* a, const std::uint8_t* b) {
        const bool equal = size == 0 || std::memcmp(a, b, size) == 0;
        return equal ? Sameness::Same : Sameness::Different;
    }

    /// A half is two quarters; one that nobody has set, 0/0, is only itself.
    static Sameness fractions(const std::uint8_t* a, const std::uint8_t* b) {
        const i128 over_a = read_word<i64>(a + 8), over_b = read_word<i64>(b + 8);
        const bool set = over_a != 0 && over_b != 0;
        if (!set) return bytes(16, a, b);
        const bool equal = read_word<i64>(a) * over_b == read_word<i64>(b) * over_a;
        return equal ? Sameness::Same : Sameness::Different;
    }

    Sameness fields(const Type& type, const Layout& layout, const std::uint8_t* a,
                    const std::uint8_t* b) const {
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const std::uint32_t at = layout.offsets[i];
            const Sameness part = same(type.fields[i].type, a + at, b + at);
            if (part != Sameness::Same) return part;
        }
        return Sameness::Same;
    }

    Sameness variant(const Type& type, const Layout& layout, const std::uint8_t* a,
                     const std::uint8_t* b) const {
        const u64 which = read_word<u64>(a);
        const auto& cases = types_[type.fields[0].type].cases;
        if (which >= cases.size()) return Sameness::Damaged;
        if (which != read_word<u64>(b)) return Sameness::Different;
        for (std::size_t i = 1; i < type.fields.size(); ++i) {
            if (!variant_field_alive(type, i, cases[which])) continue;
            const std::uint32_t at = layout.offsets[i];
            const Sameness part = same(type.fields[i].type, a + at, b + at);
            if (part != Sameness::Same) return part;
        }
        return Sameness::Same;
    }

    Sameness counted(const Type& type, const Layout& layout, u64 max, const std::uint8_t* a,
                     const std::uint8_t* b) const {
        const u64 count = read_word<u64>(a), other = read_word<u64>(b);
        if (count > max || other > max) return Sameness::Damaged;
        if (count != other) return Sameness::Different;
        a += layout.first;
        b += layout.first;
        if (is_string(type.kind)) return bytes(count, a, b);
        for (u64 i = 0; i < count; ++i, a += layout.stride, b += layout.stride) {
            const Sameness item = element(type, layout, a, b);
            if (item != Sameness::Same) return item;
        }
        return Sameness::Same;
    }

    Sameness element(const Type& type, const Layout& layout, const std::uint8_t* a,
                     const std::uint8_t* b) const {
        if (type.kind != TypeKind::Map) return same(type.element, a, b);
        const Sameness key = same(type.key, a, b);
        if (key != Sameness::Same) return key;
        return same(type.element, a + layout.value, b + layout.value);
    }

    const std::vector<Type>& types_;
    const std::vector<Layout>& layouts_;
};

Trap equal(const Program& program, const HostCall& args) {
    if (args.x[0] >= program.module.types.size()) return Trap::BadArgument;
    const auto type = static_cast<std::uint32_t>(args.x[0]);
    const u64 size = program.facts.layouts[type].size;
    if (!charge(args, HostFn::Equal, (size + 7) / 8)) return Trap::OutOfGas;
    const std::uint8_t* const a = args.arena->at(args.x[1], size);
    const std::uint8_t* const b = args.arena->at(args.x[2], size);
    if (a == nullptr || b == nullptr) return Trap::Bounds;
    // Without room in memory there is nothing to look at, and all values are equal.
    const Sameness result = size == 0 ? Sameness::Same : Comparison(program).same(type, a, b);
    if (result == Sameness::Damaged) return Trap::Bounds;
    args.x[0] = result == Sameness::Same ? 1 : 0;
    return Trap::None;
}

// ---- maps and sets ------------------------------------------------------------------------------

/// A map or set in the arena, and where a key is in it or would go.
struct Table {
    const Type* type = nullptr;
    const Layout* layout = nullptr;
    std::uint8_t* base = nullptr; ///< the count
    u64 address = 0;              ///< of the count
    u64 count = 0, index = 0;
    bool found = false;
    std::uint32_t key_type = 0, key_bytes = 0;
    std::array<std::uint8_t, limits::storage_key> key{}; ///< a copy: it may lie in the table itself

    [[nodiscard]] std::uint8_t* entry(u64 i) const {
        return base + layout->first + i * layout->stride;
    }
    [[nodiscard]] u64 value_address() const {
        const u64 inside = type->kind == TypeKind::Map ? layout->value : 0;
        return address + layout->first + index * layout->stride + inside;
    }
    void set_count(u64 n) const { write_word(base, n); }
};

/// The type of x[0], if it is a map or set that lives in memory.
const Type* table_type(const Program& program, u64 number) {
    if (number >= program.module.types.size()) return nullptr;
    const Type& type = program.module.types[number];
    const bool table = type.kind == TypeKind::Map || type.kind == TypeKind::Set;
    return table && program.facts.layouts[number].size > 0 ? &type : nullptr;
}

void search(const Program& program, Table& table) {
    u64 low = 0, high = table.count;
    while (low < high) {
        const u64 middle = low + (high - low) / 2;
        const int order =
            compare_keys(program, table.key_type, table.entry(middle), table.key.data());
        table.found = table.found || order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    table.index = low;
}

Trap open_table(const Program& program, const HostCall& args, Table& table) {
    table.type = &program.module.types[args.x[0]];
    table.layout = &program.facts.layouts[args.x[0]];
    table.address = args.x[1];
    table.base = args.arena->at(args.x[1], table.layout->size);
    table.key_type = table.type->kind == TypeKind::Map ? table.type->key : table.type->element;
    table.key_bytes = program.facts.layouts[table.key_type].size;
    const std::uint8_t* const key = args.arena->at(args.x[2], table.key_bytes);
    if (table.base == nullptr || key == nullptr) return Trap::Bounds;
    std::memcpy(table.key.data(), key, table.key_bytes);
    table.count = read_word<u64>(table.base);
    if (table.count > table.type->max) return Trap::Bounds;
    search(program, table);
    return Trap::None;
}

Trap map_find(const HostCall& args, const Table& table) {
    args.x[0] = table.found ? table.value_address() : 0;
    return Trap::None;
}

Trap map_insert(const HostCall& args, const Table& table) {
    if (!table.found) {
        if (table.count == table.type->max) return Trap::Capacity;
        std::uint8_t* const place = table.entry(table.index);
        const std::size_t stride = table.layout->stride;
        std::memmove(place + stride, place, (table.count - table.index) * stride);
        std::memset(place, 0, stride);
        std::memcpy(place, table.key.data(), table.key_bytes);
        table.set_count(table.count + 1);
    }
    args.x[0] = table.value_address();
    return Trap::None;
}

Trap map_remove(const HostCall& args, const Table& table) {
    if (table.found) {
        std::uint8_t* const place = table.entry(table.index);
        const std::size_t stride = table.layout->stride;
        std::memmove(place, place + stride, (table.count - table.index - 1) * stride);
        std::memset(table.entry(table.count - 1), 0, stride);
        table.set_count(table.count - 1);
    }
    args.x[0] = table.found ? 1 : 0;
    return Trap::None;
}

Trap map_native(const Program& program, HostFn fn, const HostCall& args) {
    const Type* const type = table_type(program, args.x[0]);
    if (type == nullptr) return Trap::BadArgument;
    const u64 size = program.facts.layouts[args.x[0]].size;
    const u64 key_size = program.facts.layouts[type->kind == TypeKind::Map ? type->key : type->element].size;
    const u64 looks = static_cast<u64>(std::bit_width(type->max)) * ((key_size + 63) / 64);
    if (!charge(args, fn, fn == HostFn::MapFind ? looks : (size + 63) / 64)) return Trap::OutOfGas;
    Table table;
    if (const Trap trap = open_table(program, args, table); trap != Trap::None) return trap;
    switch (fn) {
    case HostFn::MapFind: return map_find(args, table);
    case HostFn::MapInsert: return map_insert(args, table);
    default: return map_remove(args, table);
    }
}

template <typename T> int order_of(T a, T b) { return a < b ? -1 : a > b ? 1 : 0; }

int compare_text(const std::uint8_t* a, const std::uint8_t* b, const Type& type,
                 const Layout& layout) {
    const u64 left = std::min<u64>(read_word<u64>(a), type.max);
    const u64 right = std::min<u64>(read_word<u64>(b), type.max);
    const int order = std::memcmp(a + layout.first, b + layout.first, std::min(left, right));
    return order != 0 ? order_of(order, 0) : order_of(left, right);
}

} // namespace

int compare_keys(const Program& program, std::uint32_t type, const std::uint8_t* a,
                 const std::uint8_t* b) {
    const Type& t = program.module.types[type];
    const Layout& layout = program.facts.layouts[type];
    if (is_string(t.kind)) return compare_text(a, b, t, layout);
    if (!has_fields(t.kind))
        return layout.size == 16 ? order_of(read_word<i128>(a), read_word<i128>(b))
                                 : order_of(read_word<i64>(a), read_word<i64>(b));
    for (std::size_t i = 0; i < t.fields.size(); ++i) {
        const std::uint32_t at = layout.offsets[i];
        const int order = compare_keys(program, t.fields[i].type, a + at, b + at);
        if (order != 0) return order;
    }
    return 0;
}

Trap native(const Program& program, HostFn fn, const HostCall& args) {
    switch (fn) {
    case HostFn::MulDiv3: return muldiv_by_three(args);
    case HostFn::Split: return split_by_weights(args);
    case HostFn::Share: return share_by_weights(args);
    case HostFn::Annuity: return annuity_instalment(args);
    case HostFn::DecimalFused: return decimal_fused_of(args);
    case HostFn::Power: return power_of(args);
    case HostFn::Root: return root_of(args);
    case HostFn::AccrualAdd: return add_accrual(args);
    case HostFn::AccrualRound: return round_accrual(args);
    case HostFn::AccrualTake: return take_accrual(args);
    case HostFn::AddMonths: return add_months(args);
    case HostFn::DatePart: return date_part(args);
    case HostFn::MakeDate: return make_date(args);
    case HostFn::Sha256: return sha256_of(args);
    case HostFn::Equal: return equal(program, args);
    case HostFn::MapFind:
    case HostFn::MapInsert:
    case HostFn::MapRemove: return map_native(program, fn, args);
    default: return Trap::BadArgument; // not pure: the runtime's
    }
}

} // namespace tally
