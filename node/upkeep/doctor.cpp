#include "node/upkeep/doctor.hpp"

#include "node/chain.hpp"
#include "node/client/client.hpp"
#include "node/files.hpp"
#include "node/tls/certificate.hpp"
#include "node/upkeep/admin_socket.hpp"

#include <fmt/format.h>

#include <chrono>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace tally {
namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;
using Findings = std::vector<Finding>;

constexpr rlim_t open_files_needed = 2048; ///< 900 connections, 512 files of the store, and room
constexpr i64 clock_seconds_min = 1'767'225'600; ///< 2026-01-01: no clock that is right shows less

void add(Findings& out, Level level, std::string what, std::string fix = {}) { out.push_back({level, std::move(what), std::move(fix)}); }

std::optional<struct stat> state_of(const fs::path& path) {
    struct stat now{};
    if (::stat(path.c_str(), &now) != 0) return std::nullopt;
    return now;
}

void permissions(const fs::path& directory, Findings& out) {
    const auto now = state_of(directory);
    if (now->st_uid != ::geteuid()) return add(out, Level::Fail, "the directory belongs to another user", "run as that user, or `chown -R` it");
    if ((now->st_mode & 0022) != 0) return add(out, Level::Warn, "others may write to the directory", "chmod go-w " + directory.string());
    add(out, Level::Ok, "the directory belongs to this user and nobody else may write to it");
}

void keys(const fs::path& directory, Findings& out) {
    std::error_code error;
    u64 count = 0;
    for (const auto& entry : fs::directory_iterator(directory / "keys", error)) {
        const auto now = state_of(entry.path());
        ++count;
        if (now && (now->st_mode & 0077) != 0) return add(out, Level::Fail, "others may read " + entry.path().string(), "chmod 600 " + entry.path().string() + "; if somebody may have read it, replace the key");
    }
    add(out, Level::Ok, fmt::format("{} key files, for their owner only", count));
}

void disk(const fs::path& directory, Findings& out) {
    struct statvfs now{};
    if (::statvfs(directory.c_str(), &now) != 0 || now.f_blocks == 0) return add(out, Level::Fail, "the disk does not say how much room it has", "look at the disk");
    const u64 percent = u64{now.f_bavail} * 100 / now.f_blocks;
    const std::string what = fmt::format("{} MiB free, {} % of the disk", u64{now.f_bavail} * now.f_frsize >> 20, percent);
    if (percent < disk_stop_percent) return add(out, Level::Fail, what, fmt::format("free some space: below {} % a node ends", disk_stop_percent));
    if (percent < disk_refuse_percent) return add(out, Level::Warn, what, fmt::format("free some space: below {} % a node takes no transactions", disk_refuse_percent));
    add(out, Level::Ok, what);
}

void clock(const fs::path& directory, Findings& out) {
    const auto now = static_cast<i64>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    const auto tip = state_of(directory / "node.tip");
    if (now < clock_seconds_min) return add(out, Level::Warn, "the machine's clock is years behind", "set it; the ledger does not use it, logs and certificates do");
    if (tip && tip->st_mtime > now + 60) return add(out, Level::Warn, "the directory was written to in the future", "the machine's clock was or is wrong: set it");
    add(out, Level::Ok, "the machine's clock makes sense");
}

void open_files(Findings& out) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < open_files_needed) return add(out, Level::Warn, fmt::format("a process may open {} files", limit.rlim_cur), fmt::format("ulimit -n {}, or LimitNOFILE= of systemd", open_files_needed));
    add(out, Level::Ok, "a process may open enough files");
}

/// Its API wants a certificate, which the doctor does not have; its socket answers the owner.
void running_with_tls(const fs::path& directory, const std::string& port, Findings& out) {
    const auto node = connect_to_admin(directory);
    if (!node) return add(out, Level::Fail, "the node does not answer at its socket", node.error().line());
    ::close(*node);
    add(out, Level::Ok, "a node runs with TLS on port " + port.substr(0, port.find(' ')));
}

/// When somebody has to do something about a certificate.
struct Term {
    i64 days;
    Level level;
    std::string_view fix;
};
constexpr Term terms[] = {
    {0, Level::Fail, "nobody trusts it any more: put a new one in its place, then `kill -HUP` the node"},
    {7, Level::Fail, "put a new one in its place now, then `kill -HUP` the node"},
    {30, Level::Warn, "put a new one in its place this month, then `kill -HUP` the node"},
    {90, Level::Warn, "ask for a new one"},
};

void certificate(const std::string& file, const Certificate& one, Findings& out) {
    const i64 left = one.days_left();
    const std::string what = left < 0 ? fmt::format("{} ({}) has expired", file, one.subject) : fmt::format("{} ({}) expires in {} days", file, one.subject, left);
    for (const Term& term : terms)
        if (left < term.days) return add(out, term.level, what, std::string(term.fix));
    add(out, Level::Ok, what);
}

/// Those that the node used at its last start.
void certificates(const fs::path& directory, Findings& out) {
    const auto note = read_file(directory / "tls.files", 16 * 1024);
    if (!note) return;
    std::istringstream files(*note);
    for (std::string file; std::getline(files, file);) {
        const auto found = read_certificates(file);
        if (!found) add(out, Level::Fail, found.error().what(), std::string(found.error().fix()));
        for (std::size_t i = 0; found && i < found->size(); ++i)
            certificate(file, (*found)[i], out);
    }
}

void running(const fs::path& directory, Findings& out) {
    const auto port = read_file(directory / "api.port", 16);
    if (!port) return add(out, Level::Fail, "a process uses the directory and says no port", "if no `tallyd start` or `verify` runs, end the process that holds node.lock");
    if (port->find(" tls") != std::string::npos) return running_with_tls(directory, *port, out);
    const std::string url = "http://127.0.0.1:" + port->substr(0, port->find('\n'));
    auto client = Client::connect(url);
    const auto status = client ? client->get("/v1/status") : Result<Json>(client.error());
    if (!status) return add(out, Level::Fail, "the node does not answer at " + url, status.error().line());
    add(out, Level::Ok, fmt::format("a node runs at {}, version {}, height {}", url, text_in(*status, "version"), number_in(*status, "height")));
}

void closed(const fs::path& directory, Findings& out) {
    std::error_code error;
    if (fs::exists(directory / "api.port", error)) add(out, Level::Warn, "the last node did not end in order", "nothing is to be done: the next start looks after it");
    const auto ledger = Chain::open_to_read(directory);
    if (!ledger) return add(out, Level::Fail, ledger.error().what(), std::string(ledger.error().fix()));
    add(out, Level::Ok, fmt::format("the store opens: chain {}, height {}", ledger->tip.chain, ledger->tip.height));
    const auto note = ledger->lock.note();
    if (!note) return add(out, Level::Fail, note.error().what(), std::string(note.error().fix()));
    if (*note && ((*note)->chain != ledger->tip.chain || (*note)->starts > ledger->tip.starts)) {
        const NodeError older{NodeCode::WrongDirectory, "node.id and the store"};
        return add(out, Level::Fail, older.what(), std::string(older.fix()));
    }
    add(out, Level::Ok, *note ? fmt::format("node {}, started {} times", (*note)->node, (*note)->starts) : "not started yet");
}

bool in_use(const fs::path& directory) {
    const auto lock = DirectoryLock::take(directory);
    return !lock && lock.error().code == NodeCode::DirectoryInUse;
}

} // namespace

Findings examine(const fs::path& directory) {
    Findings out;
    std::error_code error;
    if (!fs::exists(directory / "db" / "CURRENT", error)) {
        const bool cut_short = fs::exists(directory / "db.new", error);
        add(out, Level::Fail, cut_short ? "an `init` of this directory was stopped" : "there is no ledger in this directory", "tallyd init " + directory.string());
        return out;
    }
    permissions(directory, out);
    keys(directory, out);
    disk(directory, out);
    clock(directory, out);
    open_files(out);
    certificates(directory, out);
    in_use(directory) ? running(directory, out) : closed(directory, out);
    return out;
}

} // namespace tally
