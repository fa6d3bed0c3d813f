// Rows of parties, institutions and parameters.
#include "runtime/assert.hpp"
#include "runtime/parameters.hpp"
#include "runtime/state.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally {
namespace {

bool read_flag(ByteReader& in) {
    const std::uint8_t value = in.u8();
    if (value > 1) in.fail();
    return value == 1;
}

} // namespace

Bytes encode(const Party& party) {
    ByteWriter out;
    out.text(party.name);
    write(out, party.key);
    out.u32be(party.roles);
    out.uvarint(party.issuer_of.size());
    for (const CurrencyCode currency : party.issuer_of)
        out.u32be(currency);
    out.uvarint(party.institution);
    out.uvarint(party.until);
    out.u8(party.revoked ? 1 : 0);
    out.raw(party.certificate);
    return out.take();
}

std::optional<Party> decode_party(ByteView bytes) {
    ByteReader in(bytes);
    Party party;
    party.name = in.text(limits::name_bytes);
    party.key = read_verify_key(in);
    party.roles = in.u32be();
    const std::size_t issues = in.count(bytes.size());
    for (std::size_t i = 0; i < issues; ++i)
        party.issuer_of.push_back(in.u32be());
    party.institution = in.uvarint();
    party.until = in.uvarint();
    party.revoked = read_flag(in);
    in.read(party.certificate);
    if (!in.done()) return std::nullopt;
    return party;
}

Bytes encode(const Institution& institution) {
    ByteWriter out;
    out.text(institution.name);
    out.text(institution.lei);
    out.raw(institution.root_certificate);
    out.u8(institution.votes ? 1 : 0);
    out.uvarint(institution.officers_needed);
    out.uvarint(institution.officers);
    out.uvarint(institution.house);
    out.uvarint(institution.board);
    out.u8(institution.suspended ? 1 : 0);
    return out.take();
}

std::optional<Institution> decode_institution(ByteView bytes) {
    ByteReader in(bytes);
    Institution out;
    out.name = in.text(limits::name_bytes);
    out.lei = in.text(limits::name_bytes);
    in.read(out.root_certificate);
    out.votes = read_flag(in);
    out.officers_needed = static_cast<std::uint32_t>(in.uvarint());
    out.officers = static_cast<std::uint32_t>(in.uvarint());
    out.house = in.uvarint();
    out.board = in.uvarint();
    out.suspended = read_flag(in);
    if (!in.done()) return std::nullopt;
    return out;
}

std::optional<Party> State::party(PartyId id) const {
    const auto row = journal_.get(keys::party(id));
    if (!row) return std::nullopt;
    auto party = decode_party(*row);
    TALLY_ASSERT(party.has_value(), "a party's row is damaged");
    return party;
}

// The index of a key that was replaced stays: it was somebody's, and nobody else ever gets it.
void State::put_party(PartyId id, const Party& party) {
    if (const auto before = this->party(id); before && before->certificate != party.certificate && before->certificate != Hash{})
        journal_.erase(keys::certificate(before->certificate));
    journal_.put(keys::party(id), encode(party));
    if (party.key.scheme != SignatureScheme::None) put_number(keys::party_key(party.key), id);
    put_number(keys::party_name(party.name), id);
    if (party.certificate != Hash{}) put_number(keys::certificate(party.certificate), id);
    for (const CurrencyCode currency : party.issuer_of)
        put_number(keys::issuer(currency), id);
}

std::optional<Institution> State::institution(InstitutionId id) const {
    const auto row = journal_.get(keys::institution(id));
    if (!row) return std::nullopt;
    auto institution = decode_institution(*row);
    TALLY_ASSERT(institution.has_value(), "an institution's row is damaged");
    return institution;
}

void State::put_institution(InstitutionId id, const Institution& institution) {
    journal_.put(keys::institution(id), encode(institution));
    put_number(keys::lei(institution.lei), id);
}

i64 State::parameter(Parameter which) const {
    const auto row = journal_.get(keys::parameter(which));
    if (!row) return parameter_info(which)->initial;
    ByteReader in(*row);
    const i64 value = in.varint();
    TALLY_ASSERT(in.done(), "a parameter's row is damaged");
    return value;
}

void State::set_parameter(Parameter which, i64 value) {
    ByteWriter out;
    out.varint(value);
    journal_.put(keys::parameter(which), out.take());
}

} // namespace tally
