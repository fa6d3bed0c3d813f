/// One program for each price: a loop in which the same instruction stands many times.
#pragma once

#include "vm/bytecode/module.hpp"

namespace tally::bench {

struct GasSubject {
    std::string name;
    Module module; ///< function 0 takes nothing
    double times;  ///< how often a run does it
    bool judged;   ///< false: operands lighter than those that the price is for
};

[[nodiscard]] std::vector<GasSubject> gas_subjects();

} // namespace tally::bench
