/// What code generation knows of the gas that the code alone does not show: how often a loop can go round,
/// and how much a host function or a copy can charge for what it moves. `compiler/cost` adds it up.
#pragma once

#include "vm/value/int128.hpp"

#include <map>
#include <string>
#include <vector>

namespace tally {

struct LoopBound {
    std::string name; ///< of what is gone through: `deals`, `deals.lenders`
    u64 max = 0;      ///< rounds, each time that the loop is entered
};

struct BlockNotes {
    std::vector<std::uint32_t> loops; ///< a round of each of these loops passes here exactly once
    i64 gas = 0;                      ///< at most, beyond what the instructions say
};

struct CostNotes {
    std::vector<LoopBound> loops;
    std::vector<std::map<std::uint32_t, BlockNotes>> functions; ///< by function, by block
};

} // namespace tally
