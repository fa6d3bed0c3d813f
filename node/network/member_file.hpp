/// `tally.toml` of a node in a network: where it listens and who the others are. The engine's own configuration is
/// made from it at every start and edited by nobody.
#pragma once

#include "node/errors.hpp"

#include <filesystem>
#include <vector>

namespace tally {

struct MemberFile {
    struct Peer {
        std::string name, id, address; ///< as people call it; the engine's node id, 40 hexadecimal digits; `host:port`
    };
    std::string name;           ///< this node, for its peers' logs
    std::string p2p;            ///< `address:port` on which the peers' engines connect
    std::uint16_t rpc = 0;      ///< port of the engine's RPC, on loopback only
    std::vector<Peer> peers;    ///< all others
};

[[nodiscard]] Result<MemberFile> read_member_file(const std::filesystem::path& path);
[[nodiscard]] std::string text_of(const MemberFile& member);

} // namespace tally
