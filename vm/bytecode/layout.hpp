/// Where a value of a type lies in the arena. The compiler, the machine's natives and the runtime's
/// codec all ask here, so they cannot disagree.
///
///   8-byte kinds   one signed 64-bit word (Bool 0/1, Enum the case number, Date days since 1970)
///   16-byte kinds  one signed 128-bit word, aligned to 16
///   Fraction       numerator, denominator (> 0): two words
///   Text           byte count, then `max` bytes rounded up to 8
///   Record         fields in order, each aligned
///   List, Set      count, then `max` elements (a set's ascending)
///   Map            count, then `max` pairs {key, value}, keys ascending
///   Optional       present (0/1), then the value
///   Accrual        256-bit sum (4 words), then the date up to which it is summed
/// Unused elements, absent optionals and the padding are zero wherever the runtime wrote a value.
#pragma once

#include "vm/bytecode/module.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tally {

struct Layout {
    std::uint32_t size = 0; ///< a multiple of align
    std::uint32_t align = 8;
    // Record: offset of each field. Accrual: the date's offset.
    Words offsets;
    // List, Set, Map, Optional: first element (value), distance between elements; Map: value inside a pair. Text: first byte.
    // Cash and a map of Cash have size 0: what they hold is never in memory.
    std::uint32_t first = 0, stride = 0, value = 0;
};

/// The layout of a type whose parts have the layouts `before`; nothing if it is larger than
/// `limits::value_bytes`. The parts must be lower type numbers.
[[nodiscard]] std::optional<Layout> layout_of(const Type& type, const std::vector<Layout>& before);

/// Puts the layout of the next type behind those before it; false as above.
[[nodiscard]] bool lay_out(const Type& type, std::vector<Layout>& layouts);

/// Layouts of all types of a module, by type number. The types must be well formed (verify.hpp).
[[nodiscard]] std::vector<Layout> layouts(const std::vector<Type>& types);

inline constexpr std::uint32_t self_address = 64; ///< below it: the null page, never mapped

/// The record of an instance in the arena, at `self_address`: word 0 is the state, then the fields
/// that live in the record; a stored collection has its count there; vaults have nothing (offset 0).
struct RecordLayout {
    std::vector<std::uint32_t> offsets; ///< by field, from the record's start
    std::uint32_t size = 0;             ///< a multiple of 16
};
[[nodiscard]] RecordLayout record_layout(const Contract& contract, const std::vector<Layout>& types,
                                         const std::vector<Type>& kinds);

/// The parent's record follows the instance's own, at the next multiple of 16.
[[nodiscard]] std::uint32_t parent_address(std::uint32_t self_size);

/// True when a collection of this type is kept by key instead of inside the record.
[[nodiscard]] bool stored_by_key(const Type& type, const Layout& layout);

} // namespace tally
