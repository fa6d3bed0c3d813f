#include "tools/cash_flows.hpp"

#include "runtime/arguments.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace tally {
namespace {

constexpr std::size_t bar_width = 48; ///< characters

std::string period_of(Date date, Period period) {
    const std::string text = date_text(date);
    return text.substr(0, period == Period::Day ? 10 : period == Period::Month ? 7 : 4);
}

/// `-1 234.50`
std::string amount_text(i128 units, int places) {
    std::string text = decimal_text(units, places);
    const std::size_t begin = units < 0 ? 1 : 0;
    const std::size_t point = std::min(text.find('.'), text.size());
    for (std::size_t at = point; at > begin + 3;) {
        at -= 3;
        text.insert(at, " ");
    }
    return text;
}

double size_of(i128 units) { return static_cast<double>(units < 0 ? -units : units); }

std::string bar(double length, const char* block) {
    std::string out;
    for (auto n = static_cast<std::size_t>(length + 0.5); n > 0; --n) out += block;
    return out;
}

/// As wide as people see it: a continuation byte of UTF-8 takes no room.
std::string padded(const std::string& text, std::size_t width) {
    std::size_t seen = 0;
    for (const char c : text) seen += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
    return seen >= width ? text : text + std::string(width - seen, ' ');
}

} // namespace

std::vector<CashFlows> cash_flows(const std::vector<Snapshot>& snapshots, Period period, const std::string& curve_name) {
    std::set<CurrencyCode> currencies;
    std::map<CurrencyCode, std::set<std::string>> holders;
    for (const Snapshot& one : snapshots) {
        for (const auto& [holder, amount] : one.held)
            if (amount != 0) holders[holder.second].insert(holder.first), currencies.insert(holder.second);
        for (const auto& [currency, amount] : one.fields) currencies.insert(currency);
    }
    std::vector<CashFlows> out;
    for (const CurrencyCode currency : currencies) {
        CashFlows flows;
        flows.currency = currency_name(currency);
        flows.places = money_exponent(currency);
        flows.curve_name = curve_name;
        flows.holders.assign(holders[currency].begin(), holders[currency].end());
        flows.totals.assign(flows.holders.size(), 0);
        std::vector<i128> before(flows.holders.size(), 0);
        i128 curve_before = 0;
        for (std::size_t i = 0; i < snapshots.size(); ++i) {
            const std::string name = period_of(snapshots[i].date, period);
            if (i + 1 < snapshots.size() && period_of(snapshots[i + 1].date, period) == name) continue; // the last of a period counts
            CashFlows::Row row{name, {}, 0};
            bool moved = false;
            for (std::size_t h = 0; h < flows.holders.size(); ++h) {
                const auto found = snapshots[i].held.find({flows.holders[h], currency});
                const i128 now = found == snapshots[i].held.end() ? 0 : found->second;
                row.flows.push_back(now - before[h]);
                flows.totals[h] += now - before[h];
                moved = moved || now != before[h];
                before[h] = now;
            }
            const auto curve = snapshots[i].fields.find(currency);
            row.curve = curve == snapshots[i].fields.end() ? 0 : curve->second;
            moved = moved || row.curve != curve_before;
            curve_before = row.curve;
            if (moved) flows.rows.push_back(std::move(row));
        }
        out.push_back(std::move(flows));
    }
    return out;
}

std::string table_text(const CashFlows& flows) {
    std::string out = fmt::format("{}\n{:<11}", flows.currency, "");
    std::size_t width = 14;
    for (const auto& holder : flows.holders) width = std::max(width, holder.size() + 2);
    for (const auto& row : flows.rows) {
        for (const i128 flow : row.flows) width = std::max(width, amount_text(flow, flows.places).size() + 2);
        width = std::max(width, amount_text(row.curve, flows.places).size() + 2);
    }
    for (const i128 total : flows.totals) width = std::max(width, amount_text(total, flows.places).size() + 2);
    for (const auto& holder : flows.holders) out += fmt::format("{:>{}}", holder, width);
    if (!flows.curve_name.empty()) out += fmt::format("{:>{}}", flows.curve_name, std::max<std::size_t>(width, flows.curve_name.size() + 2));
    out += "\n";
    for (const auto& row : flows.rows) {
        out += fmt::format("{:<11}", row.period);
        for (const i128 flow : row.flows) out += fmt::format("{:>{}}", flow == 0 ? "-" : amount_text(flow, flows.places), width);
        if (!flows.curve_name.empty()) out += fmt::format("{:>{}}", amount_text(row.curve, flows.places), std::max<std::size_t>(width, flows.curve_name.size() + 2));
        out += "\n";
    }
    out += fmt::format("{:<11}", "in all");
    for (const i128 total : flows.totals) out += fmt::format("{:>{}}", amount_text(total, flows.places), width);
    return out + "\n";
}

std::string chart_text(const CashFlows& flows) {
    std::string out;
    double largest = 1;
    std::size_t name_width = 10;
    for (std::size_t h = 0; h < flows.holders.size(); ++h) {
        largest = std::max(largest, size_of(flows.totals[h]));
        name_width = std::max(name_width, flows.holders[h].size() + 1);
    }
    if (!flows.holders.empty()) out += "\nin all\n";
    for (std::size_t h = 0; h < flows.holders.size(); ++h) {
        const bool paid = flows.totals[h] < 0;
        const std::string drawn = bar(size_of(flows.totals[h]) / largest * (bar_width / 2.0), "█");
        const std::string left = paid ? std::string(bar_width / 2 - static_cast<std::size_t>(size_of(flows.totals[h]) / largest * (bar_width / 2.0) + 0.5), ' ') + drawn : std::string(bar_width / 2, ' ');
        out += padded(flows.holders[h], name_width) + left + "│" + padded(paid ? "" : drawn, bar_width / 2) + "  " + amount_text(flows.totals[h], flows.places) + "\n";
    }
    if (flows.curve_name.empty()) return out;
    largest = 1;
    for (const auto& row : flows.rows) largest = std::max(largest, size_of(row.curve));
    out += "\n" + flows.curve_name + ", at the end\n";
    for (const auto& row : flows.rows) out += padded(row.period, 11) + padded(bar(size_of(row.curve) / largest * bar_width, "█"), bar_width) + "  " + amount_text(row.curve, flows.places) + "\n";
    return out;
}

// ---- SVG -----------------------------------------------------------------------------------------

namespace {

constexpr double chart_width = 960, chart_height = 300, margin_left = 110, margin_right = 20, margin_top = 40, gap = 70;
constexpr const char* palette[] = {"#2b6cb0", "#dd6b20", "#2f855a", "#805ad5", "#c53030", "#718096", "#b7791f", "#319795"};

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '<') out += "&lt;";
        else if (c == '>') out += "&gt;";
        else if (c == '&') out += "&amp;";
        else if (c == '"') out += "&quot;";
        else out += c;
    }
    return out;
}

std::string label(double x, double y, const std::string& text, const char* anchor, const char* colour = "#1a202c") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", x, y, anchor, colour, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const char* colour) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2, y2, colour);
}

/// Every how many periods one is named below the axis.
std::size_t label_step(std::size_t rows) { return std::max<std::size_t>(1, (rows + 11) / 12); }

std::string flow_bars(const CashFlows& flows) {
    double high = 1, low = 0;
    for (const auto& row : flows.rows)
        for (const i128 flow : row.flows) {
            high = std::max(high, static_cast<double>(flow));
            low = std::min(low, static_cast<double>(flow));
        }
    const double width = chart_width - margin_left - margin_right;
    const auto y = [&](double value) { return margin_top + (high - value) / (high - low) * chart_height; };
    std::string out = line(margin_left, y(0), chart_width - margin_right, y(0), "#4a5568");
    out += label(margin_left - 8, y(0) + 4, "0", "end") + label(margin_left - 8, y(high) + 4, amount_text(static_cast<i128>(high), flows.places), "end");
    if (low < 0) out += label(margin_left - 8, y(low) + 4, amount_text(static_cast<i128>(low), flows.places), "end");
    const double slot = width / static_cast<double>(std::max<std::size_t>(1, flows.rows.size()));
    const double thick = slot * 0.8 / static_cast<double>(std::max<std::size_t>(1, flows.holders.size()));
    for (std::size_t r = 0; r < flows.rows.size(); ++r) {
        const double left = margin_left + slot * static_cast<double>(r) + slot * 0.1;
        for (std::size_t h = 0; h < flows.holders.size(); ++h) {
            const auto value = static_cast<double>(flows.rows[r].flows[h]);
            const double top = y(std::max(value, 0.0)), height = std::abs(y(value) - y(0));
            if (value == 0) continue;
            out += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"><title>{}</title></rect>\n", left + thick * static_cast<double>(h), top,
                               std::max(0.5, thick), std::max(0.5, height), palette[h % std::size(palette)],
                               escaped(flows.rows[r].period + " " + flows.holders[h] + " " + amount_text(flows.rows[r].flows[h], flows.places)));
        }
        if (r % label_step(flows.rows.size()) == 0) out += label(left + slot * 0.4, margin_top + chart_height + 18, flows.rows[r].period, "middle");
    }
    for (std::size_t h = 0; h < flows.holders.size(); ++h)
        out += label(margin_left + 140 * static_cast<double>(h), margin_top - 16, "■ " + flows.holders[h], "start", palette[h % std::size(palette)]);
    return out;
}

std::string curve_line(const CashFlows& flows, double top) {
    double high = 1;
    for (const auto& row : flows.rows) high = std::max(high, static_cast<double>(row.curve));
    const double width = chart_width - margin_left - margin_right;
    const double slot = width / static_cast<double>(std::max<std::size_t>(1, flows.rows.size()));
    std::string points;
    std::string out = label(margin_left, top - 12, flows.curve_name, "start") + label(margin_left - 8, top + 4, amount_text(static_cast<i128>(high), flows.places), "end") +
                      label(margin_left - 8, top + chart_height + 4, "0", "end") + line(margin_left, top + chart_height, chart_width - margin_right, top + chart_height, "#4a5568");
    for (std::size_t r = 0; r < flows.rows.size(); ++r) {
        const double x = margin_left + slot * (static_cast<double>(r) + 0.5);
        points += fmt::format("{:.1f},{:.1f} ", x, top + (1 - static_cast<double>(flows.rows[r].curve) / high) * chart_height);
        if (r % label_step(flows.rows.size()) == 0) out += label(x, top + chart_height + 18, flows.rows[r].period, "middle");
    }
    return out + "<polyline fill=\"none\" stroke=\"#2b6cb0\" stroke-width=\"2\" points=\"" + points + "\"/>\n";
}

} // namespace

std::string chart_svg(const CashFlows& flows) {
    const bool curved = !flows.curve_name.empty();
    const double height = margin_top + chart_height + gap + (curved ? chart_height + gap : 0);
    std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n", chart_width, height);
    out += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + label(chart_width - margin_right, margin_top - 16, "cash flows, " + flows.currency, "end");
    out += flow_bars(flows);
    if (curved) out += curve_line(flows, margin_top + chart_height + gap);
    return out + "</svg>\n";
}

} // namespace tally
