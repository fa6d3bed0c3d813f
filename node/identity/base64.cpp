#include "node/identity/base64.hpp"

#include <openssl/evp.h>

namespace tally {

std::string base64(ByteView bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // and the zero that OpenSSL puts behind it
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

} // namespace tally
