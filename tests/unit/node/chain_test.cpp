#include "node/files.hpp"
#include "node/genesis.hpp"
#include "runtime/keys.hpp"
#include "tests/unit/node/node_kit.hpp"
#include "tests/unit/runtime/jar_module.hpp"
#include "vm/bytecode/encode.hpp"

#include <sys/wait.h>
#include <unistd.h>

namespace tally::test {
namespace {

NodeCode refusal(const Result<Answer>& answer) {
    REQUIRE_FALSE(answer);
    return answer.error().code;
}

} // namespace

TEST_CASE("a ledger is made once, and not over something else") {
    const TemporaryDirectory directory;
    CHECK_FALSE(Chain::create(directory / "node", genesis_of_one()));
    const auto again = Chain::create(directory / "node", genesis_of_one());
    REQUIRE(again);
    CHECK(again->code == NodeCode::DirectoryNotEmpty);
    const auto nothing = Chain::open(directory / "other", {});
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == NodeCode::NotInitialised);
}

TEST_CASE("after a restart the height, the root and the answers are the same") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Tip before;
    const Bytes envelope = by_operator(transaction(1, enrol_number(2)));
    {
        Node node(directory / "node");
        const Hash genesis_root = node.tip().root;
        const auto answer = node.send(envelope);
        REQUIRE(answer);
        CHECK(answer->receipt.trap == Trap::None);
        CHECK(answer->receipt.created == 2);
        CHECK(answer->height == 1);
        CHECK_FALSE(answer->duplicate);
        before = node.tip();
        CHECK(before.height == 1);
        CHECK(before.root != genesis_root);
    }
    Node node(directory / "node");
    CHECK(node.tip().height == before.height);
    CHECK(node.tip().root == before.root);
    CHECK(node.tip().starts == before.starts + 1);
    const auto again = node.send(envelope);
    REQUIRE(again);
    CHECK(again->duplicate);
    CHECK(again->height == 1);
    CHECK(again->receipt.created == 2);
    CHECK(node.tip().height == before.height); // nothing changed, so no block was made
    CHECK(node.tip().root == before.root);
    IntentId intent{};
    intent.fill(1);
    REQUIRE(node.chain->answer_of(intent));
    CHECK(node.chain->answer_of(intent)->receipt.created == 2);
}

TEST_CASE("the same stream of transactions gives the same root") {
    Hash roots[2];
    for (Hash& root : roots) {
        const TemporaryDirectory directory;
        REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
        Node node(directory / "node");
        for (std::uint8_t i = 2; i < 20; ++i)
            CHECK(node.send(by_operator(transaction(i, enrol_number(i)))));
        root = node.tip().root;
        const auto block = node.chain->block(7);
        REQUIRE(block);
        CHECK(block->transactions.size() == 1);
        CHECK(block->parent == node.chain->block(6)->root);
    }
    CHECK(roots[0] == roots[1]);
}

TEST_CASE("the same intent twice in one batch counts once") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    const Bytes one = by_operator(transaction(9, enrol_number(2)));
    const auto answers = submit_and_wait(*node.ordering, {one, one, one});
    REQUIRE(answers.size() == 3);
    for (const auto& answer : answers) {
        REQUIRE(answer);
        CHECK(answer->receipt.created == 2);
        CHECK(answer->height == 1);
    }
    CHECK(answers[1]->duplicate);
    CHECK(node.chain->block(1)->transactions.size() == 1);
}

TEST_CASE("a block that ran is nothing until it is committed, and a block of nothing moves only the engine's height") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "one", genesis_of_one()));
    REQUIRE_FALSE(Chain::create(directory / "other", genesis_of_one()));
    const auto admitted = [](Chain& chain, const Bytes& envelope) {
        auto items = chain.admit({&envelope, 1});
        REQUIRE(items.front());
        return std::move(*items.front());
    };
    const Bytes first = by_operator(transaction(1, enrol_number(2))), second = by_operator(transaction(2, enrol_number(3)));
    Hash root{};
    {
        Node one(directory / "one"), other(directory / "other");
        const SignedTransaction a = admitted(*one.chain, first), b = admitted(*one.chain, second);
        const SignedTransaction* const only_a[] = {&a};
        const SignedTransaction* const only_b[] = {&b};
        const Hash before = one.tip().root;
        const auto dropped = one.chain->run_block(only_b, {});
        CHECK(dropped.changed);
        CHECK(dropped.height == 1);
        CHECK(one.tip().root == before);
        const auto kept = one.chain->run_block(only_a, {});
        CHECK(kept.root != dropped.root);
        one.chain->commit(7);
        CHECK(one.tip().root == kept.root);
        CHECK(one.tip().engine_height == 7);
        CHECK(one.chain->answer_of(a.transaction.intent));
        CHECK_FALSE(one.chain->answer_of(b.transaction.intent));
        const auto nothing = one.chain->run_block({}, {});
        CHECK_FALSE(nothing.changed);
        CHECK(nothing.height == 1);
        CHECK(nothing.root == kept.root);
        one.chain->commit(8);
        CHECK(one.tip().height == 1);
        CHECK(one.tip().engine_height == 8);
        root = one.tip().root;
        CHECK(other.send(first)->height == 1); // the same block under the other driver
        CHECK(other.tip().root == root);
    }
    const Node again(directory / "one");
    CHECK(again.tip().engine_height == 8);
    CHECK(again.tip().root == root);
}

TEST_CASE("an intent stands for one transaction, in the same block and in later ones") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    const Bytes first = by_operator(transaction(9, enrol_number(2)));
    const Bytes other = by_operator(transaction(9, enrol_number(3)));
    const auto answers = submit_and_wait(*node.ordering, {first, other});
    REQUIRE(answers.size() == 2);
    CHECK(answers[0]);
    REQUIRE_FALSE(answers[1]);
    CHECK(answers[1].error().code == NodeCode::IntentReused);
    const auto later = node.send(other);
    REQUIRE_FALSE(later);
    CHECK(later.error().code == NodeCode::IntentReused);
    CHECK(node.send(first)->duplicate);
}

TEST_CASE("what does not belong here is refused with its code and leaves no trace") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Node node(directory / "node");
    const Hash root = node.tip().root;
    const SigningKey stranger = key_number(66), key = key_number(1);
    const Transaction good = transaction(1, enrol_number(2));
    CHECK(refusal(node.send({})) == NodeCode::MalformedTransaction);
    CHECK(refusal(node.send(sign("other", good, std::span(&key, 1)))) == NodeCode::WrongChain);
    CHECK(refusal(node.send(sign("test", good, std::span(&stranger, 1)))) ==
          NodeCode::BadSignature);
    Transaction other = good;
    other.signers = {77};
    CHECK(refusal(node.send(sign("test", other, std::span(&stranger, 1)))) ==
          NodeCode::UnknownSigner);
    other = good;
    other.expiry = 0;
    CHECK(refusal(node.send(by_operator(other))) == NodeCode::Expired);
    other.expiry = 1 + limits::expiry_blocks;
    CHECK(node.send(by_operator(other)));
    other.intent.fill(2);
    other.expiry = 3 + limits::expiry_blocks; // the next block is 2
    CHECK(refusal(node.send(by_operator(other))) == NodeCode::ExpiryTooFar);
    CHECK(node.tip().height == 1);
    CHECK(node.tip().root != root);
}

TEST_CASE("with the disk nearly full no transaction is taken, and nothing is lost") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    const Bytes envelope = by_operator(transaction(1, enrol_number(2)));
    {
        Node node(directory / "node", std::filesystem::space(directory / "node").available / 2 * 3);
        CHECK(refusal(node.send(envelope)) == NodeCode::DiskNearlyFull);
    }
    Node node(directory / "node");
    CHECK(node.send(envelope));
}

TEST_CASE("an older copy of the store is not opened") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    std::filesystem::copy(directory / "node/db", directory / "copy");
    {
        const Node node(directory / "node");
    }
    std::filesystem::remove_all(directory / "node/db");
    std::filesystem::rename(directory / "copy", directory / "node/db");
    const auto opened = Chain::open(directory / "node", {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == NodeCode::WrongDirectory);
}

TEST_CASE("many blocks, a module, instances, due clauses: all of it survives a restart") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    Tip before;
    {
        Node node(directory / "node");
        const auto deployed = node.send(by_operator(transaction(1, Deploy{encode(jar_module())})));
        REQUIRE(deployed);
        REQUIRE(deployed->receipt.trap == Trap::None);
        CHECK(node.chain->latest_code("test.jar") == deployed->receipt.code);
        const auto made = node.send(by_operator(transaction(
            2, Create{deployed->receipt.code, "Jar", 0, dollars, World::words({1}), {}})));
        REQUIRE(made);
        REQUIRE(made->receipt.trap == Trap::None);
        CHECK(node.send(by_operator(
                            transaction(3, Call{1, "set_next", World::words({20460}), {}, 0})))
                  ->receipt.trap == Trap::None);
        CHECK(node.send(by_operator(transaction(4, Advance{20463})))->receipt.trap == Trap::None);
        // The blocks that move the date come by themselves.
        for (int i = 0; i < 200; ++i) {
            if (!node.chain->read([](const Ledger& l, const Tip&) { return l.work_pending(); }))
                break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        const auto fired =
            node.chain->read([](const Ledger& l, const Tip&) { return l.instance(1)->json; });
        CHECK(fired.find("\"fired\": 4") != std::string::npos);
        before = node.tip();
    }
    const Node node(directory / "node");
    CHECK(node.tip().root == before.root);
    CHECK(node.chain->read([](const Ledger& l, const Tip&) { return l.business_date(); }) == 20463);
}

TEST_CASE("a genesis file says what is wrong with it") {
    const std::string key = key_text(key_number(1).public_key);
    const std::string good =
        R"({"chain": "a", "start": "2026-01-01", "clock": "manual", "parties": [{"name": "x", "key": ")" +
        key + R"(", "roles": ["clock", "deployer"], "issuer_of": ["USD"]}]})";
    const auto genesis = genesis_from_json(good);
    REQUIRE(genesis);
    CHECK(genesis->parties[0].roles == (role_clock | role_deployer));
    for (const std::string_view change :
         {"2026-01-01", "manual", "clock\"", "USD", "parties", "\"x\""}) {
        std::string broken = good;
        broken.replace(broken.rfind(change), 3,
                       "?"
                       "?"
                       "?");
        CAPTURE(broken);
        CHECK_FALSE(genesis_from_json(broken));
    }
}

TEST_CASE("money that is made out of nothing stops the node before the block is written, and leaves evidence") {
    const TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    {
        Node node(directory / "node");
        REQUIRE(node.send(by_operator(transaction(1, OpenAccount{dollars}))));
        REQUIRE(node.send(by_operator(transaction(2, Issue{1, 500}))));
    }
    {
        // The breach: a cent that nobody issued is said to be held.
        const auto store = RocksStore::open(directory / "node" / "db", false);
        REQUIRE(store);
        ByteWriter supply;
        supply.varint128(500);
        supply.varint128(501);
        const u64 height = 2;
        (*store)->commit({{keys::supply(dollars), supply.take()}}, {height, *(*store)->block(height), {}, *(*store)->meta()});
    }
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto chain = Chain::open(directory / "node", {1, 1});
        const auto admitted = (*chain)->admit(std::vector<Bytes>{by_operator(transaction(3, Issue{1, 100}))});
        const SignedTransaction* const one = &*admitted[0];
        (void)(*chain)->make_block(std::span(&one, 1));
        ::_exit(0); // it went on: the parent will say so
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == exit_trouble);
    const auto evidence = read_file(directory / "node" / "evidence-3.json", 1U << 20);
    REQUIRE(evidence);
    CHECK(evidence->find("\"issued\": \"600\", \"held\": \"601\"") != std::string::npos);
    Node node(directory / "node");
    CHECK(node.tip().height == 2);
}

} // namespace tally::test
