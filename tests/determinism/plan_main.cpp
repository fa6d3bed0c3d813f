// tally_core_plan FILE PROGRAMS PATH…: writes what `tally_core runs` runs: the compiled tests of the contracts in
// PATH…, and so many programs of the farm's generators, always the same.
#include "tests/determinism/core_input.hpp"

#include "tests/tri/generators.hpp"
#include "tools/source_files.hpp"
#include "vm/bytecode/encode.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

namespace {

using namespace tally;

[[noreturn]] void give_up(const std::string& what) {
    fmt::print(stderr, "tally_core_plan: {}\n", what);
    std::exit(1);
}

std::vector<core::TestedModule> tested(const std::vector<std::string>& paths) {
    std::vector<core::TestedModule> out;
    std::set<std::string> seen;
    for (const std::string& path : expand(paths)) {
        const auto compilation = check_file(path);
        if (!report(*compilation, false)) give_up(path + " does not check");
        if (compilation->program.root().tests.empty() || !seen.insert(compilation->program.root().name).second) continue;
        const auto built = build_with_tests(path, *compilation);
        if (!built) give_up(path + " does not compile");
        out.push_back({path, bytes_of(*built)});
    }
    return out;
}

std::vector<core::CalledModule> called(u64 programs) {
    std::vector<core::CalledModule> out;
    for (u64 seed = 1; seed <= programs; ++seed) {
        core::CalledModule one;
        for (const tri::Case& c : seed % 16 == 0 ? tri::program_cases(seed) : tri::semantic_cases(seed)) {
            one.module = encode(c.program->module);
            one.calls.push_back({c.function, c.arguments, c.gas, c.seed});
        }
        if (!one.calls.empty()) out.push_back(std::move(one));
    }
    return out;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 4) give_up("usage: tally_core_plan FILE PROGRAMS PATH...");
    const Bytes bytes = core::encode(core::Input{tested({argv + 3, argv + argc}), called(std::stoull(argv[2]))});
    std::ofstream out(argv[1], std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) give_up(std::string("cannot write ") + argv[1]);
    return 0;
}
