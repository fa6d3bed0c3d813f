// Interest over days, and instalments.
#include "tests/oracle/exact/case.hpp"
#include "tests/oracle/exact/rational.hpp"

#include "vm/value/date.hpp"

namespace oracle {
namespace {

using tally::date_text;
using tally::i64;

constexpr i64 first_day = 10957; ///< 2000-01-01

/// A rate per year in millionths of a per cent, and its text.
struct Rate {
    i64 units; ///< of 10^-8
    [[nodiscard]] Ratio ratio() const { return {units, 100'000'000}; }
    [[nodiscard]] std::string text() const {
        std::string digits = std::to_string(units);
        if (digits.size() < 9) digits.insert(0, 9 - digits.size(), '0');
        return digits.substr(0, digits.size() - 8) + "." + digits.substr(digits.size() - 8);
    }
};
Rate rate(Dice& dice) { return {dice.chance(30) ? dice.roll(0, 40) * 250'000 : dice.roll(0, 40'000'000)}; }

Case posted(Dice& dice) {
    // 36 % over 360 days is a thousandth a day: of round sums it often gives an exact half of a cent.
    const bool tied = dice.chance(20);
    const Whole base = tied ? 100 * dice.roll(0, 100'000) : any_size(dice, 10'000'000'000'000);
    const Rate r = tied ? Rate{36'000'000} : rate(dice);
    const i64 from = first_day + dice.roll(0, 9000), last = from + dice.roll(0, 800), to = last + dice.roll(0, 40), basis = tied || dice.chance(50) ? 360 : 365;
    const auto& mode = dice.pick(modes());
    Ratio before = 0, now = 0; // day by day
    for (i64 day = from; day < to; ++day) {
        now += Ratio(base) * r.ratio() / basis;
        if (day < last) before = now;
    }
    return {"post",
            R"({"base": ")" + money(base) + R"(", "rate": ")" + r.text() + R"(", "from": ")" + date_text(from) + R"(", "last": ")" + date_text(last) + R"(", "to": ")" +
                date_text(to) + R"(", "basis": )" + std::to_string(basis) + R"(, "mode": ")" + mode + R"("})",
            quoted(money(rounded(now, mode) - rounded(before, mode)))};
}

Case stepped(Dice& dice) {
    const Whole base = any_size(dice, 1'000'000'000'000);
    const i64 begin = first_day + dice.roll(0, 9000), basis = dice.chance(50) ? 360 : 365;
    const auto& mode = dice.pick(modes());
    std::vector<std::pair<i64, Rate>> steps;
    i64 at = begin;
    for (i64 n = dice.roll(1, 6); n > 0; --n, at += dice.roll(1, 90)) steps.emplace_back(at, rate(dice));
    const i64 from = begin + dice.roll(0, 60), to = from + dice.roll(0, 400);
    Ratio sum = 0;
    for (i64 day = from; day < to; ++day) {
        const Rate* holds = nullptr;
        for (const auto& [since, r] : steps)
            if (since <= day) holds = &r;
        if (holds != nullptr) sum += Ratio(base) * holds->ratio() / basis;
    }
    const auto rows = listed(steps, [](const auto& s) { return R"({"from": ")" + date_text(s.first) + R"(", "rate": ")" + s.second.text() + R"("})"; });
    return {"stepped",
            R"({"base": ")" + money(base) + R"(", "steps": )" + rows + R"(, "from": ")" + date_text(from) + R"(", "to": ")" + date_text(to) + R"(", "basis": )" +
                std::to_string(basis) + R"(, "mode": ")" + mode + R"("})",
            quoted(money(rounded(sum, mode)))};
}

Case on_balances(Dice& dice) {
    const Rate r = rate(dice);
    const i64 begin = first_day + dice.roll(0, 9000), basis = dice.chance(50) ? 360 : 365;
    const auto& mode = dice.pick(modes());
    std::vector<std::pair<i64, Whole>> rows;
    i64 at = begin;
    for (i64 n = dice.roll(1, 8); n > 0; --n, at += dice.roll(1, 40)) rows.emplace_back(at, any_size(dice, 1'000'000'000));
    const i64 from = begin + dice.roll(0, 30), to = from + dice.roll(0, 200);
    Ratio sum = 0;
    for (i64 day = from; day < to; ++day) {
        Whole balance = 0;
        for (const auto& [since, amount] : rows)
            if (since <= day) balance = amount;
        sum += Ratio(balance) * r.ratio() / basis;
    }
    const auto text = listed(rows, [](const auto& b) { return R"({"from": ")" + date_text(b.first) + R"(", "amount": ")" + money(b.second) + R"("})"; });
    return {"on_balances",
            R"({"balances": )" + text + R"(, "rate": ")" + r.text() + R"(", "from": ")" + date_text(from) + R"(", "to": ")" + date_text(to) + R"(", "basis": )" +
                std::to_string(basis) + R"(, "mode": ")" + mode + R"("})",
            quoted(money(rounded(sum, mode)))};
}

/// The payment whose discounted sum is the principal: P ÷ Σ (1 + r)^-k, term by term.
Ratio payment(const Whole& principal, const Ratio& per_period, i64 n) {
    Ratio factors = 0, discount = 1;
    for (i64 k = 0; k < n; ++k) {
        discount /= 1 + per_period;
        factors += discount;
    }
    return Ratio(principal) / factors;
}

/// Simple rates keep the numbers of the sum short.
Rate simple_rate(Dice& dice) { return {dice.roll(0, 160) * 250'000}; }

Case paid_equally(Dice& dice) {
    const Whole principal = any_size(dice, 1'000'000'000'000);
    const Rate r = simple_rate(dice);
    const i64 per_year = dice.chance(70) ? 12 : dice.roll(1, 24), n = dice.chance(90) ? dice.roll(1, 24) : dice.roll(25, 60);
    const auto& mode = dice.pick(modes());
    return {"instalment",
            R"({"principal": ")" + money(principal) + R"(", "rate": ")" + r.text() + R"(", "per_year": )" + std::to_string(per_year) + R"(, "n": )" + std::to_string(n) +
                R"(, "mode": ")" + mode + R"("})",
            quoted(money(rounded(payment(principal, r.ratio() / per_year, n), mode)))};
}

Case plan(Dice& dice) {
    const Whole principal = 10'000 + any_size(dice, 100'000'000);
    const Rate r = simple_rate(dice);
    const i64 n = dice.roll(1, 12);
    const auto& mode = dice.pick(modes());
    const Whole each = rounded(payment(principal, r.ratio() / 12, n), mode);
    Whole balance = principal;
    std::string rows;
    for (i64 k = 1; k <= n; ++k) {
        const Whole interest = rounded(Ratio(balance) * r.ratio() / 12, mode);
        const Whole part = k == n ? balance : std::max(Whole(0), std::min(balance, Whole(each - interest)));
        balance -= part;
        rows += (rows.empty() ? "" : ", ") + (R"({"interest": ")" + money(interest) + R"(", "principal": ")" + money(part) + R"(", "balance": ")" + money(balance) + R"("})");
    }
    return {"plan", R"({"principal": ")" + money(principal) + R"(", "rate": ")" + r.text() + R"(", "n": )" + std::to_string(n) + R"(, "mode": ")" + mode + R"("})", "[" + rows + "]"};
}

} // namespace

Case accrual(Dice& dice) {
    const i64 kind = dice.roll(0, 9);
    return kind < 4 ? posted(dice) : kind < 7 ? stepped(dice) : on_balances(dice);
}

Case instalment(Dice& dice) { return dice.chance(75) ? paid_equally(dice) : plan(dice); }

} // namespace oracle
