/// Text in, syntax tree out. The only part that knows ANTLR.
#pragma once

#include "compiler/diag/diag.hpp"
#include "compiler/syntax/syntax.hpp"

#include <optional>

namespace tally {

/// Nothing when the file does not parse: then the sink has exactly one complaint about it.
[[nodiscard]] std::optional<syntax::File> parse(const Sources& sources, std::uint32_t file, Sink& sink);

} // namespace tally
