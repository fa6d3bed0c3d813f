#include "runtime/chained_list.hpp"

namespace tally {

Bytes encode(const ChainedList& list) {
    ByteWriter out;
    out.uvarint(list.count);
    out.raw(list.chain);
    return out.take();
}

std::optional<ChainedList> decode_list(ByteView bytes) {
    ByteReader in(bytes);
    ChainedList list;
    list.count = in.uvarint();
    in.read(list.chain);
    if (!in.done()) return std::nullopt;
    return list;
}

} // namespace tally
