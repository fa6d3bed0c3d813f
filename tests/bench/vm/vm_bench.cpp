// tally_bench_vm: what the machine costs, beside native C++ measured in the same run. Prints ratios and
// holds them against the bars; exits with 1 when one is missed.
#include "tests/bench/options.hpp"
#include "tests/bench/vm/measure.hpp"
#include "tests/bench/vm/subjects.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

using namespace tally::bench;

std::string object_of(const Row& row) {
    return fmt::format("{{\"name\": \"{}\", \"ns\": {:.3f}, \"baseline_ns\": {:.3f}, \"figure\": {:.3f}, \"unit\": \"{}\", \"bar\": {:.3f}, \"met\": {}}}",
                       row.name, row.ns, row.baseline_ns, row.figure, row.unit, row.bar, row.met());
}

void print(const Row& row) {
    const std::string beside = row.baseline_ns > 0 ? fmt::format("beside {:8.2f} ns", row.baseline_ns) : std::string(18, ' ');
    const std::string bar = row.bar > 0 ? fmt::format("bar {:6.2f} {}", row.bar, row.met() ? "" : "MISSED") : "";
    fmt::print("{:<44} {:9.2f} ns   {}   {:7.2f} {:<10} {}\n", row.name, row.ns, beside, row.figure, row.unit, bar);
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"The machine's speed against native code, measured in one run"};
    std::string contracts;
    Options options(15);
    app.add_option("--contracts", contracts, "folder of the contracts that are compiled for the figures per instruction")->required();
    options.add_to(app);
    CLI11_PARSE(app, argc, argv);

    std::vector<Row> rows = loops(options.rounds);
    for (auto&& more : {calls(options.rounds), loading(options.rounds, contracts)}) rows.insert(rows.end(), more.begin(), more.end());
    bool met = true;
    for (const Row& row : rows) {
        print(row);
        met = met && row.met();
    }
    options.write("\"rows\"", rows, object_of);
    return met || options.no_bars ? 0 : 1;
}
