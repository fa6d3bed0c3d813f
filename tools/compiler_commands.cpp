// `tally check | build | test | explain | rights`: what a contract author uses. Needs no ledger.
#include "tools/commands.hpp"
#include "tools/cost_model.hpp"
#include "tools/source_files.hpp"

#include "compiler/compile.hpp"
#include "compiler/lock.hpp"
#include "compiler/upgrade/upgrade.hpp"
#include "runtime/bench.hpp"
#include "vm/bytecode/assemble.hpp"
#include "vm/value/bytes.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace tally {

namespace fs = std::filesystem;

namespace {

constexpr int exit_ok = 0, exit_refused = 1;

int run_check(const std::vector<std::string>& paths, bool json) {
    bool good = true;
    for (const auto& path : expand(paths)) good = report(*check_file(path), json) && good;
    return good ? exit_ok : exit_refused;
}

struct BuildOptions {
    std::vector<std::string> paths;
    std::string output = ".", emit = "module";
    bool json = false, unoptimised = false, with_tests = false;
};

int write_module(const Build& built, const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    const auto path = (fs::path(folder) / (built.module.name + ".tallymod")).string();
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(built.bytes.data()), static_cast<std::streamsize>(built.bytes.size()));
    out.close();
    if (!out) {
        fmt::print(stderr, "error: cannot write {}\n  fix: check the folder and its permissions\n", path);
        return exit_refused;
    }
    const auto hash = module_hash(built.bytes);
    fmt::print("{}  {} bytes  {}\n", path, built.bytes.size(), hex(hash));
    return exit_ok;
}

int build_one(const std::string& path, const BuildOptions& options) {
    auto compilation = check_file(path);
    if (options.emit == "syntax" && compilation->sink.empty()) {
        fmt::print("{}", syntax::dump(*compilation->files.back()));
        return exit_ok;
    }
    if (options.emit == "typed" && compilation->sink.empty()) {
        fmt::print("{}", check::dump(compilation->program));
        return exit_ok;
    }
    const auto built = build(*compilation, options.with_tests ? Tests::Include : Tests::Leave,
                             options.unoptimised ? Optimise::None : Optimise::Full, options.emit == "ir" || options.emit == "ir-opt");
    if (!report(*compilation, options.json)) return exit_refused;
    if (options.emit == "ir") fmt::print("{}", built.ir);
    else if (options.emit == "ir-opt") fmt::print("{}", built.optimised_ir);
    else if (options.emit == "bytecode") fmt::print("{}", disassemble(built.module));
    else return write_module(built, options.output);
    return exit_ok;
}

int run_build(const BuildOptions& options) {
    int result = exit_ok;
    for (const auto& path : expand(options.paths)) result = std::max(result, build_one(path, options));
    return result;
}

// ---- tests ---------------------------------------------------------------------------------------

struct TestTotals {
    std::size_t passed = 0, failed = 0;
};

struct TestOptions {
    std::vector<std::string> paths;
    std::string filter, engine = "interpreter";
    bool unoptimised = false, json = false;
};

void test_file(const std::string& path, const TestOptions& options, TestTotals& totals, std::set<std::string>& seen) {
    auto compilation = check_file(path);
    if (!report(*compilation, false)) {
        ++totals.failed;
        return;
    }
    if (compilation->program.root().tests.empty() || !seen.insert(compilation->program.root().name).second) return;
    auto built = build_with_tests(path, *compilation, options.unoptimised ? Optimise::None : Optimise::Full);
    if (!built) {
        ++totals.failed;
        return;
    }
    TestBench bench(bytes_of(*built), engine_by_name(options.engine)->prepare);
    const auto costs = std::make_shared<CostModel>(); // no transaction may use more than its entry's bound
    for (auto& module : *built) costs->add(std::move(module));
    bench.check_costs([costs](const std::string& module, const std::string& contract, const std::string& entry) { return costs->at_maximum(module, contract, entry); });
    const auto names = bench.names();
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!options.filter.empty() && names[i].find(options.filter) == std::string::npos) continue;
        const auto result = bench.run(i);
        ++(result.passed ? totals.passed : totals.failed);
        if (options.json) {
            fmt::print("{{\"file\":\"{}\",\"line\":{},\"passed\":{},\"gas\":{}}}\n", path, result.line, result.passed, result.gas_used);
        } else if (result.passed) {
            if (result.cases != 0) fmt::print("  ok    {}  ({} cases, {} gas)\n", printable(result.name), result.cases, result.gas_used);
            else fmt::print("  ok    {}  ({} gas)\n", printable(result.name), result.gas_used);
        } else {
            fmt::print("  FAIL  {}\n        {}:{}: {}\n", printable(result.name), printable(path), result.line, printable(result.message));
        }
    }
}

int run_test(const TestOptions& options) {
    TestTotals totals;
    std::set<std::string> seen;
    for (const auto& path : expand(options.paths)) test_file(path, options, totals, seen);
    if (!options.json) fmt::print("{} passed, {} failed\n", totals.passed, totals.failed);
    if (totals.passed + totals.failed == 0) fmt::print(stderr, "error: no test was run\n  fix: name a file or folder with `test` blocks, or another --filter\n");
    return totals.failed == 0 && totals.passed > 0 ? exit_ok : exit_refused;
}

/// `{0}` stands for a name or type of the case.
std::string without_places(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool doubled = i + 1 < text.size() && text[i + 1] == text[i] && (text[i] == '{' || text[i] == '}');
        const bool place = !doubled && text[i] == '{' && i + 2 < text.size() && text[i + 2] == '}';
        if (doubled) ++i;
        if (!place) out += text[i];
        else {
            out += "…";
            i += 2;
        }
    }
    return out;
}

int run_explain(const std::string& code) {
    if (const auto trap = trap_by_name(code)) {
        const auto* about = trap_info(*trap);
        fmt::print("trap {} {}: {}\n  fix: {}\n", static_cast<int>(*trap), about->name, about->what, about->fix);
        return exit_ok;
    }
    const auto* info = diag_by_code(code);
    if (info == nullptr) {
        fmt::print(stderr, "error: there is no message {}\n  fix: codes look like T3002 (docs/language/messages.md), traps like Overflow (docs/traps.md)\n", code);
        return exit_refused;
    }
    fmt::print("{}: {}\n", info->code, without_places(info->what));
    if (!info->why.empty()) fmt::print("  why: {}\n", without_places(info->why));
    const auto fix = without_places(info->fix);
    if (fix == "…") fmt::print("  fix: it depends on the case: the message names it\n");
    else if (!fix.empty()) fmt::print("  fix: {}\n", fix);
    return exit_ok;
}

// ---- rights --------------------------------------------------------------------------------------

int run_rights(const std::vector<std::string>& paths) {
    for (const auto& path : expand(paths)) {
        auto compilation = check_file(path);
        const auto built = build(*compilation, Tests::Leave, Optimise::Full);
        if (!report(*compilation, false)) return exit_refused;
        for (const auto& contract : built.module.contracts) {
            fmt::print("{} ({})\n", contract.name, built.module.name);
            for (const auto& entry : contract.entries) {
                if (entry.kind != EntryKind::Action && entry.kind != EntryKind::Create) continue;
                if (entry.name.find("__") != std::string::npos) continue; // made by the compiler, for children only
                std::string states;
                for (std::size_t s = 0; s < contract.states.size(); ++s)
                    if ((entry.states >> s & 1) != 0) states.append(states.empty() ? "" : " | ").append(contract.states[s]);
                fmt::print("  {:<14} {:<24} by {}{}\n", entry.name, states.empty() ? "-" : states, entry.auth.text.view(),
                           entry.law.empty() ? "" : "   (" + entry.law.str() + ")");
            }
        }
    }
    return exit_ok;
}

// ---- locks ---------------------------------------------------------------------------------------

/// One lock for each folder: of everything that its files import.
int run_lock(const std::vector<std::string>& paths) {
    std::map<std::string, Lock> locks;
    for (const auto& path : expand(paths)) {
        const auto c = check_file(path, Locked::No);
        if (!report(*c, false)) return exit_refused;
        auto& lock = locks[fs::path(path).parent_path().string()];
        for (std::size_t i = 0; i + 1 < c->files.size(); ++i) lock[c->files[i]->module] = import_hash(c->sources.file(c->files[i]->number).text);
    }
    for (const auto& [folder, lock] : locks) {
        const auto path = (fs::path(folder) / lock_name).string();
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out << lock_text(lock);
        out.close();
        if (!out) {
            fmt::print(stderr, "error: cannot write {}\n  fix: check the folder and its permissions\n", path);
            return exit_refused;
        }
        fmt::print("{}  {} modules\n", path, lock.size());
    }
    return exit_ok;
}

// ---- upgrades --------------------------------------------------------------------------------------

int run_upgrade_check(const std::string& old_path, const std::string& new_path, bool json) {
    auto old = check_file(old_path);
    if (!report(*old, json)) return exit_refused;
    auto now = check_file(new_path);
    if (now->sink.empty()) compare_versions(old->program, now->program, now->sink);
    if (!report(*now, json)) return exit_refused;
    if (!json) fmt::print("{} version {} may follow version {}: nobody loses a right, and every value is carried over\n", now->program.root().name, now->program.root().version, old->program.root().version);
    return exit_ok;
}

} // namespace

void add_compiler_commands(CLI::App& app) {
    struct State {
        std::vector<std::string> check_paths, rights_paths, lock_paths;
        BuildOptions build;
        TestOptions test;
        bool check_json = false;
        std::string code, old_path, new_path;
        bool upgrade_json = false;
    };
    auto state = std::make_shared<State>();

    auto* check_command = app.add_subcommand("check", "check contracts and show every complaint");
    check_command->add_option("paths", state->check_paths, "files or folders")->required();
    check_command->add_flag("--json", state->check_json, "complaints as JSON");
    check_command->callback([state] { throw CLI::RuntimeError(run_check(state->check_paths, state->check_json)); });

    auto* build_command = app.add_subcommand("build", "compile contracts to modules");
    build_command->add_option("paths", state->build.paths, "files or folders")->required();
    build_command->add_option("-o,--output", state->build.output, "folder for the modules")->capture_default_str();
    build_command->add_option("--emit", state->build.emit, "what to show instead of writing a module")
        ->check(CLI::IsMember({"syntax", "typed", "ir", "ir-opt", "bytecode", "module"}))->capture_default_str();
    build_command->add_flag("--unoptimised", state->build.unoptimised, "only the passes that bytecode needs");
    build_command->add_flag("--with-tests", state->build.with_tests, "include the tests (such a module cannot be deployed)");
    build_command->add_flag("--json", state->build.json, "complaints as JSON");
    build_command->callback([state] { throw CLI::RuntimeError(run_build(state->build)); });

    auto* test_command = app.add_subcommand("test", "run the tests of contracts");
    test_command->add_option("paths", state->test.paths, "files or folders")->required();
    test_command->add_option("--filter", state->test.filter, "only tests whose name contains this");
    test_command->add_flag("--unoptimised", state->test.unoptimised, "run the bytecode of the short pass list");
    test_command->add_option("--engine", state->test.engine, "what runs the code, with the same results: interpreter, or template (machine code)")
        ->check(CLI::IsMember({"interpreter", "template"}))->capture_default_str();
    test_command->add_flag("--json", state->test.json, "one JSON object per test");
    test_command->callback([state] { throw CLI::RuntimeError(run_test(state->test)); });

    auto* explain_command = app.add_subcommand("explain", "explain a message by its code, or a trap by its name");
    explain_command->add_option("code", state->code, "e.g. T3002")->required();
    explain_command->callback([state] { throw CLI::RuntimeError(run_explain(state->code)); });

    auto* lock_command = app.add_subcommand("lock", "write down what contracts import, by content: from then on nothing else is built");
    lock_command->add_option("paths", state->lock_paths, "files or folders")->required();
    lock_command->callback([state] { throw CLI::RuntimeError(run_lock(state->lock_paths)); });

    auto* upgrade_command = app.add_subcommand("upgrade-check", "what an upgrade changes for those who signed the old contract");
    upgrade_command->add_option("old", state->old_path, "the version that is deployed")->required();
    upgrade_command->add_option("new", state->new_path, "the version that is to follow")->required();
    upgrade_command->add_flag("--json", state->upgrade_json, "complaints as JSON");
    upgrade_command->callback([state] { throw CLI::RuntimeError(run_upgrade_check(state->old_path, state->new_path, state->upgrade_json)); });

    auto* rights_command = app.add_subcommand("rights", "who may do what, in which state");
    rights_command->add_option("paths", state->rights_paths, "files or folders")->required();
    rights_command->callback([state] { throw CLI::RuntimeError(run_rights(state->rights_paths)); });
}

} // namespace tally
