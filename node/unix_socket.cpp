#include "node/unix_socket.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace tally {
namespace {

constexpr std::size_t name_bytes_max = 60;

/// A socket and its name as the system takes it: by way of the folder's descriptor, since there are 107 bytes for it.
class Named {
public:
    explicit Named(const std::filesystem::path& path) {
        const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
        folder_ = ::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        file_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address_.sun_family = AF_UNIX;
        fmt::format("/proc/self/fd/{}/{}", folder_, path.filename().string()).copy(address_.sun_path, sizeof address_.sun_path - 1);
    }
    Named(const Named&) = delete;
    Named& operator=(const Named&) = delete;
    ~Named() {
        if (folder_ >= 0) ::close(folder_);
        if (file_ >= 0) ::close(file_);
    }
    [[nodiscard]] bool opened() const { return folder_ >= 0 && file_ >= 0; }
    [[nodiscard]] int file() const { return file_; }
    [[nodiscard]] const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
    [[nodiscard]] static socklen_t size() { return sizeof(sockaddr_un); }
    [[nodiscard]] int release() { return std::exchange(file_, -1); }

private:
    int folder_ = -1, file_ = -1;
    sockaddr_un address_{};
};

bool fits(const std::filesystem::path& socket) { return socket.filename().string().size() <= name_bytes_max; }

NodeError failed(NodeCode code, const std::filesystem::path& socket) { return {code, socket.string() + ": " + std::strerror(errno)}; }

} // namespace

Result<int> listen_at(const std::filesystem::path& socket, int backlog) {
    if (!fits(socket)) return NodeError{NodeCode::CannotListen, fmt::format("{}: its last name has more than {} bytes", socket.string(), name_bytes_max)};
    std::error_code ignored;
    std::filesystem::remove(socket, ignored);
    Named named(socket);
    // The mode before the name: there is no moment in which others may connect.
    if (named.opened() && ::fchmod(named.file(), 0600) == 0 && ::bind(named.file(), named.address(), Named::size()) == 0 &&
        ::listen(named.file(), backlog) == 0)
        return named.release();
    return failed(NodeCode::CannotListen, socket);
}

Result<int> connect_to(const std::filesystem::path& socket) {
    if (!fits(socket)) return NodeError{NodeCode::CannotConnect, fmt::format("{}: its last name has more than {} bytes", socket.string(), name_bytes_max)};
    Named named(socket);
    if (named.opened() && ::connect(named.file(), named.address(), Named::size()) == 0) return named.release();
    return failed(NodeCode::CannotConnect, socket);
}

} // namespace tally
