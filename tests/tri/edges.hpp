/// Every operation on numbers and memory with every pair (or triple) of numbers at the edges.
#pragma once

#include "tests/tri/case.hpp"

#include <functional>

namespace tally::tri {

/// Calls `judge` with each case, operation after operation, until it says no.
void every_edge(const std::function<bool(const Case&)>& judge);

} // namespace tally::tri
