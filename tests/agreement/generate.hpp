/// Valid programs of the language, at random: well-typed by construction, one statement a line. The same seed is the
/// same program. The parser and the checker take them as they would anybody's; one that they refuse is a fault of this
/// generator.
#pragma once

#include "vm/value/int128.hpp"

#include <string>

namespace tally::agreement {

[[nodiscard]] std::string generate(u64 seed);

} // namespace tally::agreement
