#include "tools/tallyd_network.hpp"

#include "node/chain.hpp"
#include "node/files.hpp"
#include "node/network/engine_home.hpp"
#include "node/network/member.hpp"
#include "tools/tallyd_init.hpp"
#include "vm/crypto/ed25519.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <csignal>
#include <map>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t ports_of_a_node = 3; ///< for peers, for the engine's RPC, for the API

struct UpOptions {
    std::string directory;
    InitOptions init;
    unsigned nodes = 4;
    std::uint16_t first_port = 26600;
    std::vector<std::string> start; ///< more options for each `tallyd start`
};

int say(const NodeError& error) {
    fmt::print(stderr, "tallyd: {}\n", error.line());
    return exit_refused;
}

fs::path folder_of(const UpOptions& options, unsigned node) { return fs::path(options.directory) / std::to_string(node + 1); }
std::uint16_t port_of(const UpOptions& options, unsigned node, unsigned which) {
    return static_cast<std::uint16_t>(options.first_port + node * ports_of_a_node + which);
}
std::string name_of(unsigned node) { return fmt::format("node{}", node + 1); }

/// Every node's folder: a ledger from the same genesis, keys of its own, and where the others are.
Problem make_nodes(const UpOptions& options) {
    const KeySeed seed = random_seed();
    const auto genesis = genesis_of(options.init, seed);
    if (!genesis) return genesis.error();
    std::vector<EngineIdentity> identities;
    std::vector<GenesisValidator> validators;
    for (unsigned i = 0; i < options.nodes; ++i) {
        if (auto problem = Chain::create(folder_of(options, i), *genesis)) return problem;
        auto identity = make_engine_keys(folder_of(options, i) / engine_folder);
        if (!identity) return identity.error();
        validators.push_back({name_of(i), identity->validator, institution_power});
        identities.push_back(std::move(*identity));
    }
    for (unsigned i = 0; i < options.nodes; ++i) {
        MemberFile member{name_of(i), fmt::format("127.0.0.1:{}", port_of(options, i, 0)), port_of(options, i, 1), {}};
        for (unsigned k = 0; k < options.nodes; ++k)
            if (k != i) member.peers.push_back({name_of(k), identities[k].node_id, fmt::format("127.0.0.1:{}", port_of(options, k, 0))});
        if (auto problem = write_engine_genesis(folder_of(options, i) / engine_folder, *genesis, validators)) return problem;
        if (auto problem = write_new_file(folder_of(options, i) / member_file, text_of(member), 0644)) return problem;
    }
    return options.init.genesis_file.empty() ? keep_operator_key(folder_of(options, 0), seed) : std::nullopt;
}

pid_t start_node(const UpOptions& options, unsigned node) {
    std::vector<std::string> texts{"tallyd", "start", folder_of(options, node).string(), "--listen", fmt::format("127.0.0.1:{}", port_of(options, node, 2))};
    texts.insert(texts.end(), options.start.begin(), options.start.end());
    std::vector<char*> arguments;
    for (std::string& text : texts)
        arguments.push_back(text.data());
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(127);
}

/// Until somebody ends it; a node that ends by itself is told and left where it is, as in a real network.
int watch_nodes(std::map<pid_t, unsigned> running, const sigset_t& signals) {
    while (!running.empty()) {
        int received = 0;
        if (sigwait(&signals, &received) != 0) continue;
        if (received != SIGCHLD)
            for (const auto& [child, node] : running)
                ::kill(child, SIGTERM);
        int status = 0;
        for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            const auto found = running.find(ended);
            if (found == running.end()) continue;
            fmt::print("{} has ended, {} {}\n", name_of(found->second), WIFSIGNALED(status) ? "signal" : "exit code", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
            std::fflush(stdout);
            running.erase(found);
        }
    }
    return 0;
}

int run_new(const UpOptions& options) {
    if (const auto problem = make_nodes(options)) return say(*problem);
    for (unsigned i = 0; i < options.nodes; ++i)
        fmt::print("{} in {}: tallyd start {} --listen 127.0.0.1:{}\n", name_of(i), folder_of(options, i).string(), folder_of(options, i).string(), port_of(options, i, 2));
    return 0;
}

int run_up(const UpOptions& options) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGCHLD})
        sigaddset(&signals, signal);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    if (!fs::exists(folder_of(options, 0)))
        if (const auto problem = make_nodes(options)) return say(*problem);
    std::map<pid_t, unsigned> running;
    for (unsigned i = 0; i < options.nodes; ++i) {
        running.emplace(start_node(options, i), i);
        fmt::print("{} in {}: http://127.0.0.1:{}\n", name_of(i), folder_of(options, i).string(), port_of(options, i, 2));
    }
    std::fflush(stdout);
    return watch_nodes(std::move(running), signals);
}

/// What both commands take.
void add_options(CLI::App& command, UpOptions& options) {
    command.add_option("DIR", options.directory, "a folder for each node is in it")->required();
    command.add_option("--local", options.nodes, "so many nodes, each of an institution of its own")->check(CLI::Range(1U, 16U))->capture_default_str();
    command.add_option("--genesis", options.init.genesis_file, "what the ledger begins with; else one operator, whose key is in the first node's keys/");
    command.add_option("--chain", options.init.chain, "the ledger's name");
    command.add_option("--start", options.init.start, "the first business date");
    command.add_option("--port", options.first_port, "the first of three ports for each node: peers, engine, API")->check(CLI::Range(1024, 60000))->capture_default_str();
}

} // namespace

void add_network_commands(CLI::App& app, std::function<int()>& run) {
    CLI::App* const network = app.add_subcommand("network", "nodes that order together");
    network->require_subcommand(1);
    const auto options = std::make_shared<UpOptions>();
    CLI::App* const made = network->add_subcommand("new", "makes the nodes of a network on this machine");
    add_options(*made, *options);
    made->callback([options, &run] { run = [options] { return run_new(*options); }; });
    CLI::App* const up = network->add_subcommand("up", "the same if there are none in DIR, and runs them until SIGTERM");
    add_options(*up, *options);
    up->add_option("--with", options->start, "one more option of each `tallyd start`, as --with=--log-level=warn; may be given again");
    up->callback([options, &run] { run = [options] { return run_up(*options); }; });
}

} // namespace tally
