// Parts of an amount by weights: largest remainder, and the same with a carry.
#include "tests/oracle/exact/case.hpp"
#include "tests/oracle/exact/rational.hpp"

#include <algorithm>
#include <numeric>

namespace oracle {
namespace {

std::vector<Whole> weights(Dice& dice) {
    std::vector<Whole> out;
    for (tally::i64 n = dice.roll(1, 12); n > 0; --n) out.emplace_back(dice.chance(40) ? dice.roll(0, 9) : any_size(dice, 1'000'000'000));
    if (std::all_of(out.begin(), out.end(), [](const Whole& w) { return w == 0; })) out[0] = 1;
    return out;
}

std::string text(const std::vector<Whole>& amounts) { return listed(amounts, [](const Whole& a) { return quoted(money(a)); }); }
std::string numbers(const std::vector<Whole>& list) { return listed(list, [](const Whole& w) { return w.str(); }); }

/// The whole parts first; then a unit each to the largest fractions, the earlier row at a tie.
std::vector<Whole> hamilton(const Whole& total, const std::vector<Whole>& weight) {
    const Whole sum = std::accumulate(weight.begin(), weight.end(), Whole(0));
    std::vector<Whole> parts;
    std::vector<std::pair<Ratio, std::size_t>> fractions;
    Whole left = total;
    for (std::size_t i = 0; i < weight.size(); ++i) {
        const Ratio exact = Ratio(total * weight[i], sum);
        parts.push_back(floor_of(exact));
        fractions.emplace_back(Ratio(parts.back()) - exact, i); // the most negative first
        left -= parts.back();
    }
    std::sort(fractions.begin(), fractions.end());
    for (std::size_t i = 0; left > 0; ++i, --left) parts[fractions[i].second] += 1;
    return parts;
}

/// What each row is owed over all amounts so far; the last amount's parts.
std::vector<Whole> carried(const std::vector<Whole>& totals, const std::vector<Whole>& weight) {
    const Whole sum = std::accumulate(weight.begin(), weight.end(), Whole(0));
    std::vector<Ratio> owed(weight.size(), Ratio(0));
    std::vector<Whole> parts(weight.size());
    for (const Whole& total : totals) {
        Whole left = total;
        for (std::size_t i = 0; i < weight.size(); ++i) {
            owed[i] += Ratio(total * weight[i], sum);
            parts[i] = std::max(Whole(0), floor_of(owed[i]));
            owed[i] -= Ratio(parts[i]);
            left -= parts[i];
        }
        for (; left > 0; --left) {
            const auto most = static_cast<std::size_t>(std::max_element(owed.begin(), owed.end()) - owed.begin());
            parts[most] += 1;
            owed[most] -= 1;
        }
        for (; left < 0; ++left) {
            std::size_t least = weight.size();
            for (std::size_t i = 0; i < weight.size(); ++i)
                if (parts[i] > 0 && (least == weight.size() || owed[i] < owed[least])) least = i;
            parts[least] -= 1;
            owed[least] += 1;
        }
    }
    return parts;
}

} // namespace

Case split(Dice& dice) {
    const auto weight = weights(dice);
    if (dice.chance(70)) {
        const Whole total = any_size(dice, 1'000'000'000'000);
        return {"split", R"({"amount": ")" + money(total) + R"(", "weights": )" + numbers(weight) + "}", text(hamilton(total, weight))};
    }
    std::vector<Whole> totals;
    for (tally::i64 n = dice.roll(1, 6); n > 0; --n) totals.emplace_back(any_size(dice, 100'000'000));
    return {"split_again", R"({"amounts": )" + text(totals) + R"(, "weights": )" + numbers(weight) + "}", text(carried(totals, weight))};
}

} // namespace oracle
