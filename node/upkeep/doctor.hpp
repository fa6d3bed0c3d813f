/// What is wrong with a node's directory and its surroundings, each with what to do about it.
#pragma once

#include "node/errors.hpp"

#include <filesystem>
#include <vector>

namespace tally {

struct Finding {
    enum class Level { Ok, Warn, Fail };
    Level level = Level::Ok;
    std::string what;
    std::string fix; ///< empty when all is well
};

/// Changes nothing but what opening a lock needs. Takes as long as opening the store.
[[nodiscard]] std::vector<Finding> examine(const std::filesystem::path& directory);

} // namespace tally
