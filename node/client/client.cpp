#include "node/client/client.hpp"

#include "node/tls/context.hpp"
#include "runtime/json_text.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <charconv>
#include <limits>

namespace tally {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::uint64_t answer_max = 256U << 20;
constexpr std::string_view json_type = "application/json", bytes_type = "application/octet-stream";

std::string_view member_text(const Json& json, std::string_view name) {
    const Json* const member = json.member(name);
    return member != nullptr ? std::string_view(member->text) : std::string_view();
}

/// The node's own words when it sends an error object.
NodeError error_of(const Json& error) {
    const std::string what = text_in(error, "what");
    const auto code = node_code_by_text(text_in(error, "code"));
    if (!code) return {NodeCode::BadAnswer, text_in(error, "code") + " " + what};
    // Its text is the table's, then the detail: keep only the detail.
    const std::string_view table = node_code_info(*code).what;
    std::string detail = what.starts_with(table) ? what.substr(table.size()) : what;
    if (detail.starts_with(": ")) detail.erase(0, 2);
    return {*code, std::move(detail)};
}

SubmitAnswer answer_of(const Json& json) {
    SubmitAnswer out;
    out.json = json;
    if (const Json* const rejected = json.member("rejected")) {
        out.rejected = error_of(*rejected);
        return out;
    }
    out.trap = static_cast<Trap>(number_in(json, "trap"));
    out.height = number_in(json, "height");
    out.created = number_in(json, "created");
    out.gas_used = static_cast<i64>(number_in(json, "gas_used"));
    out.error = text_in(json, "error");
    out.note = text_in(json, "note");
    out.code = text_in(json, "code");
    return out;
}

} // namespace

u64 number_in(const Json& json, std::string_view name) {
    const std::string_view text = member_text(json, name);
    u64 value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string text_in(const Json& json, std::string_view name) {
    return std::string(member_text(json, name));
}

std::string url_escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (plain) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15U];
    }
    return out;
}

struct Client::Impl {
    std::string host, port;
    asio::io_context context;
    TlsContext tls; ///< nothing: in the clear
    // A new one for each connection; `secure` if there is TLS.
    std::optional<beast::tcp_stream> plain;
    std::optional<beast::ssl_stream<beast::tcp_stream>> secure;
    beast::flat_buffer buffer;
    bool open = false;

    beast::tcp_stream& layer() { return tls ? secure->next_layer() : *plain; }
    template <typename Do> auto with_stream(const Do& act) { return tls ? act(*secure) : act(*plain); }

    void renew() {
        if (tls)
            secure.emplace(context, *tls);
        else
            plain.emplace(context);
    }

    Problem shake_hands() {
        if (!tls) return std::nullopt;
        beast::error_code error;
        expect_host(secure->native_handle(), host);
        secure->handshake(asio::ssl::stream_base::client, error);
        if (error) return NodeError{NodeCode::TlsFailed, error.message()};
        return std::nullopt;
    }

    Problem connect() {
        beast::error_code error;
        renew();
        buffer.clear();
        tcp::resolver resolver(context);
        const auto endpoints = resolver.resolve(host, port, error);
        if (!error) layer().connect(endpoints, error);
        open = false;
        if (error)
            return NodeError{NodeCode::CannotConnect, host + ":" + port + ", " + error.message()};
        layer().socket().set_option(tcp::no_delay(true), error);
        if (auto problem = shake_hands()) return problem;
        open = true;
        return std::nullopt;
    }

    /// The body of a good answer.
    Result<Json> request(http::verb verb, const std::string& target, std::string_view type,
                         std::string body) {
        http::request<http::string_body> message{verb, target, 11};
        message.set(http::field::host, host + ":" + port);
        if (verb == http::verb::post)
            message.set(http::field::content_type, beast::string_view(type.data(), type.size()));
        message.body() = std::move(body);
        message.prepare_payload();
        const bool fresh = !open;
        if (fresh)
            if (auto problem = connect()) return *problem;
        auto answer = exchange(message);
        // A connection that lay idle may be closed on the other side. Nothing was answered, and an
        // intent counts once: asking again is safe.
        if (!answer && !fresh && answer.error().code == NodeCode::ConnectionLost) {
            if (auto problem = connect()) return *problem;
            answer = exchange(message);
        }
        return answer;
    }

    Result<Json> exchange(const http::request<http::string_body>& message) {
        beast::error_code error;
        with_stream([&](auto& stream) { return http::write(stream, message, error); });
        http::response_parser<http::string_body> parser;
        parser.body_limit(answer_max);
        if (!error) with_stream([&](auto& stream) { return http::read(stream, buffer, parser, error); });
        if (error) {
            open = false;
            // In TLS 1.3 the node's word on our certificate comes with the first answer.
            if (tls && error.category() == asio::error::get_ssl_category()) return NodeError{NodeCode::TlsFailed, error.message()};
            return NodeError{NodeCode::ConnectionLost, error.message()};
        }
        open = parser.keep_alive();
        const auto& response = parser.get();
        auto json = parse_json(response.body());
        if (!json || json->kind != Json::Kind::Object) return NodeError{NodeCode::BadAnswer, {}};
        if (const Json* const failed = json->member("error")) return error_of(*failed);
        if (response.result() != http::status::ok) return NodeError{NodeCode::BadAnswer, {}};
        return std::move(*json);
    }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Client> Client::connect(const std::string& url, const TlsFiles& files) {
    constexpr std::string_view scheme = "http://", secure_scheme = "https://";
    const bool has_tls = url.starts_with(secure_scheme);
    std::string rest = has_tls ? url.substr(secure_scheme.size()) : url.starts_with(scheme) ? url.substr(scheme.size()) : url;
    if (rest.ends_with('/')) rest.pop_back();
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size())
        return NodeError{NodeCode::BadAddress, url};
    auto impl = std::make_unique<Impl>();
    impl->host = rest.substr(0, colon);
    impl->port = rest.substr(colon + 1);
    if (impl->host.size() > 2 && impl->host.front() == '[')
        impl->host = impl->host.substr(1, impl->host.size() - 2);
    if (has_tls) {
        auto context = client_context(files);
        if (!context) return context.error();
        impl->tls = std::move(*context);
    }
    if (auto problem = impl->connect()) return *problem;
    return Client(std::move(impl));
}

Result<std::vector<SubmitAnswer>> Client::submit(std::span<const Bytes> envelopes, bool brief) {
    ByteWriter batch;
    batch.uvarint(envelopes.size());
    for (const Bytes& envelope : envelopes)
        batch.bytes(envelope);
    auto json =
        impl_->request(http::verb::post, brief ? "/v1/transactions?brief=1" : "/v1/transactions",
                       bytes_type, std::string(as_text(batch.data())));
    if (!json) return json.error();
    const Json* const answers = json->member("answers");
    if (answers == nullptr || answers->items.size() != envelopes.size())
        return NodeError{NodeCode::BadAnswer, "not one answer for each transaction"};
    std::vector<SubmitAnswer> out;
    out.reserve(envelopes.size());
    for (const Json& one : answers->items)
        out.push_back(answer_of(one));
    return out;
}

Result<Json> Client::get(const std::string& target) {
    return impl_->request(http::verb::get, target, json_type, {});
}

Result<Json> Client::post(const std::string& target, std::string_view json) {
    return impl_->request(http::verb::post, target, json_type, std::string(json));
}

} // namespace tally
