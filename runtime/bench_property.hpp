/// Values that a property's parameters are given. A value is made from a sequence of choices; smaller
/// choices make simpler values, so a failing case is shrunk by shrinking its choices.
#pragma once

#include "vm/engine/program.hpp"

#include <vector>

namespace tally {

/// A sequence of choices: read from `given` while there are any, then drawn from the seed (or zero when
/// there is none), and written down in `made`.
class Choices {
public:
    Choices(std::vector<u64> given, u64 seed) : given_(std::move(given)), state_(seed) {}
    /// Below `bound`; 0 for a bound of 0 or 1.
    u64 below(u64 bound);
    [[nodiscard]] const std::vector<u64>& made() const { return made_; }

private:
    std::vector<u64> given_, made_;
    u64 state_;
};

/// A value of the type into zeroed memory. Parties are numbers of the parties `party_first…party_last`.
void make_value(const Program& program, std::uint32_t type, Choices& choices, u64 parties, std::uint8_t* at);

} // namespace tally
