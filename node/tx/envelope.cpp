#include "node/tx/envelope.hpp"

#include "runtime/parameters.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <limits>

namespace tally {
namespace {

constexpr u64 envelope_version = 1;

// ---- writing

void write(ByteWriter& out, const std::vector<CashIn>& cash) {
    out.uvarint(cash.size());
    for (const CashIn& in : cash) {
        out.uvarint(in.account);
        out.varint128(in.amount);
    }
}

void write(ByteWriter& out, const Enrol& enrol) {
    out.text(enrol.name);
    write(out, enrol.key);
    out.uvarint(enrol.roles);
    out.uvarint(enrol.issuer_of.size());
    for (const CurrencyCode currency : enrol.issuer_of)
        out.uvarint(currency);
    out.uvarint(enrol.institution);
    if (enrol.institution == 0) return;
    out.uvarint(enrol.until);
    out.raw(enrol.proof);
    out.bytes(enrol.certificates);
}

void write(ByteWriter& out, const Rotate& rotate) {
    out.uvarint(rotate.party);
    write(out, rotate.key);
    out.uvarint(rotate.until);
    out.raw(rotate.proof);
    out.bytes(rotate.certificates);
}

void write(ByteWriter& out, const Revoke& revoke) { out.uvarint(revoke.party); }

void write(ByteWriter& out, const Admit& admit) {
    out.text(admit.name);
    out.text(admit.lei);
    out.raw(admit.root_certificate);
    out.u8(admit.votes ? 1 : 0);
    out.uvarint(admit.officers_needed);
    out.uvarint(admit.officers.size());
    for (const Officer& officer : admit.officers) {
        out.text(officer.name);
        write(out, officer.key);
        out.raw(officer.proof);
    }
    out.uvarint(admit.mandate);
}

void write(ByteWriter& out, const Suspend& suspend) {
    out.uvarint(suspend.institution);
    out.u8(suspend.suspended ? 1 : 0);
    out.uvarint(suspend.mandate);
}

void write(ByteWriter& out, const Appoint& appoint) {
    out.uvarint(appoint.currency);
    out.uvarint(appoint.issuer);
    out.uvarint(appoint.mandate);
}

void write(ByteWriter& out, const SetParameter& set) {
    out.u8(static_cast<std::uint8_t>(set.parameter));
    out.varint(set.value);
    out.uvarint(set.mandate);
}

void write(ByteWriter& out, const Pause& pause) {
    out.varint(pause.until);
    out.uvarint(pause.mandate);
}

void write(ByteWriter& out, const OpenAccount& open) {
    out.uvarint(open.currency);
    out.uvarint(open.owner);
}

void write(ByteWriter& out, const Issue& issue) {
    out.uvarint(issue.account);
    out.varint128(issue.amount);
}

void write(ByteWriter& out, const Retire& retire) {
    out.uvarint(retire.account);
    out.varint128(retire.amount);
}

void write(ByteWriter& out, const Pay& pay) {
    out.uvarint(pay.from);
    out.uvarint(pay.to);
    out.varint128(pay.amount);
}

void write(ByteWriter& out, const Deploy& deploy) {
    out.bytes(deploy.module);
    out.uvarint(deploy.mandate);
}

void write(ByteWriter& out, const Create& create) {
    out.raw(create.code);
    out.text(create.contract);
    out.uvarint(create.parent);
    out.uvarint(create.currency);
    out.bytes(create.arguments);
    write(out, create.cash);
}

void write(ByteWriter& out, const Call& call) {
    out.uvarint(call.instance);
    out.text(call.entry);
    out.bytes(call.arguments);
    write(out, call.cash);
    out.uvarint(call.payout);
}

void write(ByteWriter& out, const Advance& advance) { out.varint(advance.to); }

void write(ByteWriter& out, const Batch& batch) {
    out.u8(batch.all ? 1 : 0);
    out.uvarint(batch.items.size());
    for (const auto& item : batch.items) {
        out.u8(static_cast<std::uint8_t>(item.index()));
        std::visit([&out](const auto& payload) { write(out, payload); }, item);
    }
}

// ---- reading: each fills a payload; a fault shows at the reader's end

std::uint32_t read_u32(ByteReader& in) {
    const u64 value = in.uvarint();
    if (value > std::numeric_limits<std::uint32_t>::max()) in.fail();
    return static_cast<std::uint32_t>(value);
}

bool read_flag(ByteReader& in) {
    const std::uint8_t value = in.u8();
    if (value > 1) in.fail();
    return value == 1;
}

Bytes read_bytes(ByteReader& in, std::size_t max) {
    const ByteView view = in.bytes(max);
    return Bytes(view.begin(), view.end());
}

void read(ByteReader& in, std::vector<CashIn>& cash) {
    const std::size_t count = in.count(limits::h_slots);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        const AccountId account = in.uvarint();
        cash.push_back({account, in.varint128()});
    }
}

void read(ByteReader& in, Enrol& enrol) {
    enrol.name = in.text(limits::name_bytes);
    enrol.key = read_verify_key(in);
    enrol.roles = read_u32(in);
    const std::size_t count = in.count(limits::fields);
    for (std::size_t i = 0; i < count && in.ok(); ++i)
        enrol.issuer_of.push_back(read_u32(in));
    enrol.institution = in.uvarint();
    if (enrol.institution == 0) return;
    enrol.until = in.uvarint();
    in.read(enrol.proof);
    enrol.certificates = read_bytes(in, limits::transaction_bytes);
}

void read(ByteReader& in, Rotate& rotate) {
    rotate.party = in.uvarint();
    rotate.key = read_verify_key(in);
    rotate.until = in.uvarint();
    in.read(rotate.proof);
    rotate.certificates = read_bytes(in, limits::transaction_bytes);
}

void read(ByteReader& in, Revoke& revoke) { revoke.party = in.uvarint(); }

void read(ByteReader& in, Admit& admit) {
    admit.name = in.text(limits::name_bytes);
    admit.lei = in.text(limits::name_bytes);
    in.read(admit.root_certificate);
    admit.votes = read_flag(in);
    admit.officers_needed = read_u32(in);
    const std::size_t count = in.count(limits::signers);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        Officer& officer = admit.officers.emplace_back();
        officer.name = in.text(limits::name_bytes);
        officer.key = read_verify_key(in);
        in.read(officer.proof);
    }
    admit.mandate = in.uvarint();
}

void read(ByteReader& in, Suspend& suspend) {
    suspend.institution = in.uvarint();
    suspend.suspended = read_flag(in);
    suspend.mandate = in.uvarint();
}

void read(ByteReader& in, Appoint& appoint) {
    appoint.currency = read_u32(in);
    appoint.issuer = in.uvarint();
    appoint.mandate = in.uvarint();
}

void read(ByteReader& in, SetParameter& set) {
    set.parameter = static_cast<Parameter>(in.u8());
    if (parameter_info(set.parameter) == nullptr) in.fail();
    set.value = in.varint();
    set.mandate = in.uvarint();
}

void read(ByteReader& in, Pause& pause) {
    pause.until = in.varint();
    pause.mandate = in.uvarint();
}

void read(ByteReader& in, OpenAccount& open) {
    open.currency = read_u32(in);
    open.owner = in.uvarint();
}

void read(ByteReader& in, Issue& issue) {
    issue.account = in.uvarint();
    issue.amount = in.varint128();
}

void read(ByteReader& in, Retire& retire) {
    retire.account = in.uvarint();
    retire.amount = in.varint128();
}

void read(ByteReader& in, Pay& pay) {
    pay.from = in.uvarint();
    pay.to = in.uvarint();
    pay.amount = in.varint128();
}

void read(ByteReader& in, Deploy& deploy) {
    deploy.module = read_bytes(in, limits::deploy_bytes);
    deploy.mandate = in.uvarint();
}

void read(ByteReader& in, Create& create) {
    in.read(create.code);
    create.contract = in.text(limits::name_bytes);
    create.parent = in.uvarint();
    create.currency = read_u32(in);
    create.arguments = read_bytes(in, limits::transaction_bytes);
    read(in, create.cash);
}

void read(ByteReader& in, Call& call) {
    call.instance = in.uvarint();
    call.entry = in.text(limits::name_bytes);
    call.arguments = read_bytes(in, limits::transaction_bytes);
    read(in, call.cash);
    call.payout = in.uvarint();
}

void read(ByteReader& in, Advance& advance) { advance.to = in.varint(); }

void read(ByteReader& in, Batch& batch) {
    batch.all = read_flag(in);
    const std::size_t count = in.count(limits::batch_items);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        const std::uint8_t kind = in.u8();
        if (kind == 0) read(in, batch.items.emplace_back().emplace<Create>());
        else if (kind == 1) read(in, batch.items.emplace_back().emplace<Call>());
        else in.fail();
    }
}

template <std::size_t kind = 0> void read_kind(ByteReader& in, std::size_t which, Payload& out) {
    if constexpr (kind == std::variant_size_v<Payload>) {
        in.fail();
    } else if (which == kind) {
        read(in, out.emplace<kind>());
    } else {
        read_kind<kind + 1>(in, which, out);
    }
}

bool distinct(std::vector<PartyId> ids) {
    std::sort(ids.begin(), ids.end());
    return std::adjacent_find(ids.begin(), ids.end()) == ids.end();
}

bool read_body(ByteView body, SignedTransaction& out) {
    ByteReader in(body);
    if (in.uvarint() != envelope_version) in.fail();
    out.chain = in.text(chain_bytes);
    Transaction& transaction = out.transaction;
    const std::size_t signers = in.count(limits::signers);
    for (std::size_t i = 0; i < signers && in.ok(); ++i)
        transaction.signers.push_back(in.uvarint());
    in.read(transaction.intent);
    transaction.expiry = in.uvarint();
    const u64 gas = in.uvarint();
    if (gas > static_cast<u64>(std::numeric_limits<i64>::max())) in.fail();
    transaction.gas_limit = static_cast<i64>(gas);
    transaction.payload = read_payload(in);
    return in.done() && !out.chain.empty() && signers != 0 && distinct(transaction.signers);
}

NodeError too_large(std::size_t size, std::size_t limit) {
    return {NodeCode::TransactionTooLarge,
            std::to_string(size) + " bytes of at most " + std::to_string(limit)};
}

NodeError malformed(std::string_view detail) {
    return {NodeCode::MalformedTransaction, std::string(detail)};
}

} // namespace

void write_payload(ByteWriter& out, const Payload& payload) {
    out.uvarint(payload.index() + 1);
    std::visit([&out](const auto& content) { write(out, content); }, payload);
}

Payload read_payload(ByteReader& in) {
    Payload out;
    const u64 kind = in.uvarint();
    if (kind == 0) in.fail();
    read_kind(in, static_cast<std::size_t>(kind) - 1, out);
    return out;
}

Bytes encode_body(std::string_view chain, const Transaction& transaction) {
    ByteWriter out;
    out.uvarint(envelope_version);
    out.text(chain);
    out.uvarint(transaction.signers.size());
    for (const PartyId signer : transaction.signers)
        out.uvarint(signer);
    out.raw(transaction.intent);
    out.uvarint(transaction.expiry);
    out.uvarint(static_cast<u64>(transaction.gas_limit));
    write_payload(out, transaction.payload);
    return out.take();
}

Hash transaction_id(ByteView body) { return tagged_hash("tally/txid/v1", body); }
Hash signing_hash(ByteView body) { return tagged_hash("tally/tx/v1", body); }

Bytes sign(std::string_view chain, const Transaction& transaction, std::span<const SigningKey> keys) {
    const Bytes body = encode_body(chain, transaction);
    const Hash message = signing_hash(body);
    ByteWriter out;
    out.bytes(body);
    for (const SigningKey& key : keys)
        out.raw(sign(key, message));
    return out.take();
}

Result<SignedTransaction> decode_envelope(ByteView bytes) {
    if (bytes.size() > limits::deploy_bytes) return too_large(bytes.size(), limits::deploy_bytes);
    ByteReader in(bytes);
    const ByteView body = in.bytes(limits::deploy_bytes);
    SignedTransaction out;
    if (!in.ok() || !read_body(body, out)) return malformed("the body does not decode");
    const bool deploys = std::holds_alternative<Deploy>(out.transaction.payload);
    if (!deploys && bytes.size() > limits::transaction_bytes)
        return too_large(bytes.size(), limits::transaction_bytes);
    out.signatures.resize(out.transaction.signers.size());
    for (Signature& signature : out.signatures)
        in.read(signature);
    if (!in.done()) return malformed("there must be one signature for each signer");
    // Every reader above is canonical; this says so once more for all of them together.
    const Bytes again = encode_body(out.chain, out.transaction);
    if (!std::equal(again.begin(), again.end(), body.begin(), body.end()))
        return malformed("the body has another encoding");
    out.id = transaction_id(body);
    out.to_sign = signing_hash(body);
    out.bytes.assign(bytes.begin(), bytes.end());
    return out;
}

} // namespace tally
