// tallyd: the node. Builds its parts, waits for a signal, takes them down in order.
#include "node/api/server.hpp"
#include "node/client/client.hpp"
#include "node/files.hpp"
#include "node/genesis.hpp"
#include "node/governance_module.hpp"
#include "node/ordering/embedded.hpp"
#include "node/proofs.hpp"
#include "node/upkeep/admin_socket.hpp"
#include "tools/tallyd_upkeep.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <new>
#include <pthread.h>

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

// ---- start --------------------------------------------------------------------------------------

struct StartOptions {
    std::string directory, listen = "127.0.0.1:7300", log_level = "info";
    Chain::Options chain;
};

/// The port that clients of this directory use, gone with the node.
class PortFile {
public:
    PortFile(const fs::path& directory, std::uint16_t port) : path_(directory / "api.port") {
        std::error_code ignored;
        fs::remove(path_, ignored);
        problem_ = write_new_file(path_, fmt::format("{}\n", port), 0644);
    }
    ~PortFile() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    PortFile(const PortFile&) = delete;
    PortFile& operator=(const PortFile&) = delete;
    [[nodiscard]] const Problem& problem() const { return problem_; }

private:
    fs::path path_;
    Problem problem_;
};

/// Before the first thread, so that every thread leaves the signals to `wait`.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN); // a client that goes away is an error of one write
    return set;
}

int run_start(const StartOptions& options) {
    const sigset_t signals = block_signals();
    std::set_new_handler([] { stop_node({NodeCode::OutOfMemory, {}}); });
    spdlog::set_default_logger(spdlog::stderr_logger_mt("tallyd"));
    spdlog::set_level(spdlog::level::from_str(options.log_level));
    // Opening writes too. Who started this one starts it again until there is room.
    if (const auto problem = disk_nearly_full(options.directory, options.chain.min_free_bytes); problem && problem->code == NodeCode::DiskFull)
        return say(*problem, exit_no_room);
    auto chain = Chain::open(options.directory, options.chain);
    if (!chain) {
        const NodeCode code = chain.error().code;
        const bool refused = code == NodeCode::NotInitialised || code == NodeCode::DirectoryInUse;
        return say(chain.error(), refused ? exit_refused : exit_trouble);
    }
    const Tip tip = (*chain)->read([](const Ledger&, const Tip& now) { return now; });
    spdlog::info("chain {}, height {}, root {}", tip.chain, tip.height, hex(tip.root));
    BlockBell bell;
    EmbeddedOrdering ordering(**chain, {.watches = {&bell}});
    Routes routes(**chain, ordering);
    auto server = Server::start({options.listen, &bell}, routes);
    if (!server) return say(server.error(), exit_refused);
    const PortFile port(options.directory, (*server)->port());
    if (port.problem()) return say(*port.problem(), exit_trouble);
    const auto admin = AdminSocket::start(options.directory, **chain);
    if (!admin) return say(admin.error(), exit_trouble);
    fmt::print("listening on {}\n", (*server)->address());
    std::fflush(stdout);

    int received = 0;
    sigwait(&signals, &received);
    spdlog::info("signal {}: finishing the block", received);
    ordering.stop();
    return 0; // the server first, then the store: the reverse of the order above
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
    return "http://127.0.0.1:" + port->substr(0, port->find('\n'));
}

int run_status(const std::string& where) {
    const auto address = address_of(where);
    if (!address) return say(address.error(), exit_refused);
    auto client = Client::connect(*address);
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

    StartOptions start;
    auto* const start_command = app.add_subcommand("start", "run the node until SIGTERM");
    start_command->add_option("DIR", start.directory, "made by `tallyd init`")->required();
    start_command
        ->add_option("--listen", start.listen, "address of the API; port 0 takes a free one")
        ->capture_default_str();
    start_command
        ->add_option("--log-level", start.log_level, "trace, debug, info, warn, error, off")
        ->capture_default_str();
    std::string engine = "interpreter";
    start_command->add_option("--engine", engine, "what runs the contracts, with the same results: interpreter, or template (machine code)")
        ->check(CLI::IsMember({"interpreter", "template"}))->capture_default_str();
    start_command->callback([&] { start.chain.engine = engine_by_name(engine)->prepare; });
    start_command->add_option("--keep-history", start.chain.keep_history, "blocks whose state can be asked for; 0: all")->capture_default_str();
    start_command->add_option("--keep-trees", start.chain.keep_trees, "blocks whose state can be proven; 0: all. Receipts always can")->capture_default_str();
    start_command->add_option("--min-free-bytes", start.chain.min_free_bytes,
                              "with less room on the disk no transaction is taken, with less than half of it the node ends; 0: 10 % of the disk");

    StatementOptions statement;
    auto* const statement_command = app.add_subcommand("statement", "a party's whole book with its proof, of a node that is stopped");
    statement_command->add_option("DIR", statement.directory, "made by `tallyd init`")->required();
    statement_command->add_option("PARTY", statement.party, "its name")->required();
    statement_command->add_option("--out", statement.out, "the file to make")->required();

    std::string where;
    auto* const status_command = app.add_subcommand("status", "where a running node stands");
    status_command->add_option("DIR|URL", where, "its directory or address")->required();

    auto* const routes_command = app.add_subcommand("routes", "the routes of the API: method, path, who may ask, parameters");

    std::function<int()> upkeep;
    add_upkeep_commands(app, upkeep);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_refused;
    }
    if (upkeep) return upkeep();
    if (init_command->parsed()) return run_init(init);
    if (routes_command->parsed()) return run_routes();
    if (statement_command->parsed()) return run_statement(statement);
    if (start_command->parsed()) return run_start(start);
    return run_status(where);
}

} // namespace
} // namespace tally

int main(int argc, char** argv) { return tally::run_command(argc, argv); }
