/// X.509 certificates: what the node and the client have to know of one. This folder and vm/crypto are
/// the homes of OpenSSL.
#pragma once

#include "node/errors.hpp"

#include <filesystem>
#include <vector>

struct x509_st;

namespace tally {

struct Certificate {
    std::string subject;     ///< RFC 2253, printable: `CN=bank-a,O=Bank A`
    std::string fingerprint; ///< SHA-256 of the whole certificate, 64 hexadecimal digits
    std::int64_t not_after = 0; ///< seconds since 1970

    /// Whole days until it ends; below 0 when it has.
    [[nodiscard]] std::int64_t days_left() const;
};

[[nodiscard]] Certificate certificate_of(x509_st* certificate);
/// All of a PEM file, at least one.
[[nodiscard]] Result<std::vector<Certificate>> read_certificates(const std::filesystem::path& file);

} // namespace tally
