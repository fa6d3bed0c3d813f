#include "runtime/parties.hpp"

#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

bool every_in_items(const Program& program, const Type& type, const Layout& layout,
                    const std::uint8_t* at, const std::function<bool(PartyId)>& visit) {
    const u64 count = std::min<u64>(read_word<u64>(at), type.max);
    for (u64 i = 0; i < count; ++i) {
        const std::uint8_t* const item = at + layout.first + i * layout.stride;
        if (type.kind == TypeKind::Map && !every_party(program, type.key, item, visit))
            return false;
        if (!every_party(program, type.element, item + layout.value, visit)) return false;
    }
    return true;
}

} // namespace

// Nesting is bounded by limits::type_depth.
bool every_party(const Program& program, std::uint32_t number, const std::uint8_t* at,
                 const std::function<bool(PartyId)>& visit) {
    const Type& type = program.module.types[number];
    const Layout& layout = program.facts.layouts[number];
    switch (type.kind) {
    case TypeKind::Party: return visit(read_word<u64>(at));
    case TypeKind::Optional:
        return read_word<u64>(at) == 0 ||
               every_party(program, type.element, at + layout.first, visit);
    case TypeKind::Variant:
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const auto& cases = program.module.types[type.fields[0].type].cases;
            if (!variant_field_alive(type, i, cases[read_word<u64>(at)])) continue;
            if (!every_party(program, type.fields[i].type, at + layout.offsets[i], visit))
                return false;
        }
        return true;
    case TypeKind::Record:
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            if (!every_party(program, type.fields[i].type, at + layout.offsets[i], visit))
                return false;
        return true;
    case TypeKind::List:
    case TypeKind::Set:
    case TypeKind::Map: return every_in_items(program, type, layout, at, visit);
    default: return true;
    }
}

bool can_name(const Module& module, std::uint32_t number) {
    if (number == none) return false;
    const Type& type = module.types[number];
    if (type.kind == TypeKind::Party) return true;
    if (can_name(module, type.key) || can_name(module, type.element)) return true;
    return std::any_of(type.fields.begin(), type.fields.end(),
                       [&](const Field& field) { return can_name(module, field.type); });
}

std::vector<PartyId> named_in(const OpenInstance& self) {
    std::vector<PartyId> out;
    for (const std::uint32_t field : self.plan->naming)
        every_party(self.program(), self.contract->fields[field].type,
                    self.record() + self.layout->offsets[field], [&out](PartyId party) {
                        if (party != 0) out.push_back(party);
                        return true;
                    });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

} // namespace tally
