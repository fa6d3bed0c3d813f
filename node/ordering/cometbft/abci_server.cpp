#include "node/ordering/cometbft/abci_server.hpp"

#include "node/ordering/cometbft/frames.hpp"
#include "node/unix_socket.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace tally {
namespace {

constexpr std::size_t read_at_once = 256U << 10;

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

Result<std::unique_ptr<AbciServer>> AbciServer::start(const std::filesystem::path& socket, Application& application) {
    const auto listener = listen_at(socket, 8);
    if (!listener) return listener.error();
    return std::unique_ptr<AbciServer>(new AbciServer(socket, application, *listener));
}

AbciServer::AbciServer(std::filesystem::path socket, Application& application, int listener)
    : socket_(std::move(socket)), application_(application), listener_(listener), thread_([this] { accept(); }) {}

AbciServer::~AbciServer() {
    ::shutdown(listener_, SHUT_RDWR); // wakes the thread that accepts
    thread_.join();
    ::close(listener_);
    {
        const std::lock_guard lock(mutex_);
        for (const Connection& connection : connections_)
            if (!connection.ended) ::shutdown(connection.file, SHUT_RD);
    }
    for (Connection& connection : connections_)
        connection.thread.join();
    std::error_code ignored;
    std::filesystem::remove(socket_, ignored);
}

void AbciServer::accept() {
    while (true) {
        const int file = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (file < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (file < 0) return;
        forget_ended();
        const std::lock_guard lock(mutex_);
        if (connections_.size() == connections_max) {
            ::close(file);
            continue;
        }
        Connection& connection = connections_.emplace_back();
        connection.file = file;
        connection.thread = std::thread([this, &connection] {
            serve(connection.file);
            const std::lock_guard ending(mutex_);
            ::close(connection.file);
            connection.ended = true;
        });
    }
}

void AbciServer::forget_ended() {
    std::list<Connection> ended;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = connections_.begin(); at != connections_.end();) {
            const auto next = std::next(at);
            if (at->ended) ended.splice(ended.end(), connections_, at);
            at = next;
        }
    }
    for (Connection& connection : ended)
        connection.thread.join();
}

void AbciServer::serve(int file) {
    FrameReader frames;
    Bytes piece(read_at_once);
    while (answer_all(frames, file)) {
        const ssize_t count = ::recv(file, piece.data(), piece.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        frames.add(ByteView(piece).first(static_cast<std::size_t>(count)));
    }
}

/// Everything that has come in is answered at once: the engine asks to flush late, and waits until then.
bool AbciServer::answer_all(FrameReader& frames, int file) {
    std::string out;
    while (const auto message = frames.next()) {
        abci::Request request;
        if (!request.ParseFromArray(message->data(), static_cast<int>(message->size()))) return false;
        abci::Response response;
        application_.answer(request, response);
        write_frame(out, response.SerializeAsString());
    }
    return write_all(file, out) && !frames.broken();
}

} // namespace tally
