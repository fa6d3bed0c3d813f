// What is remembered of intents, what the state tree says of it, and what `tallyd verify` sees.
#include "tests/unit/runtime/jar_module.hpp"

#include "node/upkeep/intent_check.hpp"
#include "runtime/intents.hpp"
#include "runtime/keys.hpp"

namespace tally::test {
namespace {

/// Ends the block as a node does and begins the next.
void sealed_block(World& w) {
    w.ledger.seal(w.height, Bytes{1});
    w.block();
}

u64 rows_in(const World& w, keys::Space space) {
    u64 out = 0;
    for (const auto& [key, value] : w.store.entries())
        if (keys::is_in(key, space)) ++out;
    return out;
}

std::optional<ChainedList> list_until(const World& w, u64 expiry) {
    const auto row = w.store.get(keys::intents(expiry));
    return row ? decode_list(*row) : std::nullopt;
}

Transaction opens_account(World& w, u64 expiry) {
    Transaction tx = w.transaction({2}, OpenAccount{cny}); // the first opens one, the others are refused: all are remembered
    tx.expiry = expiry;
    return tx;
}

bool whole(const Store& store, u64 height) {
    IntentCheck check(store);
    for (auto row = store.next({}, {}); row; row = store.next({}, row->first))
        if (!check.add(row->first, row->second)) return false;
    return !check.check(height);
}

} // namespace

TEST_CASE("the list of an expiry height commits to every intent until then, in their order") {
    World w;
    Hash chain{};
    for (u64 number = 1; number <= 3; ++number) {
        const Transaction tx = opens_account(w, 50);
        const Receipt receipt = w.ledger.apply(tx);
        chain = chain_after(chain, tx.intent, encode(Remembered{50, number, receipt}));
    }
    (void)w.ledger.apply(opens_account(w, 51));
    sealed_block(w);
    CHECK(list_until(w, 50) == ChainedList{3, chain});
    CHECK(list_until(w, 51)->count == 1);
    CHECK_FALSE(list_until(w, 52));
    CHECK(whole(w.store, 1));
}

TEST_CASE("an intent counts until its expiry and not a block longer, and its rows go a few at a time") {
    World w;
    const Transaction last = opens_account(w, 2);
    for (int i = 0; i < 8; ++i) (void)w.ledger.apply(opens_account(w, 2));
    (void)w.ledger.apply(last);
    sealed_block(w); // 2
    CHECK(w.ledger.receipt_of(last.intent));
    sealed_block(w); // 3: nothing came in, nothing goes
    CHECK_FALSE(w.ledger.receipt_of(last.intent));
    CHECK(rows_in(w, keys::Space::intent) == 9);
    for (const u64 left : {u64{5}, u64{1}, u64{0}}) {
        (void)w.ledger.apply(opens_account(w, 90));
        sealed_block(w);
        CHECK(rows_in(w, keys::Space::expiry) - list_until(w, 90)->count == left);
        CHECK(rows_in(w, keys::Space::intent) == rows_in(w, keys::Space::expiry));
        CHECK_FALSE(list_until(w, 2));
        CHECK(whole(w.store, w.height - 1));
    }
}

TEST_CASE("an intent may be taken again after its expiry, and what was remembered first does not take the second along") {
    World w;
    Transaction tx = opens_account(w, 1);
    (void)w.ledger.apply(opens_account(w, 1));
    CHECK(w.ledger.apply(tx).trap == Trap::AlreadyExists);
    (void)w.ledger.apply(opens_account(w, 1));
    sealed_block(w);
    tx.expiry = 40;
    tx.signers = {3};
    CHECK(w.ledger.apply(tx).trap == Trap::None);
    w.commit(); // not sealed: the others of height 1 are still there
    CHECK(whole(w.store, 2));
    for (int i = 0; i < 3; ++i) {
        (void)w.ledger.apply(opens_account(w, 40));
        sealed_block(w);
    }
    CHECK(w.ledger.receipt_of(tx.intent)->trap == Trap::None);
    CHECK(rows_in(w, keys::Space::intent) == 4);
    CHECK(whole(w.store, w.height - 1));
}

TEST_CASE("a remembered intent that was changed, lost or made up is found") {
    World w;
    std::vector<Transaction> sent;
    for (int i = 0; i < 4; ++i) {
        sent.push_back(opens_account(w, 50));
        (void)w.ledger.apply(sent.back());
    }
    sealed_block(w);
    REQUIRE(whole(w.store, 1));
    const auto with = [&](const Bytes& key, std::optional<Bytes> value) {
        MemoryStore store = w.store;
        store.apply({{key, std::move(value)}});
        return whole(store, 1);
    };
    const auto id = [](const Transaction& tx) { return Bytes(tx.intent.begin(), tx.intent.end()); };
    Receipt other;
    other.gas_used = 1;
    CHECK_FALSE(with(keys::intent(sent[1].intent), std::nullopt));
    CHECK_FALSE(with(keys::intent(sent[1].intent), encode(Remembered{50, 2, other})));
    CHECK_FALSE(with(keys::intent(sent[1].intent), encode(Remembered{51, 2, w.ledger.receipt_of(sent[1].intent).value()})));
    CHECK_FALSE(with(keys::intent(IntentId{9}), encode(Remembered{50, 5, other})));
    CHECK_FALSE(with(keys::expiry(50, 2), id(sent[2])));
    CHECK_FALSE(with(keys::expiry(50, 4), std::nullopt));
    CHECK_FALSE(with(keys::expiry(50, 5), id(sent[0])));
    CHECK_FALSE(with(keys::intents(50), std::nullopt));
    CHECK_FALSE(with(keys::intents(50), encode(ChainedList{4, {}})));
    CHECK_FALSE(with(keys::intents(60), encode(ChainedList{})));
}

} // namespace tally::test
