/// The engines that are compared. The first is the yardstick.
#pragma once

#include "vm/engine/program.hpp"

#include <vector>

namespace tally::tri {

/// A program as an engine wants it. Nothing of it may depend on the run.
struct Prepared {
    std::shared_ptr<const Program> program;
    Engine engine = nullptr;
};

struct EngineRow {
    const char* name;
    Prepared (*prepare)(const std::shared_ptr<const Program>&);
};

[[nodiscard]] const std::vector<EngineRow>& engines();

} // namespace tally::tri
