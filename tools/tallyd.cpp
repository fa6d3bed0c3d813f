// tallyd: the node and what its operator needs beside it. Its parts are put together in tallyd_start.cpp.
#include "node/api/route_table.hpp"
#include "node/chain.hpp"
#include "node/client/client.hpp"
#include "node/files.hpp"
#include "node/proofs.hpp"
#include "tools/tallyd_init.hpp"
#include "tools/tallyd_network.hpp"
#include "tools/tallyd_start.hpp"
#include "tools/tallyd_upkeep.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace tally {
namespace {

namespace fs = std::filesystem;

int say(const NodeError& error, int exit_code) {
    fmt::print(stderr, "tallyd: {}\n", error.line());
    return exit_code;
}

// ---- statement ----------------------------------------------------------------------------------

struct StatementOptions {
    std::string directory, party, out;
};

/// For books that are too large for the API: nothing waits for it here.
int run_statement(const StatementOptions& options) {
    auto chain = Chain::open(options.directory, {});
    if (!chain) return say(chain.error(), exit_refused);
    const Tip tip = (*chain)->read([](const Ledger&, const Tip& now) { return now; });
    const auto party = (*chain)->read([&](const Ledger& ledger, const Tip&) { return ledger.party_by_name(options.party); });
    if (!party) return say({NodeCode::NotFound, "party `" + options.party + "`"}, exit_refused);
    const auto file = prove_statement(**chain, *party, tip.height);
    if (!file) return say(file.error(), exit_refused);
    if (const auto problem = write_new_file(options.out, as_text(*file), 0644)) return say(*problem, exit_trouble);
    fmt::print("{}: {} bytes\nheight {}, root {}\ncheck it: tally-verify {} --root {}\n", options.out, file->size(), tip.height, hex(tip.root), options.out, hex(tip.root));
    return 0;
}

// ---- status -------------------------------------------------------------------------------------

/// A node's address, or that of the node that runs in a directory.
Result<std::string> address_of(const std::string& where) {
    std::error_code error;
    if (!fs::is_directory(where, error)) return where;
    const auto port = read_file(fs::path(where) / "api.port", 16);
    if (!port) return NodeError{NodeCode::CannotConnect, "no node runs in " + where};
    const bool has_tls = port->find(" tls") != std::string::npos;
    return (has_tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + port->substr(0, port->find_first_of(" \n"));
}

int run_status(const std::string& where, const TlsFiles& tls) {
    const auto address = address_of(where);
    if (!address) return say(address.error(), exit_refused);
    auto client = Client::connect(*address, tls);
    if (!client) return say(client.error(), exit_refused);
    const auto status = client->get("/v1/status");
    if (!status) return say(status.error(), exit_refused);
    for (std::size_t i = 0; i < status->names.size(); ++i)
        fmt::print("{:<14} {}\n", status->names[i], status->items[i].text);
    return 0;
}

// ---- routes -------------------------------------------------------------------------------------

int run_routes() {
    for (const Route& route : route_table())
        fmt::print("{} {} {} {}\n", route.method, route.path, rule_name(route.rule), route.parameters);
    return 0;
}

int run_command(int argc, char** argv) {
    CLI::App app{"tallyd: one node of a Tallystick ledger"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "tallyd 0.1.0");

    StatementOptions statement;
    auto* const statement_command = app.add_subcommand("statement", "a party's whole book with its proof, of a node that is stopped");
    statement_command->add_option("DIR", statement.directory, "made by `tallyd init`")->required();
    statement_command->add_option("PARTY", statement.party, "its name")->required();
    statement_command->add_option("--out", statement.out, "the file to make")->required();

    std::string where;
    TlsFiles tls;
    auto* const status_command = app.add_subcommand("status", "where a running node stands");
    status_command->add_option("DIR|URL", where, "its directory or address")->required();
    status_command->add_option("--tls-certificate", tls.certificate, "the client's, for a node with TLS (PEM)");
    status_command->add_option("--tls-key", tls.key, "its key (PEM)");
    status_command->add_option("--tls-authority", tls.authorities, "who signs the node's certificate (PEM)");

    auto* const routes_command = app.add_subcommand("routes", "the routes of the API: method, path, who may ask, parameters");

    std::function<int()> other;
    add_init_command(app, other);
    add_start_command(app, other);
    add_network_commands(app, other);
    add_upkeep_commands(app, other);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_refused;
    }
    if (other) return other();
    if (routes_command->parsed()) return run_routes();
    if (statement_command->parsed()) return run_statement(statement);
    return run_status(where, tls);
}

} // namespace
} // namespace tally

int main(int argc, char** argv) { return tally::run_command(argc, argv); }
