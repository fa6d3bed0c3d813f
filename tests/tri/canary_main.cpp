// tally_tri_canary: the farm against an interpreter with faults put in on purpose, one at a time (canaries.py). A farm that
// cannot find them proves nothing. Prints how many executions each one took.
#include "tests/tri/session.hpp"

#include "tests/tri/canary.hpp"

#include <iostream>

namespace {

using namespace tally;
using namespace tally::tri;

/// Executions until the canary was found; 0 if it was not.
u64 hunt(int number, u64 executions) {
    canary = number;
    SessionOptions options;
    options.findings_max = 1;
    options.silent = number != 0;
    Session session(options);
    session.executions(executions);
    return session.totals().findings > 0 ? session.farm().executions : 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::string word = argc == 3 ? argv[1] : "";
    if (word != "--executions") {
        std::cerr << "tally_tri_canary --executions N\n";
        return 2;
    }
    const u64 executions = std::stoull(argv[2]);
    std::cout << std::unitbuf;
    int missed = 0;
    for (int i = 1; i <= static_cast<int>(canary_names().size()); ++i) {
        const u64 after = hunt(i, executions);
        std::cout << canary_names()[static_cast<std::size_t>(i) - 1] << ": " << (after > 0 ? "found after " + std::to_string(after) + " executions" : "NOT FOUND") << "\n";
        missed += after == 0;
    }
    // Without a fault there is nothing to find.
    const bool quiet = hunt(0, 20'000) == 0;
    std::cout << canary_names().size() << " canaries, " << missed << " not found" << (quiet ? "" : "; and something was found where there is none") << "\n";
    return missed == 0 && quiet ? 0 : 1;
}
