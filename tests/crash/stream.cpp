#include "tests/crash/stream.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally::crash {
namespace {

constexpr std::size_t many = 1U << 20;

void write(ByteWriter& out, const Enrol& party) {
    out.text(party.name);
    out.raw(party.key);
    out.u32be(party.roles);
    out.uvarint(party.issuer_of.size());
    for (const CurrencyCode currency : party.issuer_of)
        out.u32be(currency);
}

void read(ByteReader& in, Enrol& party) {
    party.name = in.text(limits::name_bytes);
    const ByteView key = in.raw(party.key.size());
    std::copy(key.begin(), key.end(), party.key.begin());
    party.roles = in.u32be();
    party.issuer_of.resize(in.count(many));
    for (CurrencyCode& currency : party.issuer_of)
        currency = in.u32be();
}

} // namespace

Bytes encode(const Stream& stream) {
    ByteWriter out;
    out.text(stream.genesis.chain);
    out.varint(stream.genesis.start);
    out.uvarint(stream.genesis.parties.size());
    for (const Enrol& party : stream.genesis.parties)
        write(out, party);
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
    out.genesis.chain = in.text(64);
    out.genesis.start = in.varint();
    out.genesis.parties.resize(in.count(many));
    for (Enrol& party : out.genesis.parties)
        read(in, party);
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
