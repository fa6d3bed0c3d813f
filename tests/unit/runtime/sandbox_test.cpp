#include "runtime/sandbox.hpp"

#include "compiler/compile.hpp"

#include <doctest/doctest.h>

namespace {

using namespace tally;

Sandbox sandbox() {
    auto compilation = check_text("probe.tally", R"(module t.probe version 1;
error Spent(n: Int) "no more";
event Put { n: Int; }
contract Probe<CCY> {
    role owner: Party;
    var n: Int = 0;
    vault coins: Cash<CCY>;
    lifecycle { initial Open; Open -> Shut; final Shut; }
    create(owner: Party) by owner { become Open; }
    action put(cash: Cash<CCY>) -> Int by owner in Open { if n > 0 { fail Spent(n); } coins.deposit(move cash); n += 1; emit Put { n: n }; return n; }
    action shut() -> Cash<CCY> by owner in Open { become Shut; return coins.withdraw(coins.amount); }
    view third(of: Amount<CCY>, mode: Rounding) -> Amount<CCY> { return round(of / 3, mode); }
    clause note on opened() at open while Open { n += 10; emit Put { n: n }; }
    fn opened() -> Date? { return 2026-02-01; }
}
)");
    auto built = build(*compilation, Tests::Leave, Optimise::Full);
    REQUIRE_MESSAGE(compilation->sink.empty(), render(compilation->sources, compilation->sink.sorted()[0], Colour::Off));
    std::vector<Bytes> modules;
    modules.push_back(built.bytes);
    return Sandbox(std::move(modules));
}

} // namespace

TEST_CASE("a sandbox is driven by names and JSON") {
    auto box = sandbox();
    REQUIRE(box.reset().good());
    CHECK(box.today() == "2026-01-01");
    const auto made = box.create("Probe", "CNY", 0, {{"ann"}, R"({"owner": "ann"})", {}});
    REQUIRE(made.good());
    CHECK(box.create("t.probe.Probe", "USD", 0, {{"bob"}, R"({"owner": "bob"})", {}}).created == 2);
    const auto put = box.call(made.created, "put", {{"ann"}, "{}", {{"12.50", "CNY"}}});
    CHECK(put.result == "1");
    CHECK(put.events == R"([{"instance": 1, "name": "t.probe.Put", "fields": {"n": 1}}])");
    CHECK(box.view(1, "third", R"({"of": "1.00", "mode": "ceiling"})").result == "\"0.34\"");
    CHECK(box.look(1).result.find("\"coins\": \"12.50\"") != std::string::npos);
    CHECK(box.call(1, "shut", {{"ann"}, "{}", {}}).good());
    CHECK(box.balance("ann", "CNY").result == "\"12.50\"");
    REQUIRE(box.reset().good());
    CHECK(!box.look(1).good());
}

TEST_CASE("asking enrols nobody") {
    auto box = sandbox();
    REQUIRE(box.reset().good());
    CHECK(box.balance("carl", "CNY").error == "nobody here is called \"carl\"");
    const auto carl = box.party("carl");
    CHECK(carl.good());
    CHECK(box.balance("carl", "CNY").result == "\"0.00\"");
    CHECK(box.party("carl").created == carl.created);
    CHECK(!box.party("").good());
}

TEST_CASE("money that a refused call brought is gone again") {
    auto box = sandbox();
    REQUIRE(box.reset().good());
    REQUIRE(box.create("Probe", "CNY", 0, {{"ann"}, R"({"owner": "ann"})", {}}).good());
    CHECK(box.call(1, "put", {{"ann"}, "{}", {{"10.00", "EUR"}}}).trap == Trap::WrongCurrency);
    CHECK(box.balance("ann", "EUR").result == "\"0.00\"");
    CHECK(box.call(1, "put", {{"bob"}, "{}", {{"10.00", "CNY"}}}).trap == Trap::NotAuthorised);
    CHECK(box.balance("bob", "CNY").result == "\"0.00\"");
    CHECK(!box.call(1, "put", {{"ann"}, "{}", {{"10.00", "CNY"}, {"1.001", "CNY"}}}).good());
    CHECK(!box.call(1, "put", {{"ann"}, "{}", {{"100000000000000000000000000.00", "CNY"}}}).good());
    CHECK(box.balance("ann", "CNY").result == "\"0.00\"");
    CHECK(box.call(1, "put", {{"ann"}, "{}", {{"10.00", "CNY"}}}).good());
}

TEST_CASE("what a sandbox cannot do it says, and nothing changes") {
    auto box = sandbox();
    REQUIRE(box.reset().good());
    CHECK(box.create("Nothing", "CNY", 0, {}).error == "no module here has a contract `Nothing`");
    CHECK(box.create("Probe", "ABC", 0, {}).error == "`ABC` is no currency of ISO 4217");
    CHECK(box.create("Probe", "CNY", 7, {}).error == "there is no instance 7");
    CHECK(box.create("Probe", "CNY", 0, {{"ann"}, "{}", {}}).error == "`owner` is missing for `create`");
    CHECK(box.create("Probe", "CNY", 0, {{"ann"}, R"({"owner": "ann", "x": 1})", {}}).error == "`create` has no parameter `x`; see the module's interface");
    REQUIRE(box.create("Probe", "CNY", 0, {{"ann"}, R"({"owner": "ann"})", {}}).good());
    CHECK(box.call(1, "put", {{"ann"}, "{}", {{"1.005", "CNY"}}}).error == "`1.005 CNY` is not an amount of money");
    CHECK(box.call(1, "put", {{}, "{}", {{"1.00", "CNY"}}}).error == "money comes from the first signer: name one");
    CHECK(box.call(1, "third", {{"ann"}, "{}", {}}).error == "`Probe` has no action `third`");
    CHECK(box.view(1, "put", "{}").error == "`Probe` has no view `put`");
    CHECK(box.call(1, "put", {{"bob"}, "{}", {{"1.00", "CNY"}}}).trap == Trap::NotAuthorised);
    REQUIRE(box.call(1, "put", {{"ann"}, "{}", {{"1.00", "CNY"}}}).good());
    const auto refused = box.call(1, "put", {{"ann"}, "{}", {{"1.00", "CNY"}}});
    CHECK(refused.trap == Trap::Refused);
    CHECK(refused.error == "t.probe.Spent");
    CHECK(box.balance("ann", "CNY").result == "\"0.00\"");
    CHECK(!box.advance("tomorrow").good());
    CHECK(!box.advance("2025-12-31").good());
    CHECK(box.advance("2026-02-02").events.find("{\"n\": 11}") != std::string::npos);
}
