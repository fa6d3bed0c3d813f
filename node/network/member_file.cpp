#include "node/network/member_file.hpp"

#include "node/files.hpp"

#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

namespace tally {
namespace {

constexpr std::size_t file_bytes_max = 1U << 20;
constexpr std::size_t peers_max = 200;

/// The first key that nobody reads: a misspelt one must not be passed over.
Problem check_names(const toml::table& table, std::initializer_list<std::string_view> known, const std::string& where) {
    for (const auto& [key, value] : table)
        if (std::find(known.begin(), known.end(), key.str()) == known.end())
            return NodeError{NodeCode::BadNetworkFile, fmt::format("{}: `{}` in line {} means nothing here", where, key.str(), value.source().begin.line)};
    return std::nullopt;
}

bool is_node_id(std::string_view id) {
    return id.size() == 40 && std::all_of(id.begin(), id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// `host:port`, without anything that could end a line or a list in the engine's own file.
bool is_address(std::string_view address) {
    const auto colon = address.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? "" : address.substr(colon + 1);
    return colon != 0 && !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           std::all_of(address.begin(), address.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(".-:[]").find(c) != std::string_view::npos; });
}

} // namespace

Result<MemberFile> read_member_file(const std::filesystem::path& path) {
    const auto text = read_file(path, file_bytes_max);
    if (!text) return text.error();
    const std::string where = path.string();
    const auto bad = [&](std::string detail) { return NodeError{NodeCode::BadNetworkFile, where + ": " + std::move(detail)}; };
    const toml::parse_result parsed = toml::parse(*text);
    if (!parsed) return bad(fmt::format("line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
    const toml::table& table = parsed.table();
    if (auto problem = check_names(table, {"name", "p2p", "rpc", "peers"}, where)) return *problem;
    MemberFile out;
    out.name = table["name"].value_or(std::string());
    out.p2p = table["p2p"].value_or(std::string());
    const auto rpc = table["rpc"].value_or(std::int64_t{0});
    if (out.name.empty() || out.name.size() > 255) return bad("`name` is 1 to 255 bytes");
    if (!is_address(out.p2p)) return bad("`p2p` is an address and a port");
    if (rpc < 1 || rpc > 65535) return bad("`rpc` is a port");
    out.rpc = static_cast<std::uint16_t>(rpc);
    const toml::array* const peers = table["peers"].as_array();
    if (peers == nullptr) return out;
    if (peers->size() > peers_max) return bad(fmt::format("at most {} peers", peers_max));
    for (const toml::node& node : *peers) {
        const toml::table* const peer = node.as_table();
        if (peer == nullptr) return bad("`peers` is a list of tables");
        if (auto problem = check_names(*peer, {"name", "id", "address"}, where)) return *problem;
        MemberFile::Peer next{(*peer)["name"].value_or(std::string()), (*peer)["id"].value_or(std::string()), (*peer)["address"].value_or(std::string())};
        if (!is_node_id(next.id)) return bad(fmt::format("the `id` of a peer in line {} is not 40 hexadecimal digits", peer->source().begin.line));
        if (!is_address(next.address)) return bad(fmt::format("the `address` of a peer in line {} is not a host and a port", peer->source().begin.line));
        out.peers.push_back(std::move(next));
    }
    return out;
}

std::string text_of(const MemberFile& member) {
    toml::array peers;
    for (const MemberFile::Peer& peer : member.peers)
        peers.push_back(toml::table{{"name", peer.name}, {"id", peer.id}, {"address", peer.address}});
    std::ostringstream out;
    out << toml::table{{"name", member.name}, {"p2p", member.p2p}, {"rpc", member.rpc}, {"peers", std::move(peers)}} << "\n";
    return out.str();
}

} // namespace tally
