/// `tallyd verify`, `backup`, `restore` and `doctor`: what an operator does beside running a node.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace tally {

/// Adds the commands; the one that was given, if any, puts what it does into `run`, which gives an exit code.
void add_upkeep_commands(CLI::App& app, std::function<int()>& run);

} // namespace tally
