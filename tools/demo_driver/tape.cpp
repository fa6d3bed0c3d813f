#include "tools/demo_driver/tape.hpp"

#include "vm/value/decimal_text.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <utility>

namespace tally::demo {

namespace {

struct Record {
    std::vector<std::string> fields;
    std::size_t line = 0; ///< where it begins
    bool quoted = false;
};

/// RFC 4180: fields in quotes may hold commas, line ends and doubled quotes.
class CsvReader {
public:
    explicit CsvReader(const std::string& path) : in_(path, std::ios::binary) {}
    [[nodiscard]] bool good() const { return in_.good(); }

    std::optional<Record> next() {
        Record out;
        out.line = line_;
        std::string field;
        bool inside = false, any = false;
        for (int c = in_.get(); c != std::ifstream::traits_type::eof(); c = in_.get()) {
            any = true;
            const char ch = static_cast<char>(c);
            if (ch == '\n') ++line_;
            if (inside) {
                if (ch == '"' && in_.peek() == '"') {
                    field += '"';
                    in_.get();
                } else if (ch == '"') inside = false;
                else {
                    out.quoted = out.quoted || ch == ',';
                    field += ch;
                }
            } else if (ch == '"' && field.empty()) inside = true;
            else if (ch == ',') out.fields.push_back(std::exchange(field, {}));
            else if (ch == '\n') break;
            else if (ch != '\r') field += ch;
            if (out.fields.size() > 1000 || field.size() > 65536) return std::nullopt;
        }
        if (!any) return std::nullopt;
        out.fields.push_back(std::move(field));
        return out;
    }

private:
    std::ifstream in_;
    std::size_t line_ = 1;
};

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// `Mar-18`
std::optional<i64> month_of(const std::string& text) {
    if (text.size() != 6 || text[3] != '-') return std::nullopt;
    const auto found = std::find(months.begin(), months.end(), std::string_view(text).substr(0, 3));
    const auto year = decimal_parse(text.substr(4), 0);
    if (found == months.end() || !year) return std::nullopt;
    return (2000 + static_cast<i64>(*year)) * 12 + (found - months.begin());
}

class RowReader {
public:
    explicit RowReader(const std::map<std::string, std::size_t>& columns) : columns_(columns) {}

    std::optional<TapeRow> read(const Record& record, std::string& problem) {
        record_ = &record;
        problem_.clear();
        cut_.clear();
        TapeRow row;
        row.principal = money("loan_amount");
        row.paid_total = money("paid_total");
        row.paid_interest = money("paid_interest");
        row.late_fees = money("paid_late_fees");
        row.real_instalment = money("installment");
        row.status = text("loan_status");
        const auto rate = decimal_parse(text("interest_rate"), decimal_scale - 2);
        const auto term = decimal_parse(text("term"), 0);
        const auto month = month_of(text("issue_month"));
        if (!rate || *rate < 0) bad("interest_rate");
        if (!term || *term < 1 || *term > 60) bad("term");
        if (!month) bad("issue_month");
        if (row.principal <= 0) bad("loan_amount");
        problem = problem_.empty() ? cut_ : problem_;
        if (!problem_.empty()) return std::nullopt;
        row.rate = *rate;
        row.periods = static_cast<i64>(*term);
        row.month = *month;
        return row;
    }

private:
    std::string text(const char* column) {
        const auto at = columns_.at(column);
        return at < record_->fields.size() ? record_->fields[at] : std::string();
    }
    void bad(const char* column) {
        if (problem_.empty()) problem_ = std::string(column) + " `" + text(column) + "` cannot be read";
    }
    /// Cents; digits below them are cut off and named.
    i128 money(const char* column) {
        auto value = text(column);
        if (const auto exact = decimal_parse(value, 2); exact && *exact >= 0) return *exact;
        const auto point = value.find('.');
        if (!decimal_parse(value, 20) || value[0] == '-' || point == std::string::npos) return bad(column), 0;
        if (cut_.empty()) cut_ = std::string(column) + " `" + value + "` has digits below a cent";
        return *decimal_parse(value.substr(0, point + 3), 2);
    }

    const std::map<std::string, std::size_t>& columns_;
    const Record* record_ = nullptr;
    std::string problem_, cut_;
};

} // namespace

std::optional<Tape> read_tape(const std::string& path, std::size_t limit, std::string& why) {
    CsvReader csv(path);
    if (!csv.good()) return why = "cannot be opened", std::nullopt;
    const auto header = csv.next();
    if (!header) return why = "is empty", std::nullopt;
    std::map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < header->fields.size(); ++i) columns[header->fields[i]] = i;
    for (const auto* needed : {"loan_amount", "term", "interest_rate", "installment", "issue_month", "loan_status", "paid_total", "paid_interest", "paid_late_fees"})
        if (!columns.contains(needed)) return why = std::string("has no column `") + needed + "`", std::nullopt;
    Tape out;
    RowReader reader(columns);
    while (limit == 0 || out.records < limit) {
        const auto record = csv.next();
        if (!record) break;
        if (record->fields.size() == 1 && record->fields[0].empty()) continue; // a blank line
        ++out.records;
        out.quoted += record->quoted ? 1U : 0U;
        std::string problem;
        auto row = reader.read(*record, problem);
        if (!problem.empty()) out.complaints.push_back({out.records, record->line, problem, !row});
        if (!row) continue;
        row->number = out.records;
        out.rows.push_back(std::move(*row));
    }
    if (out.rows.empty()) return why = "has no row that can be read", std::nullopt;
    return out;
}

} // namespace tally::demo
