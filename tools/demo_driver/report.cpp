#include "tools/demo_driver/report.hpp"

#include "vm/value/decimal_text.hpp"

#include <cstdio>
#include <fmt/core.h>
#include <unistd.h>

namespace tally::demo {

namespace {

std::string money(i128 cents) { return decimal_text(cents, 2); }

void write_text(const std::string& path, const std::string& text) {
    auto* file = std::fopen(path.c_str(), "w");
    if (file == nullptr || std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fclose(file) != 0)
        give_up("cannot write " + path + ": check the folder and its permissions");
}

std::string banks_json(const Figures& figures) {
    std::string out;
    for (const auto& [name, b] : figures.banks)
        out += fmt::format("{}\n  \"{}\": {{\"funded\": \"{}\", \"outstanding\": \"{}\", \"interest\": \"{}\", \"fees\": \"{}\", \"net\": \"{}\"}}",
                           out.empty() ? "" : ",", name, money(b.funded), money(b.outstanding), money(b.interest), money(b.fees), money(b.net));
    return "{" + out + "}";
}

i128 net_sum(const Figures& figures) {
    i128 sum = 0;
    for (const auto& [name, b] : figures.banks) sum += b.net;
    return sum;
}

/// 1 234 567.89
std::string grouped(i128 cents) {
    auto text = money(cents);
    const auto first = text[0] == '-' ? std::size_t{1} : std::size_t{0};
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 6; at > static_cast<std::ptrdiff_t>(first); at -= 3) text.insert(static_cast<std::size_t>(at), " ");
    return text;
}

} // namespace

void write_figures(const std::string& path, const Figures& figures) {
    std::string out = fmt::format("{{\"end\": \"{}\", \"instalments_matched\": {}, \"banks\": {},\n\"months\": [", figures.end, figures.instalments_matched, banks_json(figures));
    for (std::size_t i = 0; i < figures.months.size(); ++i) {
        const auto& month = figures.months[i];
        std::string net;
        for (const auto& [bank, amount] : month.net) net += fmt::format("{}\"{}\": \"{}\"", net.empty() ? "" : ", ", bank, money(amount));
        out += fmt::format("{}\n  {{\"on\": \"{}\", \"net\": {{{}}}}}", i == 0 ? "" : ",", month.on, net);
    }
    out += "],\n\"loans\": [";
    for (std::size_t i = 0; i < figures.loans.size(); ++i) {
        const auto& f = figures.loans[i];
        std::string shares;
        for (const auto& s : f.shares)
            shares += fmt::format("{}{{\"bank\": \"{}\", \"outstanding\": \"{}\", \"interest\": \"{}\", \"fees\": \"{}\", \"lost\": \"{}\"}}", shares.empty() ? "" : ", ",
                                  s.bank, s.outstanding, s.interest, s.fees, s.lost);
        out += fmt::format("{}\n  {{\"row\": {}, \"state\": \"{}\", \"instalment\": \"{}\", \"undue\": \"{}\", \"due\": \"{}\", \"credit\": \"{}\", \"fee_due\": \"{}\", \"payoff\": \"{}\", \"shares\": [{}]}}",
                           i == 0 ? "" : ",", f.row, f.state, f.instalment, f.undue, f.due, f.credit, f.fee_due, f.payoff, shares);
    }
    write_text(path, out + "]}\n");
}

void write_summary(const std::string& path, const Figures& f, const Tape& tape, std::size_t mismatches) {
    write_text(path, fmt::format("{{\"loans\": {}, \"instalments_matched\": {}, \"oracle_mismatches\": {}, \"written_off\": {}, \"bad_rows\": {},\n"
                                 " \"net_positions_sum\": \"{}\", \"transactions\": {}, \"transactions_per_second\": {:.1f}, \"height\": {}, \"root\": \"{}\",\n \"banks\": {}}}\n",
                                 f.loans.size(), f.instalments_matched, mismatches, f.written_off, tape.complaints.size(), money(net_sum(f)), f.transactions,
                                 static_cast<double>(f.transactions) / f.seconds, f.height, f.root, banks_json(f)));
}

void print_complaints(const Tape& tape) {
    std::size_t left_out = 0;
    for (const auto& c : tape.complaints) left_out += c.left_out ? 1U : 0U;
    fmt::print("tape: {} rows, {} to be lived; {} with a comma in quotes (read as RFC 4180 says)\n", tape.records, tape.rows.size(), tape.quoted);
    if (tape.complaints.empty()) return;
    fmt::print("tape: {} rows with bad data: {} have digits below a cent, which are cut off; {} cannot be read and are left out\n", tape.complaints.size(),
               tape.complaints.size() - left_out, left_out);
    std::string lines;
    for (const auto& c : tape.complaints) {
        if (c.left_out) fmt::print("  line {}: {}: left out\n", c.line, c.what);
        else lines += (lines.empty() ? "" : ", ") + std::to_string(c.line);
    }
    if (!lines.empty()) fmt::print("  below a cent, lines {}\n", lines);
}

void print_settlement(const Figures& f) {
    fmt::print("\n{:<12}{:>18}{:>18}{:>16}{:>12}{:>20}\n", "bank (USD)", "funded", "outstanding", "interest", "fees", "net, settled");
    BankFigures total;
    for (const auto& [name, b] : f.banks) {
        fmt::print("{:<12}{:>18}{:>18}{:>16}{:>12}{:>20}\n", name, grouped(b.funded), grouped(b.outstanding), grouped(b.interest), grouped(b.fees), grouped(b.net));
        total.funded += b.funded;
        total.outstanding += b.outstanding;
        total.interest += b.interest;
        total.fees += b.fees;
        total.net += b.net;
    }
    fmt::print("{:<12}{:>18}{:>18}{:>16}{:>12}{:>20}\n\n", "sum", grouped(total.funded), grouped(total.outstanding), grouped(total.interest), grouped(total.fees), grouped(total.net));
    for (const auto& m : f.months) fmt::print("cut of {}: {} owed between banks, settled by {}\n", m.on, grouped(m.gross), grouped(m.settled));
    std::map<std::string, std::size_t> buckets, states;
    for (const auto& loan : f.loans) {
        ++states[loan.state];
        if (!loan.bucket.empty()) ++buckets[loan.bucket];
    }
    for (const auto& [state, count] : states) fmt::print("{} {}   ", state, count);
    fmt::print("\nby days overdue:   ");
    for (const auto& [bucket, count] : buckets) fmt::print("{} {}   ", bucket, count);
    fmt::print("\n");
}

void show_progress(const std::string& what, std::size_t done, std::size_t of) {
    if (isatty(STDOUT_FILENO) == 0) {
        if (done >= of) fmt::print("  {:<24} {}\n", what, of);
        return;
    }
    constexpr std::size_t width = 32;
    const auto filled = of == 0 ? width : std::min(width, done * width / of);
    fmt::print("\r  {:<24} [{}{}] {}/{}", what, std::string(filled, '#'), std::string(width - filled, '.'), done, of);
    if (done >= of) fmt::print("\n");
    std::fflush(stdout);
}

} // namespace tally::demo
