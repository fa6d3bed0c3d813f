/// What both sides of a TLS connection insist on: version 1.3, a certificate of the other side that our
/// own authorities signed and that has not ended, no resumption of what was agreed on before.
#pragma once

#include "node/tls/certificate.hpp"
#include "node/tls/files.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <optional>

namespace tally {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

[[nodiscard]] Result<TlsContext> server_context(const TlsFiles& files);
[[nodiscard]] Result<TlsContext> client_context(const TlsFiles& files);
/// The other side's certificate must be for this host, a name or an address.
void expect_host(SSL* connection, const std::string& host);
/// The other side's, after a handshake.
[[nodiscard]] std::optional<Certificate> peer_certificate(SSL* connection);

} // namespace tally
