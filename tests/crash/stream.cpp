#include "tests/crash/stream.hpp"

#include "node/genesis_codec.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally::crash {
namespace {

constexpr std::size_t many = 1U << 20;

} // namespace

Bytes encode(const Stream& stream) {
    ByteWriter out;
    out.bytes(tally::encode(stream.genesis));
    out.uvarint(stream.steps.size());
    for (const auto& step : stream.steps) {
        out.uvarint(step.size());
        for (const Bytes& envelope : step)
            out.bytes(envelope);
    }
    return out.take();
}

bool decode(ByteView bytes, Stream& out) {
    ByteReader in(bytes);
    out = {};
    auto genesis = decode_genesis(in.bytes(many));
    if (!genesis) return false;
    out.genesis = std::move(*genesis);
    out.steps.resize(in.count(many));
    for (auto& step : out.steps) {
        step.resize(in.count(many));
        for (Bytes& envelope : step) {
            const ByteView one = in.bytes(limits::deploy_bytes);
            envelope.assign(one.begin(), one.end());
        }
    }
    return in.done();
}

} // namespace tally::crash
