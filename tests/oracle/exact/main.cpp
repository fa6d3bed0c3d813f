// tally_oracle: random questions to the standard library and the language's own forms, through a contract on a
// ledger in memory, against exact rational numbers.
#include "tests/oracle/exact/case.hpp"

#include "runtime/sandbox.hpp"
#include "tools/source_files.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace {

using oracle::Case;
using oracle::Dice;
using tally::u64;

const std::vector<oracle::Subject>& subjects() {
    static const std::vector<oracle::Subject> all{
        {"split", oracle::split}, {"accrual", oracle::accrual}, {"instalment", oracle::instalment}, {"waterfall", oracle::waterfall}, {"netting", oracle::netting}};
    return all;
}

std::optional<tally::Sandbox> open_probe() {
    const auto modules = tally::build_modules({TALLY_ORACLE_PROBE});
    if (!modules) return std::nullopt;
    tally::Sandbox box(tally::bytes_of(*modules));
    const bool begun = box.reset().good() && box.create("Probe", "CNY", 0, {{"someone"}, "{}", {}}).good();
    if (!begun) return std::nullopt;
    for (int bank = 1; bank <= 6; ++bank)
        if (!box.party("bank-" + std::to_string(bank)).good()) return std::nullopt;
    return box;
}

struct Tally {
    u64 cases = 0, wrong = 0;
};

/// The last figure of an answer, one more.
void spoil(std::string& expected) {
    const auto at = expected.find_last_of("0123456789");
    if (at == std::string::npos) expected += " ";
    else expected[at] = expected[at] == '9' ? '8' : static_cast<char>(expected[at] + 1);
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"tally_oracle: the standard library against exact rational numbers"};
    u64 cases = 1'000'000, seed = 1;
    std::string only, json;
    bool canary = false;
    app.add_option("--cases", cases, "how many, over all subjects")->capture_default_str();
    app.add_option("--seed", seed, "of the first case")->capture_default_str();
    app.add_option("--only", only, "one subject");
    app.add_option("--json", json, "the summary as JSON, to this file");
    app.add_flag("--canary", canary, "expects a unit more in the last figure of each answer: every one must be noticed");
    CLI11_PARSE(app, argc, argv);

    auto box = open_probe();
    if (!box) {
        fmt::print(stderr, "error: the probe contract does not run\n");
        return 2;
    }
    std::map<std::string, Tally> totals;
    const auto begin = std::chrono::steady_clock::now();
    for (u64 i = 0; i < cases; ++i) {
        const auto& subject = subjects()[i % subjects().size()];
        if (!only.empty() && subject.name != only) continue;
        Dice dice(seed * 1'000'003 + i);
        Case one = subject.make(dice);
        if (canary) spoil(one.expected);
        const auto answer = box->view(1, one.view, one.arguments);
        auto& total = totals[subject.name];
        ++total.cases;
        if (answer.good() && answer.result == one.expected) continue;
        if (canary && !answer.good()) continue; // a refusal is no proof that a wrong figure would be noticed
        if (++total.wrong <= 3 && !canary)
            fmt::print("WRONG {} (case {} of seed {}): {} {}\n  expected {}\n  got      {}\n", subject.name, i, seed, one.view, one.arguments, one.expected,
                       answer.good() ? answer.result : answer.note);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    Tally all;
    std::string listed;
    for (const auto& [name, total] : totals) {
        fmt::print("{:<12}{:>9} cases {:>4} wrong\n", name, total.cases, total.wrong);
        listed += fmt::format("{}\"{}\": {{\"cases\": {}, \"wrong\": {}}}", listed.empty() ? "" : ", ", name, total.cases, total.wrong);
        all.cases += total.cases;
        all.wrong += total.wrong;
    }
    fmt::print("{} cases, {} units off, {:.1f} s\n", all.cases, all.wrong, seconds);
    if (!json.empty()) std::ofstream(json) << fmt::format("{{\"cases\": {}, \"wrong\": {}, \"subjects\": {{{}}}}}\n", all.cases, all.wrong, listed);
    return all.wrong == (canary ? all.cases : 0) && all.cases > 0 ? 0 : 1;
}
