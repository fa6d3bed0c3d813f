#include "tests/unit/runtime/jar_module.hpp"

namespace tally::test {
namespace {

constexpr Date start = 20454;

std::size_t run_until_done(World& w) {
    std::size_t fired = 0;
    do
        fired += w.block().size();
    while (w.ledger.work_pending());
    return fired;
}

} // namespace

TEST_CASE("clauses fire once each day as the date moves, and empty stretches pass at once") {
    World w;
    const InstanceId jar = w.jar();
    CHECK(w.act({2}, jar, "set_next", {start + 1000}).trap == Trap::None);
    CHECK(w.send({1}, Advance{start + 1002}).trap == Trap::None);
    CHECK(w.ledger.work_pending());
    CHECK(w.ledger.business_date() == start);
    const auto runs = w.block();
    REQUIRE(runs.size() == 3);
    CHECK(runs[0].date == start + 1000);
    CHECK(runs[0].clause == "tick");
    CHECK(runs[2].date == start + 1002);
    CHECK(w.ledger.business_date() == start + 1002);
    CHECK_FALSE(w.ledger.work_pending());
    CHECK(w.ledger.instance(jar)->json.find("\"fired\": 3") != std::string::npos);
}

TEST_CASE("a block fires so many clauses and no more; the rest carries over") {
    World w;
    const InstanceId jar = w.jar();
    w.act({2}, jar, "set_next", {start + 1});
    w.send({1}, Advance{start + 2500});
    CHECK(w.block().size() == limits::clauses_per_block);
    CHECK(w.ledger.work_pending());
    CHECK(run_until_done(w) == 500);
}

TEST_CASE("overdue clauses run before a transaction touches their instance, and before a view") {
    World w;
    const InstanceId jar = w.jar(), other = w.jar(3);
    // In the past: overdue from the moment that it is set.
    CHECK(w.act({2}, jar, "set_next", {start - 2}).trap == Trap::None);
    CHECK(w.ledger.work_pending());
    CHECK(w.ask(jar, "count") == 0);
    CHECK(w.ledger.clause_runs().empty());
    CHECK(w.act({3}, other, "through", {static_cast<i64>(jar), 1}).trap == Trap::None);
    CHECK(w.ledger.clause_runs().size() == 3);
    CHECK(w.ask(jar, "count") == 1);
    CHECK_FALSE(w.ledger.work_pending());
}

TEST_CASE("what is taken back with a refused batch did not run, and is not recorded") {
    World w;
    const InstanceId jar = w.jar();
    CHECK(w.act({2}, jar, "set_next", {start - 2}).trap == Trap::None);
    const Receipt refused = w.send({2}, Batch{true, {Call{jar, "nothing", {}, {}, 0}}});
    CHECK(refused.trap == Trap::NoSuchEntry);
    CHECK(w.ledger.clause_runs().empty());
    CHECK(w.ledger.work_pending());
    CHECK(w.block().size() == 3); // now, and once
    CHECK_FALSE(w.ledger.work_pending());
}

TEST_CASE("a clause that traps is recorded, changes nothing and does not stop its instance") {
    World w;
    const InstanceId jar = w.jar();
    w.act({2}, jar, "add", {13}); // unlucky: the clause traps
    w.act({2}, jar, "set_next", {start + 1});
    w.send({1}, Advance{start + 5});
    const auto runs = w.block();
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].receipt.trap == Trap::Overflow);
    CHECK(runs[0].receipt.note.find("at fn tick") != std::string::npos);
    CHECK(w.ledger.business_date() == start + 5);
    CHECK(w.act({2}, jar, "add", {1}).trap == Trap::None);
    w.act({2}, jar, "set_next", {start + 6});
    w.send({1}, Advance{start + 6});
    CHECK(w.block().size() == 1);
    CHECK(w.ledger.instance(jar)->json.find("\"fired\": 1") != std::string::npos);
}

TEST_CASE("a clause at close fires when its day ends, one at open when its day begins") {
    World w;
    Module module = jar_module();
    module.contracts[0].entries.back().phase = ClausePhase::Close;
    w.code = w.send({1}, Deploy{encode(module)}).code;
    const InstanceId jar = w.jar();
    w.act({2}, jar, "set_next", {start + 1});
    w.send({1}, Advance{start + 1});
    CHECK(w.block().empty());
    CHECK(w.ledger.business_date() == start + 1);
    CHECK_FALSE(w.ledger.work_pending());
    w.send({1}, Advance{start + 2});
    const auto runs = w.block();
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].date == start + 1);
    CHECK(w.ledger.business_date() == start + 2);
}

TEST_CASE("clauses of one day fire in the order of their instances, days in order") {
    World w;
    for (const PartyId owner : {2U, 3U, 2U})
        static_cast<void>(w.jar(owner));
    w.act({2}, 3, "set_next", {start + 1});
    w.act({3}, 2, "set_next", {start + 2});
    w.act({2}, 1, "set_next", {start + 1});
    w.send({1}, Advance{start + 2});
    std::vector<std::pair<Date, InstanceId>> got;
    for (const ClauseRun& run : w.block())
        got.emplace_back(run.date, run.instance);
    CHECK(got ==
          std::vector<std::pair<Date, InstanceId>>{
              {start + 1, 1}, {start + 1, 3}, {start + 2, 1}, {start + 2, 2}, {start + 2, 3}});
}

TEST_CASE("a transaction that runs out of gas cannot lose a clause") {
    World w;
    const InstanceId jar = w.jar();
    // Exactly the gas of the action: finding the next date has gas of its own.
    const Receipt probe = w.act({2}, jar, "set_next", {start + 9});
    Transaction tight = w.transaction({2}, Call{jar, "set_next", World::words({start + 8}), {}, 0});
    tight.gas_limit = probe.gas_used;
    CHECK(w.ledger.apply(tight).trap == Trap::None);
    w.send({1}, Advance{start + 8});
    CHECK(w.block().size() == 1);
}

TEST_CASE("a closed contract has no clauses") {
    World w;
    const InstanceId jar = w.jar();
    w.act({2}, jar, "set_next", {start + 1});
    w.act({2}, jar, "close");
    w.send({1}, Advance{start + 5});
    CHECK(w.block().empty());
}

TEST_CASE("a quiet block writes nothing") {
    World w;
    const InstanceId jar = w.jar();
    w.act({2}, jar, "set_next", {start + 1});
    w.block();
    CHECK(w.ledger.writes().empty());
}

} // namespace tally::test
