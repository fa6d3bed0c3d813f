#include "tests/tri/session.hpp"

#include "tests/agreement/dice.hpp"
#include "tests/tri/edges.hpp"
#include "tests/tri/findings.hpp"
#include "tests/tri/reference.hpp"
#include "vm/bytecode/assemble.hpp"

#include <iostream>

namespace tally::tri {
namespace {

using agreement::Dice;

constexpr i64 sweep_gas = 1500;   ///< of longer runs every limit would take too long
constexpr i64 limits_percent = 30; ///< of the cases are run again with less gas
constexpr i64 listed_percent = 4;  ///< of the programs are listed and read again

/// What goes on now, for the last words of a process that breaks down.
struct {
    std::string generator;
    u64 seed = 0;
} present;

std::string where() { return present.generator + " " + std::to_string(present.seed); }
void last_words(const char* what) { std::cerr << where() << ": " << what << "\n"; }

/// A listing, read again, is the same code.
void promise_listing(const Module& module) {
    const auto again = assemble(disassemble(module));
    promise(std::holds_alternative<Module>(again), "a listing cannot be read");
    const Module& read = std::get<Module>(again);
    const auto same = [](const Function& a, const Function& b) { return a.code == b.code && a.frame_bytes == b.frame_bytes && a.result == b.result; };
    promise(std::equal(read.functions.begin(), read.functions.end(), module.functions.begin(), module.functions.end(), same) && read.x_constants == module.x_constants &&
                read.w_constants == module.w_constants,
            "a listing reads as other code");
}

} // namespace

Session::Session(SessionOptions options) : options_(std::move(options)) {
    set_last_words(last_words);
    for (const Generator& g : generators())
        if (options_.generator.empty() || options_.generator == g.name) weight_ += g.weight;
}

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
    if (out.empty()) {
        ++totals_.refused;
        return out;
    }
    ++totals_.programs;
    ++totals_.by_generator[generator.name];
    if (dice.chance(listed_percent)) promise_listing(out.front().program->module);
    return out;
}

void Session::found(const Case& c, const std::string& difference) {
    ++totals_.findings;
    if (options_.silent) return;
    std::cout << where() << ": they differ\n" << difference;
    keep(farm_, c, where(), options_.save);
}

/// True if the engines agree.
bool Session::judge(const Case& c) {
    const auto difference = farm_.differ(c);
    if (difference) found(c, *difference);
    return !difference;
}

/// The same case with less gas: just what it takes, one less, and anything below.
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

void Session::edges() {
    present = {"edges", 0};
    every_edge([&](const Case& c) { return judge(c) && !enough(); });
}

void Session::executions(u64 wanted) {
    const u64 end = farm_.executions + wanted;
    for (u64 number = 0; farm_.executions < end && !enough(); ++number) {
        const auto cases = next(number);
        Dice dice(present.seed);
        bool agree = true;
        for (const Case& c : cases) {
            agree = judge(c);
            if (!agree) break;
            if (dice.chance(limits_percent)) limits_of(c, dice);
        }
        // Once more after the others: nothing of them may be left anywhere.
        if (agree && cases.size() > 1) judge(cases.front());
    }
}

void Session::sweep(u64 programs) {
    for (u64 number = 0, swept = 0; swept < programs && !enough(); ++number) {
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

void Session::regressions(const std::string& folder) {
    for (const auto& [name, c] : saved_cases(folder)) {
        present = {"regression " + name, 0};
        ++totals_.programs;
        judge(c);
    }
}

} // namespace tally::tri
