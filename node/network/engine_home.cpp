#include "node/network/engine_home.hpp"

#include "node/files.hpp"
#include "node/genesis_codec.hpp"
#include "node/identity/base64.hpp"
#include "runtime/json_text.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/crypto/ed25519.hpp"
#include "vm/crypto/signature.hpp"
#include "vm/value/date.hpp"

#include <fmt/format.h>

namespace tally {
namespace {

/// The engine's address of a key: the first 20 bytes of its SHA-256.
std::string address_of(const PublicKey& key) { return hex(ByteView(sha256(key)).first(20)); }

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

PublicKey public_part(const SigningKey& key) {
    PublicKey out{};
    const ByteView view = key.public_key.view();
    std::copy(view.begin(), view.end(), out.begin());
    return out;
}

std::string private_json(const SigningKey& key) {
    return JsonObject().text("type", "tendermint/PrivKeyEd25519").text("value", base64(key.secret)).done();
}

std::string public_json(const PublicKey& key) {
    return JsonObject().text("type", "tendermint/PubKeyEd25519").text("value", base64(key)).done();
}

Problem make_folders(const std::filesystem::path& home) {
    std::error_code error;
    for (const char* const folder : {"config", "data"}) {
        std::filesystem::create_directories(home / folder, error);
        if (error) return NodeError{NodeCode::CannotWrite, (home / folder).string() + ": " + error.message()};
    }
    return std::nullopt;
}

/// The timeouts and what else every node must have alike. Measured on one machine and small networks: see
/// docs/operating.md before changing one.
constexpr std::string_view common_settings = R"(
abci = "socket"
db_backend = "goleveldb"
db_dir = "data"
log_level = "info"
log_format = "json"
genesis_file = "config/genesis.json"
priv_validator_key_file = "config/priv_validator_key.json"
priv_validator_state_file = "data/priv_validator_state.json"
node_key_file = "config/node_key.json"
filter_peers = true

[mempool]
recheck = true
broadcast = true
size = 50000
cache_size = 100000
max_txs_bytes = 268435456
max_tx_bytes = 720896
keep-invalid-txs-in-cache = false

[statesync]
enable = false

[blocksync]
version = "v0"

[consensus]
wal_file = "data/cs.wal/wal"
timeout_propose = "400ms"
timeout_propose_delta = "100ms"
timeout_prevote = "150ms"
timeout_prevote_delta = "50ms"
timeout_precommit = "150ms"
timeout_precommit_delta = "50ms"
timeout_commit = "100ms"
skip_timeout_commit = true
double_sign_check_height = 0
create_empty_blocks = false
create_empty_blocks_interval = "30s"
peer_gossip_sleep_duration = "5ms"
peer_query_maj23_sleep_duration = "250ms"

[storage]
discard_abci_responses = false

[tx_index]
indexer = "null"

[instrumentation]
prometheus = false
)";

} // namespace

Result<EngineIdentity> make_engine_keys(const std::filesystem::path& home) {
    if (auto problem = make_folders(home)) return *problem;
    const SigningKey node = signing_key(random_seed()), validator = signing_key(random_seed());
    const EngineIdentity out{address_of(public_part(node)), public_part(validator)};
    const std::string validator_json = JsonObject().text("address", upper(address_of(out.validator))).raw("pub_key", public_json(out.validator))
                                           .raw("priv_key", private_json(validator)).done();
    if (auto problem = write_new_file(home / "config/node_key.json", JsonObject().raw("priv_key", private_json(node)).done(), 0600)) return *problem;
    if (auto problem = write_new_file(home / "config/priv_validator_key.json", validator_json, 0600)) return *problem;
    if (auto problem = write_new_file(home / "data/priv_validator_state.json", R"({"height": "0", "round": 0, "step": 0})", 0600)) return *problem;
    return out;
}

Problem write_engine_genesis(const std::filesystem::path& home, const Genesis& genesis, const std::vector<GenesisValidator>& validators) {
    JsonArray list;
    for (const GenesisValidator& validator : validators)
        list.raw(JsonObject().text("address", upper(address_of(validator.key))).raw("pub_key", public_json(validator.key))
                     .text("power", std::to_string(validator.power)).text("name", validator.name).done());
    const std::string parameters = JsonObject()
        .raw("block", JsonObject().text("max_bytes", std::to_string(limits::block_bytes)).text("max_gas", "-1").done())
        .raw("evidence", JsonObject().text("max_age_num_blocks", "100000").text("max_age_duration", "172800000000000").text("max_bytes", "1048576").done())
        .raw("validator", R"({"pub_key_types": ["ed25519"]})")
        .raw("version", R"({"app": "1"})")
        .raw("abci", R"({"vote_extensions_enable_height": "0"})").done();
    const std::string text = JsonObject()
        .text("genesis_time", date_text(genesis.start) + "T00:00:00Z")
        .text("chain_id", genesis.chain).text("initial_height", "1").raw("consensus_params", parameters)
        .raw("validators", list.done()).text("app_hash", "").text("app_state", hex(sha256(encode(genesis)))).done();
    return write_new_file(home / "config/genesis.json", text + "\n", 0644);
}

Problem write_engine_config(const std::filesystem::path& home, const MemberFile& member) {
    std::string peers, ids;
    for (const MemberFile::Peer& peer : member.peers) {
        peers += (peers.empty() ? "" : ",") + peer.id + "@" + peer.address;
        ids += (ids.empty() ? "" : ",") + peer.id;
    }
    const std::string text = fmt::format("# Made by tallyd from tally.toml at every start: a change here is lost.\n"
                                         "moniker = {}\nproxy_app = \"unix://{}\"\n{}\n"
                                         "[rpc]\nladdr = \"tcp://127.0.0.1:{}\"\nunsafe = false\nmax_request_batch_size = 1000\nmax_body_bytes = 67108864\n\n"
                                         "[p2p]\nladdr = \"tcp://{}\"\npex = false\naddr_book_strict = false\nallow_duplicate_ip = true\nseeds = \"\"\n"
                                         "persistent_peers = \"{}\"\nunconditional_peer_ids = \"{}\"\n"
                                         "send_rate = 50000000\nrecv_rate = 50000000\nmax_packet_msg_payload_size = 16384\nflush_throttle_timeout = \"2ms\"\n",
                                         json_quoted(member.name), engine_socket, common_settings, member.rpc, member.p2p, peers, ids);
    return replace_file(home / "config/config.toml", text, 0644);
}

} // namespace tally
