/// Serves an application to the engine on a unix socket. The engine opens four connections and says nothing of
/// which is which; each is served in order, by a thread of its own.
#pragma once

#include "node/ordering/cometbft/application.hpp"

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace tally {

class AbciServer {
public:
    /// Listens when it returns. The socket is replaced if it is there, and only its owner may connect.
    [[nodiscard]] static Result<std::unique_ptr<AbciServer>> start(const std::filesystem::path& socket, Application& application);
    /// Finishes the calls at hand.
    ~AbciServer();
    AbciServer(const AbciServer&) = delete;
    AbciServer& operator=(const AbciServer&) = delete;

    static constexpr std::size_t connections_max = 16;

private:
    struct Connection {
        int file = -1;
        bool ended = false;
        std::thread thread;
    };
    AbciServer(std::filesystem::path socket, Application& application, int listener);
    void accept();
    void serve(int file);
    bool answer_all(class FrameReader& frames, int file);
    void forget_ended();

    const std::filesystem::path socket_;
    Application& application_;
    const int listener_;
    std::mutex mutex_;
    std::list<Connection> connections_;
    std::thread thread_;
};

} // namespace tally
