// `tally cost`: what each entry can cost at most, as a formula in the declared maxima.
#include "tools/commands.hpp"
#include "tools/cost_model.hpp"
#include "tools/source_files.hpp"

#include "vm/bytecode/limits.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace tally {
namespace {

std::string grouped(u64 number) {
    std::string digits = std::to_string(number), out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i != 0 && (digits.size() - i) % 3 == 0) out += ' ';
        out += digits[i];
    }
    return out;
}

/// Where the sum of a cost stops to be counted.
constexpr u64 saturated = u64{1} << 62;

const char* kind_name(EntryKind kind) {
    switch (kind) {
    case EntryKind::Create: return "create";
    case EntryKind::Action: return "action";
    case EntryKind::Clause: return "clause";
    case EntryKind::View: return "view";
    }
    return "";
}

struct CostOptions {
    std::vector<std::string> paths;
    u64 limit = static_cast<u64>(limits::transaction_gas);
    bool json = false;
};

struct CostReport {
    std::set<std::string> seen; ///< modules
    bool first = true, within = true;
};

void show(CostModel& model, const Module& module, const CostOptions& options, CostReport& report) {
    for (const auto& contract : module.contracts) {
        if (!options.json) fmt::print("{} ({})\n", contract.name, module.name);
        std::set<std::uint32_t> used;
        for (const auto& entry : contract.entries) {
            const auto cost = *model.entry(module.name, contract.name, entry.name);
            const u64 most = model.symbols().at_maximum(cost);
            report.within = report.within && most <= options.limit;
            for (const auto& [symbols, coefficient] : cost.terms()) used.insert(symbols.begin(), symbols.end());
            if (options.json) {
                fmt::print("{}{{\"module\":\"{}\",\"contract\":\"{}\",\"entry\":\"{}\",\"gas\":{},\"formula\":\"{}\"}}", report.first ? "[" : ",\n ", module.name,
                           contract.name, entry.name, most, model.symbols().text(cost));
                report.first = false;
            } else {
                fmt::print("  {:<7}{:<18}{:>13}{}  = {}\n", kind_name(entry.kind), entry.name, most >= saturated ? std::string("> 4·10^18") : grouped(most), most > options.limit ? " !" : "  ", model.symbols().text(cost));
            }
        }
        if (options.json || used.empty()) continue;
        std::string where;
        for (const auto s : used) where += (where.empty() ? "" : ", ") + model.symbols()[s].name + " ≤ " + std::to_string(model.symbols()[s].max);
        fmt::print("  where {}\n", where);
    }
}

int run_cost(const CostOptions& options) {
    CostReport report;
    for (const auto& file : expand(options.paths)) {
        const auto c = check_file(file);
        if (!tally::report(*c, false)) return 1;
        if (c->program.root().contracts.empty()) continue;
        auto modules = build_modules({file});
        if (!modules) return 1;
        CostModel model;
        for (auto& module : *modules) model.add(std::move(module));
        if (report.seen.insert(model.last().name).second) show(model, model.last(), options, report);
    }
    if (options.json) fmt::print("{}]\n", report.first ? "[" : "");
    if (report.within) return 0;
    fmt::print(stderr, "error: an entry marked `!` can need more than {} gas\n  why: a transaction that reaches the limit is refused, whatever it did before\n  fix: lower the maxima that its formula names, or split the work over several transactions\n",
               grouped(options.limit));
    return 1;
}

} // namespace

void add_cost_command(CLI::App& app) {
    auto options = std::make_shared<CostOptions>();
    auto* command = app.add_subcommand("cost", "the most gas that each entry can use, as a formula in the declared maxima");
    command->add_option("paths", options->paths, "files or folders")->required();
    command->add_option("--limit", options->limit, "gas that no entry may exceed")->capture_default_str();
    command->add_flag("--json", options->json, "as JSON");
    command->callback([options] { throw CLI::RuntimeError(run_cost(*options)); });
}

} // namespace tally
