// Values in memory compared by their type: only what is alive, never the padding.
#include "tests/tri/reference_natives.hpp"

namespace tally::tri {
namespace {

enum class Verdict { Same, Different, Damaged };

class Comparison {
public:
    Comparison(const Program& program, const Arena& arena) : types_(program.module.types), layouts_(program.facts.layouts), arena_(arena) {}

    Verdict same(std::uint32_t type, u64 a, u64 b) const {
        const Type& t = types_[type];
        switch (t.kind) {
        case TypeKind::Record: return fields(type, a, b, [](std::size_t) { return true; });
        case TypeKind::Variant: return variant(type, a, b);
        case TypeKind::Fraction: return fractions(a, b);
        case TypeKind::Text:
        case TypeKind::Blob:
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return counted(type, t.max, a, b);
        case TypeKind::Optional: return counted(type, 1, a, b);
        default: return bytes(layouts_[type].size, a, b);
        }
    }

private:
    u64 word(u64 at) const { return word_at(arena_.at(at, 8)); }
    Verdict bytes(u64 count, u64 a, u64 b) const {
        for (u64 i = 0; i < count; ++i)
            if (*arena_.at(a + i, 1) != *arena_.at(b + i, 1)) return Verdict::Different;
        return Verdict::Same;
    }
    /// By value; one that nobody has set, over 0, is the same only as its own bytes.
    Verdict fractions(u64 a, u64 b) const {
        if (word(a + 8) == 0 || word(b + 8) == 0) return bytes(16, a, b);
        const auto number = [&](u64 at) { return i128{static_cast<i64>(word(at))}; };
        return number(a) * number(b + 8) == number(b) * number(a + 8) ? Verdict::Same : Verdict::Different;
    }
    template <typename Alive> Verdict fields(std::uint32_t type, u64 a, u64 b, Alive alive) const {
        for (std::size_t i = 0; i < types_[type].fields.size(); ++i) {
            if (!alive(i)) continue;
            const u64 at = layouts_[type].offsets[i];
            if (const Verdict part = same(types_[type].fields[i].type, a + at, b + at); part != Verdict::Same) return part;
        }
        return Verdict::Same;
    }
    Verdict variant(std::uint32_t type, u64 a, u64 b) const {
        const Type& t = types_[type];
        const auto& cases = types_[t.fields[0].type].cases;
        const u64 present = word(a);
        if (present >= cases.size()) return Verdict::Damaged;
        return fields(type, a, b, [&](std::size_t i) { return i == 0 || t.fields[i].name.starts_with(std::string(cases[present]) + "."); });
    }
    Verdict counted(std::uint32_t type, u64 max, u64 a, u64 b) const {
        const Type& t = types_[type];
        const Layout& layout = layouts_[type];
        const u64 count = word(a);
        if (count > max || word(b) > max) return Verdict::Damaged;
        if (count != word(b)) return Verdict::Different;
        if (is_string(t.kind)) return bytes(count, a + layout.first, b + layout.first);
        for (u64 i = 0; i < count; ++i)
            if (const Verdict item = element(t, layout, a + layout.first + i * layout.stride, b + layout.first + i * layout.stride); item != Verdict::Same) return item;
        return Verdict::Same;
    }
    Verdict element(const Type& t, const Layout& layout, u64 a, u64 b) const {
        if (t.kind != TypeKind::Map) return same(t.element, a, b);
        const Verdict key = same(t.key, a, b);
        return key == Verdict::Same ? same(t.element, a + layout.value, b + layout.value) : key;
    }

    const std::vector<Type>& types_;
    const std::vector<Layout>& layouts_;
    const Arena& arena_;
};

} // namespace

Trap reference_values(const Program& program, HostFn fn, const HostCall& args) {
    if (args.x[0] >= program.module.types.size()) return Trap::BadArgument;
    const auto type = static_cast<std::uint32_t>(args.x[0]);
    const u64 size = program.facts.layouts[type].size;
    if (!charge_units(fn, args, size / 8 + (size % 8 != 0))) return Trap::OutOfGas;
    if (args.arena->at(args.x[1], size) == nullptr || args.arena->at(args.x[2], size) == nullptr) return Trap::Bounds;
    const Verdict verdict = size == 0 ? Verdict::Same : Comparison(program, *args.arena).same(type, args.x[1], args.x[2]);
    if (verdict == Verdict::Damaged) return Trap::Bounds;
    args.x[0] = verdict == Verdict::Same ? 1 : 0;
    return Trap::None;
}

} // namespace tally::tri
