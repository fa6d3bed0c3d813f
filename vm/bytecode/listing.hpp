/// The words of the text form, shared by the disassembler and the assembler.
#pragma once

#include "vm/bytecode/module.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tally::listing {

/// By number, see vm/value/rounding.hpp.
inline constexpr std::array<std::string_view, 8> rounding_names{
    "floor", "ceiling", "toward_zero", "away", "half_even", "half_up", "half_down", "exact"};

/// By number; nothing for no result.
inline constexpr std::array<std::string_view, 4> bank_names{"", "x", "w", "h"};

/// The letter of an operand's register, or '-' if there is none.
constexpr char register_letter(Operand kind) {
    switch (kind) {
    case Operand::None:
    case Operand::Small: return '-';
    case Operand::XDst:
    case Operand::XSrc:
    case Operand::XBase: return 'x';
    case Operand::WDst:
    case Operand::WSrc:
    case Operand::WBase: return 'w';
    case Operand::HDst:
    case Operand::HSrc:
    case Operand::HUse:
    case Operand::HBase: return 'h';
    }
    return '-';
}

constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A name that needs no quotes.
constexpr bool is_plain_name(std::string_view name) {
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '.'; });
}

} // namespace tally::listing
