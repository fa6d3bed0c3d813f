// tally_tri: the engines of the machine against the reference. Prints what it saw; fails on any difference, and if some
// operation of the table was never run to its end.
#include "tests/tri/report.hpp"

#include <chrono>
#include <iostream>

namespace {

using namespace tally;
using namespace tally::tri;

constexpr const char* usage = "tally_tri [--executions N] [--sweep N] [--seed S] [--generator NAME] [--json FILE] [--regressions DIR] [--save DIR]\n"
                              "  --executions N     runs of an engine over programs (100,000; none with --sweep); from 100,000 on, every edge before\n"
                              "  --sweep N          N programs, each at every gas limit from 0 to what it uses\n"
                              "  --seed S           of the first program; the others follow from it (1)\n"
                              "  --generator NAME   only this one of semantic, programs, raw, grammar, fields, language, contracts\n"
                              "  --json FILE        the summary, for programs\n"
                              "  --regressions DIR  runs the cases that are there first\n"
                              "  --save DIR         writes findings there, made small\n";
constexpr u64 executions_default = 100'000;

struct Options {
    std::optional<u64> executions;
    u64 sweep = 0;
    SessionOptions session;
    std::string json, regressions;
};

bool read_number(const std::string& value, u64& out) {
    if (value.empty() || value.size() > 18 || value.find_first_not_of("0123456789") != std::string::npos) return false;
    out = std::stoull(value);
    return true;
}

bool parse(int argc, char** argv, Options& out) {
    const std::map<std::string, std::string*> texts{{"--generator", &out.session.generator}, {"--json", &out.json}, {"--regressions", &out.regressions}, {"--save", &out.session.save}};
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string word = argv[i], value = argv[i + 1];
        u64 number = 0;
        if (const auto text = texts.find(word); text != texts.end()) *text->second = value;
        else if (!read_number(value, number)) return false;
        else if (word == "--executions") out.executions = number;
        else if (word == "--sweep") out.sweep = number;
        else if (word == "--seed") out.session.seed = number;
        else return false;
    }
    return argc % 2 == 1;
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::cerr << usage;
        return 2;
    }
    std::cout << std::unitbuf; // what was found stays, whatever comes next
    const auto start = std::chrono::steady_clock::now();
    Session session(options.session);
    if (!session.known_generator()) {
        std::cerr << "no generator `" << options.session.generator << "`\n";
        return 2;
    }
    session.regressions(options.regressions);
    session.sweep(options.sweep);
    const u64 wanted = options.executions.value_or(options.sweep > 0 ? 0 : executions_default);
    const bool all = wanted >= executions_default && options.session.generator.empty();
    if (all) session.edges();
    session.executions(wanted);
    const i64 spent = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
    print(session, spent);
    if (!options.json.empty()) write_json(options.json, session, spent);
    return session.totals().findings == 0 && (!all || everything_met()) ? 0 : 1;
}
