// Maps and sets in memory. What lies there may be out of order, because a contract can write anything: so the search is
// the one that the machine promises, halving from both ends, and where the keys do ascend it is held against a plain
// walk through all of them.
#include "tests/tri/reference.hpp"
#include "tests/tri/reference_natives.hpp"

#include <bit>

namespace tally::tri {
namespace {

using Key = std::vector<i128>; ///< the plain numbers of a key, field by field

class Table {
public:
    Table(const Program& program, std::uint32_t number, Arena& arena, u64 at)
        : program_(program), type_(program.module.types[number]), layout_(program.facts.layouts[number]), arena_(arena), at_(at) {}

    bool open(u64 key_at);
    [[nodiscard]] bool found() const { return found_; }
    [[nodiscard]] bool full() const { return count_ == type_.max; }
    [[nodiscard]] u64 value() const { return entry(place_) + (type_.kind == TypeKind::Map ? layout_.value : 0); }
    void insert();
    void remove();

private:
    std::uint32_t key_type() const { return type_.kind == TypeKind::Map ? type_.key : type_.element; }
    std::uint32_t key_bytes() const { return program_.facts.layouts[key_type()].size; }
    u64 entry(u64 i) const { return at_ + layout_.first + i * layout_.stride; }
    std::uint8_t* bytes(u64 address, u64 count) { return arena_.at(address, count); }
    void numbers(std::uint32_t type, const std::uint8_t* at, Key& out) const;
    Key key_of(const std::uint8_t* at) const;
    void search();
    void move(u64 from, u64 to);
    void set_count(u64 n) { put_word(bytes(at_, 8), n); }

    const Program& program_;
    const Type& type_;
    const Layout& layout_;
    Arena& arena_;
    u64 at_, count_ = 0, place_ = 0;
    bool found_ = false;
    std::vector<std::uint8_t> wanted_; ///< a copy: the key may lie in the table itself
};

void Table::numbers(std::uint32_t type, const std::uint8_t* at, Key& out) const {
    const Type& t = program_.module.types[type];
    const Layout& layout = program_.facts.layouts[type];
    if (!has_fields(t.kind)) return out.push_back(layout.size == 16 ? wide_at(at) : i128{static_cast<i64>(word_at(at))});
    for (std::size_t i = 0; i < t.fields.size(); ++i) numbers(t.fields[i].type, at + layout.offsets[i], out);
}

Key Table::key_of(const std::uint8_t* at) const {
    Key out;
    numbers(key_type(), at, out);
    return out;
}

void Table::search() {
    const Key wanted = key_of(wanted_.data());
    std::vector<Key> keys;
    for (u64 i = 0; i < count_; ++i) keys.push_back(key_of(bytes(entry(i), key_bytes())));
    u64 high = count_;
    while (place_ < high) {
        const u64 middle = (place_ + high) / 2;
        found_ = found_ || keys[middle] == wanted;
        if (keys[middle] < wanted) place_ = middle + 1;
        else high = middle;
    }
    const bool ascending = std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) == keys.end();
    if (!ascending) return;
    const auto plain = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k >= wanted; });
    promise(static_cast<u64>(plain - keys.begin()) == place_ && found_ == (plain != keys.end() && *plain == wanted), "the reference searches wrongly");
}

/// False if the table or the key leaves the memory, or more is in it than may be.
bool Table::open(u64 key_at) {
    const std::uint8_t* const key = bytes(key_at, key_bytes());
    if (key == nullptr || bytes(at_, layout_.size) == nullptr) return false;
    wanted_.assign(key, key + key_bytes());
    count_ = word_at(bytes(at_, 8));
    if (count_ > type_.max) return false;
    search();
    return true;
}

/// One entry to another place.
void Table::move(u64 from, u64 to) {
    for (u64 i = 0; i < layout_.stride; ++i) *bytes(entry(to) + i, 1) = *bytes(entry(from) + i, 1);
}

void Table::insert() {
    for (u64 i = count_; i > place_; --i) move(i - 1, i);
    std::uint8_t* const fresh = bytes(entry(place_), layout_.stride);
    std::fill_n(fresh, layout_.stride, std::uint8_t{0});
    std::copy(wanted_.begin(), wanted_.end(), fresh);
    set_count(count_ + 1);
}

void Table::remove() {
    for (u64 i = place_ + 1; i < count_; ++i) move(i, i - 1);
    std::fill_n(bytes(entry(count_ - 1), layout_.stride), layout_.stride, std::uint8_t{0});
    set_count(count_ - 1);
}

} // namespace

Trap reference_tables(const Program& program, HostFn fn, const HostCall& args) {
    const auto& types = program.module.types;
    if (args.x[0] >= types.size()) return Trap::BadArgument;
    const auto number = static_cast<std::uint32_t>(args.x[0]);
    const Type& type = types[number];
    const u64 size = program.facts.layouts[number].size;
    if ((type.kind != TypeKind::Map && type.kind != TypeKind::Set) || size == 0) return Trap::BadArgument;
    u64 steps = 0;
    for (std::uint32_t left = type.max; left > 0; left /= 2) ++steps;
    const u64 key_size = program.facts.layouts[type.kind == TypeKind::Set ? type.element : type.key].size;
    if (!charge_units(fn, args, fn == HostFn::MapFind ? steps * (key_size / 64 + (key_size % 64 != 0)) : size / 64 + (size % 64 != 0))) return Trap::OutOfGas;
    Table table(program, number, *args.arena, args.x[1]);
    if (!table.open(args.x[2])) return Trap::Bounds;
    if (fn == HostFn::MapInsert && !table.found() && table.full()) return Trap::Capacity;
    if (fn == HostFn::MapInsert && !table.found()) table.insert();
    if (fn == HostFn::MapRemove && table.found()) table.remove();
    if (fn == HostFn::MapRemove) args.x[0] = table.found() ? 1 : 0;
    else args.x[0] = fn == HostFn::MapInsert || table.found() ? table.value() : 0;
    return Trap::None;
}

} // namespace tally::tri
