#include "node/network/member.hpp"

#include "node/log.hpp"
#include "node/network/engine_home.hpp"
#include "node/network/engine_process.hpp"
#include "node/ordering/cometbft/abci_server.hpp"
#include "node/ordering/cometbft/comet_ordering.hpp"
#include "runtime/json_reader.hpp"

#include <fmt/format.h>

namespace tally {
namespace {

/// What the engine tells at its usual level is for those who look into it; what it calls an error is often a peer that
/// is not there yet.
void log_engine(const std::string& line) {
    const auto json = parse_json(line);
    if (!json) return log::line(log::Level::Warn, "engine", {{"line", line}});
    const log::Level level = text_in(*json, "level") == "error" ? log::Level::Warn : log::Level::Debug;
    log::line(level, text_in(*json, "_msg"), {{"component", "engine"}, {"module", text_in(*json, "module")}, {"err", text_in(*json, "err")}});
}

std::set<std::string> ids_of(const MemberFile& file) {
    std::set<std::string> out;
    for (const MemberFile::Peer& peer : file.peers)
        out.insert(peer.id);
    return out;
}

} // namespace

/// In the order of their needs; they end the other way round.
struct Member::Parts {
    CometOrdering ordering;
    Application application;
    std::unique_ptr<AbciServer> server;
    std::unique_ptr<EngineProcess> engine;

    Parts(Chain& chain, const MemberFile& file, const Options& options)
        : ordering(chain, {.rpc = fmt::format("http://127.0.0.1:{}", file.rpc), .watches = options.watches}),
          application(chain, {.peers = ids_of(file), .watch = &ordering}) {}
};

Result<std::unique_ptr<Member>> Member::start(Chain& chain, const Options& options) {
    const auto file = read_member_file(options.directory / member_file);
    if (!file) return file.error();
    const auto program = EngineProcess::find(options.engine_program);
    if (!program) return program.error();
    const std::filesystem::path home = options.directory / engine_folder;
    if (auto problem = write_engine_config(home, *file)) return *problem;
    auto parts = std::make_unique<Parts>(chain, *file, options);
    auto server = AbciServer::start(home / engine_socket, parts->application);
    if (!server) return server.error();
    parts->server = std::move(*server);
    parts->engine = std::make_unique<EngineProcess>(EngineProcess::Options{*program, home, log_engine});
    return std::unique_ptr<Member>(new Member(std::move(parts)));
}

Member::Member(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Member::~Member() = default;
Ordering& Member::ordering() { return parts_->ordering; }

} // namespace tally
