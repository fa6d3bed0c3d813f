// The loan tape: what is wrong with a row is said with its line, and harms no other row.
#include "tools/demo_driver/tape.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace {

using namespace tally;
using namespace tally::demo;

constexpr auto header = "emp_title,loan_amount,term,interest_rate,installment,issue_month,loan_status,paid_total,paid_interest,paid_late_fees\n";

struct Read {
    std::optional<Tape> tape;
    std::string why;
};

Read read(const std::string& text, std::size_t limit = 0) {
    const auto path = (std::filesystem::temp_directory_path() / "tally_tape_test.csv").string();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    Read out;
    out.tape = read_tape(path, limit, out.why);
    std::filesystem::remove(path);
    return out;
}

std::string row(const std::string& amount, const std::string& paid = "10.00", const std::string& month = "Mar-18") {
    return "driver," + amount + ",36,14.07,652.53," + month + ",Current," + paid + ",1.00,0\n";
}

} // namespace

TEST_CASE("a sound row") {
    const auto r = read(header + row("28000", "1999.33"));
    REQUIRE(r.tape);
    REQUIRE(r.tape->rows.size() == 1);
    const auto& t = r.tape->rows[0];
    CHECK(t.principal == 2'800'000);
    CHECK(t.paid_total == 199'933);
    CHECK(t.rate == i128{140'700'000'000'000'000});
    CHECK(t.periods == 36);
    CHECK(t.month == 2018 * 12 + 2);
    CHECK(r.tape->complaints.empty());
}

TEST_CASE("digits below a cent are cut off and named") {
    const auto r = read(header + row("100") + row("200", "10.999"));
    REQUIRE(r.tape);
    CHECK(r.tape->rows.size() == 2);
    CHECK(r.tape->rows[1].paid_total == 1099);
    REQUIRE(r.tape->complaints.size() == 1);
    CHECK(r.tape->complaints[0].line == 3);
    CHECK(!r.tape->complaints[0].left_out);
}

TEST_CASE("a row that cannot be read is left out, the others live") {
    for (const auto& bad : {row("lots"), row("-5"), row("0"), row("1e6"), row(""), row("100", "10.00", "Foo-18"), row("100", "1..2"), std::string("too,short\n")}) {
        const auto r = read(header + row("100") + bad + row("300"));
        REQUIRE(r.tape);
        CHECK(r.tape->rows.size() == 2);
        CHECK(r.tape->rows[1].number == 3);
        REQUIRE(r.tape->complaints.size() == 1);
        CHECK(r.tape->complaints[0].line == 3);
        CHECK(r.tape->complaints[0].left_out);
    }
}

TEST_CASE("commas, quotes and line ends inside quotes") {
    const auto r = read(std::string(header) + "\"a, \"\"b\"\"\nc\",100,36,5,1.00,Jan-18,Current,0,0,0\r\n" + row("lots"));
    REQUIRE(r.tape);
    CHECK(r.tape->quoted == 1);
    CHECK(r.tape->rows[0].principal == 10'000);
    CHECK(r.tape->complaints[0].line == 4);
}

TEST_CASE("a file that is no tape") {
    CHECK(read("").why == "is empty");
    CHECK(read("a,b,c\n1,2,3\n").why == "has no column `loan_amount`");
    CHECK(read(header).why == "has no row that can be read");
    std::string why;
    CHECK(!read_tape("/no/such/tape.csv", 0, why));
    CHECK(why == "cannot be opened");
}

TEST_CASE("a limit counts records") { CHECK(read(header + row("100") + row("lots") + row("300"), 2).tape->rows.size() == 1); }
