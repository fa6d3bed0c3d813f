#include "node/api/metrics_server.hpp"

#include "node/api/endpoint.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <thread>

namespace tally {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

/// One connection at a time, one question each: a scraper asks every few seconds.
struct MetricsServer::Impl {
    Impl(Metrics& counted, std::function<void()> look) : metrics(counted), measure(std::move(look)) {}

    Metrics& metrics;
    std::function<void()> measure;
    asio::io_context context{1};
    tcp::acceptor acceptor{context};
    std::optional<beast::tcp_stream> stream;
    beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    http::response<http::string_body> response;
    std::thread thread;

    static constexpr auto patience = std::chrono::seconds(5);

    void accept() {
        acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) return accept();
            stream.emplace(std::move(socket));
            read();
        });
    }
    void read() {
        buffer.clear();
        request = {};
        stream->expires_after(patience);
        http::async_read(*stream, buffer, request, [this](beast::error_code error, std::size_t) {
            if (error) return accept();
            answer();
        });
    }
    void answer() {
        const bool found = request.target() == "/metrics" && request.method() == http::verb::get;
        if (found) measure();
        response = {};
        response.result(found ? 200 : 404);
        response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
        response.keep_alive(false);
        response.body() = found ? metrics.text() : "GET /metrics\n";
        response.prepare_payload();
        http::async_write(*stream, response, [this](beast::error_code, std::size_t) {
            boost::system::error_code ignored;
            stream->socket().shutdown(tcp::socket::shutdown_both, ignored);
            accept();
        });
    }
};

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsServer::~MetricsServer() {
    impl_->context.stop();
    impl_->thread.join();
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const std::string& listen, Metrics& metrics, std::function<void()> measure) {
    const auto endpoint = endpoint_of(listen, false);
    if (!endpoint) return endpoint.error();
    auto impl = std::make_unique<Impl>(metrics, std::move(measure));
    if (const auto problem = listen_on(impl->acceptor, *endpoint)) return NodeError{problem->code, listen + ": " + problem->detail};
    impl->accept();
    impl->thread = std::thread([context = &impl->context] { context->run(); });
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

std::string MetricsServer::address() const { return url_of("http", impl_->acceptor) + "/metrics"; }

} // namespace tally
