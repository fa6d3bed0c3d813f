/// What the number tests share: reproducible numbers and i128 written as text.
#pragma once

#include "vm/value/decimal_text.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tally::test {

/// xorshift64* with a fixed seed: every run of a test sees the same numbers.
class Numbers {
public:
    explicit Numbers(u64 seed) : state_(seed) {}

    u64 next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1DU;
    }
    u64 below(u64 bound) { return next() % bound; }

    /// Two statements: the order of two arguments is the compiler's choice.
    u128 wide() {
        const u128 high = next();
        return (high << 64) | next();
    }
    /// Of any size with equal chance, not just huge ones.
    i128 any() {
        const auto v = static_cast<i128>(wide());
        return v >> below(128);
    }
    /// Half of the time within two of a power of two or of a limit.
    i128 adversarial() {
        if (below(2) == 0) return any();
        const u128 power = u128{1} << below(128);
        const u128 v = power + below(5) - 2;
        return static_cast<i128>(below(2) == 0 ? v : u128{0} - v);
    }

private:
    u64 state_;
};

/// The value of a literal that C++ has no way to write; zero if it is mistyped.
inline i128 wide(std::string_view text) { return decimal_parse(text, 0).value_or(0); }

} // namespace tally::test
