#include "compiler/lower/encoded_size.hpp"

namespace tally {

u64 encoded_bytes(const Module& module, std::uint32_t number) {
    const Type& t = module.types[number];
    constexpr u64 word = 10, wide = 19, count = 5;
    switch (t.kind) {
    case TypeKind::Unit: case TypeKind::Cash: return 0;
    case TypeKind::Money: case TypeKind::Amount: case TypeKind::Rate: case TypeKind::Decimal: case TypeKind::Number: return wide;
    case TypeKind::Fraction: return 2 * word;
    case TypeKind::Text: case TypeKind::Blob: return count + t.max;
    case TypeKind::Record: case TypeKind::Variant: {
        u64 sum = 0;
        for (const auto& f : t.fields) sum += encoded_bytes(module, f.type);
        return sum;
    }
    case TypeKind::List: case TypeKind::Set: return count + t.max * encoded_bytes(module, t.element);
    case TypeKind::Map: return count + t.max * (encoded_bytes(module, t.key) + encoded_bytes(module, t.element));
    case TypeKind::Optional: return 1 + encoded_bytes(module, t.element);
    case TypeKind::Accrual: return 32 + word;
    default: return word;
    }
}

} // namespace tally
