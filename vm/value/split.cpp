#include "vm/value/split.hpp"

#include "vm/value/wide_division.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tally {
namespace {

struct Row {
    u128 part;
    u128 remainder;
    std::size_t index;
};

using Rows = std::array<Row, split_parts_max>;

bool arguments_good(i128 total, std::span<const i128> weights, std::span<i128> parts) {
    return total >= 0 && weights.size() == parts.size() && weights.size() <= split_parts_max &&
           std::none_of(weights.begin(), weights.end(), [](i128 w) { return w < 0; });
}

bool sum_fits(std::span<const i128> weights, i128& sum) {
    return std::all_of(weights.begin(), weights.end(),
                       [&](i128 weight) { return add_fits(sum, weight, sum); });
}

/// Every row's whole part, and what of the total is left after them.
std::size_t whole_parts(i128 total, std::span<const i128> weights, i128 sum, Rows& rows) {
    u128 left = magnitude(total);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        // weight <= sum, so the quotient is at most the total and always fits.
        const auto product = wide_product(magnitude(total), magnitude(weights[i]));
        const auto [whole, remainder] = wide_divide(product, magnitude(sum));
        rows[i] = {whole, remainder, i};
        left -= whole;
    }
    return static_cast<std::size_t>(left);
}

bool larger_remainder(const Row& a, const Row& b) {
    return a.remainder != b.remainder ? a.remainder > b.remainder : a.index < b.index;
}

} // namespace

Arithmetic split(i128 total, std::span<const i128> weights, std::span<i128> parts) {
    if (!arguments_good(total, weights, parts)) return Arithmetic::BadArgument;
    i128 sum = 0;
    if (!sum_fits(weights, sum)) return Arithmetic::Overflow;
    if (sum == 0 && total != 0) return Arithmetic::BadArgument;
    if (sum == 0) {
        std::fill(parts.begin(), parts.end(), 0);
        return Arithmetic::Ok;
    }
    Rows rows;
    const std::size_t left = whole_parts(total, weights, sum, rows);
    const auto used = std::span(rows).first(weights.size());
    // The remainders add up to left × sum and each is below sum: fewer units are left than there
    // are rows with a remainder, so a zero weight never gets one.
    std::sort(used.begin(), used.end(), larger_remainder);
    for (Row& row : used.first(left))
        ++row.part;
    for (const Row& row : used)
        parts[row.index] = static_cast<i128>(row.part);
    return Arithmetic::Ok;
}

} // namespace tally
