#include "compiler/cost/polynomial.hpp"

#include <algorithm>

namespace tally {

Polynomial& Polynomial::operator+=(const Polynomial& other) {
    for (const auto& [symbols, coefficient] : other.terms_) {
        auto& mine = terms_[symbols];
        mine = static_cast<u64>(saturated(u128{mine} + coefficient));
    }
    return *this;
}

Polynomial Polynomial::times(std::uint32_t symbol) const {
    Polynomial out;
    for (const auto& [symbols, coefficient] : terms_) {
        auto product = symbols;
        product.insert(std::upper_bound(product.begin(), product.end(), symbol), symbol);
        out.terms_[std::move(product)] = coefficient;
    }
    return out;
}

Polynomial Polynomial::larger(const Polynomial& a, const Polynomial& b) {
    Polynomial out = a;
    for (const auto& [symbols, coefficient] : b.terms_) {
        auto& mine = out.terms_[symbols];
        mine = std::max(mine, coefficient);
    }
    return out;
}

} // namespace tally
