#include "runtime/certificates.hpp"

#include "runtime/parameters.hpp"

namespace tally {

std::optional<std::vector<ByteView>> certificate_chain(ByteView bytes) {
    ByteReader in(bytes);
    std::vector<ByteView> out;
    const std::size_t count = in.count(limits::certificates);
    for (std::size_t i = 0; i < count && in.ok(); ++i)
        out.push_back(in.bytes(limits::certificate_bytes));
    if (!in.done() || out.empty()) return std::nullopt;
    for (const ByteView certificate : out)
        if (certificate.empty()) return std::nullopt;
    return out;
}

Bytes encode_certificates(std::span<const Bytes> chain) {
    ByteWriter out;
    out.uvarint(chain.size());
    for (const Bytes& certificate : chain)
        out.bytes(certificate);
    return out.take();
}

} // namespace tally
