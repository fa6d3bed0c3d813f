#include "tools/tallyd_start.hpp"

#include "node/api/log_watch.hpp"
#include "node/api/metrics_server.hpp"
#include "node/api/server.hpp"
#include "node/files.hpp"
#include "node/log.hpp"
#include "node/network/member.hpp"
#include "node/ordering/embedded.hpp"
#include "node/tls/certificate.hpp"
#include "node/upkeep/admin_socket.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <csignal>
#include <new>
#include <pthread.h>

namespace tally {
namespace {

namespace fs = std::filesystem;

struct StartOptions {
    std::string directory, listen = "127.0.0.1:7300", log_level = "info", log_format = "text", metrics, engine = "interpreter", engine_program;
    TlsFiles tls;
    std::optional<u64> requests, transactions; ///< a client's, in a second
    Chain::Options chain;
};

/// What a client with TLS may ask in a second unless said otherwise. Without TLS it is this machine.
constexpr Routes::Rates usual_rates{500, 5'000};

Routes::Rates rates_of(const StartOptions& options) {
    const Routes::Rates usual = options.tls.none() ? Routes::Rates{} : usual_rates;
    return {options.requests.value_or(usual.requests), options.transactions.value_or(usual.transactions)};
}

int say(const NodeError& error, int exit_code) {
    fmt::print(stderr, "tallyd: {}\n", error.line());
    return exit_code;
}

/// The port that clients of this directory use, gone with the node: `7300`, or `7300 tls`.
class PortFile {
public:
    PortFile(const fs::path& directory, std::uint16_t port, bool has_tls) : path_(directory / "api.port") {
        std::error_code ignored;
        fs::remove(path_, ignored);
        problem_ = write_new_file(path_, fmt::format("{}{}\n", port, has_tls ? " tls" : ""), 0644);
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

/// Where the certificates are, for `tallyd doctor`: also when the node does not run any more.
Problem note_tls_files(const StartOptions& options) {
    const fs::path note = fs::path(options.directory) / "tls.files";
    std::error_code error;
    if (options.tls.none()) {
        fs::remove(note, error);
        return std::nullopt;
    }
    std::string text;
    for (const std::string& file : {options.tls.certificate, options.tls.authorities})
        text += fs::absolute(file, error).string() + "\n";
    return replace_file(note, text, 0644);
}

/// Before the first thread, so that every thread leaves the signals to `wait`.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN); // a client that goes away is an error of one write
    return set;
}

/// SIGHUP: certificates that are no good must not end a node that works.
void reload(Server& server) {
    if (const auto problem = server.reload())
        log::line(log::Level::Error, "the certificates of before stay", {{"code", node_code_info(problem->code).text}, {"detail", problem->detail}});
    else
        log::line(log::Level::Info, "certificates are read again");
}

int wait_for_end(const sigset_t& signals, Server& server, bool has_tls) {
    int received = 0;
    while (sigwait(&signals, &received) == 0 && received == SIGHUP)
        if (has_tls) reload(server);
    return received;
}

/// Who is told of what happens.
struct Watches {
    std::vector<OrderingWatch*> ordering;
    std::vector<ApiWatch*> api;
};

Watches watches_of(const StartOptions& options, BlockBell& bell, LogWatch& lines, Metrics& metrics) {
    Watches out{{&lines, &bell}, {&lines}};
    if (options.metrics.empty()) return out;
    out.ordering.push_back(&metrics);
    out.api.push_back(&metrics);
    return out;
}

/// What is only looked at when somebody asks.
void measure(const StartOptions& options, const Chain& chain, const Server& server, Metrics& metrics) {
    const auto set = [&](Metric metric, auto value, const char* labels = "") { metrics.set(metric, static_cast<double>(value), labels); };
    set(Metric::Height, chain.read([](const Ledger&, const Tip& now) { return now.height; }));
    set(Metric::Connections, server.open().connections);
    set(Metric::Streams, server.open().streams);
    const auto sizes = chain.store_sizes();
    set(Metric::StoreBytes, sizes.files, "kind=\"files\"");
    set(Metric::StoreBytes, sizes.memory, "kind=\"memory\"");
    std::error_code ignored;
    set(Metric::DiskFree, fs::space(options.directory, ignored).available);
    if (options.tls.none()) return;
    if (const auto own = read_certificates(options.tls.certificate)) set(Metric::CertificateDays, own->front().days_left());
}

/// A network's ledger goes on with its network only: blocks of one's own would be a fork.
Result<std::unique_ptr<Member>> join_network(const StartOptions& options, Chain& chain, const Tip& tip, const std::vector<OrderingWatch*>& watches) {
    if (in_network(options.directory)) return Member::start(chain, {.directory = options.directory, .engine_program = options.engine_program, .watches = watches});
    if (tip.engine_height != 0) return NodeError{NodeCode::EngineOutOfStep, fmt::format("{} is missing, and this ledger is a network's", (fs::path(options.directory) / member_file).string())};
    return std::unique_ptr<Member>();
}

int run_start(const StartOptions& options) {
    const sigset_t signals = block_signals();
    std::set_new_handler([] { stop_node({NodeCode::OutOfMemory, {}}); });
    log::Level least = log::Level::Info;
    (void)log::level_by_name(options.log_level, least);
    log::start(least, options.log_format == "json" ? log::Format::Json : log::Format::Text);
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
    log::line(log::Level::Info, "the ledger is open", {{"chain", tip.chain}, {"height", tip.height}, {"root", hex(tip.root)}});
    BlockBell bell;
    LogWatch lines;
    Metrics metrics;
    const Watches watches = watches_of(options, bell, lines, metrics);
    const auto member = join_network(options, **chain, tip, watches.ordering);
    if (!member) return say(member.error(), exit_refused);
    const auto alone = *member ? nullptr : std::make_unique<EmbeddedOrdering>(**chain, EmbeddedOrdering::Options{.watches = watches.ordering});
    Ordering& ordering = *member ? (*member)->ordering() : *alone;
    Routes routes(**chain, ordering, rates_of(options));
    auto server = Server::start({.listen = options.listen, .tls = options.tls, .bell = &bell, .watches = watches.api}, routes);
    if (!server) return say(server.error(), exit_refused);
    std::unique_ptr<MetricsServer> scraped;
    if (!options.metrics.empty()) {
        auto started = MetricsServer::start(options.metrics, metrics, [&] { measure(options, **chain, **server, metrics); });
        if (!started) return say(started.error(), exit_refused);
        scraped = std::move(*started);
        fmt::print("metrics on {}\n", scraped->address());
    }
    if (const auto problem = note_tls_files(options)) return say(*problem, exit_trouble);
    const PortFile port(options.directory, (*server)->port(), !options.tls.none());
    if (port.problem()) return say(*port.problem(), exit_trouble);
    const auto admin = AdminSocket::start(options.directory, **chain);
    if (!admin) return say(admin.error(), exit_trouble);
    fmt::print("listening on {}\n", (*server)->address());
    std::fflush(stdout);

    const int received = wait_for_end(signals, **server, !options.tls.none());
    log::line(log::Level::Info, "finishing the block", {{"signal", received}});
    ordering.stop();
    return 0; // the server first, then the store: the reverse of the order above
}

} // namespace

void add_start_command(CLI::App& app, std::function<int()>& run) {
    const auto options = std::make_shared<StartOptions>();
    CLI::App* const command = app.add_subcommand("start", "run the node until SIGTERM");
    command->add_option("DIR", options->directory, "made by `tallyd init`")->required();
    command->add_option("--listen", options->listen, "address of the API; port 0 takes a free one")->capture_default_str();
    command->add_option("--tls-certificate", options->tls.certificate, "the node's, with those up to its authority (PEM); read again at SIGHUP");
    command->add_option("--tls-key", options->tls.key, "its key, readable by its owner only (PEM)");
    command->add_option("--tls-clients", options->tls.authorities, "who signs the clients' certificates (PEM)");
    command->add_option("--rate-requests", options->requests, "requests of a client in a second; 0: any number. 500 with TLS, 0 without");
    command->add_option("--rate-transactions", options->transactions, "transactions of a client in a second; 0: any number. 5,000 with TLS, 0 without");
    command->add_option("--log-level", options->log_level, "trace, debug, info, warn, error, off")->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))->capture_default_str();
    command->add_option("--log-format", options->log_format, "text, or json: an object on each line")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
    command->add_option("--metrics", options->metrics, "a loopback address on which /metrics answers Prometheus; without it, nowhere");
    command->add_option("--engine", options->engine, "what runs the contracts, with the same results: interpreter, or template (machine code)")
        ->check(CLI::IsMember({"interpreter", "template"}))->capture_default_str();
    command->add_option("--engine-program", options->engine_program, "of a node in a network: where `cometbft` is; without it, on PATH or where `go install` puts it");
    command->add_option("--keep-history", options->chain.keep_history, "blocks whose state can be asked for; 0: all")->capture_default_str();
    command->add_option("--keep-trees", options->chain.keep_trees, "blocks whose state can be proven; 0: all. Receipts always can")->capture_default_str();
    command->add_option("--min-free-bytes", options->chain.min_free_bytes,
                        "with less room on the disk no transaction is taken, with less than half of it the node ends; 0: 10 % of the disk");
    command->callback([options, &run] {
        options->chain.engine = engine_by_name(options->engine)->prepare;
        run = [options] { return run_start(*options); };
    });
}

} // namespace tally
