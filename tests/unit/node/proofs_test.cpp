#include "node/proofs.hpp"

#include "proof/statement.hpp"
#include "runtime/keys.hpp"
#include "tests/unit/node/node_kit.hpp"
#include "tests/unit/runtime/jar_module.hpp"
#include "vm/bytecode/encode.hpp"

#include <random>

namespace tally::test {
namespace {

Hash root_at(const Chain& chain, u64 height) { return chain.block(height)->root; }

/// Three parties with money, jars and payments, a block each.
void live(Node& node, int payments) {
    const auto done = [&](std::uint8_t intent, Payload payload) {
        const auto answer = node.send(by_operator(transaction(intent, std::move(payload))));
        REQUIRE(answer);
        REQUIRE(answer->receipt.trap == Trap::None);
        return answer->receipt;
    };
    done(1, enrol_number(2));
    done(2, OpenAccount{dollars});
    done(3, Issue{1, 1'000'00});
    Transaction opened = transaction(4, OpenAccount{dollars});
    opened.signers = {2};
    const SigningKey second = key_number(2);
    REQUIRE(node.send(sign("test", opened, std::span(&second, 1))));
    for (int i = 0; i < payments; ++i) done(static_cast<std::uint8_t>(10 + i), Pay{1, 2, 1'00});
}

StatementFile statement_of(const Chain& chain, PartyId party, u64 height) {
    const auto bytes = prove_statement(chain, party, height);
    REQUIRE(bytes);
    StatementFile file;
    REQUIRE(decode(*bytes, file));
    CHECK(encode(file) == *bytes);
    return file;
}

std::string fault_of(const StatementFile& file, const Hash& root) {
    const auto found = verify_statement(file, root);
    const auto* const fault = std::get_if<ProofFault>(&found);
    return fault != nullptr ? std::string(fault->code) : std::string();
}

} // namespace

TEST_CASE("every row of every height that is kept has a proof, and the past answers as it was") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    live(node, 5);
    for (u64 height = 4; height <= node.tip().height; ++height) {
        const auto proof = prove_row(*node.chain, keys::account(1), height);
        REQUIRE(proof);
        CHECK(proof->root == root_at(*node.chain, height));
        tree::Existence there;
        REQUIRE(tree::decode(proof->proof, there));
        CHECK(tree::holds(there, proof->root));
        CHECK(there.value == *proof->value);
        i128 balance = -1;
        CHECK_FALSE(node.chain->ask_past(height, [&](const Chain::Past& past) { balance = past.ledger.account(1)->balance; }));
        CHECK(balance == 1'000'00 - static_cast<i128>(height - 4) * 1'00);
    }
    CHECK_FALSE(node.chain->ask_past(1, [&](const Chain::Past& past) {
        CHECK_FALSE(past.ledger.account(1));
        CHECK(past.ledger.party_by_name("party 2"));
    }));
    CHECK_FALSE(node.chain->ask_past(0, [&](const Chain::Past& past) { CHECK_FALSE(past.ledger.party_by_name("party 2")); }));
    const auto absent = prove_row(*node.chain, keys::account(77), node.tip().height);
    REQUIRE(absent);
    tree::Absence none;
    REQUIRE(tree::decode(absent->proof, none));
    CHECK(tree::holds(none, node.tip().root));
    CHECK(prove_row(*node.chain, keys::expiry(1000, 1), 3).error().code == NodeCode::BadParameter);
    CHECK(prove_row(*node.chain, keys::account(1), 999).error().code == NodeCode::NotFound);
}

TEST_CASE("a statement shows a party's whole book, and nothing but the truth verifies") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    live(node, 3);
    const u64 height = node.tip().height;
    const Hash root = node.tip().root;
    const StatementFile file = statement_of(*node.chain, 2, height);
    const auto found = verify_statement(file, root);
    REQUIRE(std::holds_alternative<Statement>(found));
    const auto& statement = std::get<Statement>(found);
    CHECK(statement.name == "party 2");
    REQUIRE(statement.accounts.size() == 1);
    CHECK(statement.accounts[0].balance == 3'00);

    Hash other = root;
    other[0] ^= 1;
    CHECK(fault_of(file, other) == "P1002");
    StatementFile lie = file;
    lie.entries.clear();
    CHECK(fault_of(lie, root) == "P1003");
    lie = file;
    lie.party = 1;
    CHECK(fault_of(lie, root) == "P1003");
    lie = file;
    lie.chain = "another";
    CHECK(fault_of(lie, root) == "P1003");
    for (std::size_t i = 0; i < file.rows.size(); ++i) {
        lie = file;
        lie.rows.erase(lie.rows.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK(fault_of(lie, root) == "P1002");
    }
    // A true row that the statement does not need, with a proof for all of them.
    CHECK_FALSE(node.chain->ask_proof(height, [&](const Chain::Past& past, const tree::Prover& prover) {
        lie = file;
        const Bytes more = keys::account(1);
        lie.rows.push_back({more, past.rows.get(more)});
        std::sort(lie.rows.begin(), lie.rows.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
        std::vector<Bytes> keys;
        for (const auto& row : lie.rows) keys.push_back(row.key);
        lie.proof = prover.prove(keys);
        CHECK(tree::holds(lie.proof, lie.rows, root));
    }));
    CHECK(fault_of(lie, root) == "P1003");
    // An older one is true under its own root only.
    const StatementFile before = statement_of(*node.chain, 2, height - 1);
    CHECK(fault_of(before, root) == "P1002");
    CHECK(fault_of(before, root_at(*node.chain, height - 1)).empty());
}

TEST_CASE("no flipped bit of a statement's or a receipt's file is accepted") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    live(node, 2);
    const Hash root = node.tip().root;
    IntentId intent{};
    intent.fill(10);
    const auto statement = prove_statement(*node.chain, 2, node.tip().height);
    const auto receipt = prove_receipt(*node.chain, intent, node.tip().height);
    REQUIRE((statement && receipt));
    for (std::size_t bit = 0; bit < statement->size() * 8; ++bit) {
        Bytes bytes = *statement;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        StatementFile file;
        if (decode(bytes, file))
            CHECK(std::holds_alternative<ProofFault>(verify_statement(file, root)));
    }
    for (std::size_t bit = 0; bit < receipt->size() * 8; ++bit) {
        Bytes bytes = *receipt;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        ReceiptFile file;
        if (decode(bytes, file)) CHECK(std::holds_alternative<ProofFault>(verify_receipt(file, root)));
    }
}

TEST_CASE("a receipt is proven under the root of its block and of every later one") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    live(node, 4);
    IntentId intent{};
    intent.fill(2);
    const u64 block = node.chain->place_of(intent)->height;
    for (u64 height = block; height <= node.tip().height; ++height) {
        const auto bytes = prove_receipt(*node.chain, intent, height);
        REQUIRE(bytes);
        ReceiptFile file;
        REQUIRE(decode(*bytes, file));
        const auto found = verify_receipt(file, root_at(*node.chain, height));
        REQUIRE(std::holds_alternative<ProvenReceipt>(found));
        CHECK(std::get<ProvenReceipt>(found).intent == intent);
        CHECK(std::get<ProvenReceipt>(found).receipt.created == 1);
        CHECK(std::get<ProvenReceipt>(found).before == root_at(*node.chain, block - 1));
    }
    CHECK(prove_receipt(*node.chain, intent, block - 1).error().code == NodeCode::BadParameter);
    intent.fill(99);
    CHECK(prove_receipt(*node.chain, intent, block).error().code == NodeCode::NotFound);
}

TEST_CASE("what is older than the node keeps is refused by name, and the rest still proves") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Chain::Options options;
    options.min_free_bytes = 1;
    options.keep_history = 10;
    options.keep_trees = 5;
    auto opened = Chain::open(directory / "node", options);
    REQUIRE(opened);
    Chain& chain = **opened;
    EmbeddedOrdering ordering(chain);
    for (std::uint8_t i = 2; i < 42; ++i)
        REQUIRE(submit_and_wait(ordering, {by_operator(transaction(i, enrol_number(i)))}).front());
    CHECK(chain.height() == 40);
    const auto nothing = [](const Chain::Past&) {};
    CHECK(chain.ask_past(29, nothing)->code == NodeCode::Pruned);
    CHECK_FALSE(chain.ask_past(30, nothing));
    CHECK(prove_row(chain, keys::party(2), 34).error().code == NodeCode::Pruned);
    for (u64 height = 35; height <= 40; ++height)
        for (PartyId party = 1; party < 45; ++party) {
            const auto proof = prove_row(chain, keys::party(party), height);
            REQUIRE(proof);
            CHECK(proof->value.has_value() == (party <= height + 1));
            tree::Existence there;
            tree::Absence none;
            CHECK((proof->value ? tree::decode(proof->proof, there) && tree::holds(there, proof->root)
                                : tree::decode(proof->proof, none) && tree::holds(none, proof->root)));
        }
}

} // namespace tally::test
