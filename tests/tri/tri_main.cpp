// tally_tri: the engines of the machine against the reference. Prints what it saw; fails on any difference, and if some
// operation of the table was never run to its end.
#include "tests/agreement/dice.hpp"
#include "tests/tri/farm.hpp"
#include "tests/tri/findings.hpp"
#include "tests/tri/generators.hpp"
#include "tests/tri/reference.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

namespace {

using namespace tally;
using namespace tally::tri;
using agreement::Dice;

constexpr const char* usage = "tally_tri [--executions N] [--sweep N] [--seed S] [--generator NAME] [--json FILE] [--regressions DIR] [--save DIR] [--replay FILE]\n"
                              "  --executions N     runs of an engine to make in all (100000; 0 with --sweep)\n"
                              "  --sweep N          N programs, each at every gas limit from 0 to what it uses\n"
                              "  --seed S           of the first program; the others follow from it (1)\n"
                              "  --generator NAME   only this one\n"
                              "  --json FILE        the summary, for programs\n"
                              "  --regressions DIR  runs the cases that are there first\n"
                              "  --save DIR         writes findings there, made small\n";

struct Options {
    std::optional<u64> executions;
    u64 sweep = 0, seed = 1;
    std::string generator, json, regressions, save;
};

constexpr i64 sweep_gas = 1500;       ///< of longer runs every limit would take too long
constexpr u64 executions_default = 100'000;
constexpr u64 rare = 20;              ///< an operation that ran less often is told
constexpr std::size_t findings_max = 5; ///< more than that are rarely different ones

bool read_number(const std::string& value, u64& out) {
    if (value.empty() || value.size() > 18 || value.find_first_not_of("0123456789") != std::string::npos) return false;
    out = std::stoull(value);
    return true;
}

bool parse(int argc, char** argv, Options& out) {
    const std::map<std::string, std::string Options::*> texts{
        {"--generator", &Options::generator}, {"--json", &Options::json}, {"--regressions", &Options::regressions}, {"--save", &Options::save}};
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string word = argv[i], value = argv[i + 1];
        u64 number = 0;
        if (const auto text = texts.find(word); text != texts.end()) out.*(text->second) = value;
        else if (!read_number(value, number)) return false;
        else if (word == "--executions") out.executions = number;
        else if (word == "--sweep") out.sweep = number;
        else if (word == "--seed") out.seed = number;
        else return false;
    }
    return argc % 2 == 1;
}

/// What goes on now, for the last words of a process that breaks down.
struct {
    std::string generator;
    u64 seed = 0;
} present;

void last_words(const char* what) { std::fprintf(stderr, "generator %s, seed %llu: %s\n", present.generator.c_str(), static_cast<unsigned long long>(present.seed), what); }

class Session {
public:
    explicit Session(const Options& options) : options_(options) {
        for (const Generator& g : generators())
            if (options.generator.empty() || options.generator == g.name) weight_ += g.weight;
    }

    void regressions();
    void sweep();
    void executions(u64 wanted);
    [[nodiscard]] bool sound(bool needs_coverage) const;
    void print(i64 milliseconds) const;
    void json(i64 milliseconds) const;
    [[nodiscard]] bool known_generator() const { return weight_ > 0; }

private:
    const Generator& pick(Dice& dice) const;
    std::vector<Case> next(u64 number);
    bool judge(const Case& c);
    void limits_of(const Case& c, Dice& dice);

    const Options& options_;
    Farm farm_;
    u64 weight_ = 0, programs_ = 0, refused_ = 0, findings_ = 0;
    std::map<std::string, u64> programs_by_generator_;
};

const Generator& Session::pick(Dice& dice) const {
    u64 left = dice.next() % weight_;
    for (const Generator& g : generators()) {
        if (!options_.generator.empty() && options_.generator != g.name) continue;
        if (left < g.weight) return g;
        left -= g.weight;
    }
    return generators().front();
}

std::vector<Case> Session::next(u64 number) {
    Dice dice(options_.seed * 1'000'003 + number);
    const Generator& generator = pick(dice);
    present = {generator.name, dice.next()};
    auto out = generator.cases(present.seed);
    if (out.empty()) ++refused_;
    else ++programs_, ++programs_by_generator_[generator.name];
    return out;
}

/// True if the engines agree.
bool Session::judge(const Case& c) {
    const auto difference = farm_.differ(c);
    if (!difference) return true;
    const std::string where = present.generator + " " + std::to_string(present.seed);
    std::cout << where << ": they differ\n" << *difference;
    if (++findings_ <= findings_max) keep(farm_, c, where, options_.save);
    return false;
}

/// The same case with less gas: at any limit, and just below and at what it takes.
void Session::limits_of(const Case& c, Dice& dice) {
    const i64 used = farm_.gas_used();
    farm_.count_traps(false);
    Case less = c;
    for (const i64 gas : {used, used - 1, dice.roll(0, std::max<i64>(used, 1))}) {
        less.gas = std::max<i64>(gas, 0);
        if (!judge(less)) break;
    }
    farm_.count_traps(true);
}

void Session::executions(u64 wanted) {
    for (u64 number = 0; farm_.executions < wanted && findings_ < findings_max; ++number) {
        const auto cases = next(number);
        Dice dice(present.seed);
        bool agree = true;
        for (const Case& c : cases) {
            agree = judge(c);
            if (!agree) break;
            if (dice.chance(30)) limits_of(c, dice);
        }
        // Once more after the others: nothing of them may be left anywhere.
        if (agree && cases.size() > 1) judge(cases.front());
    }
}

void Session::sweep() {
    for (u64 number = 0, swept = 0; swept < options_.sweep && findings_ < findings_max; ++number) {
        const auto cases = next(number);
        if (cases.empty() || !judge(cases.front()) || farm_.gas_used() > sweep_gas) continue;
        ++swept;
        farm_.count_traps(false);
        Case c = cases.front();
        const i64 used = farm_.gas_used();
        for (c.gas = 0; c.gas <= used + 1; ++c.gas)
            if (!judge(c)) break;
        farm_.count_traps(true);
    }
}

void Session::regressions() {
    for (const auto& [name, c] : saved_cases(options_.regressions)) {
        present = {"regression " + name, 0};
        ++programs_;
        judge(c);
    }
}

bool Session::sound(bool needs_coverage) const {
    const auto& ops = coverage().ops;
    return findings_ == 0 && (!needs_coverage || std::find(ops.begin(), ops.end(), 0) == ops.end());
}

std::string table_of(const std::map<std::string, u64>& counts) {
    std::string out, line;
    for (const auto& [name, count] : counts) {
        line += "  " + name + " " + std::to_string(count);
        if (line.size() > 110) out += line + "\n", line.clear();
    }
    return out + line + "\n";
}

std::map<std::string, u64> by_name(auto& counts, auto name) {
    std::map<std::string, u64> out;
    for (std::size_t i = 0; i < counts.size(); ++i) out.emplace(name(i), counts[i]);
    return out;
}
std::map<std::string, u64> ops_by_name() {
    return by_name(coverage().ops, [](std::size_t i) { return std::string(op_info(static_cast<Op>(i)).mnemonic); });
}
std::map<std::string, u64> functions_by_name() {
    return by_name(coverage().functions, [](std::size_t i) { return std::string(host_info(static_cast<HostFn>(i)).name); });
}

void Session::print(i64 milliseconds) const {
    const i64 time = std::max<i64>(milliseconds, 1);
    std::cout << farm_.executions << " executions of " << engines().size() << " engines, " << farm_.cases << " cases, " << programs_ << " programs (" << refused_
              << " did not verify), " << time / 1000 << "." << time / 100 % 10 << " s, " << static_cast<i64>(farm_.executions) * 1000 / time << " executions/s\n"
              << "programs by generator:\n" << table_of(programs_by_generator_) << "cases ended in:\n" << table_of(farm_.traps) << "host functions that answered:\n" << table_of(functions_by_name());
    std::map<std::string, u64> seldom;
    u64 most = 0, sum = 0;
    for (const auto& [name, count] : ops_by_name()) {
        if (count < rare) seldom.emplace(name, count);
        most = std::max(most, count);
        sum += count;
    }
    std::cout << sum << " operations of the reference ran to their end; of " << op_count << " kinds " << seldom.size() << " fewer than " << rare << " times\n" << table_of(seldom)
              << findings_ << " differences\n";
}

std::string json_of(const std::map<std::string, u64>& counts) {
    std::string out;
    for (const auto& [name, count] : counts) out += (out.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(count);
    return "{" + out + "}";
}

void Session::json(i64 milliseconds) const {
    if (options_.json.empty()) return;
    std::ofstream(options_.json) << "{\"executions\": " << farm_.executions << ", \"programs\": " << programs_ << ", \"differences\": " << findings_ << ", \"milliseconds\": " << milliseconds
                                 << ",\n \"generators\": " << json_of(programs_by_generator_) << ",\n \"traps\": " << json_of(farm_.traps) << ",\n \"operations\": " << json_of(ops_by_name())
                                 << ",\n \"host_functions\": " << json_of(functions_by_name()) << "}\n";
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::cerr << usage;
        return 2;
    }
    std::cout << std::unitbuf; // what was found stays, whatever comes next
    set_last_words(last_words);
    const auto start = std::chrono::steady_clock::now();
    Session session(options);
    if (!session.known_generator()) {
        std::cerr << "no generator `" << options.generator << "`\n";
        return 2;
    }
    session.regressions();
    session.sweep();
    const u64 wanted = options.executions.value_or(options.sweep > 0 ? 0 : executions_default);
    session.executions(wanted);
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
    session.print(spent);
    session.json(spent);
    return session.sound(wanted >= executions_default && options.generator.empty()) ? 0 : 1;
}
