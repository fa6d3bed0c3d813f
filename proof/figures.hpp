/// The amounts beside a party's name in an instance's record.
#pragma once

#include "proof/statement.hpp"
#include "runtime/instance.hpp"

namespace tally {

[[nodiscard]] constexpr bool is_money(TypeKind kind) {
    return kind == TypeKind::Money || kind == TypeKind::Amount;
}

/// In the order of the record's fields; equal paths are added up.
[[nodiscard]] std::vector<Figure> figures_in(const OpenInstance& self, PartyId party);

} // namespace tally
