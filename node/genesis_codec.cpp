#include "node/genesis_codec.hpp"

#include "node/tx/envelope.hpp"
#include "runtime/parameters.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr u64 version = 1;
constexpr std::size_t many = 1U << 16;

void write(ByteWriter& out, const GovernanceRule& rule) {
    out.u8(static_cast<std::uint8_t>(rule.what));
    out.varint(rule.votes);
    out.varint(rule.of);
    out.varint(rule.delay_days);
    out.varint(rule.stands_days);
}

GovernanceRule read_rule(ByteReader& in) {
    GovernanceRule rule;
    rule.what = static_cast<DecisionClass>(in.u8());
    if (rule.what > DecisionClass::Amend) in.fail();
    rule.votes = in.varint();
    rule.of = in.varint();
    rule.delay_days = in.varint();
    rule.stands_days = in.varint();
    return rule;
}

/// Payloads of one kind.
template <typename P> std::vector<P> read_list(ByteReader& in) {
    std::vector<P> out;
    const std::size_t count = in.count(many);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        Payload payload = read_payload(in);
        if (auto* const one = std::get_if<P>(&payload)) out.push_back(std::move(*one));
        else in.fail();
    }
    return out;
}

} // namespace

Bytes encode(const Genesis& genesis) {
    ByteWriter out;
    out.uvarint(version);
    out.text(genesis.chain);
    out.varint(genesis.start);
    out.uvarint(genesis.parties.size());
    for (const Enrol& party : genesis.parties)
        write_payload(out, party);
    out.uvarint(genesis.institutions.size());
    for (const Admit& institution : genesis.institutions)
        write_payload(out, institution);
    out.bytes(genesis.governance);
    out.uvarint(genesis.rules.size());
    for (const GovernanceRule& rule : genesis.rules)
        write(out, rule);
    out.uvarint(genesis.parameters.size());
    for (const auto& [parameter, value] : genesis.parameters) {
        out.u8(static_cast<std::uint8_t>(parameter));
        out.varint(value);
    }
    return out.take();
}

std::optional<Genesis> decode_genesis(ByteView bytes) {
    ByteReader in(bytes);
    Genesis out;
    if (in.uvarint() != version) in.fail();
    out.chain = in.text(chain_bytes);
    out.start = in.varint();
    out.parties = read_list<Enrol>(in);
    out.institutions = read_list<Admit>(in);
    const ByteView governance = in.bytes(limits::deploy_bytes);
    out.governance.assign(governance.begin(), governance.end());
    out.rules.clear();
    const std::size_t rules = in.count(many);
    for (std::size_t i = 0; i < rules && in.ok(); ++i)
        out.rules.push_back(read_rule(in));
    const std::size_t parameters = in.count(many);
    for (std::size_t i = 0; i < parameters && in.ok(); ++i) {
        const auto parameter = static_cast<Parameter>(in.u8());
        if (parameter_info(parameter) == nullptr) in.fail();
        out.parameters.emplace_back(parameter, in.varint());
    }
    if (!in.done() || !date_valid(out.start)) return std::nullopt;
    return out;
}

} // namespace tally
