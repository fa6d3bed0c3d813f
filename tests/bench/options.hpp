/// What the benchmarks with bars share on their command lines.
#pragma once

#include <CLI/CLI.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

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
    /// Where --json asks for it: an object of `head`, which ends in the name of the list, and of the rows, each
    /// the object that `object_of` gives.
    template <typename Row, typename ObjectOf> void write(std::string_view head, const std::vector<Row>& rows, const ObjectOf& object_of) const {
        if (json.empty()) return;
        std::ofstream out(json);
        out << "{" << head << ": [";
        for (const Row& row : rows) out << (&row == rows.data() ? "\n  " : ",\n  ") << object_of(row);
        out << "\n]}\n";
    }
};

} // namespace tally::bench
