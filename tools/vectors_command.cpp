// `tally vectors`: files in the format of the official ACTUS cases, each case on a contract of a ledger in memory.
#include "tools/commands.hpp"

#include "runtime/json_text.hpp"
#include "tools/vectors/compare.hpp"
#include "tools/vectors/contracts.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tally {
namespace {

struct Outcome {
    std::string name, type, failure; ///< failure: empty if it passed
    bool supported = true;
    std::vector<std::string> unused;
};
struct FileOutcome {
    std::string path, complaint;
    std::vector<Outcome> cases;
    [[nodiscard]] std::size_t run() const { return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [](const auto& c) { return c.supported; })); }
    [[nodiscard]] std::size_t passed() const { return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [](const auto& c) { return c.supported && c.failure.empty(); })); }
};

std::optional<std::string> read(const std::string& path, std::string& why) {
    constexpr std::uintmax_t bytes_max = 64 * 1024 * 1024;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return why = "there is no such file", std::nullopt;
    if (std::filesystem::file_size(path, error) > bytes_max) return why = "it is larger than 64 MiB", std::nullopt;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return why = "it cannot be read", std::nullopt;
    return text.str();
}

std::string type_of(const Json& one) {
    const Json* const terms = one.member("terms");
    const Json* const type = terms == nullptr ? nullptr : terms->member("contractType");
    return type == nullptr ? "" : type->text;
}

Outcome run_one(Sandbox& sandbox, const std::string& name, const Json& one) {
    Outcome out{name, type_of(one), "", true, {}};
    if (one.kind != Json::Kind::Object) return out.failure = "a case is an object with terms and results", out;
    const auto& types = case_types();
    if (std::find(types.begin(), types.end(), out.type) == types.end()) return out.supported = false, out;
    const Json* const results = one.member("results");
    if (results == nullptr || results->kind != Json::Kind::Array) return out.failure = "results: a list of events is needed", out;
    const auto run = run_case(sandbox, one);
    out.unused = run.unused;
    out.failure = run.complaint.empty() ? first_difference(*results, run.rows).value_or("") : run.complaint;
    return out;
}

FileOutcome run_file(Sandbox& sandbox, const std::string& path, const std::string& only) {
    FileOutcome out{path, "", {}};
    const auto text = read(path, out.complaint);
    if (!text) return out;
    const auto json = parse_json(*text);
    if (!json || json->kind != Json::Kind::Object) return out.complaint = "it is not a JSON object with a case for each name", out;
    for (std::size_t i = 0; i < json->names.size(); ++i)
        if (only.empty() || type_of(json->items[i]) == only) out.cases.push_back(run_one(sandbox, json->names[i], json->items[i]));
    return out;
}

void print(const FileOutcome& file) {
    if (!file.complaint.empty()) return fmt::print("{}: {}\n", file.path, file.complaint);
    fmt::print("{}: {}/{}\n", file.path, file.passed(), file.run());
    std::set<std::string> unsupported;
    for (const auto& c : file.cases) {
        if (!c.supported) unsupported.insert(c.type.substr(0, 60));
        else if (!c.failure.empty()) fmt::print("  {} ({}): {}\n", printable(c.name), printable(c.type), printable(c.failure));
        if (c.supported && !c.unused.empty()) {
            std::string names;
            for (const auto& name : c.unused) names += (names.empty() ? "" : ", ") + name;
            fmt::print("  {} ({}): not looked at: {}\n", printable(c.name), printable(c.type), printable(names));
        }
    }
    for (const auto& type : unsupported)
        fmt::print("  contract type not supported: {} ({} cases)\n", type.empty() ? "none given" : printable(type), std::count_if(file.cases.begin(), file.cases.end(), [&](const auto& c) { return !c.supported && c.type.substr(0, 60) == type; }));
}

std::string json_of(const std::vector<FileOutcome>& files) {
    JsonArray list;
    for (const auto& file : files) {
        JsonArray cases;
        for (const auto& c : file.cases) cases.raw(JsonObject().text("case", c.name).text("type", c.type).text("outcome", !c.supported ? "unsupported" : c.failure.empty() ? "passed" : "failed").text("difference", c.failure).done());
        list.raw(JsonObject().text("file", file.path).text("error", file.complaint).number("passed", static_cast<u64>(file.passed())).number("total", static_cast<u64>(file.run())).raw("cases", cases.done()).done());
    }
    return JsonObject().raw("files", list.done()).done();
}

int run_vectors(const std::vector<std::string>& paths, const std::string& only, const std::string& json_path) {
    if (const auto& types = case_types(); !only.empty() && std::find(types.begin(), types.end(), only) == types.end()) {
        fmt::print(stderr, "error: --only {}: no such contract type here\n", only);
        return 1;
    }
    std::string why;
    auto modules = actus_modules(why);
    if (!modules) {
        fmt::print(stderr, "error: the contracts do not compile: {}\n", why);
        return 1;
    }
    Sandbox sandbox(std::move(*modules));
    if (const auto begun = sandbox.reset(); !begun.good()) {
        fmt::print(stderr, "error: {}\n", begun.note);
        return 1;
    }
    std::vector<FileOutcome> files;
    std::size_t passed = 0, total = 0;
    bool good = true;
    for (const auto& path : paths) {
        files.push_back(run_file(sandbox, path, only));
        print(files.back());
        passed += files.back().passed();
        total += files.back().run();
        good = good && files.back().complaint.empty();
    }
    fmt::print("{}/{} cases pass\n", passed, total);
    if (!json_path.empty()) {
        std::ofstream out(json_path, std::ios::binary);
        out << json_of(files) << "\n";
        if (!out) return fmt::print(stderr, "error: {} cannot be written\n", json_path), 1;
    }
    if (total == 0) fmt::print(stderr, "error: no case was run\n  fix: name files with cases of these types: PAM, LAM, NAM, ANN, LAX, UMP, CLM, CSH, CEG, CEC, FXOUT\n");
    return good && passed == total && total > 0 ? 0 : 1;
}

} // namespace

void add_vectors_command(CLI::App& app) {
    struct Options {
        std::vector<std::string> paths;
        std::string only, json;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("vectors", "runs official ACTUS cases on the contracts of contracts/actus (docs/conformance.md)");
    command->add_option("files", options->paths, "files of cases, JSON")->required();
    command->add_option("--only", options->only, "only cases of this contract type");
    command->add_option("--json", options->json, "writes the outcome of each case to this file");
    command->callback([options] { throw CLI::RuntimeError(run_vectors(options->paths, options->only, options->json)); });
}

} // namespace tally
