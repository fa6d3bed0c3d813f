#include "node/files.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tally {
namespace {

NodeError cannot_write(const std::filesystem::path& path) {
    return {NodeCode::CannotWrite, path.string() + ": " + std::strerror(errno)};
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

Problem write_new_file(const std::filesystem::path& path, std::string_view text,
                       unsigned permissions) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                            static_cast<mode_t>(permissions));
    if (file < 0) return cannot_write(path);
    const bool written = write_all(file, text) && ::fsync(file) == 0;
    Problem problem;
    if (!written) problem = cannot_write(path);
    ::close(file);
    return problem ? problem : sync_directory(path.parent_path());
}

Problem replace_file(const std::filesystem::path& path, std::string_view text,
                     unsigned permissions) {
    std::filesystem::path beside = path;
    beside += ".new";
    ::unlink(beside.c_str()); // a crash may have left one
    if (auto problem = write_new_file(beside, text, permissions)) return problem;
    if (::rename(beside.c_str(), path.c_str()) != 0) return cannot_write(path);
    return sync_directory(path.parent_path());
}

Problem sync_directory(const std::filesystem::path& directory) {
    return sync_file(directory.empty() ? "." : directory);
}

Problem sync_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return cannot_write(path);
    Problem problem;
    if (::fsync(file) != 0) problem = cannot_write(path);
    ::close(file);
    return problem;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return NodeError{NodeCode::BadInput, path.string() + ": " + std::strerror(errno)};
    std::string text(max + 1, '\0');
    std::size_t size = 0;
    ssize_t count = 0;
    while (size < text.size() && (count = ::read(file, &text[size], text.size() - size)) > 0)
        size += static_cast<std::size_t>(count);
    ::close(file);
    if (count < 0 || size > max)
        return NodeError{NodeCode::BadInput,
                         path.string() + ": " + (count < 0 ? std::strerror(errno) : "too large")};
    text.resize(size);
    return text;
}

} // namespace tally
