#include "proof/figures.hpp"

#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

class Walk {
public:
    Walk(const OpenInstance& self, PartyId party) : program_(self.program()), party_(party) {}

    void value(std::uint32_t number, const std::uint8_t* at, const std::string& path) {
        const Type& type = program_.module.types[number];
        const Layout& layout = program_.facts.layouts[number];
        switch (type.kind) {
        case TypeKind::Record: return record(type, layout, at, path);
        case TypeKind::Optional:
            if (read_word<u64>(at) == 1) value(type.element, at + layout.first, path);
            return;
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return items(type, layout, at, path);
        default: return;
        }
    }
    std::vector<Figure> take() { return std::move(figures_); }

private:
    TypeKind kind(std::uint32_t number) const { return program_.module.types[number].kind; }

    void record(const Type& type, const Layout& layout, const std::uint8_t* at, const std::string& path) {
        bool named = false;
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            named = named || (kind(type.fields[i].type) == TypeKind::Party && read_word<u64>(at + layout.offsets[i]) == party_);
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const Field& field = type.fields[i];
            const std::string inner = path + "." + std::string(field.name);
            if (named && is_money(kind(field.type))) add(inner, read_word<i128>(at + layout.offsets[i]));
            else value(field.type, at + layout.offsets[i], inner);
        }
    }

    void items(const Type& type, const Layout& layout, const std::uint8_t* at, const std::string& path) {
        const u64 count = std::min<u64>(read_word<u64>(at), type.max);
        const bool by_party = type.kind == TypeKind::Map && kind(type.key) == TypeKind::Party;
        for (u64 i = 0; i < count; ++i) {
            const std::uint8_t* const item = at + layout.first + i * layout.stride;
            const bool own = by_party && read_word<u64>(item) == party_;
            if (own && is_money(kind(type.element))) add(path, read_word<i128>(item + layout.value));
            else value(type.element, item + layout.value, path);
        }
    }

    void add(const std::string& path, i128 amount) {
        const auto known = std::find_if(figures_.begin(), figures_.end(), [&](const Figure& figure) { return figure.path == path; });
        if (known == figures_.end()) figures_.push_back({path, amount});
        else known->amount += amount;
    }

    const Program& program_;
    PartyId party_;
    std::vector<Figure> figures_;
};

} // namespace

std::vector<Figure> figures_in(const OpenInstance& self, PartyId party) {
    Walk walk(self, party);
    for (const std::uint32_t field : self.plan->naming)
        walk.value(self.contract->fields[field].type, self.record() + self.layout->offsets[field], self.contract->fields[field].name);
    return walk.take();
}

} // namespace tally
