#include "node/api/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tally {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

Result<tcp::endpoint> endpoint_of(const std::string& listen, bool anywhere) {
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
    if (!address.is_loopback() && !anywhere) return NodeError{NodeCode::NotLoopback, listen};
    return tcp::endpoint(address, port);
}

Problem listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return NodeError{NodeCode::CannotListen, error.message()};
    return std::nullopt;
}

std::string url_of(std::string_view scheme, const tcp::acceptor& acceptor) {
    boost::system::error_code ignored;
    const auto endpoint = acceptor.local_endpoint(ignored);
    const std::string host = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("{}://[{}]:{}", scheme, host, endpoint.port())
                                      : fmt::format("{}://{}:{}", scheme, host, endpoint.port());
}

} // namespace tally
