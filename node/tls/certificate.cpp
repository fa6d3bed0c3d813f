#include "node/tls/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace tally {
namespace {

constexpr std::int64_t seconds_per_day = 86'400;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

std::string text_of(const X509_NAME* name) {
    const Bio out(BIO_new(BIO_s_mem()), &BIO_free);
    // What is not plain ASCII is escaped: it goes to logs.
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string fingerprint_of(const X509* certificate) {
    constexpr const char* digits = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest, &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        out += digits[digest[i] >> 4];
        out += digits[digest[i] & 15U];
    }
    return out;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return ::timegm(&parts);
}

} // namespace

std::int64_t Certificate::days_left() const {
    const std::int64_t left = not_after - std::time(nullptr);
    return left < 0 ? -1 : left / seconds_per_day;
}

Certificate certificate_of(X509* certificate) {
    return {text_of(X509_get_subject_name(certificate)), fingerprint_of(certificate), seconds_of(X509_get0_notAfter(certificate))};
}

Result<std::vector<Certificate>> read_certificates(const std::filesystem::path& file) {
    const Bio in(BIO_new_file(file.c_str(), "r"), &BIO_free);
    std::vector<Certificate> out;
    if (in)
        while (const X509Pointer one{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free})
            out.push_back(certificate_of(one.get()));
    ERR_clear_error(); // the end of the file is one
    if (out.empty()) return NodeError{NodeCode::BadTlsFile, file.string() + " holds no certificate in PEM form"};
    return out;
}

} // namespace tally
