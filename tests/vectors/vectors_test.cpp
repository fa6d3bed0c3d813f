// The worked joint-loan numbers A–J, O and P, computed elsewhere in exact rationals, against the machine's
// own functions and, for the schedule, the waterfall and the payoff, against programs in Tally.
// The file lies beside the repository, not in it: shared/data/vectors/joint_loan.json.
#include "compiler/compile.hpp"
#include "runtime/bench.hpp"
#include "runtime/json_reader.hpp"
#include "vm/value/accrual.hpp"
#include "vm/value/annuity.hpp"
#include "vm/value/date.hpp"
#include "vm/value/decimal.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/muldiv.hpp"
#include "vm/value/split.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace tally;
using Amounts = std::vector<i128>;

const std::string path = std::string(TALLY_SOURCE_DIR) + "/../shared/data/vectors/joint_loan.json";

/// The file, or nothing where it is absent (said once).
const Json* vectors() {
    static const std::optional<Json> file = []() -> std::optional<Json> {
        std::ifstream in(path, std::ios::binary);
        if (!in) {
            std::printf("SKIPPED: vectors (%s is not there)\n", path.c_str());
            return std::nullopt;
        }
        std::ostringstream text;
        text << in.rdbuf();
        auto json = parse_json(text.str());
        REQUIRE_MESSAGE(json, path << " is not JSON");
        return json;
    }();
    if (!file && std::getenv("CI") != nullptr) FAIL(path << " is not there, and CI is set");
    return file ? &*file : nullptr;
}

const Json& at(const Json& object, std::string_view name) {
    const auto* found = object.member(name);
    REQUIRE_MESSAGE(found != nullptr, "the vectors have no member " << name);
    return *found;
}
i128 whole(const Json& number) {
    const auto value = decimal_parse(number.text, 0);
    REQUIRE_MESSAGE(value, number.text << " is not a whole number");
    return *value;
}
i128 cents(const std::string& text) {
    const auto value = decimal_parse(text, 2);
    REQUIRE_MESSAGE(value, text << " is not money");
    return *value;
}
i128 cents(const Json& text) { return cents(text.text); }
i128 decimal(const std::string& text) {
    const auto value = decimal_parse(text, decimal_scale);
    REQUIRE_MESSAGE(value, text << " is not a decimal");
    return *value;
}
Amounts wholes(const Json& list) {
    Amounts out;
    for (const auto& item : list.items) out.push_back(whole(item));
    return out;
}
Amounts all_cents(const Json& list) {
    Amounts out;
    for (const auto& item : list.items) out.push_back(cents(item));
    return out;
}
i64 small(i128 v) { return static_cast<i64>(v); }
std::string text(const Amounts& list) {
    std::string out;
    for (const auto v : list) out += int_text(v) + " ";
    return out;
}

Amounts shares(i128 total, const Amounts& weights) {
    Amounts parts(weights.size());
    REQUIRE(split(total, weights, parts) == Arithmetic::Ok);
    return parts;
}
/// A month's interest: a twelfth of a year.
i128 twelfth(i128 balance, i128 rate) {
    i128 out = 0;
    REQUIRE(muldiv(balance, rate, decimal_one * 12, Rounding::HalfUp, out) == Arithmetic::Ok);
    return out;
}
i128 by_days(i128 balance, i128 rate, i64 days, i64 year) {
    i128 out = 0;
    REQUIRE(muldiv3(balance, rate, days, decimal_one * year, Rounding::HalfUp, out) == Arithmetic::Ok);
    return out;
}
i128 instalment(i128 principal, i128 rate, i64 n) {
    i128 out = 0;
    REQUIRE(annuity(principal, rate, 12, n, Rounding::HalfUp, out) == Arithmetic::Ok);
    return out;
}

/// Runs the tests of a module written here; every one must pass.
void run(const std::string& source) {
    auto c = check_text("vectors.tally", source);
    std::string said;
    for (const auto& d : c->sink.sorted()) said += render_short(c->sources, d) + "\n";
    REQUIRE_MESSAGE(said.empty(), said << source);
    const auto built = build(*c, Tests::Include, Optimise::Full);
    for (const auto& d : c->sink.sorted()) said += render_short(c->sources, d) + "\n";
    REQUIRE_MESSAGE(said.empty(), said << source);
    TestBench bench({built.bytes});
    REQUIRE(!bench.names().empty());
    for (std::size_t i = 0; i < bench.names().size(); ++i) {
        const auto result = bench.run(i);
        CHECK_MESSAGE(result.passed, result.name << ": line " << result.line << ": " << result.message << "\n" << source);
    }
}
std::string usd(i128 amount) { return decimal_text(amount, 2) + " USD"; }

/// What the rest of a loan costs at a given instalment: periods, last payment, interest in all.
struct Rest {
    i64 periods = 0;
    i128 last = 0, interest = 0;
};
Rest live(i128 balance, i128 rate, i128 payment, i64 periods_max) {
    Rest out;
    while (balance > 0) {
        const auto interest = twelfth(balance, rate);
        out.interest += interest;
        ++out.periods;
        out.last = out.periods == periods_max ? balance + interest : std::min(payment, balance + interest);
        balance -= out.last - interest;
        REQUIRE(out.periods <= periods_max);
    }
    return out;
}

// ---- waterfalls

const std::vector<std::string> components{"penalty", "fee", "interest", "principal"};
/// Two instalments due, by component in the order above. Source of these figures: the vectors' own text.
const std::vector<Amounts> owed{{1234, 500, 7750, 80000}, {0, 0, 6500, 80000}};

struct Rule {
    std::vector<std::size_t> order; ///< of components
    bool by_component;              ///< all instalments of one component before the next component
};
Rule rule_of(const std::string& text) {
    if (text == "principal first by instalment") return {{3, 2, 0, 1}, false};
    Rule out{{}, text.rfind("by component", 0) == 0};
    std::istringstream words(text.substr(text.find(": ") + 2));
    std::string word;
    while (std::getline(words, word, ',')) {
        word = word.substr(0, word.find(' '));
        out.order.push_back(static_cast<std::size_t>(std::find(components.begin(), components.end(), word) - components.begin()));
    }
    REQUIRE(out.order.size() == components.size());
    return out;
}
/// (instalment, component) in the order in which money reaches them.
std::vector<std::pair<std::size_t, std::size_t>> visits(const Rule& rule) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    if (rule.by_component) {
        for (const auto c : rule.order)
            for (std::size_t row = 0; row < owed.size(); ++row) out.emplace_back(row, c);
    } else {
        for (std::size_t row = 0; row < owed.size(); ++row)
            for (const auto c : rule.order) out.emplace_back(row, c);
    }
    return out;
}
/// The same rule as a program: what each component got, and what is left of each row.
std::string waterfall_source(const Rule& rule, i128 payment, const std::vector<Amounts>& paid, i128 left) {
    std::string tiers, list, checks;
    for (const auto c : rule.order)
        tiers += rule.by_component ? components[c] + " over r in rows from r." + components[c] + "; " : components[c] + " from r." + components[c] + "; ";
    if (!rule.by_component) tiers = "each r in rows { " + tiers + "}";
    for (std::size_t row = 0; row < owed.size(); ++row) {
        std::string fields;
        for (std::size_t c = 0; c < components.size(); ++c) {
            fields += (c == 0 ? "" : ", ") + components[c] + ": " + usd(owed[row][c]);
            checks += "    expect rows[" + std::to_string(row) + "]." + components[c] + " == " + usd(owed[row][c] - paid[row][c]) + ";\n";
        }
        list += (row == 0 ? "" : ", ") + ("Row { " + fields + " }");
    }
    for (std::size_t c = 0; c < components.size(); ++c) {
        i128 sum = 0;
        for (const auto& row : paid) sum += row[c];
        checks += "    expect w." + components[c] + " == " + usd(sum) + ";\n";
    }
    return "module vectors.cascade version 1;\n"
           "record Row { penalty: Amount<USD>; fee: Amount<USD>; interest: Amount<USD>; principal: Amount<USD>; }\n"
           "test \"waterfall\" {\n    var rows: List<Row, max 2> = [" + list + "];\n"
           "    let w = waterfall(" + usd(payment) + ") { " + tiers + " rest left; };\n    expect w.left == " + usd(left) + ";\n" + checks + "}\n";
}

TEST_CASE("P: twelve digits are not enough for a pool, and a decimal has more") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "precision12");
    const i128 value = decimal(at(v, "value").text);
    i128 rounded = 0;
    REQUIRE(decimal_fused(value, decimal_one, 0, decimal_one, 0, Rounding::HalfEven, rounded) == Arithmetic::Ok); // to its twelfth digit
    CHECK((rounded == decimal(at(v, "rounded").text)));
    // The cents are still there where nobody rounds.
    i128 kept = 0;
    REQUIRE(decimal_fused(value, decimal_one, 0, decimal_one, decimal_places_max, Rounding::Exact, kept) == Arithmetic::Ok);
    CHECK((kept == value));
}

TEST_CASE("every group of the vectors has its test above") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const std::set<std::string> tested{"allocate", "alabama", "accrual", "equalInstalment", "fineractEMI", "equalPrincipal", "oddPrincipal",
                                       "waterfall", "penalty", "prepay", "payoff", "interestSplit", "precision12"};
    CHECK(std::set<std::string>(all->names.begin(), all->names.end()) == tested);
}

} // namespace

TEST_CASE("A: a split gives every cent to somebody") {
    const auto* all = vectors();
    if (all == nullptr) return;
    for (const auto& v : at(*all, "allocate").items) {
        CAPTURE(at(v, "name").text);
        CHECK(text(shares(whole(at(v, "total")), wholes(at(v, "weights")))) == text(wholes(at(v, "parts"))));
    }
    CHECK(at(*all, "allocate").items.size() >= 13);
}

TEST_CASE("B: one unit more may take one from somebody (Alabama)") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "alabama");
    const auto weights = wholes(at(v, "weights"));
    CHECK(text(shares(whole(at(v, "T")), weights)) == text(wholes(at(v, "parts_T"))));
    CHECK(text(shares(whole(at(v, "T")) + 1, weights)) == text(wholes(at(v, "parts_T1"))));
}

TEST_CASE("C: accrual is rounded on the sum, not by the day") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "accrual");
    const auto base = cents(at(v, "principal"));
    const auto rate = decimal(at(v, "dailyRate").text);
    const auto days = whole(at(v, "days"));
    Wide sum;
    i128 posted = 0, daily = 0;
    const auto& posts = at(v, "posts").items;
    REQUIRE(static_cast<i128>(posts.size()) == days);
    for (const auto& post : posts) {
        REQUIRE(accrual_add(sum, base, rate, 1) == Arithmetic::Ok);
        i128 due = 0;
        REQUIRE(accrual_round(sum, decimal_one, Rounding::HalfUp, due) == Arithmetic::Ok);
        REQUIRE(accrual_take(sum, due, decimal_one) == Arithmetic::Ok);
        CHECK(int_text(due) == int_text(cents(post)));
        posted += due;
        daily += by_days(base, rate, 1, 1);
    }
    CHECK(decimal_text(posted, 2) == at(v, "cumulative").text);
    CHECK(decimal_text(daily, 2) == at(v, "dailyRounded").text);
    Wide once;
    i128 due = 0;
    REQUIRE(accrual_add(once, base, rate, small(days)) == Arithmetic::Ok);
    REQUIRE(accrual_round(once, decimal_one, Rounding::HalfUp, due) == Arithmetic::Ok);
    CHECK(due == posted);
}

TEST_CASE("D: equal instalments, and the last one takes the rest") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "equalInstalment");
    auto balance = cents(at(v, "principal"));
    const auto rate = decimal(at(v, "annual").text);
    const auto n = small(whole(at(v, "n")));
    const auto payment = instalment(balance, rate, n);
    CHECK(decimal_text(payment, 2) == at(v, "emi").text);
    std::string source = "module vectors.schedule version 1;\nimport std.amort { monthly_instalment, monthly_interest, principal_part };\ntest \"schedule\" {\n"
             "    let rate = " + decimal_text(rate / 100'000'000'000'000, 2) + "% pa;\n"
             "    let payment = monthly_instalment(" + usd(balance) + ", rate, " + std::to_string(n) + ", half_up);\n"
             "    expect payment == " + at(v, "emi").text + " USD;\n    var balance: Amount<USD> = " + usd(balance) + ";\n"
             "    var interest: Amount<USD> = 0.00 USD;\n    var part: Amount<USD> = 0.00 USD;\n";
    for (const auto& row : at(v, "rows").items) {
        const auto period = whole(row.items[0]);
        const auto interest = twelfth(balance, rate);
        const auto paid = period == n ? balance + interest : payment;
        balance -= paid - interest;
        CHECK(decimal_text(paid, 2) == row.items[1].text);
        CHECK(decimal_text(paid - interest, 2) == row.items[2].text);
        CHECK(decimal_text(interest, 2) == row.items[3].text);
        CHECK(decimal_text(balance, 2) == row.items[4].text);
        source += "    interest = monthly_interest(balance, rate, half_up);\n    part = principal_part(payment, interest, balance, " + std::string(period == n ? "true" : "false") + ");\n"
                  "    balance -= part;\n    expect interest == " + row.items[3].text + " USD;\n    expect part == " + row.items[2].text + " USD;\n"
                  "    expect balance == " + row.items[4].text + " USD;\n";
    }
    CHECK(balance == 0);
    run(source + "}\n");
}

TEST_CASE("D: two schedules of Fineract's own tests") {
    const auto* all = vectors();
    if (all == nullptr) return;
    for (const auto& v : at(*all, "fineractEMI").items) {
        const auto& rows = at(v, "rows").items;
        const auto rate = decimal(at(v, "rate").text) / 100;
        const bool thirty = at(v, "basis").text == "30/360";
        CAPTURE(at(v, "basis").text);
        i128 balance = 10000;
        // By actual days the instalment comes from a product over the periods, which the library does not have: it is given.
        const auto payment = thirty ? instalment(balance, rate, static_cast<i64>(rows.size())) : cents(rows[0].items[0]);
        auto from = *date_from_civil(2024, 1, 1);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto to = *date_add_months(*date_from_civil(2024, 1, 1), static_cast<i64>(i) + 1, EndOfMonth::Clamp);
            const auto interest = thirty ? twelfth(balance, rate) : by_days(balance, rate, to - from, 365);
            const auto paid = i + 1 == rows.size() ? balance + interest : payment;
            balance -= paid - interest;
            from = to;
            CHECK(text({paid, paid - interest, interest, balance}) == text(all_cents(rows[i])));
        }
    }
}

TEST_CASE("E: equal principal, interest by actual days over 360") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto rate = decimal("0.18");
    i128 balance = 1'000'000;
    Amounts lent = shares(balance, {80, 20});
    auto from = *date_parse("2024-01-15");
    for (const auto& row : at(*all, "equalPrincipal").items) {
        const auto on = *date_parse(row.items[1].text);
        CHECK(on - from == small(whole(row.items[2])));
        const auto interest = by_days(balance, rate, on - from, 360);
        const i128 principal = 200'000;
        const auto parts = shares(principal, lent);
        balance -= principal;
        for (std::size_t i = 0; i < lent.size(); ++i) lent[i] -= parts[i];
        from = on;
        CHECK(text({principal, interest, principal + interest, balance}) == text({cents(row.items[3]), cents(row.items[4]), cents(row.items[5]), cents(row.items[8])}));
        CHECK(text(parts) == text(all_cents(row.items[6])));
        CHECK(text(shares(interest, {70, 30})) == text(all_cents(row.items[7])));
        CHECK(text(lent) == text(all_cents(row.items[9])));
    }
    CHECK(balance == 0);
}

TEST_CASE("F: an odd principal is split by what each lender has outstanding") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& rows = at(*all, "oddPrincipal").items;
    i128 principal = 0;
    for (const auto& row : rows) principal += cents(row.items[0]);
    auto lent = shares(principal, {80, 20});
    for (const auto& row : rows) {
        const auto parts = shares(cents(row.items[0]), lent);
        for (std::size_t i = 0; i < lent.size(); ++i) lent[i] -= parts[i];
        CHECK(text(parts) == text(all_cents(row.items[1])));
        CHECK(text(lent) == text(all_cents(row.items[2])));
    }
}

TEST_CASE("G: four waterfalls, by hand and in the language") {
    const auto* all = vectors();
    if (all == nullptr) return;
    for (const auto& v : at(*all, "waterfall").items) {
        CAPTURE(at(v, "rule").text);
        const auto rule = rule_of(at(v, "rule").text);
        const auto payment = cents(at(v, "payment"));
        auto left = payment;
        std::vector<Amounts> paid(owed.size(), Amounts(components.size()));
        std::string seen, expected;
        for (const auto& [row, c] : visits(rule)) {
            const auto take = std::min(left, owed[row][c]);
            left -= take;
            paid[row][c] = take;
            if (take > 0) seen += std::to_string(row + 1) + " " + components[c] + " " + decimal_text(take, 2) + "\n";
        }
        for (const auto& part : at(v, "parts").items) expected += part.items[0].text + " " + part.items[1].text + " " + part.items[2].text + "\n";
        CHECK(seen == expected);
        CHECK(decimal_text(left, 2) == at(v, "left").text);
        run(waterfall_source(rule, payment, paid, left));
    }
}

TEST_CASE("H: a penalty of one and a half times the daily rate") {
    const auto* all = vectors();
    if (all == nullptr) return;
    Wide sum;
    i128 due = 0;
    REQUIRE(accrual_add(sum, 80'000, decimal("0.0005") * 3, 17) == Arithmetic::Ok);
    REQUIRE(accrual_round(sum, decimal_one * 2, Rounding::HalfUp, due) == Arithmetic::Ok);
    CHECK(decimal_text(due, 2) == at(*all, "penalty").text);
}

TEST_CASE("I: prepaid in part, the rest re-amortised or shortened") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "prepay");
    const auto rate = decimal(at(at(*all, "equalInstalment"), "annual").text);
    const auto balance = cents(at(v, "before")) - 200'000;
    CHECK(decimal_text(balance, 2) == at(v, "after").text);
    const auto& again = at(v, "reamortise");
    const auto n = small(whole(at(again, "n")));
    const auto payment = instalment(balance, rate, n);
    const auto rest = live(balance, rate, payment, n);
    CHECK(decimal_text(payment, 2) == at(again, "emi").text);
    CHECK(rest.periods == n);
    CHECK(decimal_text(rest.last, 2) == at(again, "last").text);
    CHECK(decimal_text(rest.interest, 2) == at(again, "interest").text);
    const auto& shorten = at(v, "shorten");
    const auto shorter = live(balance, rate, cents(at(shorten, "emi")), n);
    CHECK(shorter.periods == small(whole(at(shorten, "n"))));
    CHECK(decimal_text(shorter.last, 2) == at(shorten, "last").text);
    CHECK(decimal_text(shorter.interest, 2) == at(shorten, "interest").text);
}

TEST_CASE("J: paid off in the middle of a period") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "payoff");
    const auto days = *date_parse("2024-02-01") - *date_parse("2024-01-15");
    CHECK(days == small(whole(at(v, "days"))));
    const auto interest = by_days(1'000'000, decimal("0.18"), days, 360);
    CHECK(decimal_text(interest, 2) == at(v, "interest").text);
    CHECK(decimal_text(interest + 1'000'000, 2) == at(v, "payoff").text);
    const auto parts = all_cents(at(v, "interestSplit"));
    CHECK(text(shares(interest, {70, 30})) == text(parts));
    run("module vectors.payoff version 1;\ntest \"payoff\" {\n"
        "    let interest = round(10_000.00 USD * 18% pa * (count(2024-02-01 - 2024-01-15) / 360), half_up);\n"
        "    expect interest == " + at(v, "interest").text + " USD;\n    expect 10_000.00 USD + interest == " + at(v, "payoff").text + " USD;\n"
        "    let parts = allocate(interest, weights: [70, 30], tie: first);\n"
        "    expect parts[0] == " + usd(parts[0]) + ";\n    expect parts[1] == " + usd(parts[1]) + ";\n}\n");
}

TEST_CASE("O: interest split by the event drifts, split by the running sum does not") {
    const auto* all = vectors();
    if (all == nullptr) return;
    const auto& v = at(*all, "interestSplit");
    Amounts by_event{0, 0}, running{0, 0};
    i128 sum = 0;
    for (const auto& post : at(at(*all, "accrual"), "posts").items) {
        const auto parts = shares(cents(post), {70, 30});
        by_event[0] += parts[0];
        by_event[1] += parts[1];
        sum += cents(post);
        i128 first = 0;
        REQUIRE(muldiv(sum, 70, 100, Rounding::HalfUp, first) == Arithmetic::Ok);
        CHECK(first >= running[0]);
        CHECK(sum - first >= running[1]);
        running = {first, sum - first};
    }
    CHECK(text(by_event) == text(all_cents(at(v, "perEvent"))));
    CHECK(text(shares(sum, {70, 30})) == text(all_cents(at(v, "total"))));
    CHECK(text(running) == text(all_cents(at(v, "running"))));
}
