/// `tallyd start`: puts the node's parts together, waits for a signal, takes them down in order.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace tally {

/// When the command is given, `run` is set to what it does.
void add_start_command(CLI::App& app, std::function<int()>& run);

} // namespace tally
