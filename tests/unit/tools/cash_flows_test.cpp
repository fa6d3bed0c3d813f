#include "tools/cash_flows.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');

/// ann pays bob 100.00 in January and 50.00 in March; a debt falls from 200.00 to 50.00.
std::vector<Snapshot> snapshots() {
    const auto on = [](i64 month, i64 day, i128 moved, i128 debt) {
        return Snapshot{date_from_civil(2026, month, day).value_or(0), {{{"ann", usd}, -moved}, {{"bob", usd}, moved}}, {{usd, debt}}};
    };
    return {on(1, 5, 4000, 20000), on(1, 20, 10000, 10000), on(2, 1, 10000, 10000), on(3, 1, 15000, 5000)};
}

} // namespace

TEST_CASE("flows are what changed within a period, and periods without one are left out") {
    const auto all = cash_flows(snapshots(), Period::Month, "debt");
    REQUIRE(all.size() == 1);
    const auto& flows = all[0];
    CHECK(flows.currency == "USD");
    CHECK(flows.holders == std::vector<std::string>{"ann", "bob"});
    REQUIRE(flows.rows.size() == 2);
    CHECK(flows.rows[0].period == "2026-01");
    CHECK((flows.rows[0].flows == std::vector<i128>{-10000, 10000}));
    CHECK(flows.rows[1].period == "2026-03");
    CHECK((flows.rows[1].flows == std::vector<i128>{-5000, 5000}));
    CHECK((flows.rows[1].curve == 5000));
    CHECK((flows.totals == std::vector<i128>{-15000, 15000}));
    CHECK(cash_flows(snapshots(), Period::Day, "").front().rows.size() == 3);
    CHECK(cash_flows(snapshots(), Period::Year, "").front().rows.size() == 1);
    CHECK(cash_flows({}, Period::Month, "").empty());
}

TEST_CASE("a table, bars and a drawing") {
    const auto flows = cash_flows(snapshots(), Period::Month, "debt").front();
    const auto table = table_text(flows);
    CHECK(table.find("-100.00") != std::string::npos);
    CHECK(table.find("in all") != std::string::npos);
    CHECK(chart_text(flows).find("ann       ████████████████████████│") != std::string::npos);
    const auto svg = chart_svg(flows);
    CHECK(svg.starts_with("<svg xmlns="));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(svg.find("<title>2026-03 bob 50.00</title>") != std::string::npos);
    CHECK(svg.find("polyline") != std::string::npos);
}

TEST_CASE("names out of a source cannot break a drawing") {
    auto flows = cash_flows(snapshots(), Period::Month, "a<b & \"c\"").front();
    flows.holders[0] = "<script>";
    CHECK(chart_svg(flows).find("<script>") == std::string::npos);
    CHECK(chart_svg(flows).find("a&lt;b &amp; &quot;c&quot;") != std::string::npos);
}
