// tally_programs: `tally ir` and `tally exec` with one engine more, the reference machine, so that the suites of
// foreign programs run on it too.
#include "tests/tri/reference.hpp"
#include "tools/commands.hpp"
#include "tools/program_run.hpp"

#include <CLI/CLI.hpp>

namespace tally {

const std::vector<NamedEngine>& program_engines() {
    static const std::vector<NamedEngine> table{*engine_by_name("interpreter"), *engine_by_name("template"), {"reference", [](Program& program) {
        program.engine = tri::reference;
        return true;
    }}};
    return table;
}

} // namespace tally

int main(int argc, char** argv) {
    CLI::App app{"Programs in plain LLVM IR on every engine, the reference machine too"};
    app.require_subcommand(1);
    tally::add_program_commands(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) { // a command says how it went by an exit code of its own
        return app.exit(error);
    }
    return 0;
}
