// tallyd: the node and what its operator needs beside it. Its parts are put together in tallyd_start.cpp.
#include "node/api/route_table.hpp"
#include "node/chain.hpp"
#include "node/client/client.hpp"
#include "node/files.hpp"
#include "node/genesis.hpp"
#include "node/governance_module.hpp"
#include "node/proofs.hpp"
#include "tools/tallyd_start.hpp"
#include "tools/tallyd_upkeep.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace tally {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t genesis_bytes_max = 1U << 20;
constexpr std::string_view operator_name = "operator";

int say(const NodeError& error, int exit_code) {
    fmt::print(stderr, "tallyd: {}\n", error.line());
    return exit_code;
}

// ---- init ---------------------------------------------------------------------------------------

struct InitOptions {
    std::string directory, genesis_file, chain, start;
};

Result<Genesis> genesis_from_file(const InitOptions& options) {
    const auto text = read_file(options.genesis_file, genesis_bytes_max);
    if (!text) return text.error();
    auto genesis = genesis_from_json(*text);
    if (genesis && !options.chain.empty()) genesis->chain = options.chain;
    return genesis;
}

/// One operator with every right but money: enough for a first look.
Result<Genesis> genesis_for_one(const InitOptions& options, const SigningKey& key) {
    Genesis genesis;
    genesis.chain = options.chain.empty() ? "tally-local" : options.chain;
    if (genesis.chain.size() > chain_bytes)
        return NodeError{NodeCode::BadGenesis, "--chain has at most 64 bytes"};
    const auto start = date_parse("2026-01-01");
    genesis.start = *start;
    Enrol party;
    party.name = operator_name;
    party.key = key.public_key;
    party.roles = role_registrar | role_deployer | role_clock;
    genesis.parties.push_back(std::move(party));
    return genesis;
}

Problem keep_key(const fs::path& directory, const KeySeed& seed) {
    std::error_code error;
    fs::create_directories(directory / "keys", error);
    if (error) return NodeError{NodeCode::CannotWrite, error.message()};
    return write_new_file(directory / "keys" / "operator.key", hex(seed) + "\n", 0600);
}

int run_init(const InitOptions& options) {
    const bool own = options.genesis_file.empty();
    const KeySeed seed = random_seed();
    const SigningKey key = signing_key(seed);
    auto genesis = own ? genesis_for_one(options, key) : genesis_from_file(options);
    if (!genesis) return say(genesis.error(), exit_refused);
    const ByteView governance = governance_module_bytes();
    genesis->governance.assign(governance.begin(), governance.end());
    if (!options.start.empty()) {
        const auto start = date_parse(options.start);
        if (!start) return say({NodeCode::BadGenesis, "--start is YYYY-MM-DD"}, exit_refused);
        genesis->start = *start;
    }
    if (const auto problem = Chain::create(options.directory, *genesis))
        return say(*problem, exit_refused);
    if (own)
        if (const auto problem = keep_key(options.directory, seed))
            return say(*problem, exit_trouble);
    fmt::print("ledger `{}` in {}, first business date {}\n", genesis->chain, options.directory,
               date_text(genesis->start));
    if (own)
        fmt::print("key of `{}`: {}/keys/operator.key (keep it secret)\n", operator_name,
                   options.directory);
    fmt::print("next: tallyd start {}\n", options.directory);
    return 0;
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

    InitOptions init;
    auto* const init_command = app.add_subcommand("init", "make a ledger in a new directory");
    init_command->add_option("DIR", init.directory, "a directory that is empty or not there yet")
        ->required();
    init_command->add_option("--genesis", init.genesis_file, "what the ledger starts with (JSON)");
    init_command->add_option("--chain", init.chain, "its name, 1 to 64 bytes");
    init_command->add_option("--start", init.start, "first business date, YYYY-MM-DD");

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
    add_start_command(app, other);
    add_upkeep_commands(app, other);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_refused;
    }
    if (other) return other();
    if (init_command->parsed()) return run_init(init);
    if (routes_command->parsed()) return run_routes();
    if (statement_command->parsed()) return run_statement(statement);
    return run_status(where, tls);
}

} // namespace
} // namespace tally

int main(int argc, char** argv) { return tally::run_command(argc, argv); }
