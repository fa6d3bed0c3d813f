// Every file under tests/golden: a program with what is expected of it behind `// ----` lines.
//   // ---- diagnostics   what the compiler says (the file is called fail_… exactly then)
//   // ---- syntax | typed | ir | ir-opt | bytecode   what the stage leaves
//   // ---- run           the program's tests and how they end
// TALLY_BLESS=1 rewrites the expectations; `git diff` is the review.
#include "compiler/compile.hpp"
#include "compiler/upgrade/upgrade.hpp"
#include "runtime/bench.hpp"
#include "vm/bytecode/assemble.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace tally;
namespace fs = std::filesystem;

struct Golden {
    std::string source;
    std::vector<std::pair<std::string, std::string>> sections;
};

Golden read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    Golden out;
    std::string line, *into = &out.source;
    while (std::getline(in, line)) {
        if (line.rfind("// ---- ", 0) == 0) {
            out.sections.emplace_back(line.substr(8), "");
            into = &out.sections.back().second;
        } else if (into == &out.source) {
            *into += line + "\n";
        } else {
            *into += (line.rfind("// ", 0) == 0 ? line.substr(3) : line == "//" ? "" : line) + "\n";
        }
    }
    return out;
}

void write(const fs::path& path, const Golden& golden) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << golden.source;
    for (const auto& [name, text] : golden.sections) {
        out << "// ---- " << name << "\n";
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) out << (line.empty() ? "//" : "// " + line) << "\n";
    }
}

std::string extent(const Sources& sources, Span span) {
    const Place begin = sources.place(span.file, span.begin), end = sources.place(span.file, span.end);
    return std::to_string(begin.line) + ":" + std::to_string(begin.column) + "-" + std::to_string(end.line) + ":" + std::to_string(end.column);
}

std::string diagnostics(const Compilation& c) {
    std::string out;
    for (const auto& d : c.sink.sorted()) {
        out += render_short(c.sources, d) + "\n";
        if (!d.fix().empty()) out += "  fix: " + d.fix() + "\n";
        if (!d.here.empty()) out += "  here: " + d.here + "\n";
        for (const auto& label : d.labels) out += "  label " + extent(c.sources, label.span) + ": " + label.text + "\n";
        for (const auto& suggestion : d.suggestions)
            for (const auto& edit : suggestion.edits)
                out += "  " + std::string(name_of(suggestion.applicability)) + " " + extent(c.sources, edit.span) + ": `" + edit.replacement + "`\n";
    }
    return out;
}

std::string run(Compilation& c) {
    auto built = build(c, Tests::Include, Optimise::Full);
    if (built.bytes.empty()) return diagnostics(c);
    TestBench bench({built.bytes});
    std::string out;
    for (std::size_t i = 0; i < bench.names().size(); ++i) {
        const auto result = bench.run(i);
        out += (result.passed ? "ok    " : "FAIL  ") + result.name + "\n";
        if (!result.passed) out += "      line " + std::to_string(result.line) + ": " + result.message + "\n";
    }
    return out;
}

std::string section(const std::string& name, const fs::path& path, const std::string& source) {
    auto c = check_text(path.filename().string(), source);
    if (name == "diagnostics") {
        if (c->sink.empty()) (void)build(*c, Tests::Include, Optimise::Full);
        return diagnostics(*c);
    }
    if (!c->sink.empty()) return diagnostics(*c);
    if (name == "syntax") return syntax::dump(*c->files.back());
    if (name == "typed") return check::dump(c->program);
    if (name == "run") return run(*c);
    const auto built = build(*c, Tests::Leave, Optimise::Full, true);
    if (built.bytes.empty()) return diagnostics(*c);
    if (name == "ir") return built.ir;
    if (name == "ir-opt") return built.optimised_ir;
    if (name == "bytecode") return disassemble(built.module);
    return "no such section: " + name + "\n";
}

std::vector<fs::path> files() {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(std::string(TALLY_SOURCE_DIR) + "/tests/golden"))
        if (entry.path().extension() == ".tally") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

/// What belongs to a message is indented.
std::size_t messages_in(const std::string& said) {
    std::istringstream lines(said);
    std::size_t out = 0;
    for (std::string line; std::getline(lines, line);) out += line.rfind("  ", 0) == 0 ? 0U : 1U;
    return out;
}

/// The section `old` of an upgrade's golden: the version that is deployed.
std::string old_source(const Golden& golden) {
    for (const auto& [name, text] : golden.sections)
        if (name == "old") return text;
    return "";
}

std::string upgrade(const std::string& old_text, const std::string& new_text) {
    const auto old = check_text("old.tally", old_text);
    const auto now = check_text("new.tally", new_text);
    if (!old->sink.empty()) return "old: " + diagnostics(*old);
    if (now->sink.empty()) compare_versions(old->program, now->program, now->sink);
    return diagnostics(*now);
}

} // namespace

TEST_CASE("golden files") {
    const bool bless = std::getenv("TALLY_BLESS") != nullptr;
    const auto all = files();
    REQUIRE(all.size() > 30);
    for (const auto& path : all) {
        CAPTURE(path.filename().string());
        auto golden = read(path);
        REQUIRE(!golden.sections.empty());
        for (auto& [name, expected] : golden.sections) {
            const auto seen = name == "old" ? expected : name == "upgrade" ? upgrade(old_source(golden), golden.source) : section(name, path, golden.source);
            if (bless) expected = seen;
            else CHECK(seen == expected);
            const bool fails = name == "diagnostics" && !seen.empty();
            CHECK(fails == (path.filename().string().rfind("fail_", 0) == 0));
            // One mistake, one message.
            if (fails) CHECK(messages_in(seen) == 1);
        }
        if (bless) write(path, golden);
    }
}

// The programs have one mistake each: an edit that claims to need no thought must leave none, one that is
// likely or chosen must at least mend what was complained about.
TEST_CASE("every suggested edit mends what it is suggested for") {
    std::size_t automatic = 0, others = 0;
    for (const auto& path : files()) {
        const auto name = path.filename().string();
        if (name.rfind("fail_", 0) != 0) continue;
        CAPTURE(name);
        const auto source = read(path).source;
        const auto before = check_text(name, source);
        if (before->sink.empty()) continue; // refused when it is built
        const auto d = before->sink.sorted()[0];
        for (const auto& suggestion : d.suggestions) {
            const auto mended = applied(source, suggestion);
            CAPTURE(mended);
            CHECK(mended != source);
            const auto after = check_text(name, mended);
            const auto left = after->sink.sorted();
            if (suggestion.applicability == Applicability::Automatic) {
                ++automatic;
                CHECK(diagnostics(*after) == "");
            } else {
                ++others;
                CHECK((left.empty() || left[0].kind != d.kind));
            }
        }
    }
    CHECK(automatic > 30);
    CHECK(others > 20);
}

TEST_CASE("every message of the compiler has a golden") {
    std::set<std::string> seen;
    for (const auto& path : files()) {
        const auto golden = read(path);
        for (const auto& [name, text] : golden.sections)
            if (name == "diagnostics" || name == "upgrade") {
                std::istringstream lines(text);
                for (std::string line; std::getline(lines, line);) seen.insert(line.substr(0, 5));
            }
    }
    // What a program cannot bring about, or not in one small file; each with its reason.
    const std::set<std::string> elsewhere{
        "T1001", // a file that cannot be read: tests/unit/compiler
        "T1002", // larger than 1 MiB: likewise
        "T1003", // not UTF-8: likewise, as a golden file must be text
        "T1005", "T1009", // nesting, long names: likewise
        "T2044", // needs a lock file: likewise
        "T2043", // needs a module of another package: likewise
        "T7003", // too large for the machine: reported by the verifier's limits
        "T9002", // the compiler's own fault
    };
    std::string missing;
#define DIAG(name, code, what, why, fix) \
    if (!seen.contains(code) && !elsewhere.contains(code)) missing += std::string(code) + " ";
#include "compiler/diag/kinds.def"
#undef DIAG
    CHECK(missing == "");
}
