// Hostile bytes: an envelope that decodes has one encoding.
#include "node/tx/envelope.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tally;
    const ByteView input(data, size);
    const auto decoded = decode_envelope(input);
    if (!decoded) return 0;
    ByteWriter again;
    again.bytes(encode_body(decoded->chain, decoded->transaction));
    for (const Signature& signature : decoded->signatures)
        again.raw(signature);
    if (!std::equal(again.data().begin(), again.data().end(), input.begin(), input.end()))
        std::abort();
    return 0;
}
