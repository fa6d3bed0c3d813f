/// `tallyd network`: a network's nodes are made, and tried out on one machine.
#pragma once

#include "runtime/ledger.hpp"

#include <functional>

namespace CLI {
class App;
}

namespace tally {

void add_network_commands(CLI::App& app, std::function<int()>& run);

} // namespace tally
