// tally_agree: random programs, run three ways. Prints what it saw; fails on any difference and on any program that the
// checker refuses.
#include "tests/agreement/farm.hpp"
#include "tests/agreement/generate.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using namespace tally;
using namespace tally::agreement;

constexpr const char* usage = "tally_agree [--programs N] [--seed S] [--calls K] [--json FILE] [--keep DIR] [--regressions DIR] [--canary] [--show SEED]\n"
                              "  --programs N       random programs (100)\n"
                              "  --seed S           of the first; the others follow from it (1)\n"
                              "  --calls K          calls of each (12)\n"
                              "  --json FILE        the summary, for programs\n"
                              "  --keep DIR         writes the smallest program that shows a difference there\n"
                              "  --regressions DIR  runs the programs that are there first\n"
                              "  --canary           a fault is put in, and must be found\n"
                              "  --show SEED        prints the program of a seed\n";
constexpr std::size_t minimised_max = 3; ///< more differences than that are rarely different ones

struct Options {
    u64 programs = 100, seed = 1, calls = 12;
    std::string json, keep, regressions, show;
    bool canary = false;
};

struct Totals {
    std::size_t programs = 0, calls = 0, trapped = 0, refused = 0, uncovered = 0, different = 0;
    std::map<std::string, std::size_t> traps, ops;
};

bool parse(int argc, char** argv, Options& out) {
    const std::map<std::string, u64 Options::*> numbers{{"--programs", &Options::programs}, {"--seed", &Options::seed}, {"--calls", &Options::calls}};
    const std::map<std::string, std::string Options::*> texts{
        {"--json", &Options::json}, {"--keep", &Options::keep}, {"--regressions", &Options::regressions}, {"--show", &Options::show}};
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--canary") {
            out.canary = true;
            continue;
        }
        if (++i == argc) return false;
        const std::string value = argv[i];
        if (const auto found = numbers.find(word); found != numbers.end()) {
            if (value.empty() || value.size() > 18 || value.find_first_not_of("0123456789") != std::string::npos) return false;
            out.*(found->second) = std::stoull(value);
        } else if (const auto text = texts.find(word); text != texts.end()) {
            out.*(text->second) = value;
        } else {
            return false;
        }
    }
    return true;
}

u64 seed_of(const Options& options, u64 number) { return Dice(options.seed * 1'000'003 + number).next(); }

void keep(const Options& options, const std::string& name, const std::string& source) {
    if (options.keep.empty()) return;
    std::ofstream(std::filesystem::path(options.keep) / (name + ".tally")) << source;
}

void add(Totals& totals, const Finding& finding) {
    ++totals.programs;
    totals.calls += finding.calls;
    totals.trapped += finding.trapped;
    for (const auto& [trap, count] : finding.traps) totals.traps[trap] += count;
    for (const auto& [op, count] : finding.ops) totals.ops[op] += count;
}

/// What is wrong with one program, told at once.
void judge(const Options& options, Farm& farm, Totals& totals, const std::string& name, const std::string& source, const Finding& finding) {
    add(totals, finding);
    if (finding.kind == Finding::Kind::Agree) return;
    if (finding.kind == Finding::Kind::Refused) {
        if (++totals.refused <= minimised_max) std::cout << name << ": the checker refuses it\n" << finding.what << "\n";
        return;
    }
    ++totals.different;
    if (options.canary) return;
    std::cout << name << ": they differ: " << finding.what << "\n";
    if (totals.different > minimised_max) return;
    const auto small = minimised(farm, source, finding.steps);
    std::cout << small << farm.run(small, steps_in(small)).what << "\n" << std::flush;
    keep(options, name, small);
}

void run_regressions(const Options& options, Farm& farm, Totals& totals) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(options.regressions))
        if (entry.path().extension() == ".tally") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        std::ifstream in(file);
        std::stringstream text;
        text << in.rdbuf();
        const auto source = text.str();
        const auto finding = farm.run(source, steps_in(source));
        if (finding.calls == 0) ++totals.refused;
        judge(options, farm, totals, file.filename().string(), source, finding);
    }
}

void run_program(const Options& options, Farm& farm, Totals& totals, u64 seed) {
    const auto source = generate(seed);
    const auto name = "seed " + std::to_string(seed);
    try {
        judge(options, farm, totals, "seed_" + std::to_string(seed), source, farm.run(source, seed, options.calls));
    } catch (const NotCovered& e) {
        ++totals.programs;
        ++totals.uncovered;
        std::cout << name << ": " << e.what() << "\n";
    }
}

std::string table_of(const std::map<std::string, std::size_t>& counts) {
    std::string out;
    std::size_t width = 0;
    for (const auto& [name, count] : counts) {
        const auto cell = name + " " + std::to_string(count);
        if (width + cell.size() > 110) {
            out += "\n ";
            width = 0;
        }
        out += "  " + cell;
        width += cell.size() + 2;
    }
    return out;
}

std::string json_of(const std::map<std::string, std::size_t>& counts) {
    std::string out;
    for (const auto& [name, count] : counts) out += (out.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(count);
    return "{" + out + "}";
}

void write_json(const std::string& path, const Totals& t) {
    std::ofstream(path) << "{\"programs\": " << t.programs << ", \"calls\": " << t.calls << ", \"trapped\": " << t.trapped << ", \"refused\": " << t.refused
                        << ", \"not_covered\": " << t.uncovered << ", \"different\": " << t.different << ", \"traps\": " << json_of(t.traps)
                        << ", \"ops\": " << json_of(t.ops) << "}\n";
}

void print(const Totals& t, i64 seconds_tenth) {
    const auto tenth = std::max<i64>(seconds_tenth, 1);
    std::cout << t.programs << " programs, " << t.calls << " calls, " << t.trapped << " of them stopped (" << (t.calls == 0 ? 0 : t.trapped * 100 / t.calls)
              << " %), " << tenth / 10 << "." << tenth % 10 << " s, " << static_cast<i64>(t.programs) * 10 / tenth << " programs/s\n"
              << "ended in:\n " << table_of(t.traps) << "\nprograms that hold:\n " << table_of(t.ops) << "\n"
              << t.refused << " refused by the checker, " << t.uncovered << " not covered, " << t.different << " differences\n";
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::cerr << usage;
        return 2;
    }
    if (!options.show.empty()) {
        std::cout << generate(std::stoull(options.show));
        return 0;
    }
    std::cout << std::unitbuf; // what was found stays, whatever comes next
    const auto start = std::chrono::steady_clock::now();
    Farm farm(options.canary ? Canary::WrongOperator : Canary::None);
    Totals totals;
    if (!options.regressions.empty()) run_regressions(options, farm, totals);
    for (u64 i = 0; i < options.programs; ++i) run_program(options, farm, totals, seed_of(options, i));
    const auto spent = std::chrono::steady_clock::now() - start;
    print(totals, std::chrono::duration_cast<std::chrono::milliseconds>(spent).count() / 100);
    if (!options.json.empty()) write_json(options.json, totals);
    const bool sound = totals.refused == 0 && totals.uncovered == 0;
    return sound && (totals.different != 0) == options.canary ? 0 : 1;
}
