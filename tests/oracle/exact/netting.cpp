// Obligations between banks, offset.
#include "tests/oracle/exact/case.hpp"
#include "tests/oracle/exact/rational.hpp"

#include <map>
#include <optional>
#include <set>

namespace oracle {
namespace {

using tally::i64;

struct Owed {
    std::string payer, payee;
    Whole amount;
    i64 priority;
};
struct Limit {
    std::string bank;
    Whole funds, credit;
};
struct Most {
    std::string from, to;
    Whole most;
};

std::string bank(i64 number) { return "bank-" + std::to_string(number); }

std::vector<Owed> obligations(Dice& dice, i64 banks) {
    std::vector<Owed> out;
    for (i64 n = dice.roll(1, 16); n > 0; --n) {
        const i64 payer = dice.roll(1, banks);
        const i64 payee = (payer + dice.roll(0, banks - 2)) % banks + 1;
        out.push_back({bank(payer), bank(payee), 1 + any_size(dice, 1'000'000), dice.roll(1, 3)});
    }
    return out;
}
std::string text(const std::vector<Owed>& list) {
    return listed(list, [](const Owed& o) {
        return R"({"payer": ")" + o.payer + R"(", "payee": ")" + o.payee + R"(", "amount": ")" + money(o.amount) + R"(", "priority": )" + std::to_string(o.priority) + "}";
    });
}
std::string text(const std::vector<Limit>& list) {
    return listed(list, [](const Limit& l) { return R"({"bank": ")" + l.bank + R"(", "funds": ")" + money(l.funds) + R"(", "credit": ")" + money(l.credit) + R"("})"; });
}
std::string nets_text(const std::vector<Limit>& limits, const std::map<std::string, Whole>& net) {
    return listed(limits, [&](const Limit& l) {
        const auto found = net.find(l.bank);
        return R"({"bank": ")" + l.bank + R"(", "net": ")" + money(found == net.end() ? Whole(0) : found->second) + R"("})";
    });
}

std::map<std::string, Whole> position(const std::vector<Owed>& list, const std::set<std::size_t>& out) {
    std::map<std::string, Whole> net;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (out.contains(i)) continue;
        net[list[i].payer] -= list[i].amount;
        net[list[i].payee] += list[i].amount;
    }
    return net;
}

Case positions(const std::vector<Owed>& list, const std::vector<Limit>& limits) {
    return {"positions", R"({"obligations": )" + text(list) + R"(, "limits": )" + text(limits) + "}", nets_text(limits, position(list, {}))};
}

Case pairs(const std::vector<Owed>& list) {
    std::vector<std::pair<std::string, std::string>> order;
    std::map<std::pair<std::string, std::string>, std::pair<Whole, i64>> net;
    for (const Owed& o : list) {
        const bool turned = net.contains({o.payee, o.payer});
        const auto key = turned ? std::pair(o.payee, o.payer) : std::pair(o.payer, o.payee);
        if (!net.contains(key)) {
            order.push_back(key);
            net[key] = {0, o.priority};
        }
        auto& [amount, priority] = net[key];
        amount += turned ? Whole(-o.amount) : o.amount;
        priority = std::min(priority, o.priority);
    }
    std::vector<Owed> left;
    for (const auto& key : order) {
        const auto& [amount, priority] = net[key];
        if (amount > 0) left.push_back({key.first, key.second, amount, priority});
        if (amount < 0) left.push_back({key.second, key.first, -amount, priority});
    }
    return {"pairs", R"({"obligations": )" + text(list) + "}", text(left)};
}

/// The one to leave out among those that fit: least urgent, then largest, then last.
template <typename Fits> std::optional<std::size_t> to_leave(const std::vector<Owed>& list, const std::set<std::size_t>& out, Fits fits) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (out.contains(i) || !fits(list[i])) continue;
        const auto rank = [&](std::size_t k) { return std::tuple(list[k].priority, list[k].amount, k); };
        if (!found || rank(i) > rank(*found)) found = i;
    }
    return found;
}

Case resolve(const std::vector<Owed>& list, const std::vector<Limit>& limits, const std::vector<Most>& most) {
    std::set<std::size_t> out;
    for (bool again = true; again;) {
        again = false;
        auto net = position(list, out);
        std::optional<std::size_t> leave;
        for (const Limit& l : limits)
            if (!leave && -net[l.bank] > l.funds + l.credit) leave = to_leave(list, out, [&](const Owed& o) { return o.payer == l.bank; });
        for (const Most& m : most) {
            Whole owed = 0;
            for (std::size_t i = 0; i < list.size(); ++i) {
                if (out.contains(i)) continue;
                if (list[i].payer == m.to && list[i].payee == m.from) owed += list[i].amount;
                if (list[i].payer == m.from && list[i].payee == m.to) owed -= list[i].amount;
            }
            if (!leave && owed > m.most) leave = to_leave(list, out, [&](const Owed& o) { return o.payer == m.to && o.payee == m.from; });
        }
        if (leave) out.insert(*leave);
        again = leave.has_value();
    }
    std::string settles;
    for (std::size_t i = 0; i < list.size(); ++i) settles += (settles.empty() ? "" : ", ") + std::string(out.contains(i) ? "false" : "true");
    const auto limited = listed(most, [](const Most& m) { return R"({"from": ")" + m.from + R"(", "to": ")" + m.to + R"(", "most": ")" + money(m.most) + R"("})"; });
    return {"resolve", R"({"obligations": )" + text(list) + R"(, "limits": )" + text(limits) + R"(, "most": )" + limited + "}",
            R"({"settles": [)" + settles + R"(], "nets": )" + nets_text(limits, position(list, out)) + R"(, "left_out": )" + std::to_string(out.size()) + "}"};
}

} // namespace

Case netting(Dice& dice) {
    const i64 banks = dice.roll(2, 6);
    const auto list = obligations(dice, banks);
    std::vector<Limit> limits;
    for (i64 i = 1; i <= banks; ++i) limits.push_back({bank(i), any_size(dice, 500'000), dice.chance(50) ? 0 : any_size(dice, 100'000)});
    const i64 kind = dice.roll(0, 9);
    if (kind < 3) return positions(list, limits);
    if (kind < 6) return pairs(list);
    std::vector<Most> most;
    for (i64 n = dice.roll(0, 3); n > 0; --n) {
        const i64 from = dice.roll(1, banks);
        most.push_back({bank(from), bank((from + dice.roll(0, banks - 2)) % banks + 1), any_size(dice, 200'000)});
    }
    return resolve(list, limits, most);
}

} // namespace oracle
