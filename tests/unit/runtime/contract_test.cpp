#include "tests/unit/runtime/jar_module.hpp"

namespace tally::test {

TEST_CASE("an action changes the record, a view reads it, a view that writes changes nothing") {
    World w;
    const InstanceId jar = w.jar();
    const Receipt receipt = w.act({3}, jar, "add", {5});
    CHECK(receipt.trap == Trap::None);
    CHECK(receipt.gas_used > 0);
    CHECK(w.ask(jar, "count") == 5);
    CHECK(w.ask(jar, "cheat") == 99);
    CHECK(w.ask(jar, "count") == 5);
    w.block();
    CHECK(w.ask(jar, "count") == 5);
    CHECK(
        w.ledger.instance(jar)->json ==
        R"({"state": "Open", "owner": "alice", "count": 5, "log": 0, "next": "1970-01-01", "fired": 0, )"
        R"("vaults": {"pot": "0.00", "pots": []}})");
}

TEST_CASE("a view inside a transaction cannot write") {
    World w;
    const InstanceId jar = w.jar();
    CHECK(w.act({3}, jar, "cheat").trap == Trap::None);
    CHECK(w.ask(jar, "count") == 0);
}

TEST_CASE("only the party that `by` names may act, and creates for itself only") {
    World w;
    const InstanceId jar = w.jar();
    CHECK(w.act({3}, jar, "close").trap == Trap::NotAuthorised);
    CHECK(w.act({3, 2}, jar, "close").trap == Trap::None);
    CHECK(w.act({2}, jar, "add", {1}).trap == Trap::WrongState);
    CHECK(w.send({3}, Create{w.code, "Jar", 0, cny, World::words({2}), {}}).trap ==
          Trap::NotAuthorised);
    CHECK(w.ledger.instance_count() == 1);
}

TEST_CASE("a parameter cannot name a party that nobody is") {
    World w;
    (void)w.jar(); // deploys
    for (const i64 nobody : {0, 99, -1})
        CHECK(w.send({2}, Create{w.code, "Jar", 0, cny, World::words({nobody}), {}}).trap ==
              Trap::BadParty);
    CHECK(w.ledger.instance_count() == 1);
}

TEST_CASE("money goes in and out, and is never made or lost") {
    World w;
    const InstanceId jar = w.jar();
    const AccountId alice = w.funded(2, 1000), bob = w.funded(3, 50);
    CHECK(w.act({3}, jar, "put", {}, {{bob, 51}}).trap == Trap::Insufficient);
    CHECK(w.act({3}, jar, "put", {}, {{alice, 5}}).trap == Trap::NotAuthorised);
    CHECK(w.act({3}, jar, "put").trap == Trap::MalformedInput);
    CHECK(w.act({3}, jar, "put", {}, {{bob, 50}}).trap == Trap::None);
    CHECK(w.act({2}, jar, "put", {}, {{alice, 1}}).trap == Trap::None);
    CHECK(w.ledger.account(bob)->balance == 0);
    CHECK(w.act({2}, jar, "close").trap == Trap::FinalHoldsMoney);
    CHECK(w.send({2}, Call{jar, "take", World::amount(52), {}, 0}).trap == Trap::Insufficient);
    CHECK(w.send({2}, Call{jar, "take", World::amount(-1), {}, 0}).trap == Trap::NegativeAmount);
    CHECK(w.send({2}, Call{jar, "take", World::amount(50), {}, bob}).trap == Trap::None);
    CHECK(w.send({2}, Call{jar, "take", World::amount(1), {}, 0}).trap == Trap::None);
    CHECK(w.ledger.account(bob)->balance == 50);
    CHECK(w.ledger.account(alice)->balance == 1000);
    CHECK(w.ledger.supply(cny).issued == 1050);
    CHECK(w.ledger.supply(cny).held == 1050);
    CHECK(w.act({2}, jar, "close").trap == Trap::None);
}

TEST_CASE("a vault by party has entries that must be opened, up to its maximum") {
    World w;
    const InstanceId jar = w.jar();
    const AccountId bob = w.funded(3, 50), dollars = w.funded(3, 7, usd);
    CHECK(w.act({3}, jar, "put_pot", {3}, {{bob, 5}}).trap == Trap::MissingKey);
    CHECK(w.act({2}, jar, "open_pot", {3}).trap == Trap::None);
    CHECK(w.act({2}, jar, "open_pot", {3}).trap == Trap::None);
    CHECK(w.act({2}, jar, "open_pot", {2}).trap == Trap::None);
    CHECK(w.act({2}, jar, "open_pot", {1}).trap == Trap::Capacity);
    CHECK(w.act({3}, jar, "put_pot", {3}, {{bob, 5}}).trap == Trap::None);
    CHECK(w.act({3}, jar, "put_pot", {3}, {{dollars, 5}}).trap == Trap::WrongCurrency);
    CHECK(w.ledger.instance(jar)->json.find(
              R"("pots": [{"key": "alice", "value": "0.00"}, {"key": "bob", "value": "0.05"}])") !=
          std::string::npos);
    CHECK(w.act({2}, jar, "close").trap == Trap::FinalHoldsMoney);
}

TEST_CASE("a refusal says what, where, with the fields, and leaves nothing") {
    World w;
    const InstanceId jar = w.jar();
    const Receipt receipt = w.act({3}, jar, "refuse", {7});
    CHECK(receipt.trap == Trap::Refused);
    CHECK(receipt.error == "test.jar.Failed");
    CHECK(receipt.error_fields == World::words({7}));
    CHECK(receipt.gas_used < 10000);
    CHECK(receipt.note ==
          R"(Failed: it did not work {"why": 7}, at fn refuse line 42 of test.jar)");
}

TEST_CASE("invariants are asked at the end, and code cannot write over its state") {
    World w;
    const InstanceId jar = w.jar();
    const Receipt receipt = w.act({3}, jar, "add", {-1});
    CHECK(receipt.trap == Trap::InvariantBroken);
    CHECK(receipt.note.find("never below zero") != std::string::npos);
    CHECK(w.act({3}, jar, "scribble").trap == Trap::BadTransition);
    CHECK(w.ask(jar, "count") == 0);
}

TEST_CASE("a machine trap uses all of its gas") {
    World w;
    const InstanceId jar = w.jar();
    w.act({3}, jar, "add", {INT64_MAX});
    CHECK(w.act({3}, jar, "add", {1}).trap == Trap::Overflow);
    CHECK(w.act({3}, jar, "add", {1}).gas_used == 1'000'000);
    Transaction poor = w.transaction({3}, Call{jar, "add", World::words({-1}), {}, 0});
    poor.gas_limit = 50;
    const Receipt receipt = w.ledger.apply(poor);
    CHECK(receipt.trap == Trap::OutOfGas);
    CHECK(receipt.gas_used == 50);
}

TEST_CASE("a stored list grows to its maximum and is read back") {
    World w;
    const InstanceId jar = w.jar();
    for (const i64 n : {7, 8, 9})
        CHECK(w.act({3}, jar, "push", {n}).trap == Trap::None);
    CHECK(w.act({3}, jar, "push", {10}).trap == Trap::Capacity);
    CHECK(w.ask(jar, "log_at", {1}) == 8);
    CHECK(w.ask(jar, "log_at", {3}) == 0);
}

TEST_CASE("contracts call contracts, one way, of the right kind and currency") {
    World w;
    const InstanceId a = w.jar(), b = w.jar(3);
    CHECK(w.act({2}, a, "through", {static_cast<i64>(b), 4}).trap == Trap::None);
    CHECK(w.ask(b, "count") == 4);
    CHECK(w.act({2}, a, "through", {static_cast<i64>(a), 4}).trap == Trap::CyclicCall);
    CHECK(w.act({2}, a, "through", {77, 4}).trap == Trap::NoSuchInstance);
    const InstanceId d = w.send({2}, Create{w.code, "Jar", 0, usd, World::words({2}), {}}).created;
    CHECK(w.act({2}, a, "through", {static_cast<i64>(d), 4}).trap == Trap::WrongContract);
    // The callee's broken invariant takes back the caller's work too.
    CHECK(w.act({2}, a, "through", {static_cast<i64>(b), -5}).trap == Trap::InvariantBroken);
    CHECK(w.ask(b, "count") == 4);
}

TEST_CASE("a child acts on its parent, sees its record, and has a serial of its own") {
    World w;
    const InstanceId jar = w.jar();
    const Receipt made = w.send({2}, Create{w.code, "Slip", jar, 0, World::words({5}), {}});
    INFO(made.note);
    CHECK(made.trap == Trap::None);
    CHECK(w.ask(jar, "count") == 1);
    CHECK(w.ask(made.created, "slip_owner_count") == 1);
    CHECK(w.ledger.child(jar, "Slip", 5) == made.created);
    CHECK(w.send({2}, Create{w.code, "Slip", jar, 0, World::words({5}), {}}).trap ==
          Trap::AlreadyExists);
    CHECK(w.send({3}, Create{w.code, "Slip", jar, 0, World::words({6}), {}}).trap ==
          Trap::NotAuthorised);
    CHECK(w.act({2}, jar, "bump", {1}).trap == Trap::NotAuthorised);
    CHECK(w.ledger.instance(made.created)->currency == cny);
    CHECK(w.act({2}, jar, "close").trap == Trap::None);
    CHECK(w.send({2}, Create{w.code, "Slip", jar, 0, World::words({6}), {}}).trap ==
          Trap::WrongState);
}

TEST_CASE("malformed arguments are refused") {
    World w;
    const InstanceId jar = w.jar();
    CHECK(w.act({3}, jar, "add").trap == Trap::MalformedInput);
    CHECK(w.act({3}, jar, "add", {1, 2}).trap == Trap::MalformedInput);
    CHECK(w.act({3}, jar, "nothing").trap == Trap::NoSuchEntry);
    CHECK(w.act({3}, jar, "create", {3}).trap == Trap::NoSuchEntry);
    CHECK(w.act({3}, jar, "tick").trap == Trap::NoSuchEntry);
    CHECK(w.act({3}, 9, "add", {1}).trap == Trap::NoSuchInstance);
    CHECK(w.ledger.view(jar, "add", World::words({1})).trap == Trap::NoSuchEntry);
}

} // namespace tally::test
