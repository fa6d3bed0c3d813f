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

/// The sum of the weights. When it is zero there is nothing to hand out, and every part is zero already.
Arithmetic weigh(i128 total, std::span<const i128> weights, std::span<i128> parts, i128& sum) {
    if (!arguments_good(total, weights, parts)) return Arithmetic::BadArgument;
    if (!sum_fits(weights, sum)) return Arithmetic::Overflow;
    if (sum == 0 && total != 0) return Arithmetic::BadArgument;
    if (sum == 0) std::fill(parts.begin(), parts.end(), 0);
    return Arithmetic::Ok;
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
    i128 sum = 0;
    if (const auto weighed = weigh(total, weights, parts, sum); weighed != Arithmetic::Ok || sum == 0) return weighed;
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

namespace {

/// Rows while units are handed out: what each is still owed, over W. A tie goes to the row whose turn is earlier.
struct Debts {
    std::array<i128, split_parts_max> owed{}, part{};
    std::size_t rows = 0, first = 0;

    [[nodiscard]] std::size_t turn(std::size_t row) const { return row >= first ? row - first : row + rows - first; }
};

/// The rows that may get (or give) a unit, the next one on top: a heap, so that many units among many rows
/// take rows × log rows steps.
template <typename Before> class Queue {
public:
    Queue(const Debts& debts, Before before) : before_(before) {
        for (std::size_t row = 0; row < debts.rows; ++row)
            if (before_.takes_part(debts, row)) rows_[count_++] = static_cast<std::uint16_t>(row);
        std::make_heap(begin(), end(), after(debts));
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    std::size_t take(const Debts& debts) {
        std::pop_heap(begin(), end(), after(debts));
        return rows_[--count_];
    }
    void put_back(const Debts& debts, std::size_t row) {
        if (!before_.takes_part(debts, row)) return;
        rows_[count_++] = static_cast<std::uint16_t>(row);
        std::push_heap(begin(), end(), after(debts));
    }

private:
    auto begin() { return rows_.begin(); }
    auto end() { return rows_.begin() + static_cast<std::ptrdiff_t>(count_); }
    auto after(const Debts& debts) const {
        return [this, &debts](std::uint16_t a, std::uint16_t b) {
            const int order = before_.order(debts.owed[a], debts.owed[b]);
            return order != 0 ? order > 0 : debts.turn(a) > debts.turn(b);
        };
    }
    Before before_;
    std::array<std::uint16_t, split_parts_max> rows_{};
    std::size_t count_ = 0;
};

struct OwedMost {
    static bool takes_part(const Debts&, std::size_t) { return true; }
    static int order(i128 a, i128 b) { return a > b ? -1 : a < b ? 1 : 0; }
};
/// Among those that have a unit to give back.
struct OwedLeast {
    static bool takes_part(const Debts& debts, std::size_t row) { return debts.part[row] > 0; }
    static int order(i128 a, i128 b) { return a < b ? -1 : a > b ? 1 : 0; }
};

i128 floor_divide(i128 n, i128 d) {
    const i128 q = n / d;
    return n % d < 0 ? q - 1 : q;
}

/// due = total × weight + carry and its whole part, never below zero.
bool open_debts(i128 total, std::span<const i128> weights, std::span<const i128> carry, i128 sum, Debts& debts, i128& left) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
        i128 due = 0, paid = 0;
        const i128 owed_before = carry.empty() ? 0 : carry[i];
        if (!mul_fits(total, weights[i], due) || !add_fits(due, owed_before, due)) return false;
        debts.part[i] = std::max<i128>(0, floor_divide(due, sum));
        if (!mul_fits(debts.part[i], sum, paid) || !sub_fits(due, paid, debts.owed[i])) return false;
        if (!sub_fits(left, debts.part[i], left)) return false; // a carry of somebody's own making
    }
    return true;
}

} // namespace

Arithmetic share(i128 total, std::span<const i128> weights, std::span<i128> carry, std::size_t first, std::span<i128> parts) {
    if (!carry.empty() && carry.size() != weights.size()) return Arithmetic::BadArgument;
    i128 sum = 0;
    if (const auto weighed = weigh(total, weights, parts, sum); weighed != Arithmetic::Ok || sum == 0) return weighed;
    Debts debts;
    debts.rows = weights.size();
    debts.first = first % debts.rows;
    i128 left = total;
    if (!open_debts(total, weights, carry, sum, debts, left)) return Arithmetic::Overflow;
    // At most one unit a row: the carries add up to zero and each whole part is within one of its due. A
    // carry that does not is no carry of these weights.
    const i128 rows = static_cast<i128>(debts.rows);
    if (left > rows || left < -rows) return Arithmetic::BadArgument;
    for (Queue next(debts, OwedMost{}); left > 0; --left) {
        const std::size_t row = next.take(debts);
        ++debts.part[row];
        if (!sub_fits(debts.owed[row], sum, debts.owed[row])) return Arithmetic::Overflow;
        next.put_back(debts, row);
    }
    for (Queue next(debts, OwedLeast{}); left < 0; ++left) {
        if (next.empty()) return Arithmetic::BadArgument;
        const std::size_t row = next.take(debts);
        --debts.part[row];
        if (!add_fits(debts.owed[row], sum, debts.owed[row])) return Arithmetic::Overflow;
        next.put_back(debts, row);
    }
    for (std::size_t i = 0; i < debts.rows; ++i) {
        parts[i] = debts.part[i];
        if (!carry.empty()) carry[i] = debts.owed[i];
    }
    return Arithmetic::Ok;
}

} // namespace tally
