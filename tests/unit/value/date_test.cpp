#include "vm/value/date.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

Date day(std::string_view text) {
    const auto parsed = date_parse(text);
    REQUIRE(parsed);
    return *parsed;
}

std::string moved(std::string_view from, i64 months, EndOfMonth rule) {
    const auto result = date_add_months(day(from), months, rule);
    return result ? date_text(*result) : "none";
}

/// The result under Clamp, Roll and KeepEom.
std::string all_rules(std::string_view from, i64 months) {
    return moved(from, months, EndOfMonth::Clamp) + " " + moved(from, months, EndOfMonth::Roll) +
           " " + moved(from, months, EndOfMonth::KeepEom);
}

} // namespace

TEST_CASE("known days") {
    CHECK(day("1970-01-01") == 0);
    CHECK(day("1969-12-31") == -1);
    CHECK(day("2000-03-01") == 11'017);
    CHECK(day("2024-02-29") == 19'782);
    CHECK(day("1900-01-01") == date_min);
    CHECK(day("2200-12-31") == date_max);
}

TEST_CASE("every day of the range follows the one before and comes back from its text") {
    Civil expected{1900, 1, 1};
    for (Date d = date_min; d <= date_max; ++d) {
        const Civil civil = civil_from_date(d);
        const bool good = civil == expected &&
                          date_from_civil(civil.year, civil.month, civil.day) == d &&
                          date_parse(date_text(d)) == d;
        if (!good) FAIL_CHECK("day ", d);
        if (++expected.day <= days_in_month(expected.year, expected.month)) continue;
        expected.day = 1;
        if (++expected.month <= 12) continue;
        expected.month = 1;
        ++expected.year;
    }
    CHECK(expected == Civil{2201, 1, 1});
}

TEST_CASE("lengths of months") {
    CHECK(days_in_month(1900, 2) == 28);
    CHECK(days_in_month(2000, 2) == 29);
    CHECK(days_in_month(2100, 2) == 28);
    CHECK(days_in_month(2023, 2) == 28);
    CHECK(days_in_month(2024, 2) == 29);
    CHECK(days_in_month(2024, 4) == 30);
    CHECK(days_in_month(2024, 12) == 31);
    CHECK(days_in_month(2024, 0) == 0);
    CHECK(days_in_month(2024, 13) == 0);
}

TEST_CASE("dates that do not exist or are out of range") {
    CHECK_FALSE(date_from_civil(2023, 2, 29));
    CHECK(date_from_civil(2024, 2, 29));
    CHECK_FALSE(date_from_civil(2024, 2, 30));
    CHECK_FALSE(date_from_civil(2024, 4, 31));
    CHECK_FALSE(date_from_civil(2024, 1, 0));
    CHECK_FALSE(date_from_civil(2024, 0, 1));
    CHECK_FALSE(date_from_civil(2024, 13, 1));
    CHECK_FALSE(date_from_civil(1899, 12, 31));
    CHECK_FALSE(date_from_civil(2201, 1, 1));
    CHECK_FALSE(date_from_civil(INT64_MAX, INT64_MAX, INT64_MAX));
    CHECK_FALSE(date_from_civil(INT64_MIN, INT64_MIN, INT64_MIN));
    CHECK(civil_from_date(date_min - 1) == Civil{0, 0, 0});
    CHECK(civil_from_date(date_max + 1) == Civil{0, 0, 0});
    CHECK(civil_from_date(INT64_MAX) == Civil{0, 0, 0});
}

TEST_CASE("months from the 28th, 29th, 30th and 31st") {
    CHECK(all_rules("2024-01-31", 1) == "2024-02-29 2024-03-01 2024-02-29");
    CHECK(all_rules("2023-01-31", 1) == "2023-02-28 2023-03-01 2023-02-28");
    CHECK(all_rules("2023-01-30", 1) == "2023-02-28 2023-03-01 2023-02-28");
    CHECK(all_rules("2023-01-29", 1) == "2023-02-28 2023-03-01 2023-02-28");
    CHECK(all_rules("2023-01-28", 1) == "2023-02-28 2023-02-28 2023-02-28");
    CHECK(all_rules("2024-01-29", 1) == "2024-02-29 2024-02-29 2024-02-29");
    CHECK(all_rules("2023-02-28", 1) == "2023-03-28 2023-03-28 2023-03-31");
    CHECK(all_rules("2024-02-28", 1) == "2024-03-28 2024-03-28 2024-03-28");
    CHECK(all_rules("2024-02-29", 1) == "2024-03-29 2024-03-29 2024-03-31");
    CHECK(all_rules("2024-02-29", 12) == "2025-02-28 2025-03-01 2025-02-28");
    CHECK(all_rules("2023-02-28", 12) == "2024-02-28 2024-02-28 2024-02-29");
    CHECK(all_rules("2024-04-30", 1) == "2024-05-30 2024-05-30 2024-05-31");
    CHECK(all_rules("2024-03-31", 1) == "2024-04-30 2024-05-01 2024-04-30");
    CHECK(all_rules("2024-10-31", 1) == "2024-11-30 2024-12-01 2024-11-30");
}

TEST_CASE("months backwards, across years and none at all") {
    CHECK(all_rules("2024-03-31", -1) == "2024-02-29 2024-03-01 2024-02-29");
    CHECK(all_rules("2024-01-15", -1) == "2023-12-15 2023-12-15 2023-12-15");
    CHECK(all_rules("2024-12-31", 2) == "2025-02-28 2025-03-01 2025-02-28");
    CHECK(all_rules("2024-01-31", -13) == "2022-12-31 2022-12-31 2022-12-31");
    CHECK(all_rules("2024-04-30", 0) == "2024-04-30 2024-04-30 2024-04-30");
    CHECK(all_rules("1900-01-01", 3611) == "2200-12-01 2200-12-01 2200-12-01");
    CHECK(all_rules("2200-12-31", -3611) == "1900-01-31 1900-01-31 1900-01-31");
}

TEST_CASE("months out of the range give nothing") {
    for (const auto rule : {EndOfMonth::Clamp, EndOfMonth::Roll, EndOfMonth::KeepEom}) {
        CHECK(date_add_months(day("2200-11-30"), 1, rule));
        CHECK_FALSE(date_add_months(day("2200-12-01"), 1, rule));
        CHECK_FALSE(date_add_months(day("1900-01-31"), -1, rule));
        CHECK_FALSE(date_add_months(day("1900-01-01"), 3612, rule));
        CHECK_FALSE(date_add_months(day("2200-12-31"), -3612, rule));
        CHECK_FALSE(date_add_months(0, INT64_MAX, rule));
        CHECK_FALSE(date_add_months(0, INT64_MIN, rule));
        CHECK_FALSE(date_add_months(date_max + 1, 0, rule));
        CHECK_FALSE(date_add_months(INT64_MIN, 0, rule));
    }
}

TEST_CASE("only the one spelling of a date is read") {
    for (const auto* bad :
         {"", "2024-1-01", "2024-01-1", "20240101", "2024/01/01", "2024-01-01 ", " 2024-01-01",
          "2024-01-0a", "+024-01-01", "-024-01-01", "2024--1-01", "2024-02-30", "2024-00-10",
          "1899-12-31", "2201-01-01", "2024-01-01T00:00"}) {
        CAPTURE(bad);
        CHECK_FALSE(date_parse(bad));
    }
}
