#include "runtime/trace/figures.hpp"

#include "vm/value/memory.hpp"

namespace tally {
namespace {

class Walk {
public:
    Walk(const Program& program, const Names& names, Figures& out) : program_(program), names_(names), out_(out) {}

    void value(std::uint32_t number, const std::uint8_t* at, const std::string& path, u64 offset) const {
        const Type& type = program_.module.types[number];
        const Layout& layout = program_.facts.layouts[number];
        if (layout.size == 0) return;
        switch (type.kind) {
        case TypeKind::Text:
        case TypeKind::Blob: return;
        case TypeKind::Record: return fields(type, layout, at, path, offset);
        case TypeKind::Variant: return cases(type, layout, at, path, offset);
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return elements(type, layout, at, path, offset);
        case TypeKind::Optional:
            if (read_word<u64>(at) == 1) value(type.element, at + layout.first, path, offset + layout.first);
            return;
        case TypeKind::Fraction:
            out_[offset] = {path + " (numerator)", TypeKind::Int};
            out_[offset + 8] = {path + " (denominator)", TypeKind::Int};
            return;
        default: out_[offset] = {path, type.kind};
        }
    }

private:
    void fields(const Type& type, const Layout& layout, const std::uint8_t* at, const std::string& path, u64 offset) const {
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            value(type.fields[i].type, at + layout.offsets[i], path + "." + std::string(type.fields[i].name), offset + layout.offsets[i]);
    }

    void cases(const Type& type, const Layout& layout, const std::uint8_t* at, const std::string& path, u64 offset) const {
        const auto& names = program_.module.types[type.fields[0].type].cases;
        const u64 which = read_word<u64>(at);
        if (which >= names.size()) return;
        for (std::size_t i = 1; i < type.fields.size(); ++i)
            if (variant_field_alive(type, i, names[which]))
                value(type.fields[i].type, at + layout.offsets[i], path + "." + std::string(type.fields[i].name), offset + layout.offsets[i]);
    }

    void elements(const Type& type, const Layout& layout, const std::uint8_t* at, const std::string& path, u64 offset) const {
        const u64 count = read_word<u64>(at);
        if (count > type.max) return;
        for (u64 i = 0; i < count; ++i) {
            const u64 place = layout.first + i * layout.stride;
            const bool map = type.kind == TypeKind::Map;
            const std::string name = map ? key_text(program_, type.key, at + place, names_) : std::to_string(i);
            const u64 inside = place + (map ? layout.value : 0);
            value(type.element, at + inside, path + "[" + name + "]", offset + inside);
        }
    }

    const Program& program_;
    const Names& names_;
    Figures& out_;
};

} // namespace

void add_figures(const Program& program, std::uint32_t type, const std::uint8_t* at, const std::string& path, u64 offset, const Names& names, Figures& out) {
    Walk(program, names, out).value(type, at, path, offset);
}

i128 figure_value(const NamedFigure& figure, const std::uint8_t* at) { return figure.is_wide() || figure.kind == TypeKind::Accrual ? read_word<i128>(at) : i128{read_word<i64>(at)}; }

std::string key_text(const Program& program, std::uint32_t type, const std::uint8_t* at, const Names& names) {
    std::string text = json_of(program, type, at, names);
    if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
    return text;
}

} // namespace tally
