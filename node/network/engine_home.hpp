/// The engine's folder: its keys, its genesis and its configuration, in the forms that CometBFT 0.38 reads.
#pragma once

#include "node/network/member_file.hpp"
#include "runtime/ledger.hpp"

namespace tally {

/// What others must know of a node.
struct EngineIdentity {
    std::string node_id; ///< 40 hexadecimal digits
    PublicKey validator{}; ///< Ed25519: what it signs votes with
};

/// Of one institution's node in the genesis.
struct GenesisValidator {
    std::string name;
    PublicKey key{};
    u64 power = 0;
};
/// Of each institution, whatever number of nodes it runs: divisible by 1 to 6.
inline constexpr u64 institution_power = 60;

/// New keys; refuses a folder that has some.
[[nodiscard]] Result<EngineIdentity> make_engine_keys(const std::filesystem::path& home);
/// The engine's genesis: it names the ledger's by its hash.
[[nodiscard]] Problem write_engine_genesis(const std::filesystem::path& home, const Genesis& genesis, const std::vector<GenesisValidator>& validators);
/// Replaces the configuration by what `member` says.
[[nodiscard]] Problem write_engine_config(const std::filesystem::path& home, const MemberFile& member);

inline constexpr const char* engine_socket = "abci.sock"; ///< in the engine's folder

} // namespace tally
