#include "vm/bytecode/layout.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <cassert>

namespace tally {
namespace {

// Every part is at most limits::value_bytes and every count at most 2^32, so 64 bits never
// overflow.
constexpr u64 align_up(u64 value, u64 align) { return (value + align - 1) & ~(align - 1); } // a power of two

/// Sizes while they may still be too large.
struct Draft {
    u64 size = 0, align = 8;
    u64 first = 0, stride = 0, value = 0;
};

Draft plain(u64 size, u64 align) {
    Draft draft;
    draft.size = size;
    draft.align = align;
    return draft;
}

Draft text(u64 max) {
    Draft draft = plain(8 + align_up(max, 8), 8);
    draft.first = 8;
    draft.stride = 1;
    return draft;
}

Draft record(const Type& type, const std::vector<Layout>& before, Words& offsets) {
    Draft draft;
    std::uint32_t* offset = offsets.room(type.fields.size());
    for (const Field& field : type.fields) {
        const Layout& part = before[field.type];
        draft.size = align_up(draft.size, part.align);
        *offset++ = static_cast<std::uint32_t>(draft.size);
        draft.size += part.size;
        draft.align = std::max<u64>(draft.align, part.align);
    }
    draft.size = align_up(draft.size, draft.align);
    return draft;
}

Draft sequence(u64 count, u64 stride, u64 align) {
    Draft draft;
    draft.align = std::max<u64>(8, align);
    draft.first = align_up(8, draft.align);
    draft.stride = stride;
    draft.size = align_up(draft.first + count * stride, draft.align);
    return draft;
}

Draft map(const Type& type, const Layout& key, const Layout& value) {
    if (value.size == 0) return {}; // a vault by key: nothing of it lies in memory
    const u64 align = std::max(key.align, value.align);
    const u64 at = align_up(key.size, value.align);
    Draft draft = sequence(type.max, align_up(at + value.size, align), align);
    draft.value = at;
    return draft;
}

Draft accrual(Words& offsets) {
    offsets = {32};
    return plain(40, 8);
}

Draft draft_of(const Type& type, const std::vector<Layout>& before, Words& offsets) {
    switch (type.kind) {
    case TypeKind::Unit:
    case TypeKind::Cash: return plain(0, 8);
    case TypeKind::Bool:
    case TypeKind::Int:
    case TypeKind::Weight:
    case TypeKind::Date:
    case TypeKind::Days:
    case TypeKind::Months:
    case TypeKind::Party:
    case TypeKind::Instance:
    case TypeKind::Account:
    case TypeKind::Enum: return plain(8, 8);
    case TypeKind::Money:
    case TypeKind::Amount:
    case TypeKind::Rate:
    case TypeKind::Number:
    case TypeKind::Decimal: return plain(16, 16);
    case TypeKind::Fraction: return plain(16, 8);
    case TypeKind::Blob:
    case TypeKind::Text: return text(type.max);
    case TypeKind::Variant:
    case TypeKind::Record: return record(type, before, offsets);
    case TypeKind::List:
    case TypeKind::Set: {
        const Layout& element = before[type.element];
        return sequence(type.max, element.size, element.align);
    }
    case TypeKind::Map: return map(type, before[type.key], before[type.element]);
    case TypeKind::Optional: {
        const Layout& element = before[type.element];
        return sequence(1, element.size, element.align);
    }
    case TypeKind::Accrual: return accrual(offsets);
    }
    return {};
}

/// In place, as a module may have thousands; false if it is too large.
bool fill(Layout& out, const Type& type, const std::vector<Layout>& before) {
    const Draft draft = draft_of(type, before, out.offsets);
    const auto narrow = [](u64 v) { return static_cast<std::uint32_t>(v); };
    out.size = narrow(draft.size);
    out.align = narrow(draft.align);
    out.first = narrow(draft.first);
    out.stride = narrow(draft.stride);
    out.value = narrow(draft.value);
    return draft.size <= limits::value_bytes;
}

} // namespace

std::optional<Layout> layout_of(const Type& type, const std::vector<Layout>& before) {
    Layout out;
    if (!fill(out, type, before)) return std::nullopt;
    return out;
}

bool lay_out(const Type& type, std::vector<Layout>& layouts) {
    if (fill(layouts.emplace_back(), type, layouts)) return true;
    layouts.pop_back();
    return false;
}

std::vector<Layout> layouts(const std::vector<Type>& types) {
    std::vector<Layout> out;
    out.reserve(types.size());
    for (const Type& type : types) {
        auto layout = layout_of(type, out);
        assert(layout && "the verifier bounds every type");
        out.push_back(layout ? std::move(*layout) : Layout{});
    }
    return out;
}

RecordLayout record_layout(const Contract& contract, const std::vector<Layout>& types,
                           const std::vector<Type>&) {
    RecordLayout out;
    out.offsets.reserve(contract.fields.size());
    u64 at = 8; // after the state
    for (const ContractField& field : contract.fields) {
        const bool vault = field.kind == FieldKind::Vault;
        const bool counted = field.kind == FieldKind::Stored;
        const Layout& layout = types[field.type];
        at = align_up(at, vault || counted ? 8 : layout.align);
        out.offsets.push_back(vault ? 0 : static_cast<std::uint32_t>(at));
        at += vault ? 0 : counted ? 8 : layout.size;
    }
    out.size = static_cast<std::uint32_t>(align_up(at, 16));
    return out;
}

std::uint32_t parent_address(std::uint32_t self_size) {
    return static_cast<std::uint32_t>(align_up(u64{self_address} + self_size, 16));
}

bool stored_by_key(const Type& type, const Layout& layout) {
    const bool collection =
        type.kind == TypeKind::List || type.kind == TypeKind::Map || type.kind == TypeKind::Set;
    return collection && layout.size > limits::inline_bytes;
}

} // namespace tally
