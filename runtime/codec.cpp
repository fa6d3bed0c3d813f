// Every walk here ends: a type refers only to earlier ones and nests at most limits::type_depth
// deep, and each of its parts takes room, so a value of n bytes has at most n / 8 leaves.
#include "runtime/codec.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/engine/natives.hpp"
#include "vm/value/date.hpp"
#include "vm/value/memory.hpp"

namespace tally {
namespace {

bool is_wide(TypeKind kind) {
    return kind == TypeKind::Money || kind == TypeKind::Rate || kind == TypeKind::Decimal || kind == TypeKind::Number || kind == TypeKind::Amount;
}

/// A word that is a value of its type: Bool and Enum have few.
bool word_fits(const Type& type, i64 word) {
    if (type.kind == TypeKind::Bool) return word == 0 || word == 1;
    if (type.kind == TypeKind::Weight) return word >= 0;
    if (type.kind == TypeKind::Date) return date_valid(word);
    if (type.kind == TypeKind::Enum) return word >= 0 && static_cast<u64>(word) < type.cases.size();
    return true;
}

/// A denominator is positive; 0/0 is a fraction that nobody has set yet.
bool fraction_fits(i64 numerator, i64 denominator) {
    return denominator > 0 || (denominator == 0 && numerator == 0);
}

bool is_ordered(TypeKind kind) { return kind == TypeKind::Map || kind == TypeKind::Set; }

class Encoder {
public:
    Encoder(const Program& program, ByteWriter& out)
        : program_(program), types_(program.module.types), layouts_(program.facts.layouts),
          out_(out) {}

    bool value(std::uint32_t number, const std::uint8_t* at) {
        const Type& type = types_[number];
        const Layout& layout = layouts_[number];
        switch (type.kind) {
        case TypeKind::Unit:
        case TypeKind::Cash: return true;
        case TypeKind::Fraction: return fraction(at);
        case TypeKind::Blob:
        case TypeKind::Text: return text(type, layout, at);
        case TypeKind::Variant: return variant(type, layout, at);
        case TypeKind::Record: return record(type, layout, at);
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return collection(type, layout, at);
        case TypeKind::Optional: return optional(type, layout, at);
        case TypeKind::Accrual: return accrual(at);
        default: return scalar(type, at);
        }
    }

private:
    bool scalar(const Type& type, const std::uint8_t* at) {
        if (is_wide(type.kind)) {
            const i128 wide = read_word<i128>(at);
            out_.varint128(wide);
            return type.kind != TypeKind::Amount || wide >= 0;
        }
        const i64 word = read_word<i64>(at);
        out_.varint(word);
        return word_fits(type, word);
    }

    bool fraction(const std::uint8_t* at) {
        const i64 numerator = read_word<i64>(at), denominator = read_word<i64>(at + 8);
        out_.varint(numerator);
        out_.varint(denominator);
        return fraction_fits(numerator, denominator);
    }

    bool text(const Type& type, const Layout& layout, const std::uint8_t* at) {
        const u64 count = read_word<u64>(at);
        if (count > type.max) return false;
        out_.bytes({at + layout.first, static_cast<std::size_t>(count)});
        return true;
    }

    bool record(const Type& type, const Layout& layout, const std::uint8_t* at) {
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            if (!value(type.fields[i].type, at + layout.offsets[i])) return false;
        return true;
    }

    bool variant(const Type& type, const Layout& layout, const std::uint8_t* at) {
        if (!value(type.fields[0].type, at)) return false;
        const auto& name = types_[type.fields[0].type].cases[read_word<u64>(at)];
        for (std::size_t i = 1; i < type.fields.size(); ++i)
            if (variant_field_alive(type, i, name) && !value(type.fields[i].type, at + layout.offsets[i])) return false;
        return true;
    }

    bool collection(const Type& type, const Layout& layout, const std::uint8_t* at) {
        const u64 count = read_word<u64>(at);
        if (count > type.max || layout.size == 0) return false;
        out_.uvarint(count);
        const std::uint8_t* item = at + layout.first;
        const std::uint32_t key = type.kind == TypeKind::Map ? type.key : type.element;
        for (u64 i = 0; i < count; ++i, item += layout.stride) {
            const bool ascends = i == 0 || !is_ordered(type.kind) ||
                                 compare_keys(program_, key, item - layout.stride, item) < 0;
            if (!ascends) return false;
            if (type.kind == TypeKind::Map && !value(type.key, item)) return false;
            if (!value(type.element, item + layout.value)) return false;
        }
        return true;
    }

    bool optional(const Type& type, const Layout& layout, const std::uint8_t* at) {
        const u64 present = read_word<u64>(at);
        if (present > 1) return false;
        out_.u8(static_cast<std::uint8_t>(present));
        return present == 0 || value(type.element, at + layout.first);
    }

    bool accrual(const std::uint8_t* at) {
        for (int limb = 0; limb < 4; ++limb)
            out_.u64be(read_word<u64>(at + 8 * limb));
        out_.varint(read_word<i64>(at + 32));
        return true;
    }

    const Program& program_;
    const std::vector<Type>& types_;
    const std::vector<Layout>& layouts_;
    ByteWriter& out_;
};

class Decoder {
public:
    Decoder(const Program& program, ByteReader& in)
        : program_(program), types_(program.module.types), layouts_(program.facts.layouts),
          in_(in) {}

    bool value(std::uint32_t number, std::uint8_t* at) {
        const Type& type = types_[number];
        const Layout& layout = layouts_[number];
        switch (type.kind) {
        case TypeKind::Unit:
        case TypeKind::Cash: return true;
        case TypeKind::Fraction: return fraction(at);
        case TypeKind::Blob:
        case TypeKind::Text: return text(type, layout, at);
        case TypeKind::Variant: return variant(type, layout, at);
        case TypeKind::Record: return record(type, layout, at);
        case TypeKind::List:
        case TypeKind::Set:
        case TypeKind::Map: return collection(type, layout, at);
        case TypeKind::Optional: return optional(type, layout, at);
        case TypeKind::Accrual: return accrual(at);
        default: return scalar(type, at);
        }
    }

private:
    bool scalar(const Type& type, std::uint8_t* at) {
        if (is_wide(type.kind)) {
            const i128 wide = in_.varint128();
            write_word(at, wide);
            return in_.ok() && (type.kind != TypeKind::Amount || wide >= 0);
        }
        const i64 word = in_.varint();
        write_word(at, word);
        return in_.ok() && word_fits(type, word);
    }

    bool fraction(std::uint8_t* at) {
        const i64 numerator = in_.varint();
        const i64 denominator = in_.varint();
        write_word(at, numerator);
        write_word(at + 8, denominator);
        return in_.ok() && fraction_fits(numerator, denominator);
    }

    bool text(const Type& type, const Layout& layout, std::uint8_t* at) {
        const ByteView bytes = in_.bytes(type.max);
        write_word(at, static_cast<u64>(bytes.size()));
        if (!bytes.empty()) std::memcpy(at + layout.first, bytes.data(), bytes.size());
        return in_.ok();
    }

    bool record(const Type& type, const Layout& layout, std::uint8_t* at) {
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            if (!value(type.fields[i].type, at + layout.offsets[i])) return false;
        return true;
    }

    /// The fields of the other cases are zero: one value, one form in memory.
    bool variant(const Type& type, const Layout& layout, std::uint8_t* at) {
        std::memset(at, 0, layout.size);
        if (!value(type.fields[0].type, at)) return false;
        const auto& name = types_[type.fields[0].type].cases[read_word<u64>(at)];
        for (std::size_t i = 1; i < type.fields.size(); ++i)
            if (variant_field_alive(type, i, name) && !value(type.fields[i].type, at + layout.offsets[i])) return false;
        return true;
    }

    bool collection(const Type& type, const Layout& layout, std::uint8_t* at) {
        const u64 count = in_.count(type.max);
        if (!in_.ok() || layout.size == 0) return false;
        write_word(at, count);
        std::uint8_t* item = at + layout.first;
        const std::uint32_t key = type.kind == TypeKind::Map ? type.key : type.element;
        for (u64 i = 0; i < count; ++i, item += layout.stride) {
            if (type.kind == TypeKind::Map && !value(type.key, item)) return false;
            if (!value(type.element, item + layout.value)) return false;
            const bool ascends = i == 0 || !is_ordered(type.kind) ||
                                 compare_keys(program_, key, item - layout.stride, item) < 0;
            if (!ascends) return false;
        }
        return true;
    }

    bool optional(const Type& type, const Layout& layout, std::uint8_t* at) {
        const u64 present = in_.u8();
        if (!in_.ok() || present > 1) return false;
        write_word(at, present);
        return present == 0 || value(type.element, at + layout.first);
    }

    bool accrual(std::uint8_t* at) {
        for (int limb = 0; limb < 4; ++limb)
            write_word(at + 8 * limb, in_.u64be());
        write_word(at + 32, in_.varint());
        return in_.ok();
    }

    const Program& program_;
    const std::vector<Type>& types_;
    const std::vector<Layout>& layouts_;
    ByteReader& in_;
};

void write_key(const Program& program, std::uint32_t number, const std::uint8_t* at,
               ByteWriter& out) {
    const Type& type = program.module.types[number];
    const Layout& layout = program.facts.layouts[number];
    if (has_fields(type.kind)) {
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            write_key(program, type.fields[i].type, at + layout.offsets[i], out);
        return;
    }
    if (is_wide(type.kind))
        out.i128be(read_word<i128>(at));
    else
        out.i64be(read_word<i64>(at));
}

} // namespace

bool encode_value(const Program& program, std::uint32_t type, const std::uint8_t* at,
                  ByteWriter& out) {
    return Encoder(program, out).value(type, at);
}

bool decode_value(const Program& program, std::uint32_t type, ByteReader& in, std::uint8_t* at) {
    return Decoder(program, in).value(type, at);
}

Bytes key_bytes(const Program& program, std::uint32_t type, const std::uint8_t* at) {
    ByteWriter out;
    write_key(program, type, at, out);
    return out.take();
}

bool key_from_bytes(const Program& program, std::uint32_t number, ByteReader& in,
                    std::uint8_t* at) {
    const Type& type = program.module.types[number];
    const Layout& layout = program.facts.layouts[number];
    if (has_fields(type.kind)) {
        for (std::size_t i = 0; i < type.fields.size(); ++i)
            if (!key_from_bytes(program, type.fields[i].type, in, at + layout.offsets[i]))
                return false;
        return true;
    }
    if (is_wide(type.kind)) {
        const i128 wide = in.i128be();
        write_word(at, wide);
        return in.ok() && (type.kind != TypeKind::Amount || wide >= 0);
    }
    const i64 word = in.i64be();
    write_word(at, word);
    return in.ok() && word_fits(type, word);
}

} // namespace tally
