/// One connection: reads a request, answers it, reads the next; or sends events until one side ends.
/// Everything of a session runs on its strand, one thing at a time.
#pragma once

#include "node/api/block_bell.hpp"
#include "node/api/routes.hpp"
#include "node/api/watch.hpp"
#include "node/tls/context.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <atomic>
#include <chrono>
#include <ctime>

namespace tally {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

namespace session {
inline constexpr int connections_max = 900;
inline constexpr int streams_max = 64;
inline constexpr std::uint32_t header_max = 16 * 1024;
inline constexpr std::uint64_t body_max_before_header = 8U << 20; ///< until the header says more
inline constexpr std::size_t forgotten_bytes = 64 * 1024;
inline constexpr auto handshake_time = std::chrono::seconds(10);
inline constexpr auto request_time = std::chrono::seconds(30); ///< to send a request, or to take an answer
inline constexpr auto idle_time = std::chrono::seconds(75);    ///< between two requests
inline constexpr auto linger_time = std::chrono::seconds(2);   ///< for a client that still sends what was refused
inline constexpr auto keep_alive_time = std::chrono::seconds(15);

/// What sessions share.
struct Shared {
    Shared(Routes& all_routes, BlockBell* given, std::vector<ApiWatch*> all_watches)
        : routes(all_routes), bell(given != nullptr ? given : &own_bell), watches(std::move(all_watches)) {}

    Routes& routes;
    BlockBell own_bell; ///< nobody rings it but the server when it stops
    BlockBell* const bell;
    const std::vector<ApiWatch*> watches;
    std::atomic<int> connections{0}, answering{0}, streams{0};
    std::atomic<bool> stopping{false};
};
} // namespace session

template <typename Stream> class Session : public std::enable_shared_from_this<Session<Stream>> {
public:
    static constexpr bool has_tls = std::is_same_v<Stream, TlsStream>;

    /// The context: of the stream, which needs it as long as it is there.
    Session(Stream stream, session::Shared& shared, TlsContext context = nullptr)
        : context_(std::move(context)), stream_(std::move(stream)), timer_(stream_.get_executor()), shared_(shared) {
        crowded_ = shared_.connections.fetch_add(1) >= session::connections_max;
        boost::system::error_code ignored;
        socket().set_option(tcp::no_delay(true), ignored);
        caller_.address = socket().remote_endpoint(ignored).address().to_string();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
        leave_stream();
        shared_.connections.fetch_sub(1);
    }
    void start() {
        asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] {
            if constexpr (has_tls)
                self->shake_hands();
            else
                self->read_header();
        });
    }

private:
    using Parser = http::request_parser<http::string_body>;

    beast::tcp_stream& layer() { return beast::get_lowest_layer(stream_); }
    tcp::socket& socket() { return layer().socket(); }

    // ---- TLS

    void shake_hands() {
        layer().expires_after(session::handshake_time);
        stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](beast::error_code error) {
            if (error) return self->turn_away(error.message());
            self->meet();
        });
    }

    void meet() {
        const auto certificate = peer_certificate(stream_.native_handle());
        if (!certificate) return turn_away("no certificate"); // OpenSSL has seen to it; nobody gets past this line
        caller_.fingerprint = certificate->fingerprint;
        caller_.subject = certificate->subject;
        not_after_ = certificate->not_after;
        read_header();
    }

    void turn_away(const std::string& why) {
        for (ApiWatch* const watch : shared_.watches)
            watch->turned_away(caller_.address, why);
        layer().close();
    }

    /// A connection may outlive the certificate that it was made with.
    [[nodiscard]] bool outdated() const { return has_tls && std::time(nullptr) > not_after_; }

    // ---- requests

    void read_header() {
        parser_.emplace();
        parser_->header_limit(session::header_max);
        parser_->body_limit(session::body_max_before_header);
        layer().expires_after(session::idle_time);
        http::async_read_header(stream_, buffer_, *parser_,
                                beast::bind_front_handler(&Session::on_header, this->shared_from_this()));
    }

    /// `bytes`: of the header, which Beast's own limit counts only roughly.
    void on_header(beast::error_code error, std::size_t bytes) {
        if (error) return refuse(error);
        if (bytes > session::header_max) return refuse(make_error_code(http::error::header_limit));
        method_ = std::string(parser_->get().method_string());
        target_ = std::string(parser_->get().target());
        if (crowded_) return respond(error_response({NodeCode::TooManyConnections, {}}), false);
        if (outdated()) return respond(error_response({NodeCode::NotAllowed, "the certificate has expired"}), false);
        if (auto refusal = shared_.routes.too_fast(caller_, method_, target_)) return respond(std::move(*refusal), parser_->is_done() && parser_->keep_alive());
        const auto& head = parser_->get();
        const std::string_view target(head.target().data(), head.target().size());
        const auto type = head[http::field::content_type];
        const std::size_t limit = Routes::body_limit(target, {type.data(), type.size()});
        parser_->body_limit(limit);
        if (const auto length = parser_->content_length(); length && *length > limit)
            return respond(error_response({NodeCode::BodyTooLarge, {}}), false);
        layer().expires_after(session::request_time);
        if (beast::iequals(head[http::field::expect], "100-continue")) return go_on();
        read_body();
    }

    /// The client waits for a word before it sends a large body.
    void go_on() {
        static constexpr std::string_view word = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(stream_, asio::buffer(word.data(), word.size()),
                          [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->read_body();
                          });
    }

    void read_body() {
        http::async_read(stream_, buffer_, *parser_,
                         beast::bind_front_handler(&Session::on_request, this->shared_from_this()));
    }

    void on_request(beast::error_code error, std::size_t) {
        if (error) return refuse(error);
        auto message = parser_->release();
        const bool keep = message.keep_alive();
        ApiRequest request{std::string(message.method_string()), std::string(message.target()), std::string(message[http::field::content_type]),
                           std::move(message.body()), caller_, std::string(message["Last-Event-ID"])};
        // An answer may take as long as the blocks before it.
        layer().expires_never();
        shared_.answering.fetch_add(1);
        shared_.routes.answer(request, [self = this->shared_from_this(), keep](Routes::Make make) {
            asio::post(self->stream_.get_executor(), [self, keep, make = std::move(make)] {
                self->send(make(), keep);
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
        respond(error_response({large ? NodeCode::BodyTooLarge : NodeCode::BadRequest, error.message()}), false);
    }

    void send(ApiResponse answer, bool keep) {
        if (!answer.stream) return respond(std::move(answer), keep);
        if (shared_.streams.fetch_add(1) < session::streams_max) return begin_stream(answer);
        shared_.streams.fetch_sub(1);
        respond(error_response({NodeCode::TooManyStreams, {}}), keep);
    }

    void tell(std::string_view route, unsigned status) {
        for (ApiWatch* const watch : shared_.watches)
            watch->answered({caller_, method_, target_, route, status});
        method_.clear();
        target_.clear();
    }

    void respond(ApiResponse answer, bool keep) {
        tell(answer.route, answer.status);
        response_ = {};
        response_.version(11);
        response_.result(answer.status);
        response_.set(http::field::content_type, "application/json");
        response_.set(http::field::cache_control, "no-store");
        if (answer.retry_after != 0) response_.set(http::field::retry_after, std::to_string(answer.retry_after));
        response_.keep_alive(keep);
        response_.body() = std::move(answer.body);
        response_.prepare_payload();
        layer().expires_after(session::request_time);
        http::async_write(stream_, response_,
                          [self = this->shared_from_this(), keep](beast::error_code error, std::size_t) {
                              if (error || !keep) return self->close();
                              self->read_header();
                          });
    }

    /// Closed at once while the client still sends, the system would throw the answer away: it is
    /// read on, and forgotten, for a moment.
    void close() {
        layer().expires_after(session::linger_time);
        if constexpr (has_tls)
            stream_.async_shutdown([self = this->shared_from_this()](beast::error_code) { self->linger(); });
        else
            linger();
    }

    void linger() {
        boost::system::error_code ignored;
        socket().shutdown(tcp::socket::shutdown_send, ignored);
        forget();
    }

    void forget() {
        buffer_.clear();
        layer().async_read_some(buffer_.prepare(session::forgotten_bytes), [self = this->shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) return self->forget();
            self->layer().close();
        });
    }

    // ---- a stream of events: pulled from the store as fast as the client reads, a page at a time

    void begin_stream(const ApiResponse& answer) {
        tell(answer.route, answer.status);
        place_ = *answer.stream;
        number_ = shared_.bell->subscribe([self = this->weak_from_this(), executor = stream_.get_executor()] {
            asio::post(executor, [self] {
                if (const auto session = self.lock()) session->timer_.cancel();
            });
        });
        layer().expires_never();
        watch_client();
        write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    /// A client that goes away makes room for another at once. What it still says is not looked at.
    void watch_client() {
        buffer_.clear();
        stream_.async_read_some(buffer_.prepare(session::forgotten_bytes), [self = this->shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) return self->watch_client();
            self->end_stream();
        });
    }

    void go_on_streaming() {
        if (!streaming()) return;
        if (shared_.stopping || outdated()) return write("0\r\n\r\n", true);
        const auto page = shared_.routes.stream_page(place_);
        place_ = page.next;
        if (!page.text.empty()) return write_chunk(page.text);
        if (page.is_last) return wait_for_block();
        asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->go_on_streaming(); });
    }

    /// A bell that rings between the question above and this is heard: it is posted to this strand.
    void wait_for_block() {
        timer_.expires_after(session::keep_alive_time);
        timer_.async_wait([self = this->shared_from_this()](beast::error_code error) {
            if (error) return self->go_on_streaming();
            if (self->streaming()) self->write_chunk(":\n\n"); // a comment
        });
    }

    void write_chunk(const std::string& text) {
        char size[24];
        std::snprintf(size, sizeof size, "%zx\r\n", text.size());
        write(size + text + "\r\n");
    }

    void write(std::string text, bool is_last = false) {
        chunk_ = std::move(text);
        layer().expires_after(session::request_time);
        asio::async_write(stream_, asio::buffer(chunk_), [self = this->shared_from_this(), is_last](beast::error_code error, std::size_t) {
            if (error || is_last) return self->end_stream();
            self->go_on_streaming();
        });
    }

    [[nodiscard]] bool streaming() const { return number_ != 0; }

    void end_stream() {
        leave_stream();
        timer_.cancel();
        layer().close();
    }

    void leave_stream() {
        if (number_ == 0) return;
        shared_.bell->unsubscribe(number_);
        shared_.streams.fetch_sub(1);
        number_ = 0;
    }

    const TlsContext context_;
    std::int64_t not_after_ = 0; ///< of the client's certificate
    Stream stream_;
    asio::steady_timer timer_;
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    http::response<http::string_body> response_;
    session::Shared& shared_;
    Caller caller_;
    std::string method_, target_; ///< of the request that is being answered
    bool crowded_ = false;
    EventPlace place_;
    std::string chunk_;
    u64 number_ = 0; ///< at the bell, while this is a stream
};

} // namespace tally
