// The loops as one would write them in C++. Built for x86-64-v3; loads and stores go through the same
// test of their bounds as the machine's.
#include "tests/bench/vm/loops.hpp"

#include "vm/value/muldiv.hpp"

#include <algorithm>
#include <cstring>

namespace tally::bench {
namespace {

template <typename T> bool load(std::span<const std::uint8_t> memory, u64 at, T& out) {
    if (at > memory.size() - sizeof(T)) return false;
    std::memcpy(&out, memory.data() + at, sizeof(T));
    return true;
}

template <typename T> bool store(std::span<std::uint8_t> memory, u64 at, T value) {
    if (at > memory.size() - sizeof(T)) return false;
    std::memcpy(memory.data() + at, &value, sizeof(T));
    return true;
}

} // namespace

bool amortise(Amortisation& s, u64 periods) {
    for (; periods != 0; --periods) {
        i128 interest = 0, redemption = 0;
        if (muldiv(s.balance, s.rate, s.scale, Rounding::HalfEven, interest) != Arithmetic::Ok) return false;
        if (!sub_fits(s.payment, interest, redemption)) return false;
        if (!sub_fits(s.balance, redemption, s.balance)) return false;
        if (!add_fits(s.interest_paid, interest, s.interest_paid)) return false;
    }
    return true;
}

bool control(std::span<std::uint8_t> memory, u64& state, u64 rounds) {
    for (; rounds != 0; --rounds) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        const u64 at = (state >> 33) & 1016;
        u64 word = 0;
        if (!load(memory, at, word)) return false;
        if (static_cast<i64>(word) < 0)
            word += state;
        else
            word ^= state >> 7;
        if (!store(memory, at, word)) return false;
    }
    return true;
}

bool waterfall(std::span<std::uint8_t> memory, i128& left, u64 rows) {
    for (u64 at = 0; rows != 0; --rows, at += 32) {
        i128 owed = 0, paid = 0;
        if (!load(memory, at, owed) || !load(memory, at + 16, paid)) return false;
        const i128 part = std::min(left, owed);
        if (!sub_fits(left, part, left) || !add_fits(paid, part, paid)) return false;
        if (!store(memory, at + 16, paid)) return false;
    }
    return true;
}

} // namespace tally::bench
