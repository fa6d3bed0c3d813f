// tally_tri_canary: the farm against engines with faults put in on purpose, one at a time (canaries.py). A farm that
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

/// How many canaries of one engine stay hidden. Without a fault there is nothing to find.
int missed_of(const char* engine, const std::vector<std::string>& names, int first, u64 executions) {
    int missed = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const u64 after = hunt(first + static_cast<int>(i), executions);
        std::cout << engine << ": " << names[i] << ": " << (after > 0 ? "found after " + std::to_string(after) + " executions" : "NOT FOUND") << "\n";
        missed += after == 0;
    }
    const bool quiet = hunt(0, 20'000) == 0;
    std::cout << engine << ": " << names.size() << " canaries, " << missed << " not found" << (quiet ? "" : "; and something was found where there is none") << "\n";
    return missed + (quiet ? 0 : 1);
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
    const auto& interpreter = interpreter_canaries();
    int missed = missed_of("interpreter", interpreter, 1, executions);
#if defined(__x86_64__)
    on_machine_code = true;
    missed += missed_of("template compiler", native_canaries(), 1 + static_cast<int>(interpreter.size()), executions);
#endif
    return missed == 0 ? 0 : 1;
}
