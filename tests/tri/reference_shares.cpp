// Parts of a whole by weights, without and with a memory of what rounding owes.
#include "tests/tri/exact.hpp"
#include "tests/tri/reference_natives.hpp"

#include <numeric>

namespace tally::tri {
namespace {

constexpr u64 rows_max = 256;
constexpr u64 head = 16, stride = 16; // a list of 128-bit elements: the count, then from the next multiple of 16

using List = std::vector<Whole>;

List read_list(const std::uint8_t* from, u64 count) {
    List out;
    for (u64 i = 0; i < count; ++i) out.push_back(whole(wide_at(from + i * stride)));
    return out;
}

void write_list(std::uint8_t* to, const List& list) {
    for (const Whole& v : list) {
        put_wide(to, wrapped(v));
        to += stride;
    }
}

/// The sum of weights; the first that is wrong says how.
Trap weigh(const List& weights, Whole& sum) {
    for (const Whole& weight : weights) {
        if (weight < 0) return Trap::BadArgument;
        sum += weight;
        if (!fits(sum, 128)) return Trap::Overflow;
    }
    return Trap::None;
}

/// Whole parts first, then a unit each to the largest remainders, the earlier row at a tie.
List largest_remainder(const Whole& total, const List& weights, const Whole& sum) {
    List parts;
    std::vector<std::pair<Whole, std::size_t>> missing; // minus the remainder, the row
    Whole left = total;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Whole exact = total * weights[i];
        parts.push_back(exact / sum);
        missing.emplace_back(-(exact % sum), i);
        left -= parts.back();
    }
    std::sort(missing.begin(), missing.end());
    for (std::size_t i = 0; left > 0; ++i, --left) parts[missing[i].second] += 1;
    return parts;
}

Trap split(const HostCall& args) {
    const std::uint8_t* const first = args.arena->at(args.x[0], head);
    if (first == nullptr) return Trap::Bounds;
    const u64 count = word_at(first);
    if (count > rows_max) return Trap::BadArgument;
    if (!charge_units(HostFn::Split, args, count)) return Trap::OutOfGas;
    const std::uint8_t* const from = args.arena->at(args.x[0], head + count * stride);
    std::uint8_t* const to = args.arena->at(args.x[1], head + count * stride);
    if (from == nullptr || to == nullptr) return Trap::Bounds;
    const List weights = read_list(from + head, count);
    const bool negative = args.w[0] < 0 || std::any_of(weights.begin(), weights.end(), [](const Whole& w) { return w < 0; });
    if (negative) return Trap::BadArgument;
    Whole sum = 0;
    if (const Trap trap = weigh(weights, sum); trap != Trap::None) return trap;
    if (sum == 0 && args.w[0] != 0) return Trap::BadArgument;
    const List parts = sum == 0 ? List(count, 0) : largest_remainder(whole(args.w[0]), weights, sum);
    put_word(to, count);
    write_list(to + head, parts);
    return Trap::None;
}

// ---- with a memory

/// Rows while units are handed out: what each gets and is still owed, in numerators over the sum of the weights.
struct Debts {
    List parts, owed;
    std::size_t first = 0;

    /// The row that is best by `better`, the earlier one from `first` on at a tie; none: the number of rows.
    template <typename May, typename Better> std::size_t best(May may, Better better) const {
        std::size_t out = parts.size();
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const std::size_t i = (first + k) % parts.size();
            if (may(i) && (out == parts.size() || better(owed[i], owed[out]))) out = i;
        }
        return out;
    }
};

/// Every row's whole part, never below zero. All that is kept must fit 128 bits.
Trap open_debts(const Whole& total, const List& weights, const List& carry, const Whole& sum, Debts& debts, Whole& left) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Whole product = total * weights[i];
        const Whole due = product + carry[i];
        const Whole part = std::max(Whole(0), floor_division(due, sum));
        debts.parts.push_back(part);
        debts.owed.push_back(due - part * sum);
        left -= part;
        if (!fits(product, 128) || !fits(due, 128) || !fits(debts.owed.back(), 128) || !fits(left, 128)) return Trap::Overflow;
    }
    return Trap::None;
}

Trap settle(Debts& debts, const Whole& sum, Whole left) {
    const Whole rows = debts.parts.size();
    if (abs(left) > rows) return Trap::BadArgument;
    for (; left > 0; --left) {
        const auto row = debts.best([](std::size_t) { return true; }, [](const Whole& a, const Whole& b) { return a > b; });
        debts.parts[row] += 1;
        debts.owed[row] -= sum;
        if (!fits(debts.owed[row], 128)) return Trap::Overflow;
    }
    for (; left < 0; ++left) {
        const auto row = debts.best([&](std::size_t i) { return debts.parts[i] > 0; }, [](const Whole& a, const Whole& b) { return a < b; });
        if (row == debts.parts.size()) return Trap::BadArgument;
        debts.parts[row] -= 1;
        debts.owed[row] += sum;
        if (!fits(debts.owed[row], 128)) return Trap::Overflow;
    }
    return Trap::None;
}

Trap share(const HostCall& args) {
    const std::uint8_t* const first = args.arena->at(args.x[0], head);
    if (first == nullptr) return Trap::Bounds;
    const u64 count = word_at(first), bytes = count * stride;
    if (count > rows_max) return Trap::BadArgument;
    if (!charge_units(HostFn::Share, args, count)) return Trap::OutOfGas;
    const bool remembers = args.x[1] != 0;
    const std::uint8_t* const from = args.arena->at(args.x[0], head + bytes);
    std::uint8_t* const memory = remembers ? args.arena->at(args.x[1], head + stride + bytes) : nullptr;
    std::uint8_t* const to = args.arena->at(args.x[2], head + bytes);
    if (from == nullptr || to == nullptr || (remembers && memory == nullptr)) return Trap::Bounds;
    const List weights = read_list(from + head, count);
    Whole sum = 0;
    if (const Trap trap = weigh(weights, sum); trap != Trap::None) return trap;
    const u64 remembered = remembers ? word_at(memory) : 0;
    if (remembered != 0 && (remembered != count + 1 || whole(wide_at(memory + head)) != sum)) return Trap::BadArgument;
    List carry = remembered != 0 ? read_list(memory + head + stride, count) : List(count, 0);
    if (args.w[0] < 0 || (sum == 0 && args.w[0] != 0)) return Trap::BadArgument;
    Debts debts;
    debts.parts = List(sum == 0 ? count : 0, 0);
    if (sum != 0) {
        debts.first = args.x[3] % count;
        const Whole total = whole(args.w[0]);
        Whole left = total;
        if (const Trap trap = open_debts(total, weights, carry, sum, debts, left); trap != Trap::None) return trap;
        if (const Trap trap = settle(debts, sum, left); trap != Trap::None) return trap;
        carry = debts.owed;
    }
    put_word(to, count);
    write_list(to + head, debts.parts);
    if (!remembers) return Trap::None;
    put_word(memory, count + 1);
    put_wide(memory + head, wrapped(sum));
    write_list(memory + head + stride, carry);
    return Trap::None;
}

} // namespace

Trap reference_shares(HostFn fn, const HostCall& args) { return fn == HostFn::Split ? split(args) : share(args); }

} // namespace tally::tri
