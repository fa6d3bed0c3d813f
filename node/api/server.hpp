/// HTTP/1.1 in front of the routes (Boost.Beast; this folder and node/client are its only homes).
/// Off loopback with mutual TLS only. Nothing that arrives can do more than get a coded error.
#pragma once

#include "node/api/block_bell.hpp"
#include "node/api/routes.hpp"
#include "node/api/watch.hpp"
#include "node/tls/files.hpp"

namespace tally {

struct ServerOptions {
    std::string listen = "127.0.0.1:7300"; ///< `127.0.0.1:7300`, `[::1]:0`, `localhost:7300`
    TlsFiles tls = {};                     ///< all of them or none; without them it listens on loopback only
    BlockBell* bell = nullptr;             ///< rung for each block, for the streams; must outlive the server
    std::vector<ApiWatch*> watches = {};   ///< must outlive the server
};

class Server {
public:
    /// The routes must outlive the server.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                               Routes& routes);
    /// Waits a moment for answers under way, then closes everything.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    [[nodiscard]] std::uint16_t port() const;
    /// Reads the TLS files again, for the connections that come from now on. A problem: those of
    /// before stay.
    [[nodiscard]] Problem reload();
    struct Open {
        int connections = 0, streams = 0;
    };
    [[nodiscard]] Open open() const;
    /// `http://127.0.0.1:7300`
    [[nodiscard]] std::string address() const;

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
