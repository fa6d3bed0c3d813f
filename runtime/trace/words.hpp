/// A lineage in words. Names are those of the field: posting, part, rounding, instalment.
#pragma once

#include "runtime/trace/tracer.hpp"

namespace tally {

/// What made the number: `part 2 of 2 of 152.08, split 40 : 60; a tie goes to the first`.
[[nodiscard]] std::string words_of(const Tracer& tracer, NodeId id, int money_exponent);
/// `152.08`, `0.1825`, `12`: by what it counts.
[[nodiscard]] std::string value_text(const LineageNode& node, int money_exponent);

} // namespace tally
