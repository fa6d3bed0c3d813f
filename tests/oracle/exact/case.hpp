/// One question to the contract and the answer that exact rational numbers give.
#pragma once

#include "tests/agreement/dice.hpp"

#include <string>
#include <vector>

namespace oracle {

using tally::agreement::Dice;

struct Case {
    std::string view;
    std::string arguments; ///< JSON
    std::string expected;  ///< JSON
};

/// A kind of question.
struct Subject {
    std::string name;
    Case (*make)(Dice&);
};

Case split(Dice& dice);
Case accrual(Dice& dice);
Case instalment(Dice& dice);
Case waterfall(Dice& dice);
Case netting(Dice& dice);

inline const std::vector<std::string>& modes() {
    static const std::vector<std::string> all{"floor", "ceiling", "toward_zero", "away", "half_even", "half_up", "half_down"};
    return all;
}

/// Of any size with about equal chance, so that small amounts and ties are met too.
inline tally::i64 any_size(Dice& dice, tally::i64 most) { return dice.roll(0, std::max<tally::i64>(1, most >> dice.roll(0, 40))); }

inline std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// `[a, b]`
template <typename T, typename Text> std::string listed(const std::vector<T>& list, Text text) {
    std::string out;
    for (const T& one : list) out += (out.empty() ? "" : ", ") + text(one);
    return "[" + out + "]";
}

} // namespace oracle
