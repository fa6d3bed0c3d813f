#include "node/upkeep/admin_socket.hpp"

#include "node/unix_socket.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tally {
namespace {

constexpr std::size_t request_bytes_max = 64;

bool is_owner(int peer) {
    ucred who{};
    socklen_t size = sizeof who;
    return ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && (who.uid == ::geteuid() || who.uid == 0);
}

void answer(int peer, const std::string& line) { (void)::send(peer, line.data(), line.size(), MSG_NOSIGNAL); }

} // namespace

Result<std::unique_ptr<AdminSocket>> AdminSocket::start(const std::filesystem::path& directory, const Chain& chain) {
    std::error_code ignored;
    std::filesystem::remove_all(directory / checkpoint_folder, ignored); // of a node that was killed
    const auto listener = listen_at(directory / "node.sock", 4);
    if (!listener) return listener.error();
    return std::unique_ptr<AdminSocket>(new AdminSocket(directory, chain, *listener, ::eventfd(0, EFD_CLOEXEC)));
}

AdminSocket::AdminSocket(std::filesystem::path directory, const Chain& chain, int listener, int stop)
    : directory_(std::move(directory)), chain_(chain), listener_(listener), stop_(stop), thread_([this] { run(); }) {}

AdminSocket::~AdminSocket() {
    ::eventfd_write(stop_, 1);
    thread_.join();
    ::close(listener_);
    ::close(stop_);
    std::error_code ignored;
    std::filesystem::remove(directory_ / "node.sock", ignored);
}

bool AdminSocket::readable(int file) const {
    pollfd files[] = {{stop_, POLLIN, 0}, {file, POLLIN, 0}};
    while (::poll(files, 2, -1) < 0)
        if (errno != EINTR) return false;
    return files[0].revents == 0;
}

void AdminSocket::run() {
    while (readable(listener_)) {
        const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0) continue;
        if (is_owner(peer)) serve(peer);
        ::close(peer);
    }
}

void AdminSocket::serve(int peer) {
    char request[request_bytes_max];
    if (!readable(peer)) return;
    const ssize_t count = ::recv(peer, request, sizeof request, 0);
    if (count <= 0) return;
    if (std::string_view(request, static_cast<std::size_t>(count)) != "checkpoint\n")
        return answer(peer, "error N3001 the request is `checkpoint`\n");
    const auto path = directory_ / checkpoint_folder;
    const auto tip = chain_.checkpoint(path);
    if (tip) {
        answer(peer, fmt::format("ok {} {}\n", tip->height, hex(tip->root)));
        (void)readable(peer); // until it closes, or the node stops
    } else {
        answer(peer, fmt::format("error {} {}\n", node_code_info(tip.error().code).text, tip.error().detail));
    }
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

Result<int> connect_to_admin(const std::filesystem::path& directory) {
    return connect_to(directory / "node.sock");
}

} // namespace tally
