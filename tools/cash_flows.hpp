/// A simulation's snapshots as cash flows by period, and how they are shown.
#pragma once

#include "runtime/snapshot.hpp"

#include <vector>

namespace tally {

enum class Period { Day, Month, Year };

/// Of one currency. Amounts are minor units.
struct CashFlows {
    std::string currency;
    int places = 0;
    std::string curve_name;           ///< the fields of the curve; empty if there is none
    std::vector<std::string> holders; ///< in the order of their names
    struct Row {
        std::string period;      ///< "2026-02-15", "2026-02", "2026"
        std::vector<i128> flows; ///< by holder: what it got, below zero: paid
        i128 curve = 0;          ///< at the end of the period
    };
    std::vector<Row> rows;       ///< periods in which something moved or the curve changed
    std::vector<i128> totals;    ///< by holder
};

/// One for each currency in which something moved. The fields that make the curve are named for its title.
[[nodiscard]] std::vector<CashFlows> cash_flows(const std::vector<Snapshot>& snapshots, Period period, const std::string& curve_name);

[[nodiscard]] std::string table_text(const CashFlows& flows);
/// Bars of characters: what each holder got in all, and the curve.
[[nodiscard]] std::string chart_text(const CashFlows& flows);
/// Bars by period and holder, and the curve below, as an SVG file.
[[nodiscard]] std::string chart_svg(const CashFlows& flows);

} // namespace tally
