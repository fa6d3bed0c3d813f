// tally: the tool of contract authors and of a ledger's clients.
#include "tools/commands.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    CLI::App app{"tally: write, check and test contracts; talk to a ledger"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "tally 0.1.0");
    tally::add_compiler_commands(app);
    tally::add_cost_command(app);
    tally::add_sandbox_command(app);
    tally::add_simulate_command(app);
    tally::add_ledger_commands(app);
    tally::add_vectors_command(app);
    tally::add_program_commands(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // A command says how it went by an exit code of its own.
        const bool own = dynamic_cast<const CLI::RuntimeError*>(&error) != nullptr;
        const int code = app.exit(error);
        return own || code == 0 ? code : 1;
    }
    return 0;
}
