/// What the demo shows and writes.
#pragma once

#include "tools/demo_driver/life.hpp"

namespace tally::demo {

/// What the second implementation compares: every figure of every loan and bank.
void write_figures(const std::string& path, const Figures& figures);
/// The `--json` file for machines.
void write_summary(const std::string& path, const Figures& figures, const Tape& tape, std::size_t mismatches);
void print_complaints(const Tape& tape);
void print_settlement(const Figures& figures);

/// A bar on a terminal; one line per step elsewhere.
void show_progress(const std::string& what, std::size_t done, std::size_t of);

} // namespace tally::demo
