#include "node/api/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <thread>

namespace tally {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr int connections_max = 900;
constexpr unsigned threads = 2;
constexpr std::uint32_t header_max = 16 * 1024;
constexpr auto request_time = std::chrono::seconds(30); ///< to send a request, or to take an answer
constexpr auto idle_time = std::chrono::seconds(75);    ///< between two requests
constexpr auto drain_time = std::chrono::seconds(2);
constexpr auto linger_time = std::chrono::seconds(2);   ///< for a client that still sends what was refused

/// What sessions share.
struct Shared {
    Routes& routes;
    std::atomic<int> connections{0};
    std::atomic<int> answering{0};
};

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
        crowded_ = shared_.connections.fetch_add(1) >= connections_max;
        boost::system::error_code ignored;
        stream_.socket().set_option(tcp::no_delay(true), ignored);
        caller_.address = stream_.socket().remote_endpoint(ignored).address().to_string();
    }
    ~Session() { shared_.connections.fetch_sub(1); }
    void start() {
        asio::dispatch(stream_.get_executor(),
                       [self = shared_from_this()] { self->read_header(); });
    }

private:
    using Parser = http::request_parser<http::string_body>;

    void read_header() {
        parser_.emplace();
        parser_->header_limit(header_max);
        parser_->body_limit(body_max_before_header);
        stream_.expires_after(idle_time);
        http::async_read_header(stream_, buffer_, *parser_,
                                beast::bind_front_handler(&Session::on_header, shared_from_this()));
    }

    void on_header(beast::error_code error, std::size_t) {
        if (error) return refuse(error);
        if (crowded_) return respond(error_response({NodeCode::TooManyConnections, {}}), false);
        const auto& head = parser_->get();
        const std::string_view target(head.target().data(), head.target().size());
        const auto type = head[http::field::content_type];
        const std::size_t limit = Routes::body_limit(target, {type.data(), type.size()});
        parser_->body_limit(limit);
        if (const auto length = parser_->content_length(); length && *length > limit)
            return respond(error_response({NodeCode::BodyTooLarge, {}}), false);
        stream_.expires_after(request_time);
        if (beast::iequals(head[http::field::expect], "100-continue")) return go_on();
        read_body();
    }

    /// The client waits for a word before it sends a large body.
    void go_on() {
        static constexpr std::string_view word = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(stream_, asio::buffer(word.data(), word.size()),
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->read_body();
                          });
    }

    void read_body() {
        http::async_read(stream_, buffer_, *parser_,
                         beast::bind_front_handler(&Session::on_request, shared_from_this()));
    }

    void on_request(beast::error_code error, std::size_t) {
        if (error) return refuse(error);
        auto message = parser_->release();
        const bool keep = message.keep_alive();
        const auto type = message[http::field::content_type];
        ApiRequest request{std::string(message.method_string()), std::string(message.target()),
                           std::string(type), std::move(message.body()), caller_};
        // An answer may take as long as the blocks before it.
        stream_.expires_never();
        shared_.answering.fetch_add(1);
        shared_.routes.answer(request, [self = shared_from_this(), keep](Routes::Make make) {
            asio::post(self->stream_.get_executor(), [self, keep, make = std::move(make)] {
                self->respond(make(), keep);
                self->shared_.answering.fetch_sub(1);
            });
        });
    }

    /// What cannot be read as a request gets a last answer where one is possible.
    void refuse(beast::error_code error) {
        if (error == http::error::end_of_stream || error == beast::error::timeout ||
            error.category() != http::make_error_code(http::error::bad_method).category())
            return close();
        const bool large = error == http::error::body_limit;
        respond(error_response(
                    {large ? NodeCode::BodyTooLarge : NodeCode::BadRequest, error.message()}),
                false);
    }

    void respond(ApiResponse answer, bool keep) {
        response_ = {};
        response_.version(11);
        response_.result(answer.status);
        response_.set(http::field::content_type, "application/json");
        response_.set(http::field::cache_control, "no-store");
        response_.keep_alive(keep);
        response_.body() = std::move(answer.body);
        response_.prepare_payload();
        stream_.expires_after(request_time);
        http::async_write(stream_, response_,
                          [self = shared_from_this(), keep](beast::error_code error, std::size_t) {
                              if (error || !keep) return self->close();
                              self->read_header();
                          });
    }

    /// Closed at once while the client still sends, the system would throw the answer away: it is
    /// read on, and forgotten, for a moment.
    void close() {
        boost::system::error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(linger_time);
        forget();
    }

    void forget() {
        buffer_.clear();
        stream_.async_read_some(buffer_.prepare(forgotten_bytes), [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) return self->forget();
            self->stream_.close();
        });
    }

    static constexpr std::size_t forgotten_bytes = 64 * 1024;
    static constexpr std::uint64_t body_max_before_header = 8U
                                                            << 20; ///< until the header says more

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    http::response<http::string_body> response_;
    Shared& shared_;
    Caller caller_;
    bool crowded_ = false;
};

Result<tcp::endpoint> endpoint_of(const std::string& listen) {
    const NodeError bad{NodeCode::CannotListen, "`" + listen + "` is not ADDRESS:PORT"};
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos) return bad;
    std::string host = listen.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    std::uint16_t port = 0;
    const char* const end = listen.data() + listen.size();
    const auto read = std::from_chars(listen.data() + colon + 1, end, port);
    if (read.ec != std::errc() || read.ptr != end) return bad;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return bad;
    if (!address.is_loopback()) return NodeError{NodeCode::NotLoopback, listen};
    return tcp::endpoint(address, port);
}

} // namespace

struct Server::Impl {
    explicit Impl(Routes& routes) : shared{routes} {}

    Shared shared; // sessions look at it until the context that holds them is gone
    asio::io_context context{static_cast<int>(threads)};
    tcp::acceptor acceptor{context};
    std::vector<std::thread> pool;

    Problem listen(const tcp::endpoint& endpoint) {
        boost::system::error_code error;
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error) return NodeError{NodeCode::CannotListen, error.message()};
        return std::nullopt;
    }
    void accept() {
        acceptor.async_accept(asio::make_strand(context),
                              [this](beast::error_code error, tcp::socket socket) {
                                  if (error == asio::error::operation_aborted) return;
                                  if (!error)
                                      std::make_shared<Session>(std::move(socket), shared)->start();
                                  accept();
                              });
    }
    void stop() {
        asio::post(context, [this] {
            boost::system::error_code ignored;
            acceptor.close(ignored);
        });
        const auto until = std::chrono::steady_clock::now() + drain_time;
        while (shared.answering.load() != 0 && std::chrono::steady_clock::now() < until)
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

Result<std::unique_ptr<Server>> Server::start(const std::string& listen, Routes& routes) {
    const auto endpoint = endpoint_of(listen);
    if (!endpoint) return endpoint.error();
    auto impl = std::make_unique<Impl>(routes);
    if (auto problem = impl->listen(*endpoint)) {
        problem->detail = listen + ": " + problem->detail;
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

std::string Server::address() const {
    boost::system::error_code ignored;
    const auto endpoint = impl_->acceptor.local_endpoint(ignored);
    const std::string host = endpoint.address().to_string();
    return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "http://[{}]:{}" : "http://{}:{}"),
                       host, endpoint.port());
}

} // namespace tally
