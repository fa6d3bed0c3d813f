/// Modules that give decoding and verification as much to do for a byte as their limits allow.
#pragma once

#include "vm/bytecode/module.hpp"

namespace tally::bench {

struct HostileModule {
    std::string name;
    Module module;
    std::string refused = ""; ///< a part of what verification says; empty: it verifies
};

[[nodiscard]] std::vector<HostileModule> hostile_modules();

} // namespace tally::bench
