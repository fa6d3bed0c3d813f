/// X.509 certificates, looked at once: when somebody is enrolled. Nothing here is part of a block: what a
/// chain means depends on OpenSSL's version and on the clock, so two nodes may see it differently.
#pragma once

#include "node/errors.hpp"
#include "vm/crypto/signature.hpp"

#include <span>

namespace tally {

/// The certificates of a PEM text in their order, as DER; N1009 if there is none or one is damaged.
[[nodiscard]] Result<std::vector<Bytes>> certificates_from_pem(std::string_view text);

/// That each certificate signed the one before it, all are in force now and may be used so, the last is a
/// root, and the first is of this key (N1009).
[[nodiscard]] Problem check_certificates(std::span<const ByteView> chain, const VerifyKey& key);

/// What an authority signs a certificate for this key from (PKCS #10, PEM); the subject is a common name.
[[nodiscard]] Result<std::string> certificate_request(const SigningKey& key, const std::string& common_name);
/// The key as others take it (PKCS #8, PEM), for TLS.
[[nodiscard]] Result<std::string> private_key_pem(const SigningKey& key);

} // namespace tally
