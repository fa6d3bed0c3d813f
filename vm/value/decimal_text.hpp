/// Scaled integers to and from decimal text. Exact or refused: no digit is ever dropped.
#pragma once

#include "vm/value/int128.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tally {

/// `-12.34` for (-1234, 2). Always `scale` digits after the point; no grouping.
[[nodiscard]] std::string decimal_text(i128 units, int scale);

/// The inverse: optional '-', digits (underscores between digits allowed), optionally '.' and one
/// to `scale` fractional digits. Nothing when the text is anything else or does not fit.
[[nodiscard]] std::optional<i128> decimal_parse(std::string_view text, int scale);

/// A rate or decimal is an i128 at 10^-18.
inline constexpr int decimal_scale = 18;
inline constexpr i128 decimal_one = 1'000'000'000'000'000'000;

[[nodiscard]] std::string int_text(i128 value);

} // namespace tally
