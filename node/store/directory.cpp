#include "node/store/directory.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace tally {
namespace {

constexpr std::size_t note_bytes_max = 256;

NodeError cannot_write(const std::filesystem::path& path) {
    return {NodeCode::CannotWrite, path.string() + ": " + std::strerror(errno)};
}

} // namespace

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory) {
    const std::filesystem::path path = directory / "node.lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return cannot_write(path);
    DirectoryLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return NodeError{NodeCode::DirectoryInUse, directory.string()};
    return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}

DirectoryLock::~DirectoryLock() {
    if (file_ >= 0) ::close(file_);
}

std::optional<DirectoryLock::Note> DirectoryLock::note() const {
    char buffer[note_bytes_max];
    const ssize_t count = ::pread(file_, buffer, sizeof buffer, 0);
    if (count <= 0) return std::nullopt;
    const std::string_view text(buffer, static_cast<std::size_t>(count));
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    Note note{std::string(text.substr(0, line)), 0};
    const char* const digits = text.data() + line + 1;
    if (std::from_chars(digits, text.data() + text.size(), note.starts).ec != std::errc())
        return std::nullopt;
    return note;
}

Problem DirectoryLock::write_note(const Note& note) const {
    const std::string text = note.chain + "\n" + std::to_string(note.starts) + "\n";
    const bool written =
        ::pwrite(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
        ::ftruncate(file_, static_cast<off_t>(text.size())) == 0 && ::fsync(file_) == 0;
    if (!written) return cannot_write("node.lock");
    return std::nullopt;
}

Problem disk_nearly_full(const std::filesystem::path& directory, u64 floor_bytes) {
    struct statvfs disk{};
    if (::statvfs(directory.c_str(), &disk) != 0) return cannot_write(directory);
    const u64 free = u64{disk.f_bavail} * disk.f_frsize;
    const u64 floor = floor_bytes != 0 ? floor_bytes : u64{disk.f_blocks} * disk.f_frsize / 20;
    if (free >= floor) return std::nullopt;
    return NodeError{NodeCode::DiskNearlyFull, std::to_string(free) + " bytes are free, " +
                                                   std::to_string(floor) + " are needed"};
}

} // namespace tally
