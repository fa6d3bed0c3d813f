#include "node/api/server.hpp"

#include "node/api/endpoint.hpp"
#include "node/api/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <thread>

namespace tally {
namespace {

constexpr unsigned threads = 2;
constexpr auto drain_time = std::chrono::seconds(2);

} // namespace

struct Server::Impl {
    Impl(const ServerOptions& options, Routes& routes) : tls(options.tls), shared(routes, options.bell, options.watches) {}

    const TlsFiles tls;
    std::mutex certificates_mutex;
    TlsContext certificates; ///< nothing without TLS

    session::Shared shared; // sessions look at it until the context that holds them is gone
    asio::io_context context{static_cast<int>(threads)};
    tcp::acceptor acceptor{context};
    std::vector<std::thread> pool;

    void accept() {
        acceptor.async_accept(asio::make_strand(context),
                              [this](beast::error_code error, tcp::socket socket) {
                                  if (error == asio::error::operation_aborted) return;
                                  if (!error) meet(std::move(socket));
                                  accept();
                              });
    }
    void meet(tcp::socket socket) {
        if (tls.none()) return std::make_shared<Session<beast::tcp_stream>>(beast::tcp_stream(std::move(socket)), shared)->start();
        const std::lock_guard lock(certificates_mutex);
        std::make_shared<Session<TlsStream>>(TlsStream(std::move(socket), *certificates), shared, certificates)->start();
    }
    Problem load_certificates() {
        if (tls.none()) return std::nullopt;
        auto loaded = server_context(tls);
        if (!loaded) return loaded.error();
        const std::lock_guard lock(certificates_mutex);
        certificates = std::move(*loaded);
        return std::nullopt;
    }
    void stop() {
        asio::post(context, [this] {
            boost::system::error_code ignored;
            acceptor.close(ignored);
        });
        shared.stopping = true;
        shared.bell->ring(); // streams end themselves
        const auto until = std::chrono::steady_clock::now() + drain_time;
        while (shared.answering + shared.streams != 0 && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        // The last answers are on their way out of the socket's buffer.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        context.stop();
        for (std::thread& thread : pool)
            thread.join();
    }
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { impl_->stop(); }

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Routes& routes) {
    const auto endpoint = endpoint_of(options.listen, !options.tls.none());
    if (!endpoint) return endpoint.error();
    auto impl = std::make_unique<Impl>(options, routes);
    if (auto problem = impl->load_certificates()) return *problem;
    if (auto problem = listen_on(impl->acceptor, *endpoint)) {
        problem->detail = options.listen + ": " + problem->detail;
        return *problem;
    }
    impl->accept();
    for (unsigned i = 0; i < threads; ++i)
        impl->pool.emplace_back([context = &impl->context] { context->run(); });
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const {
    boost::system::error_code ignored;
    return impl_->acceptor.local_endpoint(ignored).port();
}

Problem Server::reload() { return impl_->load_certificates(); }

Server::Open Server::open() const { return {impl_->shared.connections, impl_->shared.streams}; }

std::string Server::address() const { return url_of(impl_->tls.none() ? "http" : "https", impl_->acceptor); }

} // namespace tally
