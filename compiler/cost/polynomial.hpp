/// A sum of products of symbols with non-negative coefficients: how gas grows with the declared maxima.
#pragma once

#include "vm/value/int128.hpp"

#include <map>
#include <string>
#include <vector>

namespace tally {

class Polynomial {
public:
    Polynomial() = default;
    explicit Polynomial(u64 constant) {
        if (constant != 0) terms_[{}] = constant;
    }
    Polynomial& operator+=(const Polynomial& other);
    [[nodiscard]] friend Polynomial operator+(Polynomial a, const Polynomial& b) { return a += b; }
    [[nodiscard]] Polynomial times(std::uint32_t symbol) const;
    /// At least each of the two, wherever the symbols stand: coefficient by coefficient.
    [[nodiscard]] static Polynomial larger(const Polynomial& a, const Polynomial& b);
    /// Its value where symbol s is `at(s)`; saturates at 2^62.
    template <typename At> [[nodiscard]] u64 value(At at) const {
        u128 sum = 0;
        for (const auto& [symbols, coefficient] : terms_) {
            u128 product = coefficient;
            for (const auto s : symbols) product = saturated(product * at(s));
            sum = saturated(sum + product);
        }
        return static_cast<u64>(sum);
    }
    /// By symbols (ascending, repeated for powers).
    [[nodiscard]] const std::map<std::vector<std::uint32_t>, u64>& terms() const { return terms_; }

private:
    [[nodiscard]] static u128 saturated(u128 v) { return v < (u128{1} << 62) ? v : u128{1} << 62; }
    std::map<std::vector<std::uint32_t>, u64> terms_;
};

} // namespace tally
