#include "tests/tri/report.hpp"

#include "tests/tri/reference.hpp"

#include <fstream>
#include <iostream>

namespace tally::tri {
namespace {

constexpr u64 rare = 20; ///< an operation that ran less often is told
constexpr std::size_t line_max = 110;

using Counts = std::map<std::string, u64>;

std::string table_of(const Counts& counts) {
    std::string out, line;
    for (const auto& [name, count] : counts) {
        line += "  " + name + " " + std::to_string(count);
        if (line.size() <= line_max) continue;
        out += line + "\n";
        line.clear();
    }
    return out + line + "\n";
}

std::string json_of(const Counts& counts) {
    std::string out;
    for (const auto& [name, count] : counts) out += (out.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(count);
    return "{" + out + "}";
}

Counts operations() {
    Counts out;
    for (std::size_t i = 0; i < op_count; ++i) out.emplace(op_info(static_cast<Op>(i)).mnemonic, coverage().ops[i]);
    return out;
}

/// Those that can answer: tests have their own machine, and `fail` never returns.
bool answers(HostFn fn) { return host_info(fn).kind != HostKind::Test && fn != HostFn::Fail; }

Counts functions() {
    Counts out;
    for (std::size_t i = 0; i < host_count; ++i)
        if (answers(static_cast<HostFn>(i))) out.emplace(host_info(static_cast<HostFn>(i)).name, coverage().functions[i]);
    return out;
}

} // namespace

void print(const Session& session, i64 milliseconds) {
    const i64 time = std::max<i64>(milliseconds, 1);
    const auto& [programs, refused, findings, by_generator] = session.totals();
    const Farm& farm = session.farm();
    Counts seldom;
    u64 sum = 0;
    for (const auto& [name, count] : operations()) {
        if (count < rare) seldom.emplace(name, count);
        sum += count;
    }
    std::cout << farm.executions << " executions of " << engines().size() << " engines, " << farm.cases << " cases, " << programs << " programs (" << refused << " more did not verify), "
              << time / 1000 << "." << time / 100 % 10 << " s, " << static_cast<i64>(farm.executions) * 1000 / time << " executions/s\n"
              << "programs by generator:\n" << table_of(by_generator) << "cases ended in:\n" << table_of(farm.traps) << "host functions that answered:\n" << table_of(functions())
              << sum << " operations of the reference ran to their end; of " << op_count << " kinds " << seldom.size() << " fewer than " << rare << " times\n"
              << (seldom.empty() ? "" : table_of(seldom)) << findings << " differences\n";
}

void write_json(const std::string& path, const Session& session, i64 milliseconds) {
    const auto& [programs, refused, findings, by_generator] = session.totals();
    std::ofstream(path) << "{\"executions\": " << session.farm().executions << ", \"programs\": " << programs << ", \"refused\": " << refused << ", \"differences\": " << findings
                        << ", \"milliseconds\": " << milliseconds << ",\n \"generators\": " << json_of(by_generator) << ",\n \"traps\": " << json_of(session.farm().traps)
                        << ",\n \"operations\": " << json_of(operations()) << ",\n \"host_functions\": " << json_of(functions()) << "}\n";
}

bool everything_met() {
    const auto met = [](const Counts& counts) { return std::none_of(counts.begin(), counts.end(), [](const auto& row) { return row.second == 0; }); };
    return met(operations()) && met(functions());
}

} // namespace tally::tri
