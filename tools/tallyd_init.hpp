/// `tallyd init`, and what a ledger is made from.
#pragma once

#include "node/errors.hpp"
#include "runtime/ledger.hpp"
#include "vm/crypto/signature.hpp"

#include <filesystem>
#include <functional>

namespace CLI {
class App;
}

namespace tally {

struct InitOptions {
    std::string directory, genesis_file, chain, start;
};

/// From the file, with the options before what it says and the members' own contract. Without a file: one operator
/// with the key of `seed` and every right but money, enough for a first look.
[[nodiscard]] Result<Genesis> genesis_of(const InitOptions& options, const KeySeed& seed);
/// Where `tally` finds it: in `keys/` of the directory.
[[nodiscard]] Problem keep_operator_key(const std::filesystem::path& directory, const KeySeed& seed);

void add_init_command(CLI::App& app, std::function<int()>& run);

} // namespace tally
