#include "node/store/directory.hpp"
#include "node/store/rocks_store.hpp"
#include "tests/unit/node/node_kit.hpp"

#include <random>

namespace tally::test {
namespace {

std::unique_ptr<RocksStore> open(const std::filesystem::path& path, bool create) {
    auto store = RocksStore::open(path, create);
    REQUIRE(store);
    return std::move(*store);
}

Bytes key(std::string_view text) { return to_bytes(text); }

RocksStore::Block block(u64 height) { return {height, Bytes{1, 2}, {}, Bytes{3}}; }

} // namespace

TEST_CASE("what was committed is there after the store was closed and opened") {
    const TemporaryDirectory directory;
    {
        const auto store = open(directory / "db", true);
        CHECK_FALSE(store->get(key("a")));
        WriteSet writes{{key("a"), key("1")}, {key("b"), key("2")}, {key("c"), std::nullopt}};
        RocksStore::Block first = block(1);
        first.rows = {{RocksStore::Family::Index, key("i"), key("x")}};
        store->commit(writes, first);
        CHECK(store->get(key("a")) == key("1")); // a row that the cache knew to be absent
    }
    const auto store = open(directory / "db", false);
    CHECK(store->get(key("a")) == key("1"));
    CHECK(store->get(key("b")) == key("2"));
    CHECK_FALSE(store->get(key("c")));
    CHECK(store->block(1) == Bytes{1, 2});
    CHECK_FALSE(store->block(2));
    CHECK(store->index(key("i")) == key("x"));
    CHECK(store->meta() == Bytes{3});
}

TEST_CASE(
    "a store is not opened where there is none, nor made where there is one, nor opened twice") {
    const TemporaryDirectory directory;
    CHECK_FALSE(RocksStore::open(directory / "db", false));
    const auto store = open(directory / "db", true);
    CHECK_FALSE(RocksStore::open(directory / "db", true));
    const auto again = RocksStore::open(directory / "db", false);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == NodeCode::DirectoryInUse);
}

TEST_CASE("the store answers like a map in memory, whatever is written and asked") {
    const TemporaryDirectory directory;
    const auto store = open(directory / "db", true);
    MemoryStore model;
    std::mt19937 random(7);
    const auto any_key = [&] {
        Bytes out(1 + random() % 3);
        for (auto& byte : out)
            byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xff : random() % 3);
        return out;
    };
    for (u64 height = 1; height <= 60; ++height) {
        WriteSet writes;
        for (int i = 0; i < 12; ++i) {
            if (random() % 3 == 0)
                writes[any_key()] = std::nullopt;
            else
                writes[any_key()] = Bytes{static_cast<std::uint8_t>(height)};
        }
        store->commit(writes, block(height));
        model.apply(writes);
        for (int i = 0; i < 40; ++i) {
            const Bytes one = any_key();
            CHECK(store->get(one) == model.get(one));
            Bytes prefix = any_key(), after = random() % 2 == 0 ? Bytes{} : any_key();
            prefix.resize(random() % 2 == 0 ? 1 : prefix.size());
            CHECK(store->next(prefix, after) == model.next(prefix, after));
        }
        const Bytes space{0xff}; // walked from its head to its end, as queues are
        std::optional<std::pair<Bytes, Bytes>> row;
        for (Bytes after; (row = model.next(space, after)); after = row->first)
            CHECK(store->next(space, after) == row);
    }
}

TEST_CASE("a directory belongs to one process at a time and says whose it is") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "node");
    {
        const auto lock = DirectoryLock::take(directory / "node");
        REQUIRE(lock);
        CHECK_FALSE(lock->note());
        CHECK_FALSE(lock->write_note({"test", 12}));
        const auto second = DirectoryLock::take(directory / "node");
        REQUIRE_FALSE(second);
        CHECK(second.error().code == NodeCode::DirectoryInUse);
    }
    const auto lock = DirectoryLock::take(directory / "node");
    REQUIRE(lock);
    REQUIRE(lock->note());
    CHECK(lock->note()->chain == "test");
    CHECK(lock->note()->starts == 12);
}

TEST_CASE("a disk is nearly full below the floor and not at it") {
    const TemporaryDirectory directory;
    CHECK_FALSE(disk_nearly_full(directory / "", 1));
    const auto problem = disk_nearly_full(directory / "", ~u64{0});
    REQUIRE(problem);
    CHECK(problem->code == NodeCode::DiskNearlyFull);
}

} // namespace tally::test
