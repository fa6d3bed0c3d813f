#include "node/store/directory.hpp"

#include "node/files.hpp"
#include "vm/crypto/ed25519.hpp"
#include "vm/crypto/sha256.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace tally {
namespace {

constexpr std::size_t note_bytes_max = 512;

NodeError cannot_write(const std::filesystem::path& path) {
    return {NodeCode::CannotWrite, path.string() + ": " + std::strerror(errno)};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        out.push_back(text.substr(at, end - at));
    return out;
}

bool number_of(const std::string& text, u64& out) {
    const char* const last = text.data() + text.size();
    const auto end = std::from_chars(text.data(), last, out);
    return end.ec == std::errc() && end.ptr == last;
}

/// So that a damaged note is not taken for another one.
std::string check_of(const std::string& chain, const std::string& starts, const std::string& node) {
    return hex(tagged_hash("tally/node.id/v1", to_bytes(chain + "\n" + starts + "\n" + node)));
}

} // namespace

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory) {
    const std::filesystem::path path = directory / "node.lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return cannot_write(path);
    DirectoryLock lock(file, directory);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return NodeError{NodeCode::DirectoryInUse, directory.string()};
    return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), directory_(std::move(other.directory_)) {}

DirectoryLock::~DirectoryLock() {
    if (file_ >= 0) ::close(file_);
}

Result<std::optional<DirectoryLock::Note>> DirectoryLock::note() const {
    std::error_code error;
    if (!std::filesystem::exists(directory_ / "node.id", error)) return note_of_before();
    const auto text = read_file(directory_ / "node.id", note_bytes_max);
    if (!text) return text.error();
    const auto lines = lines_of(*text);
    Note note;
    const bool whole = lines.size() == 4 && lines[3] == check_of(lines[0], lines[1], lines[2]);
    if (!whole || !number_of(lines[1], note.starts))
        return NodeError{NodeCode::WrongDirectory, "node.id is not what was written"};
    note.chain = lines[0];
    note.node = lines[2];
    return std::optional(note);
}

/// The first version kept the note in the lock itself: the chain and the starts, a line each.
std::optional<DirectoryLock::Note> DirectoryLock::note_of_before() const {
    const auto text = read_file(directory_ / "node.lock", note_bytes_max);
    const auto lines = text ? lines_of(*text) : std::vector<std::string>{};
    Note note;
    if (lines.size() != 2 || !number_of(lines[1], note.starts)) return std::nullopt;
    note.chain = lines[0];
    return note;
}

Problem DirectoryLock::write_note(const Note& note) const {
    const std::string starts = std::to_string(note.starts);
    const std::string node = note.node.empty() ? hex(ByteView(random_seed()).first(16)) : note.node;
    return replace_file(directory_ / "node.id",
                        note.chain + "\n" + starts + "\n" + node + "\n" +
                            check_of(note.chain, starts, node) + "\n",
                        0644);
}

Problem disk_nearly_full(const std::filesystem::path& directory, u64 floor_bytes) {
    struct statvfs disk{};
    if (::statvfs(directory.c_str(), &disk) != 0) return cannot_write(directory);
    const u64 free = u64{disk.f_bavail} * disk.f_frsize;
    const u64 all = u64{disk.f_blocks} * disk.f_frsize;
    const u64 floor = floor_bytes != 0 ? floor_bytes : all / 100 * disk_refuse_percent;
    const u64 end = floor / disk_refuse_percent * disk_stop_percent;
    if (free >= floor) return std::nullopt;
    return NodeError{free < end ? NodeCode::DiskFull : NodeCode::DiskNearlyFull,
                     std::to_string(free) + " bytes are free, " +
                         std::to_string(free < end ? end : floor) + " are needed"};
}

} // namespace tally
