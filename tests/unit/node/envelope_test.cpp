#include "node/tx/envelope.hpp"

#include "tests/unit/node/node_kit.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally::test {
namespace {

std::vector<Payload> one_of_each() {
    Create create;
    create.code.fill(7);
    create.contract = "Loan";
    create.parent = 3;
    create.currency = dollars;
    create.arguments = {1, 2, 3};
    create.cash = {{4, 100}, {5, -1}};
    Call call;
    call.instance = 9;
    call.entry = "repay";
    call.arguments = {0};
    call.cash = {{1, i128{1} << 100}};
    call.payout = 6;
    return {enrol_number(2), OpenAccount{dollars}, Issue{1, 100}, Retire{1, 50},
            Pay{1, 2, 3},    Deploy{{1, 2, 3, 4}}, create,        call,
            Advance{20500},  Batch{true, {create, call}}};
}

std::optional<NodeCode> refusal(ByteView bytes) {
    const auto decoded = decode_envelope(bytes);
    return decoded ? std::nullopt : std::optional(decoded.error().code);
}

} // namespace

TEST_CASE("an envelope of every kind comes back as it went in") {
    for (const Payload& payload : one_of_each()) {
        Transaction sent = transaction(1, payload);
        sent.signers = {1, 300};
        const SigningKey keys[] = {key_number(1), key_number(2)};
        const Bytes bytes = sign("test", sent, keys);
        const auto decoded = decode_envelope(bytes);
        REQUIRE(decoded);
        CHECK(decoded->chain == "test");
        CHECK(decoded->transaction.signers == sent.signers);
        CHECK(decoded->transaction.intent == sent.intent);
        CHECK(decoded->transaction.payload.index() == payload.index());
        CHECK(decoded->bytes == bytes);
        CHECK(sign(decoded->chain, decoded->transaction, keys) == bytes);
        CHECK(verify(keys[1].public_key, decoded->to_sign, decoded->signatures[1]));
        CHECK_FALSE(verify(keys[1].public_key, decoded->to_sign, decoded->signatures[0]));
    }
}

TEST_CASE("a truncated or lengthened envelope is refused") {
    for (const Payload& payload : one_of_each()) {
        Bytes bytes = by_operator(transaction(1, payload));
        for (std::size_t size = 0; size < bytes.size(); ++size)
            CHECK(refusal(ByteView(bytes).first(size)) == NodeCode::MalformedTransaction);
        bytes.push_back(0);
        CHECK(refusal(bytes) == NodeCode::MalformedTransaction);
    }
}

TEST_CASE("a changed byte is refused, or changes what the signature must hold for") {
    for (const Payload& payload : one_of_each()) {
        const Bytes bytes = by_operator(transaction(1, payload));
        const auto original = decode_envelope(bytes);
        REQUIRE(original);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (const unsigned flip : {1U, 0x80U, 0xffU}) {
                Bytes changed = bytes;
                changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
                const auto decoded = decode_envelope(changed);
                if (!decoded) continue;
                const bool holds = verify(key_number(1).public_key, decoded->to_sign,
                                                  decoded->signatures[0]);
                CHECK_FALSE(holds);
                // The id is of the body alone: a changed signature does not make a new transaction.
                const bool body_changed = decoded->to_sign != original->to_sign;
                CHECK(body_changed == (decoded->id != original->id));
            }
        }
    }
}

TEST_CASE("signers are distinct, at least one and at most as many as the limit") {
    Transaction sent = transaction(1, OpenAccount{dollars});
    const std::vector<SigningKey> keys(limits::signers + 1, key_number(1));
    const auto with = [&](std::size_t count) {
        sent.signers.clear();
        for (std::size_t i = 0; i < count; ++i)
            sent.signers.push_back(i + 1);
        return refusal(sign("test", sent, std::span(keys).first(count)));
    };
    CHECK(with(0) == NodeCode::MalformedTransaction);
    CHECK(with(1) == std::nullopt);
    CHECK(with(limits::signers) == std::nullopt);
    CHECK(with(limits::signers + 1) == NodeCode::MalformedTransaction);
    sent.signers = {5, 5};
    CHECK(refusal(sign("test", sent, std::span(keys).first(2))) == NodeCode::MalformedTransaction);
}

TEST_CASE("size limits: a transaction, a module") {
    const auto call_of = [](std::size_t size) {
        Call call;
        call.entry = "x";
        call.arguments.assign(size, 1);
        return by_operator(transaction(1, call));
    };
    const std::size_t rest =
        call_of(limits::transaction_bytes - 200).size() - (limits::transaction_bytes - 200);
    CHECK(refusal(call_of(limits::transaction_bytes - rest)) == std::nullopt);
    CHECK(refusal(call_of(limits::transaction_bytes - rest + 1)) == NodeCode::TransactionTooLarge);
    const auto deploy_of = [](std::size_t size) {
        return by_operator(transaction(1, Deploy{Bytes(size, 1)}));
    };
    CHECK(refusal(deploy_of(limits::module_bytes)) == std::nullopt);
    const std::size_t around = deploy_of(limits::module_bytes).size() - limits::module_bytes;
    CHECK(refusal(deploy_of(limits::deploy_bytes - around)) == std::nullopt);
    CHECK(refusal(deploy_of(limits::deploy_bytes - around + 1)) == NodeCode::TransactionTooLarge);
}

TEST_CASE("every code of the node is there once and finds its way back") {
    for (const char* const code : {"N1001", "N2003", "N3008", "N4001"}) {
        const auto found = node_code_by_text(code);
        REQUIRE(found);
        CHECK(node_code_info(*found).text == code);
        CHECK(node_code_info(*found).code == *found);
    }
    CHECK_FALSE(node_code_by_text("N9999"));
}

} // namespace tally::test
