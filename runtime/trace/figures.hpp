/// The numbers in a value: where each lies and what people call it.
#pragma once

#include "runtime/codec.hpp"

#include <map>

namespace tally {

struct NamedFigure {
    std::string path; ///< `shares[1].interest`
    TypeKind kind = TypeKind::Int;

    [[nodiscard]] bool is_money() const { return kind == TypeKind::Money || kind == TypeKind::Amount; }
    [[nodiscard]] bool is_wide() const { return is_money() || kind == TypeKind::Rate || kind == TypeKind::Decimal || kind == TypeKind::Number; }
};
/// By distance from where the value begins.
using Figures = std::map<u64, NamedFigure>;

/// Adds the figures of the value of a type at `at`, which the runtime wrote, to `out`, from `offset` on. Elements that
/// are not there have none.
void add_figures(const Program& program, std::uint32_t type, const std::uint8_t* at, const std::string& path, u64 offset, const Names& names, Figures& out);

/// The number at an address, whatever its width.
[[nodiscard]] i128 figure_value(const NamedFigure& figure, const std::uint8_t* at);

/// A key as people write it: `lead`, `3`, `{"debtor": "lead", …}`.
[[nodiscard]] std::string key_text(const Program& program, std::uint32_t type, const std::uint8_t* at, const Names& names);

} // namespace tally
