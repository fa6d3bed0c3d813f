// What a payment pays first: a rule turned into one list of claims, paid from the front.
#include "tests/oracle/exact/case.hpp"
#include "tests/oracle/exact/rational.hpp"

#include "vm/value/date.hpp"

#include <algorithm>
#include <array>

namespace oracle {
namespace {

using tally::date_text;
using tally::i64;

constexpr std::array<const char*, 4> component_names{"Penalty", "Fee", "Interest", "Principal"};
constexpr std::array<const char*, 3> scope_names{"PastDue", "Due", "InAdvance"};
constexpr std::array<const char*, 4> future_names{"Next", "Last", "ReAmortise", "NextThenLast"};

struct Row {
    i64 from, due;
    std::array<Whole, 4> owed, paid{};
    [[nodiscard]] Whole left(std::size_t c) const { return owed[c] - paid[c]; }
};
struct Claim {
    std::size_t scope, component;
};
/// The claims that are taken together on one instalment after the other.
using Group = std::vector<Claim>;

std::size_t scope_on(const Row& row, i64 day) { return row.due < day ? 0 : row.due == day ? 1 : 2; }

std::vector<Group> groups(const std::vector<Claim>& claims, bool by_instalment) {
    std::vector<Group> out;
    for (const Claim& claim : claims) {
        const auto same = std::find_if(out.begin(), out.end(), [&](const Group& g) { return by_instalment && g[0].scope == claim.scope; });
        if (same == out.end()) out.push_back({claim});
        else same->push_back(claim);
    }
    return out;
}

/// The instalments of a group that are owed something there, as the future rule orders those ahead.
std::vector<Row*> in_turn(std::vector<Row>& rows, const Group& group, std::size_t future, i64 day) {
    std::vector<Row*> out;
    for (Row& row : rows)
        if (scope_on(row, day) == group[0].scope && std::any_of(group.begin(), group.end(), [&](const Claim& c) { return row.left(c.component) > 0; })) out.push_back(&row);
    if (group[0].scope != 2 || out.empty()) return out;
    if (future == 1) std::reverse(out.begin(), out.end());
    if (future == 3) std::reverse(out.begin() + 1, out.end());
    return out;
}

void pay(Row& row, std::size_t component, const Whole& most, Whole& left) {
    const Whole part = std::min({most, left, row.left(component)});
    row.paid[component] += part;
    left -= part;
}

/// Even parts, half to even, the last taking the difference; again for what could not be used, until nothing moves.
void pay_evenly(std::vector<Row>& rows, const Group& group, i64 day, Whole& left) {
    for (Whole before = left + 1; left > 0 && left != before;) {
        before = left;
        const auto turn = in_turn(rows, group, 2, day);
        if (turn.empty()) return;
        for (const Claim& claim : group) {
            const Whole each = rounded(Ratio(left, turn.size()), "half_even");
            const Whole last = left - each * (turn.size() - 1);
            for (Row* row : turn) pay(*row, claim.component, row == turn.back() ? std::max(Whole(0), last) : each, left);
        }
    }
}

Case by_rule(Dice& dice) {
    const i64 day = 10957 + dice.roll(0, 9000);
    std::vector<Row> rows;
    i64 from = day - dice.roll(0, 120);
    for (i64 n = dice.roll(1, 6); n > 0; --n) {
        const i64 due = dice.chance(10) ? std::max(day, from + 1) : from + dice.roll(1, 40);
        Row row{from, due, {}};
        for (auto& owed : row.owed) owed = dice.chance(30) ? 0 : any_size(dice, 200'000);
        rows.push_back(row);
        from = due;
    }
    std::vector<Claim> claims;
    for (std::size_t scope = 0; scope < 3; ++scope)
        for (std::size_t component = 0; component < 4; ++component)
            if (dice.chance(90)) claims.push_back({scope, component});
    if (claims.empty()) claims.push_back({1, 3});
    for (std::size_t i = claims.size(); i > 1; --i) std::swap(claims[i - 1], claims[static_cast<std::size_t>(dice.roll(0, static_cast<i64>(i) - 1))]);
    const auto future = static_cast<std::size_t>(dice.roll(0, 3));
    const bool by_instalment = dice.chance(50);
    const Whole amount = any_size(dice, 1'500'000);

    const auto given = listed(rows, [](const Row& r) {
        return R"({"from": ")" + date_text(r.from) + R"(", "due": ")" + date_text(r.due) + R"(", "penalty": ")" + money(r.owed[0]) + R"(", "fee": ")" + money(r.owed[1]) +
               R"(", "interest": ")" + money(r.owed[2]) + R"(", "principal": ")" + money(r.owed[3]) + R"(", "penalty_now": "0.00", "fee_now": "0.00"})";
    });
    Whole left = amount;
    for (const Group& group : groups(claims, by_instalment)) {
        if (group[0].scope == 2 && future == 2) {
            pay_evenly(rows, group, day, left);
            continue;
        }
        for (Row* row : in_turn(rows, group, future, day))
            for (const Claim& claim : group) pay(*row, claim.component, left, left);
    }
    const auto parts = listed(rows, [](const Row& r) {
        return R"({"penalty": ")" + money(r.paid[0]) + R"(", "fee": ")" + money(r.paid[1]) + R"(", "interest": ")" + money(r.paid[2]) + R"(", "principal": ")" +
               money(r.paid[3]) + R"(", "forgiven": "0.00"})";
    });
    const auto claimed = listed(claims, [](const Claim& c) { return std::string(R"({"scope": ")") + scope_names[c.scope] + R"(", "component": ")" + component_names[c.component] + R"("})"; });
    return {"pay",
            R"({"amount": ")" + money(amount) + R"(", "rows": )" + given + R"(, "claims": )" + claimed + R"(, "future": ")" + future_names[future] + R"(", "by_instalment": )" +
                (by_instalment ? "true" : "false") + R"(, "on": ")" + date_text(day) + R"("})",
            R"({"parts": )" + parts + R"(, "left": ")" + money(left) + R"("})"};
}

/// The language's own form: a fee, then of each row its interest and its principal.
Case by_tiers(Dice& dice) {
    const Whole amount = any_size(dice, 1'000'000), fee = any_size(dice, 10'000);
    std::vector<std::pair<Whole, Whole>> rows;
    for (i64 n = dice.roll(0, 8); n > 0; --n) rows.emplace_back(any_size(dice, 50'000), any_size(dice, 200'000));
    Whole left = amount;
    const auto take = [&](const Whole& owed) {
        const Whole part = std::min(left, owed);
        left -= part;
        return part;
    };
    const Whole paid_fee = take(fee);
    Whole interest = 0, principal = 0;
    for (const auto& [i, p] : rows) {
        interest += take(i);
        principal += take(p);
    }
    const auto due = listed(rows, [](const auto& r) { return R"({"interest": ")" + money(r.first) + R"(", "principal": ")" + money(r.second) + R"("})"; });
    return {"pay_tiers", R"({"amount": ")" + money(amount) + R"(", "fee": ")" + money(fee) + R"(", "rows": )" + due + "}",
            R"({"fee": ")" + money(paid_fee) + R"(", "interest": ")" + money(interest) + R"(", "principal": ")" + money(principal) + R"(", "left": ")" + money(left) + R"("})"};
}

} // namespace

Case waterfall(Dice& dice) { return dice.chance(70) ? by_rule(dice) : by_tiers(dice); }

} // namespace oracle
