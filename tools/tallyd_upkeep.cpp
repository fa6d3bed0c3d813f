#include "tools/tallyd_upkeep.hpp"

#include "node/upkeep/backup.hpp"
#include "node/upkeep/doctor.hpp"
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

int run_backup(const std::string& directory, const std::string& destination) {
    auto backup = backup_closed(directory, destination);
    if (!backup && backup.error().code == NodeCode::DirectoryInUse) backup = backup_running(directory, destination);
    if (!backup) return say(backup.error());
    fmt::print("backup of `{}` at height {}, root {}: {} files, {} bytes in {}\n", backup->chain, backup->height, hex(backup->root), backup->files, backup->bytes, destination);
    return 0;
}

int run_restore(const std::string& from, const std::string& directory) {
    const auto backup = restore(from, directory);
    if (!backup) return say(backup.error());
    fmt::print("`{}` at height {}, root {}: {} files, every hash holds\nnext: tallyd start {}\n", backup->chain, backup->height, hex(backup->root), backup->files, directory);
    return 0;
}

int run_doctor(const std::string& directory) {
    constexpr const char* levels[] = {"ok  ", "warn", "FAIL"};
    bool good = true;
    for (const Finding& finding : examine(directory)) {
        fmt::print("{}  {}{}{}\n", levels[static_cast<int>(finding.level)], finding.what, finding.fix.empty() ? "" : "\n      ", finding.fix);
        good = good && finding.level != Finding::Level::Fail;
    }
    return good ? 0 : exit_refused;
}

} // namespace

void add_upkeep_commands(CLI::App& app, std::function<int()>& run) {
    struct Options {
        std::string first, second;
        bool replay = false;
    };
    const auto options = std::make_shared<Options>();
    auto* const verify = app.add_subcommand("verify", "look at every file, block and row of a ledger that is not running");
    verify->add_option("DIR", options->first, "its directory")->required();
    verify->add_flag("--replay", options->replay, "also run all transactions again, in memory");
    verify->callback([options, &run] { run = [options] { return run_verify(options->first, options->replay); }; });

    auto* const backup = app.add_subcommand("backup", "copy a ledger, whether its node runs or not");
    backup->add_option("DIR", options->first, "its directory")->required();
    backup->add_option("DEST", options->second, "a folder that is empty or not there yet")->required();
    backup->callback([options, &run] { run = [options] { return run_backup(options->first, options->second); }; });

    auto* const restore = app.add_subcommand("restore", "make a ledger of a backup");
    restore->add_option("BACKUP", options->first, "made by `tallyd backup`")->required();
    restore->add_option("DIR", options->second, "a directory that is empty or not there yet")->required();
    restore->callback([options, &run] { run = [options] { return run_restore(options->first, options->second); }; });

    auto* const doctor = app.add_subcommand("doctor", "what is wrong with a directory and its surroundings");
    doctor->add_option("DIR", options->first, "made by `tallyd init`")->required();
    doctor->callback([options, &run] { run = [options] { return run_doctor(options->first); }; });
}

} // namespace tally
