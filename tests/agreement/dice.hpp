/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
#pragma once

#include "vm/value/int128.hpp"

#include <vector>

namespace tally::agreement {

class Dice {
public:
    explicit Dice(u64 seed) : state_(seed) {}
    u64 next() {
        u64 z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// from … to, both included.
    i64 roll(i64 from, i64 to) { return from + static_cast<i64>(next() % static_cast<u64>(to - from + 1)); }
    bool chance(i64 percent) { return roll(1, 100) <= percent; }
    template <typename T> const T& pick(const std::vector<T>& from) { return from[static_cast<std::size_t>(next() % from.size())]; }

private:
    u64 state_;
};

} // namespace tally::agreement
