/// What the benchmarks with bars share on their command lines.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace tally::bench {

struct Options {
    std::string json;     ///< a file for the figures, or empty
    int rounds;           ///< interleaved, of which the fastest counts
    bool no_bars = false; ///< succeed whatever the figures

    explicit Options(int rounds_of_itself) : rounds(rounds_of_itself) {}
    void add_to(CLI::App& app) {
        app.add_option("--json", json, "write the figures there too");
        app.add_option("--rounds", rounds, "interleaved rounds, of which the fastest counts")->check(CLI::Range(3, 1000));
        app.add_flag("--no-bars", no_bars, "succeed whatever the figures: for a machine that is not quiet");
    }
};

} // namespace tally::bench
