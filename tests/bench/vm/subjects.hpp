/// What is measured: docs/testing.md says what each bar means.
#pragma once

#include "tests/bench/vm/measure.hpp"

namespace tally::bench {

/// The three loops on native code and on every engine.
[[nodiscard]] std::vector<Row> loops(int rounds);
/// A call from cold with one question to the host.
[[nodiscard]] std::vector<Row> calls(int rounds);
/// Decoding, verifying and compiling, for each instruction.
[[nodiscard]] std::vector<Row> loading(int rounds, const std::string& contracts);

} // namespace tally::bench
