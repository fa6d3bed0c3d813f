/// The engines that are measured, each as a program made ready for it.
#pragma once

#include "vm/bytecode/assemble.hpp"
#include "vm/engine/lone_host.hpp"
#include "vm/engine/native/native.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace tally::bench {

using ProgramRef = std::shared_ptr<const Program>;

[[noreturn]] inline void give_up(const char* what) {
    std::fprintf(stderr, "tally_bench_vm: %s\n", what);
    std::exit(2);
}

[[nodiscard]] inline ProgramRef loaded(Module module) {
    auto program = load(std::move(module), {});
    if (!std::holds_alternative<ProgramRef>(program)) give_up("a program of the benchmark does not verify");
    return std::get<ProgramRef>(std::move(program));
}

[[nodiscard]] inline ProgramRef assembled(std::string_view text) {
    auto module = assemble(text);
    if (!std::holds_alternative<Module>(module)) give_up("a program of the benchmark does not assemble");
    return loaded(std::get<Module>(std::move(module)));
}

struct EngineRow {
    const char* name;
    ProgramRef (*prepare)(const ProgramRef&);
};
/// In the order of the bars: the interpreter, the template compiler.
[[nodiscard]] inline std::vector<EngineRow> engines_for_bench() {
    return {{"interpreter", [](const ProgramRef& program) { return program; }}, {"template", on_native_code}};
}

} // namespace tally::bench
