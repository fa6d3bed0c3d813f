// `tally simulate`: a test as a scenario, run on to a date, and the cash flows that it made.
#include "tools/cash_flows.hpp"
#include "tools/commands.hpp"
#include "tools/source_files.hpp"

#include "runtime/bench.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <fstream>

namespace tally {
namespace {

constexpr int exit_ok = 0, exit_refused = 1;

struct SimulateOptions {
    std::vector<std::string> paths;
    std::string test, to, svg, by = "month";
    std::vector<std::string> curve;
};

int refuse(const std::string& what, const std::string& fix) {
    fmt::print(stderr, "error: {}\n  fix: {}\n", what, fix);
    return exit_refused;
}

struct Scenario {
    std::vector<Bytes> modules; ///< the one with the tests last
    std::size_t number = 0;
};

/// The first test whose name has the text.
std::optional<Scenario> find_scenario(const SimulateOptions& options, bool& compiled) {
    for (const auto& path : expand(options.paths)) {
        auto compilation = check_file(path);
        if (!report(*compilation, false)) {
            compiled = false;
            return std::nullopt;
        }
        if (compilation->program.root().tests.empty()) continue;
        const auto built = build_with_tests(path, *compilation);
        if (!built) {
            compiled = false;
            return std::nullopt;
        }
        auto modules = bytes_of(*built);
        const TestBench bench(modules);
        const auto names = bench.names();
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!bench.is_property(i) && names[i].find(options.test) != std::string::npos) return Scenario{std::move(modules), i};
    }
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : " + ") + name;
    return out;
}

int write_svg(const std::string& path, const CashFlows& flows) {
    std::ofstream out(path, std::ios::trunc);
    out << chart_svg(flows);
    out.close();
    return out ? exit_ok : refuse("cannot write " + path, "check the folder and its permissions");
}

int run_simulate(const SimulateOptions& options) {
    const auto until = date_parse(options.to);
    if (!until) return refuse("`" + options.to + "` is not a date", "write --to 2027-01-31");
    bool compiled = true;
    const auto scenario = find_scenario(options, compiled);
    if (!compiled) return exit_refused;
    if (!scenario) return refuse("there is no test whose name has `" + options.test + "`", "a scenario is a `test` block: name one with --test, in a file or folder that has it");
    TestBench bench(scenario->modules);
    std::vector<Snapshot> snapshots;
    const auto result = bench.simulate(scenario->number, *until, options.curve, snapshots);
    if (!result.passed) return refuse("`" + result.name + "` does not pass: line " + std::to_string(result.line) + ": " + result.message, "`tally test` shows the same; mend it first");
    if (!snapshots.empty() && snapshots.back().date > *until) fmt::print(stderr, "note: the scenario itself goes on to {}\n", date_text(snapshots.back().date));
    const bool drawn = std::any_of(snapshots.begin(), snapshots.end(), [](const Snapshot& one) { return !one.fields.empty(); });
    if (!options.curve.empty() && !drawn) return refuse("no instance of the scenario has an amount called `" + joined(options.curve) + "`", "name fields that hold one amount, not vaults or lists");
    const auto period = options.by == "day" ? Period::Day : options.by == "year" ? Period::Year : Period::Month;
    const auto all = cash_flows(snapshots, period, joined(options.curve));
    fmt::print("{}, to {}, by {}\n", result.name, options.to, options.by);
    for (const auto& flows : all) fmt::print("{}{}", table_text(flows), chart_text(flows));
    if (all.empty()) fmt::print("no money moved\n");
    if (options.svg.empty()) return exit_ok;
    if (all.empty()) return refuse("there is nothing to draw", "choose a scenario in which money moves, or leave out --svg");
    return write_svg(options.svg, all.front());
}

} // namespace

void add_simulate_command(CLI::App& app) {
    auto options = std::make_shared<SimulateOptions>();
    auto* command = app.add_subcommand("simulate", "run a scenario (a test) on to a date, and show and draw its cash flows");
    command->add_option("paths", options->paths, "files or folders with the contract and its tests")->required();
    command->add_option("--to", options->to, "the last date, 2027-01-31")->required();
    command->add_option("--test", options->test, "the scenario: the first test whose name has this");
    command->add_option("--by", options->by, "day, month or year")->check(CLI::IsMember({"day", "month", "year"}))->capture_default_str();
    command->add_option("--curve", options->curve, "fields whose sum over all instances is drawn as a curve: undue,due")->delimiter(',');
    command->add_option("--svg", options->svg, "a drawing of the first currency's flows, to this file");
    command->callback([options] { throw CLI::RuntimeError(run_simulate(*options)); });
}

} // namespace tally
