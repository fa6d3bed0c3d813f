// tally-demo: the main job, end to end, and the proof that kill -9 loses nothing. Run by tools/demo.
#include "tools/demo_driver/ledger.hpp"
#include "tools/demo_driver/life.hpp"
#include "tools/demo_driver/report.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace tally::demo {

namespace fs = std::filesystem;

namespace {

struct Options {
    std::string book, json, modules, oracle;
    Ledger::Place place;
    std::size_t loans = 0, kill_loans = 300;
};

Bytes read_bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    Bytes out((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (out.empty()) give_up("cannot read " + path + "; build first: tools/build");
    return out;
}

Date first_date(const Tape& tape) {
    i64 month = tape.rows[0].month;
    for (const auto& row : tape.rows) month = std::min(month, row.month);
    return date_from_civil(month / 12, month % 12 + 1, 2).value_or(0);
}

/// The second implementation's verdict: how many figures differ.
std::size_t ask_oracle(const Options& options, const Figures& figures, const std::string& name) {
    const auto path = options.place.work + "/" + name + ".figures.json", verdict = options.place.work + "/" + name + ".oracle.json";
    write_figures(path, figures);
    fs::remove(verdict);
    const auto loans = name == "killed" ? options.kill_loans : options.loans;
    std::fflush(stdout);
    const auto command = fmt::format("python3 '{}' --book '{}' --ledger '{}' --loans {} --json '{}'", options.oracle, options.book, path, loans, verdict);
    (void)std::system(command.c_str()); // its exit code says what the file says
    std::ifstream in(verdict);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto json = parse_json(text);
    if (!json || json->member("differences") == nullptr) give_up("the second implementation gave no verdict");
    return number_in(*json, "differences");
}

Tape tape_of(const Options& options, std::size_t loans) {
    std::string why;
    auto tape = read_tape(options.book, loans, why);
    if (!tape) give_up("the tape " + options.book + " " + why);
    return std::move(*tape);
}

std::size_t main_job(const Options& options, const Modules& modules) {
    const auto tape = tape_of(options, options.loans);
    print_complaints(tape);
    Ledger ledger(options.place, "main", first_date(tape));
    Session session(ledger.node().url(), "main");
    session.add_key(registrar, ledger.keys(), 1);
    const auto figures = live(session, modules, tape, show_progress);
    const auto mismatches = ask_oracle(options, figures, "main");
    print_settlement(figures);
    fmt::print("\ninstalments equal to the real lender's: {} of {}\n", figures.instalments_matched, figures.loans.size());
    fmt::print("figures that differ from the second implementation: {}\n", mismatches);
    fmt::print("{} transactions in {:.1f} s of wall time: {:.0f} per second (signed, checked, run, committed with fsync)\n", figures.transactions, figures.seconds,
               static_cast<double>(figures.transactions) / figures.seconds);
    fmt::print("block {}, root {}\n", figures.height, figures.root);
    if (!options.json.empty()) write_summary(options.json, figures, tape, mismatches);
    return mismatches + (options.place.institutions == 0 ? 0 : compare_nodes(ledger, options.place, figures.height, figures.root));
}

/// kill -9 in the middle of batches, three times; then everything acknowledged must be there, once.
std::size_t killed_run(const Options& options, const Modules& modules) {
    const auto tape = tape_of(options, options.kill_loans);
    Ledger ledger(options.place, "killed", first_date(tape));
    Session session(ledger.node().url(), "killed");
    session.add_key(registrar, ledger.keys(), 1);
    std::thread assassin;
    std::size_t kills = 0;
    // Batches 0…49 found the consortium; drawdowns and repayments follow.
    const std::map<std::size_t, int> when{{20, 1}, {52, 12}, {60, 25}};
    session.before_batch = [&](std::size_t batch) {
        const auto planned = when.find(batch);
        if (planned == when.end()) return;
        assassin = std::thread([&ledger, &kills, delay = planned->second] {
            std::this_thread::sleep_for(std::chrono::milliseconds(delay));
            ledger.node().kill_nine();
            ++kills;
        });
    };
    session.after_batch = [&] {
        if (assassin.joinable()) assassin.join();
    };
    session.bring_back = [&] {
        if (assassin.joinable()) assassin.join();
        if (const auto fault = ledger.node().start(); !fault.empty()) give_up(fault);
        return ledger.node().url();
    };
    const auto figures = live(session, modules, tape, [](const std::string&, std::size_t, std::size_t) {});
    std::size_t lost = 0;
    for (const auto& intent : session.acknowledged())
        if (session.get("/v1/receipts/" + intent).member("receipt") == nullptr) ++lost;
    const auto status = session.get("/v1/status");
    const auto on_ledger = number_in(status, "transactions");
    fmt::print("killed {} times with kill -9 in the middle of work, restarted each time\n", kills);
    const auto mismatches = ask_oracle(options, figures, "killed");
    const bool doubled = on_ledger != session.acknowledged().size();
    fmt::print("{} transactions acknowledged, {} lost, {} on the ledger{}\n", session.acknowledged().size(), lost, on_ledger, doubled ? ": some are doubled" : ", none doubled");
    if (kills == 0) give_up("the node was never killed");
    return mismatches + lost + (doubled ? 1 : 0);
}

int run(const Options& options) {
    fs::create_directories(options.place.work);
    const Modules modules{read_bytes(options.modules + "/consortium.clearing.tallymod"), read_bytes(options.modules + "/consortium.joint.tallymod")};
    const auto wrong = main_job(options, modules);
    fmt::print("\nThe same in small, with kill -9:\n");
    const auto wrong_after_kill = killed_run(options, modules);
    if (wrong + wrong_after_kill != 0) {
        fmt::print(stderr, "demo: the ledger and the second implementation differ; the figures are in {}\n", options.place.work);
        return 1;
    }
    return 0;
}

} // namespace
} // namespace tally::demo

int main(int argc, char** argv) {
    tally::demo::Options options;
    CLI::App app{"the main job of Tallystick on a loan tape"};
    app.add_option("--book", options.book, "loan tape (CSV)")->required();
    app.add_option("--loans", options.loans, "only the first N rows");
    app.add_option("--kill-loans", options.kill_loans, "rows of the run with kill -9")->capture_default_str();
    app.add_option("--institutions", options.place.institutions, "nodes that order together; 0: one alone")->check(CLI::Range(0, 16));
    app.add_option("--json", options.json, "write the result for machines to this file");
    app.add_option("--work", options.place.work, "folder for ledgers and figures; emptied")->required();
    app.add_option("--modules", options.modules, "folder with the compiled modules")->required();
    app.add_option("--tallyd", options.place.tallyd, "the node's program")->required();
    app.add_option("--oracle", options.oracle, "the second implementation")->required();
    CLI11_PARSE(app, argc, argv);
    return tally::demo::run(options);
}
