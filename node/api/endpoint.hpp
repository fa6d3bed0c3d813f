/// Where to listen: `127.0.0.1:7300`, `[::1]:0`, `localhost:7300`, taken apart and opened.
#pragma once

#include "node/errors.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace tally {

/// Off loopback is refused (N3008) unless `anywhere`.
[[nodiscard]] Result<boost::asio::ip::tcp::endpoint> endpoint_of(const std::string& listen, bool anywhere);
[[nodiscard]] Problem listen_on(boost::asio::ip::tcp::acceptor& acceptor, const boost::asio::ip::tcp::endpoint& endpoint);
/// `http://127.0.0.1:7300`
[[nodiscard]] std::string url_of(std::string_view scheme, const boost::asio::ip::tcp::acceptor& acceptor);

} // namespace tally
