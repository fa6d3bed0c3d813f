// Any bytes: what decodes has one encoding, which is these bytes.
#include "vm/bytecode/encode.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const tally::ByteView input(data, size);
    const auto decoded = tally::decode(input);
    const auto* module = std::get_if<tally::Module>(&decoded);
    if (module == nullptr) return 0;
    const tally::Bytes again = tally::encode(*module);
    if (!std::equal(again.begin(), again.end(), input.begin(), input.end())) std::abort();
    return 0;
}
