#include "tests/unit/runtime/jar_module.hpp"

namespace tally::test {

TEST_CASE("parties, accounts and issues follow their rules") {
    World w;
    Enrol carol;
    carol.name = "carol";
    carol.key = PublicKey{77};
    CHECK(w.send({2}, carol).trap == Trap::NotAuthorised);
    const Receipt made = w.send({1}, carol);
    CHECK(made.created == 5);
    CHECK(w.send({1}, carol).trap == Trap::AlreadyExists);
    CHECK(w.ledger.party_by_name("carol") == 5);
    CHECK(w.ledger.party_by_key(carol.key) == 5);
    carol.name = "carla";
    CHECK(w.send({1}, carol).trap == Trap::AlreadyExists);
    carol.key = PublicKey{78};
    carol.issuer_of = {cny};
    CHECK(w.send({1}, carol).trap == Trap::AlreadyExists);
    CHECK(w.ledger.party_by_name("carla") == std::nullopt);

    const AccountId account = w.send({2}, OpenAccount{cny}).created;
    CHECK(account == 1);
    CHECK(w.send({2}, OpenAccount{cny}).trap == Trap::AlreadyExists);
    CHECK(w.send({2}, OpenAccount{123}).trap == Trap::BadArgument);
    CHECK(w.send({2}, Issue{account, 5}).trap == Trap::NotAuthorised);
    CHECK(w.send({1}, Issue{account, 0}).trap == Trap::BadArgument);
    CHECK(w.send({1}, Issue{9, 5}).trap == Trap::NoSuchAccount);
    CHECK(w.send({1}, Issue{account, 5}).trap == Trap::None);
    CHECK(w.ledger.account(account)->balance == 5);
}

TEST_CASE("payments need the owner, the same currency and enough") {
    World w;
    const AccountId a = w.funded(2, 10), b = w.funded(3, 1), d = w.funded(3, 1, usd);
    CHECK(w.send({3}, Pay{a, b, 1}).trap == Trap::NotAuthorised);
    CHECK(w.send({2}, Pay{a, d, 1}).trap == Trap::WrongCurrency);
    CHECK(w.send({2}, Pay{a, b, 11}).trap == Trap::Insufficient);
    CHECK(w.send({2}, Pay{a, b, -1}).trap == Trap::BadArgument);
    CHECK(w.send({2}, Pay{a, b, 10}).trap == Trap::None);
    CHECK(w.send({2}, Pay{a, a, 1}).trap == Trap::Insufficient);
    CHECK(w.send({3}, Pay{b, b, 11}).trap == Trap::None);
    CHECK(w.ledger.account(b)->balance == 11);
    const AccountId own = w.send({1}, OpenAccount{cny}).created;
    CHECK(w.send({1}, Retire{b, 1}).trap == Trap::NotAuthorised);
    CHECK(w.send({1}, Retire{own, 1}).trap == Trap::Insufficient);
    CHECK(w.send({3}, Pay{b, own, 4}).trap == Trap::None);
    CHECK(w.send({1}, Retire{own, 4}).trap == Trap::None);
    CHECK(w.ledger.supply(cny).issued == 7);
    CHECK(w.ledger.supply(cny).held == 7);
}

TEST_CASE("a repeated intent answers with the first receipt, also of a refusal") {
    World w;
    const AccountId a = w.funded(2, 10), b = w.funded(3, 1);
    const Transaction pay = w.transaction({2}, Pay{a, b, 10});
    CHECK(w.ledger.apply(pay).trap == Trap::None);
    CHECK(w.ledger.apply(pay).trap == Trap::None);
    CHECK(w.ledger.account(b)->balance == 11);
    const Transaction poor = w.transaction({2}, Pay{a, b, 1});
    CHECK(w.ledger.apply(poor).trap == Trap::Insufficient);
    w.send({3}, Pay{b, a, 5});
    CHECK(w.ledger.apply(poor).trap == Trap::Insufficient);
    CHECK(w.ledger.receipt_of(poor.intent)->trap == Trap::Insufficient);
}

TEST_CASE("a transaction outside its window is refused and not remembered; old intents go") {
    World w;
    Transaction tx = w.transaction({2}, OpenAccount{cny});
    tx.expiry = w.height - 1;
    CHECK(w.ledger.apply(tx).trap == Trap::LimitExceeded);
    tx.expiry = w.height + limits::expiry_blocks + 1;
    CHECK(w.ledger.apply(tx).trap == Trap::LimitExceeded);
    CHECK_FALSE(w.ledger.receipt_of(tx.intent));
    tx.expiry = w.height;
    CHECK(w.ledger.apply(tx).trap == Trap::None);
    w.block();
    w.send({3}, OpenAccount{cny});
    CHECK_FALSE(w.ledger.receipt_of(tx.intent));
}

TEST_CASE("signers must exist, be distinct, and not be auditors") {
    World w;
    CHECK(w.send({}, OpenAccount{cny}).trap == Trap::MalformedInput);
    CHECK(w.send({2, 2}, OpenAccount{cny}).trap == Trap::MalformedInput);
    CHECK(w.send({99}, OpenAccount{cny}).trap == Trap::BadParty);
    CHECK(w.send({4}, OpenAccount{cny}).trap == Trap::NotAuthorised);
}

TEST_CASE("only sound modules are deployed, once, by a deployer") {
    World w;
    Module module = jar_module();
    CHECK(w.send({2}, Deploy{encode(module)}).trap == Trap::NotAuthorised);
    Bytes bytes = encode(module);
    bytes.push_back(0);
    CHECK(w.send({1}, Deploy{bytes}).trap == Trap::MalformedInput);
    module.imports[0].entry = "missing";
    CHECK(w.send({1}, Deploy{encode(module)}).trap == Trap::NoSuchEntry);
    module.imports[0] = {"test.other", "Jar", "add", {jar::integer}, none};
    CHECK(w.send({1}, Deploy{encode(module)}).trap == Trap::NoSuchEntry);
    module.imports[0] = {"", "Jar", "add", {jar::date}, none};
    CHECK(w.send({1}, Deploy{encode(module)}).trap == Trap::NoSuchEntry);
    module = jar_module();
    module.tests = {{"t", function_number(module, "scribble"), 1, {}, 0}};
    CHECK(w.send({1}, Deploy{encode(module)}).trap == Trap::MalformedInput);
    w.deploy();
    CHECK(w.send({1}, Deploy{encode(jar_module())}).trap == Trap::AlreadyExists);
    CHECK(w.ledger.program(w.code) != nullptr);
    Module changed = jar_module(); // other code under the same name
    changed.compiler = "another";
    CHECK(w.send({1}, Deploy{encode(changed)}).trap == Trap::AlreadyExists);
    ++changed.version;
    CHECK(w.send({1}, Deploy{encode(changed)}).trap == Trap::None);
    Module other = jar_module();
    other.name = "test.user";
    other.imports[0] = {"test.jar", "Jar", "add", {jar::integer}, none};
    CHECK(w.send({1}, Deploy{encode(other)}).trap == Trap::None);
}

TEST_CASE("a generic contract wants a currency, the date moves forward only") {
    World w;
    w.deploy();
    CHECK(w.send({2}, Create{w.code, "Jar", 0, 0, World::words({2}), {}}).trap ==
          Trap::WrongCurrency);
    CHECK(w.send({2}, Create{w.code, "Jar", 7, cny, World::words({2}), {}}).trap ==
          Trap::BadArgument);
    CHECK(w.send({2}, Create{w.code, "Slip", 7, 0, World::words({2}), {}}).trap ==
          Trap::NoSuchInstance);
    CHECK(w.send({2}, Create{Hash{}, "Jar", 0, cny, World::words({2}), {}}).trap ==
          Trap::NoSuchEntry);
    CHECK(w.send({2}, Advance{20500}).trap == Trap::NotAuthorised);
    CHECK(w.send({1}, Advance{20454}).trap == Trap::BadArgument);
    CHECK(w.send({1}, Advance{20455}).trap == Trap::None);
}

TEST_CASE("the same blocks give the same bytes, and an abandoned block leaves none") {
    World a, b;
    for (World* w : {&a, &b}) {
        const InstanceId jar = w->jar();
        const AccountId account = w->funded(3, 50);
        w->act({3}, jar, "put", {}, {{account, 50}});
        w->act({3}, jar, "add", {-1});
    }
    CHECK(a.ledger.writes() == b.ledger.writes());
    a.commit();
    const auto before = a.store.entries();
    a.ledger.begin_block(++a.height);
    a.act({3}, 1, "add", {1});
    CHECK(a.ask(1, "count") == 1);
    a.ledger.abandon();
    CHECK(a.ask(1, "count") == 0);
    CHECK(a.store.entries() == before);
    Ledger again(a.store);
    CHECK(again.exists());
    CHECK(again.chain() == "test");
    CHECK(again.view(1, "count", {}).trap == Trap::None);
}

TEST_CASE("a receipt survives its encoding and nothing else decodes") {
    Receipt receipt;
    receipt.trap = Trap::Refused;
    receipt.error = "a.b.C";
    receipt.error_fields = {1, 2};
    receipt.gas_used = 99;
    receipt.result = {3};
    receipt.events = {{7, "a.b.E", Hash{}, 2, {9}}};
    const Bytes bytes = encode(receipt);
    Receipt back;
    REQUIRE(decode(bytes, back));
    CHECK(encode(back) == bytes);
    for (std::size_t n = 0; n < bytes.size(); ++n)
        CHECK_FALSE(decode(ByteView(bytes).first(n), back));
    Bytes strange = bytes;
    strange[0] = 99;
    CHECK_FALSE(decode(strange, back));
}

} // namespace tally::test
