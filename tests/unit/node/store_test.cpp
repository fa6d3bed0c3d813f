#include "node/store/directory.hpp"
#include "node/store/rocks_store.hpp"
#include "node/store/tip_file.hpp"
#include "tests/unit/node/node_kit.hpp"

#include <fstream>
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
        CHECK_FALSE(*lock->note());
        CHECK_FALSE(lock->write_note({"test", 12, {}}));
        const auto second = DirectoryLock::take(directory / "node");
        REQUIRE_FALSE(second);
        CHECK(second.error().code == NodeCode::DirectoryInUse);
    }
    const auto lock = DirectoryLock::take(directory / "node");
    REQUIRE(lock);
    const auto note = lock->note();
    REQUIRE(*note);
    CHECK((*note)->chain == "test");
    CHECK((*note)->starts == 12);
    CHECK((*note)->node.size() == 32);
    CHECK_FALSE(lock->write_note({"test", 13, (*note)->node}));
    CHECK((*lock->note())->node == (*note)->node);
    CHECK((*lock->note())->starts == 13);
    // One digit changed: a damaged note is not another one.
    std::fstream(directory / "node" / "node.id", std::ios::in | std::ios::out).seekp(5).put('9');
    CHECK_FALSE(lock->note());
}

TEST_CASE("the note of the first version, inside the lock, is still read") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "node");
    std::ofstream(directory / "node" / "node.lock") << "test\n7\n";
    const auto lock = DirectoryLock::take(directory / "node");
    REQUIRE(lock);
    const auto note = lock->note();
    REQUIRE(*note);
    CHECK((*note)->chain == "test");
    CHECK((*note)->starts == 7);
}

TEST_CASE("a tip file keeps the higher of two slots and survives a torn one") {
    const TemporaryDirectory directory;
    const auto node = directory / "node", path = node / "node.tip";
    std::filesystem::create_directories(node / "db");
    std::ofstream(node / "db" / "CURRENT") << "MANIFEST-000005\n";
    std::ofstream(node / "db" / "MANIFEST-000005") << "one";
    {
        auto tip = TipFile::open(node);
        REQUIRE(tip);
        CHECK_FALSE(tip->known());
        for (u64 height = 1; height <= 3; ++height) CHECK_FALSE(tip->write(height, Hash{}));
    }
    const auto spoil = [&](std::streamoff at) { std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(at).put('x'); };
    CHECK(TipFile::open(node)->known()->height == 3);
    spoil(20); // 1 and 3 went into the first slot
    CHECK(TipFile::open(node)->known()->height == 2);
    CHECK_FALSE(TipFile::open(node)->check_manifest());
    spoil(4096 + 20);
    const auto both = TipFile::open(node);
    REQUIRE_FALSE(both);
    CHECK(both.error().code == NodeCode::StoreDamaged);
}

TEST_CASE("a MANIFEST that grew is right, one that was cut or changed where it was known is not") {
    const TemporaryDirectory directory;
    const auto node = directory / "node", manifest = node / "db" / "MANIFEST-000005";
    std::filesystem::create_directories(node / "db");
    std::ofstream(node / "db" / "CURRENT") << "MANIFEST-000005\n";
    const std::string much(200'000, 'a'); // several chunks
    std::ofstream(manifest) << much;
    {
        auto tip = TipFile::open(node);
        CHECK_FALSE(tip->write(1, Hash{}));
        std::ofstream(manifest, std::ios::app) << much;
        CHECK_FALSE(tip->write(2, Hash{}));
    }
    CHECK_FALSE(TipFile::open(node)->check_manifest());
    std::ofstream(manifest, std::ios::app) << "b";
    CHECK_FALSE(TipFile::open(node)->check_manifest());
    for (const std::streamoff at : {0, 150'000, 399'999}) {
        CAPTURE(at);
        std::fstream file(manifest, std::ios::in | std::ios::out);
        file.seekp(at).put('x').flush();
        REQUIRE(TipFile::open(node)->check_manifest());
        file.seekp(at).put('a');
    }
    CHECK_FALSE(TipFile::open(node)->check_manifest());
    std::filesystem::resize_file(manifest, 399'999);
    CHECK(TipFile::open(node)->check_manifest());
    std::ofstream(node / "db" / "CURRENT") << "MANIFEST-000004\n";
    CHECK(TipFile::open(node)->check_manifest());
    std::ofstream(node / "db" / "CURRENT") << "MANIFEST-000006\n";
    CHECK_FALSE(TipFile::open(node)->check_manifest()); // a newer one is written whole
}

TEST_CASE("a disk is nearly full below the floor and not at it") {
    const TemporaryDirectory directory;
    CHECK_FALSE(disk_nearly_full(directory / "", 1));
    // What is free on a disk that others use changes while this runs: thirds away from each limit.
    const u64 free = std::filesystem::space(directory / "").available;
    const auto refuses = disk_nearly_full(directory / "", free / 2 * 3);
    REQUIRE(refuses);
    CHECK(refuses->code == NodeCode::DiskNearlyFull);
    const auto ends = disk_nearly_full(directory / "", free * 3);
    REQUIRE(ends);
    CHECK(ends->code == NodeCode::DiskFull);
}

} // namespace tally::test
