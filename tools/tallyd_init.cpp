#include "tools/tallyd_init.hpp"

#include "node/chain.hpp"
#include "node/files.hpp"
#include "node/genesis.hpp"
#include "node/governance_module.hpp"
#include "vm/crypto/ed25519.hpp"

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

Result<Genesis> genesis_from_file(const InitOptions& options) {
    const auto text = read_file(options.genesis_file, genesis_bytes_max);
    if (!text) return text.error();
    auto genesis = genesis_from_json(*text);
    if (genesis && !options.chain.empty()) genesis->chain = options.chain;
    return genesis;
}

Result<Genesis> genesis_for_one(const InitOptions& options, const SigningKey& key) {
    Genesis genesis;
    genesis.chain = options.chain.empty() ? "tally-local" : options.chain;
    if (genesis.chain.size() > chain_bytes) return NodeError{NodeCode::BadGenesis, "--chain has at most 64 bytes"};
    genesis.start = *date_parse("2026-01-01");
    Enrol party;
    party.name = operator_name;
    party.key = key.public_key;
    party.roles = role_registrar | role_deployer | role_clock;
    genesis.parties.push_back(std::move(party));
    return genesis;
}

int run_init(const InitOptions& options) {
    const KeySeed seed = random_seed();
    const auto genesis = genesis_of(options, seed);
    if (!genesis) return say(genesis.error(), exit_refused);
    if (const auto problem = Chain::create(options.directory, *genesis)) return say(*problem, exit_refused);
    const bool own = options.genesis_file.empty();
    if (own)
        if (const auto problem = keep_operator_key(options.directory, seed)) return say(*problem, exit_trouble);
    fmt::print("ledger `{}` in {}, first business date {}\n", genesis->chain, options.directory, date_text(genesis->start));
    if (own) fmt::print("key of `{}`: {}/keys/operator.key (keep it secret)\n", operator_name, options.directory);
    fmt::print("next: tallyd start {}\n", options.directory);
    return 0;
}

} // namespace

Result<Genesis> genesis_of(const InitOptions& options, const KeySeed& seed) {
    auto genesis = options.genesis_file.empty() ? genesis_for_one(options, signing_key(seed)) : genesis_from_file(options);
    if (!genesis) return genesis;
    const ByteView governance = governance_module_bytes();
    genesis->governance.assign(governance.begin(), governance.end());
    if (options.start.empty()) return genesis;
    const auto start = date_parse(options.start);
    if (!start) return NodeError{NodeCode::BadGenesis, "--start is YYYY-MM-DD"};
    genesis->start = *start;
    return genesis;
}

Problem keep_operator_key(const fs::path& directory, const KeySeed& seed) {
    std::error_code error;
    fs::create_directories(directory / "keys", error);
    if (error) return NodeError{NodeCode::CannotWrite, error.message()};
    return write_new_file(directory / "keys" / "operator.key", hex(seed) + "\n", 0600);
}

void add_init_command(CLI::App& app, std::function<int()>& run) {
    const auto options = std::make_shared<InitOptions>();
    CLI::App* const command = app.add_subcommand("init", "make a ledger in a new directory");
    command->add_option("DIR", options->directory, "a directory that is empty or not there yet")->required();
    command->add_option("--genesis", options->genesis_file, "what the ledger starts with (JSON)");
    command->add_option("--chain", options->chain, "its name, 1 to 64 bytes");
    command->add_option("--start", options->start, "first business date, YYYY-MM-DD");
    command->callback([options, &run] { run = [options] { return run_init(*options); }; });
}

} // namespace tally
