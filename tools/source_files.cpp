#include "tools/source_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <unistd.h>

namespace tally {

namespace fs = std::filesystem;

namespace {

Colour colour_of(int descriptor) { return isatty(descriptor) == 1 ? Colour::On : Colour::Off; }

} // namespace

std::vector<std::string> expand(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    for (const auto& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            out.push_back(path);
            continue;
        }
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(path, error))
            if (entry.path().extension() == ".tally") names.push_back(entry.path().string());
        std::sort(names.begin(), names.end());
        out.insert(out.end(), names.begin(), names.end());
    }
    return out;
}

bool report(const Compilation& c, bool json) {
    const auto diagnostics = c.sink.sorted();
    constexpr std::size_t shown_max = 100;
    if (json) fmt::print("{}", render_json(c.sources, diagnostics));
    else
        for (std::size_t i = 0; i < std::min(diagnostics.size(), shown_max); ++i)
            fmt::print(stderr, "{}\n", render(c.sources, diagnostics[i], colour_of(STDERR_FILENO)));
    if (!json && diagnostics.size() > shown_max) fmt::print(stderr, "… and {} more (--json shows them)\n", diagnostics.size() - shown_max);
    return diagnostics.empty();
}

std::optional<std::vector<Build>> build_modules(const std::vector<std::string>& paths, Optimise level) {
    std::vector<Build> modules;
    std::set<std::string> seen;
    for (const auto& path : expand(paths)) {
        if (!report(*check_file(path), false)) return std::nullopt;
        for (const auto& file : module_files(path)) {
            auto compilation = check_file(file);
            const bool known = compilation->sink.empty() && !seen.insert(compilation->program.root().name).second;
            if (known) continue;
            modules.push_back(build(*compilation, Tests::Leave, level));
            if (!report(*compilation, false)) return std::nullopt;
        }
    }
    return modules;
}

std::optional<std::vector<Build>> build_with_tests(const std::string& path, Compilation& compilation, Optimise level) {
    auto modules = build_modules({path}, level);
    if (!modules) return std::nullopt;
    if (!compilation.program.root().contracts.empty()) modules->pop_back(); // it comes again, with its tests
    modules->push_back(build(compilation, Tests::Include, level));
    if (!report(compilation, false)) return std::nullopt;
    return modules;
}

std::vector<Bytes> bytes_of(const std::vector<Build>& modules) {
    std::vector<Bytes> out;
    for (const auto& module : modules) out.push_back(module.bytes);
    return out;
}

} // namespace tally
