// tally_bench_gas: nanoseconds for a unit of gas, for every instruction, every function that the machine
// does itself, with the operands that take it longest, and every one that asks the ledger. A price is right when its instruction takes no more
// than three times the median's time for a unit, and no less than a third: exits with 1 when one is not.
#include "tests/bench/gas/ledger_subjects.hpp"
#include "tests/bench/gas/subjects.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/vm/engines.hpp"
#include "tests/bench/vm/measure.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace {

using namespace tally;
using namespace tally::bench;

constexpr i64 plenty = i64{1} << 60;

struct Price {
    std::string name;
    double ns = 0, gas = 0, ratio = 0; ///< of one; ratio: ns for a unit of gas, to the median
    bool judged = true;
};

/// Gas that one run uses.
i64 gas_of(const Program& program, Arena& arena, Host& host) {
    Gas gas{plenty};
    const Outcome outcome = run(program, 0, {}, self_address, arena, gas, host);
    if (outcome.trap != Trap::None) give_up(("a subject trapped: " + program.module.functions[0].name).c_str());
    return plenty - gas.left;
}

std::vector<Price> prices(int rounds) {
    const std::vector<GasSubject> all = gas_subjects();
    Arena arena(512 * 1024);
    LoneHost host{Trap::None};
    std::vector<ProgramRef> programs;
    std::vector<double> gas;
    std::vector<Subject> subjects;
    for (const GasSubject& subject : all) {
        programs.push_back(loaded(subject.module));
        gas.push_back(static_cast<double>(gas_of(*programs.back(), arena, host)));
        subjects.push_back({subject.name, 1, [program = programs.back(), &arena, &host] {
            Gas left{plenty};
            (void)run(*program, 0, {}, self_address, arena, left, host);
        }});
    }
    const auto ns = measure(subjects, rounds);
    std::vector<Price> out;
    for (std::size_t i = 0; i < all.size(); ++i) // of one of the `times`
        out.push_back({all[i].name, ns[i] / all[i].times, gas[i] / all[i].times, 0, all[i].judged});
    return out;
}

/// Of what asks the ledger.
std::vector<Price> ledger_prices(int rounds) {
    const std::vector<LedgerSubject> all = ledger_subjects();
    LedgerBench bench(all);
    std::vector<i64> gas;
    std::vector<Subject> subjects;
    for (std::size_t i = 0; i < all.size(); ++i) {
        gas.push_back(bench.run(i));
        subjects.push_back({all[i].name, 1, [&bench, i] { (void)bench.run(i); }});
    }
    const auto ns = measure(subjects, rounds);
    std::vector<Price> out;
    for (std::size_t i = 1; i < all.size(); ++i) { // the first does nothing
        const double times = all[i].copies * all[i].rounds;
        out.push_back({all[i].name, (ns[i] - ns[0]) / times, static_cast<double>(gas[i] - gas[0]) / times});
    }
    return out;
}

double median_of(const std::vector<Price>& prices) {
    std::vector<double> each;
    for (const Price& p : prices) each.push_back(p.ns / p.gas);
    std::nth_element(each.begin(), each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2), each.end());
    return each[each.size() / 2];
}

bool right(const Price& p) { return p.ratio <= 3 && (p.ratio >= 1.0 / 3 || !p.judged); }

std::string object_of(const Price& p) {
    return fmt::format("{{\"name\": \"{}\", \"ns\": {:.3f}, \"gas\": {:.2f}, \"to_median\": {:.3f}, \"right\": {}}}", p.name, p.ns, p.gas, p.ratio, right(p));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Is every price right? Nanoseconds for a unit of gas against the median"};
    Options options(9);
    options.add_to(app);
    CLI11_PARSE(app, argc, argv);
    std::vector<Price> all = prices(options.rounds);
    for (Price& p : ledger_prices(options.rounds)) all.push_back(std::move(p));
    const double median = median_of(all);
    for (Price& p : all) p.ratio = p.ns / p.gas / median;
    std::sort(all.begin(), all.end(), [](const Price& a, const Price& b) { return a.ratio > b.ratio; });
    std::size_t wrong = 0;
    for (const Price& p : all) {
        if (!right(p)) ++wrong;
        fmt::print("{:<28} {:10.2f} ns {:10.1f} gas   {:6.2f} x the median   {}\n", p.name, p.ns, p.gas, p.ratio, !right(p) ? "WRONG" : p.judged ? "" : "(lighter than its price)");
    }
    fmt::print("{} subjects, {:.3f} ns for a unit of gas in the middle, from {:.2f} to {:.2f} of it, {} wrong\n", all.size(), median, all.back().ratio, all.front().ratio, wrong);
    options.write(fmt::format("\"gas_schedule\": {}, \"median_ns_per_gas\": {:.4f}, \"prices\"", gas_schedule_version, median), all, object_of);
    return wrong == 0 || options.no_bars ? 0 : 1;
}
