#include "tools/tallyd_upkeep.hpp"

#include "node/upkeep/verify.hpp"

#include <fmt/core.h>

#include <memory>

namespace tally {
namespace {

int say(const NodeError& error) {
    fmt::print(stderr, "tallyd: {}\n", error.line());
    const bool refused = error.code == NodeCode::NotInitialised || error.code == NodeCode::DirectoryInUse || error.code == NodeCode::BadInput;
    return refused ? exit_refused : exit_trouble;
}

int run_verify(const std::string& directory, bool replay) {
    const auto verified = verify_directory(directory, replay);
    if (!verified) return say(verified.error());
    fmt::print("chain     {}\nheight    {}\nroot      {}\nblocks    {}, each after the one before\nrows      {}\nmoney     {} currencies, all there and no more\n{}contents  {}\n",
               verified->tip.chain, verified->tip.height, hex(verified->tip.root), verified->blocks, verified->rows, verified->currencies,
               replay ? "replay    the same receipts and the same state\n" : "", hex(verified->contents));
    return 0;
}

} // namespace

void add_upkeep_commands(CLI::App& app, std::function<int()>& run) {
    struct Options {
        std::string directory;
        bool replay = false;
    };
    const auto options = std::make_shared<Options>();
    auto* const verify = app.add_subcommand("verify", "look at every file, block and row of a ledger that is not running");
    verify->add_option("DIR", options->directory, "its directory")->required();
    verify->add_flag("--replay", options->replay, "also run all transactions again, in memory");
    verify->callback([options, &run] { run = [options] { return run_verify(options->directory, options->replay); }; });
}

} // namespace tally
