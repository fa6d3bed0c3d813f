// tally_bench_hostile: nanoseconds to decode and verify a byte, for modules that each stand near a limit.
// Whoever deploys pays by the byte, so among the fifty worst none may take more than twice their median's
// time: exits with 1 when one does. The others are faster, and shown beside them.
#include "tests/bench/hostile/modules.hpp"
#include "tests/bench/options.hpp"
#include "tests/bench/vm/measure.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/verify.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace {

using namespace tally;
using namespace tally::bench;

struct Cost {
    std::string name;
    std::size_t bytes = 0;
    bool refused = false;
    double ns = 0, ratio = 0; ///< of one byte; to the median
    [[nodiscard]] bool met() const { return ratio <= 2; }
};

/// What is wrong with the bytes of a module; empty: nothing.
std::string fault_of(const Bytes& bytes) {
    const auto module = decode(bytes);
    if (const auto* error = std::get_if<ModuleError>(&module)) return error->what;
    const auto verified = verify(std::get<Module>(module));
    if (const auto* error = std::get_if<VerifyError>(&verified)) return error->what;
    return "";
}

/// Nothing when a module is not what it is meant to be.
std::optional<std::vector<Cost>> costs(int rounds) {
    std::vector<Cost> out;
    std::vector<Subject> subjects;
    bool as_meant = true;
    for (const HostileModule& hostile : hostile_modules()) {
        const Bytes bytes = encode(hostile.module);
        const std::string fault = fault_of(bytes);
        if (fault.empty() != hostile.refused.empty() || fault.find(hostile.refused) == std::string::npos) {
            fmt::print("{}: {} bytes: `{}` instead of `{}`\n", hostile.name, bytes.size(), fault, hostile.refused);
            as_meant = false;
        }
        out.push_back({hostile.name, bytes.size(), !fault.empty()});
        subjects.push_back({hostile.name, static_cast<double>(bytes.size()), [bytes] { (void)fault_of(bytes); }});
    }
    if (!as_meant) return std::nullopt;
    const auto ns = measure(subjects, rounds);
    for (std::size_t i = 0; i < out.size(); ++i) out[i].ns = ns[i];
    return out;
}

constexpr std::size_t worst = 50;

/// Slowest first, each with its ratio to the median of the worst, which is given back.
double rank(std::vector<Cost>& costs) {
    std::sort(costs.begin(), costs.end(), [](const Cost& a, const Cost& b) { return a.ns > b.ns; });
    const double median = costs[std::min(worst, costs.size()) / 2].ns;
    for (Cost& c : costs) c.ratio = c.ns / median;
    return median;
}

std::string object_of(const Cost& c) {
    return fmt::format("{{\"name\": \"{}\", \"bytes\": {}, \"refused\": {}, \"ns_per_byte\": {:.4f}, \"to_median\": {:.3f}, \"met\": {}}}", c.name, c.bytes, c.refused, c.ns, c.ratio, c.met());
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Does any module cost more to verify than its bytes? Nanoseconds for a byte against the median"};
    Options options(9);
    options.add_to(app);
    CLI11_PARSE(app, argc, argv);

    auto all = costs(options.rounds);
    if (!all) return 2;
    const double median = rank(*all);
    std::size_t missed = 0;
    for (const Cost& c : *all) {
        if (!c.met()) ++missed;
        fmt::print("{:<50} {:7} bytes {:8.2f} ns a byte {:7.2f} x the median   {}{}\n", c.name, c.bytes, c.ns, c.ratio, c.refused ? "refused " : "", c.met() ? "" : "MISSED");
    }
    fmt::print("{} modules, {:.2f} ns a byte in the middle of the worst 50, from {:.2f} to {:.2f} of it, {} missed\n", all->size(), median, all->back().ratio, all->front().ratio, missed);
    options.write(fmt::format("\"median_ns_per_byte\": {:.4f}, \"modules\"", median), *all, object_of);
    return missed == 0 || options.no_bars ? 0 : 1;
}
