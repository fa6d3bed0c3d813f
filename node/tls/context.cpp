#include "node/tls/context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

namespace tally {
namespace {

namespace ssl = boost::asio::ssl;

NodeError bad_file(const std::string& what) {
    const unsigned long reason = ERR_peek_last_error();
    const char* const why = reason != 0 ? ERR_reason_error_string(reason) : nullptr;
    ERR_clear_error();
    return {NodeCode::BadTlsFile, why != nullptr ? what + ", " + why : what};
}

/// Not a word at the terminal: a key with a password is none that a node can use.
int no_password(char*, int, int, void*) { return 0; }

Problem check_key_file(const std::string& key) {
    struct stat now{};
    if (::stat(key.c_str(), &now) != 0) return NodeError{NodeCode::BadTlsFile, key + " cannot be read"};
    if ((now.st_mode & 0077) != 0) return NodeError{NodeCode::BadTlsFile, key + " is readable by others: chmod 600 " + key};
    return std::nullopt;
}

Problem load(SSL_CTX* context, const TlsFiles& files) {
    if (!files.all()) return NodeError{NodeCode::BadTlsFile, "a certificate, its key and the authorities of the other side belong together"};
    if (auto problem = check_key_file(files.key)) return problem;
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context, &no_password);
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) return bad_file(files.certificate);
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return bad_file(files.key);
    if (SSL_CTX_check_private_key(context) != 1) return bad_file(files.key + " is not the key of " + files.certificate);
    if (SSL_CTX_load_verify_file(context, files.authorities.c_str()) != 1) return bad_file(files.authorities);
    return std::nullopt;
}

Result<TlsContext> context_of(ssl::context::method method, const TlsFiles& files) {
    auto context = std::make_shared<ssl::context>(method);
    SSL_CTX* const raw = context->native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
    // A ticket would let a client in on what its certificate was yesterday.
    SSL_CTX_set_num_tickets(raw, 0);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    if (auto problem = load(raw, files)) return *problem;
    return context;
}

} // namespace

Result<TlsContext> server_context(const TlsFiles& files) {
    auto context = context_of(ssl::context::tls_server, files);
    if (context) SSL_CTX_set_client_CA_list((*context)->native_handle(), SSL_load_client_CA_file(files.authorities.c_str()));
    return context;
}

Result<TlsContext> client_context(const TlsFiles& files) { return context_of(ssl::context::tls_client, files); }

void expect_host(SSL* connection, const std::string& host) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1) return;
    SSL_set1_host(connection, host.c_str());
    std::string name = host;
    SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

std::optional<Certificate> peer_certificate(SSL* connection) {
    X509* const certificate = SSL_get1_peer_certificate(connection);
    if (certificate == nullptr) return std::nullopt;
    Certificate out = certificate_of(certificate);
    X509_free(certificate);
    return out;
}

} // namespace tally
