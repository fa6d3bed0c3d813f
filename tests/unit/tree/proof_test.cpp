#include "tree/multiproof.hpp"
#include "tests/unit/tree/memory_tree.hpp"

#include <random>
#include <set>

using namespace tally;
using namespace tally::tree;

namespace {

Bytes key_of(u64 number) {
    ByteWriter out;
    out.u64be(number);
    return out.take();
}

/// Even numbers are there, odd ones are not.
MemoryTree tree_of(u64 rows, Hash& root) {
    MemoryTree tree;
    std::map<Bytes, std::optional<Bytes>> writes;
    for (u64 i = 0; i < rows; ++i) writes[key_of(2 * i)] = to_bytes("value " + std::to_string(i));
    root = tree.apply(writes);
    return tree;
}

void each_flip(const Bytes& bytes, const auto& look) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes flipped = bytes;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        look(flipped);
    }
}

} // namespace

TEST_CASE("each row has a proof, each other key a proof of absence, and neither holds under another root") {
    for (const u64 rows : {1U, 2U, 3U, 5U, 17U, 300U}) {
        Hash root{};
        const MemoryTree tree = tree_of(rows, root);
        Hash other = root;
        other[31] ^= 1;
        CHECK(tree.prover().root() == root);
        for (u64 i = 0; i < 2 * rows + 4; ++i) {
            const auto proof = tree.prover().prove(key_of(i));
            const bool present = i % 2 == 0 && i < 2 * rows;
            REQUIRE(std::holds_alternative<Existence>(proof) == present);
            if (present) {
                const auto& there = std::get<Existence>(proof);
                CHECK(there.value == tree.rows.at(key_of(i)));
                CHECK(holds(there, root));
                CHECK_FALSE(holds(there, other));
                Existence read;
                REQUIRE(decode(encode(there), read));
                CHECK(encode(read) == encode(there));
                CHECK(holds(read, root));
            } else {
                const auto& absent = std::get<Absence>(proof);
                CHECK(holds(absent, root));
                CHECK_FALSE(holds(absent, other));
                Absence read;
                REQUIRE(decode(encode(absent), read));
                CHECK(encode(read) == encode(absent));
                CHECK(holds(read, root));
            }
        }
    }
}

TEST_CASE("absence of a row that is there cannot be shown by its other neighbours") {
    Hash root{};
    const MemoryTree tree = tree_of(64, root);
    std::map<Hash, Bytes> order;
    for (const auto& [key, value] : tree.rows) order[sha256(key)] = key;
    std::vector<Bytes> keys;
    for (const auto& [hash, key] : order) keys.push_back(key);
    const auto existence = [&](const Bytes& key) { return std::get<Existence>(tree.prover().prove(key)); };
    for (std::size_t i = 0; i < keys.size(); ++i) {
        Absence lie{keys[i], {}, {}};
        if (i > 0) lie.left = existence(keys[i - 1]);
        if (i + 1 < keys.size()) lie.right = existence(keys[i + 1]);
        CHECK_FALSE(holds(lie, root));
        lie.left.reset();
        CHECK_FALSE(holds(lie, root));
        if (i > 0) lie.left = existence(keys[i - 1]);
        lie.right.reset();
        CHECK_FALSE(holds(lie, root));
    }
}

TEST_CASE("a proof with a flipped bit, a byte more or less proves nothing else") {
    Hash root{};
    const MemoryTree tree = tree_of(40, root);
    const auto there = std::get<Existence>(tree.prover().prove(key_of(6)));
    const Bytes good = encode(there);
    each_flip(good, [&](const Bytes& bytes) {
        Existence read;
        CHECK_FALSE((decode(bytes, read) && holds(read, root)));
    });
    const Bytes none = encode(std::get<Absence>(tree.prover().prove(key_of(7))));
    each_flip(none, [&](const Bytes& bytes) {
        Absence read;
        // Another key between the same neighbours is absent too: that is no lie.
        if (decode(bytes, read) && holds(read, root)) CHECK_FALSE(tree.rows.contains(read.key));
    });
    for (const Bytes& proof : {good, none}) {
        Bytes longer = proof;
        longer.push_back(0);
        Existence one;
        Absence two;
        CHECK_FALSE(decode(longer, one));
        CHECK_FALSE(decode(longer, two));
        for (std::size_t size = 0; size < proof.size(); ++size) {
            CHECK_FALSE(decode(ByteView(proof).first(size), one));
            CHECK_FALSE(decode(ByteView(proof).first(size), two));
        }
    }
}

TEST_CASE("one proof for many rows shows exactly those") {
    std::mt19937_64 dice(3);
    for (const u64 rows : {0U, 1U, 2U, 9U, 500U}) {
        Hash root{};
        const MemoryTree tree = tree_of(rows, root);
        for (int round = 0; round < 40; ++round) {
            std::set<Bytes> keys;
            const std::size_t count = 1 + dice() % 40;
            while (keys.size() < count) keys.insert(key_of(dice() % (2 * rows + 60)));
            std::vector<ProvenRow> claimed;
            for (const Bytes& key : keys) {
                const auto found = tree.rows.find(key);
                claimed.push_back({key, found == tree.rows.end() ? std::nullopt : std::optional(found->second)});
            }
            const Bytes proof = tree.prover().prove(std::vector<Bytes>(keys.begin(), keys.end()));
            REQUIRE(holds(proof, claimed, root));
            // Any row said otherwise, left out or added makes it false.
            const std::size_t lie = dice() % claimed.size();
            auto wrong = claimed;
            wrong[lie].value = wrong[lie].value ? std::nullopt : std::optional(to_bytes("x"));
            CHECK_FALSE(holds(proof, wrong, root));
            wrong = claimed;
            wrong[lie].value = to_bytes("another");
            CHECK_FALSE(holds(proof, wrong, root));
            if (claimed[lie].value) {
                wrong = claimed;
                wrong.erase(wrong.begin() + static_cast<std::ptrdiff_t>(lie));
                CHECK_FALSE(holds(proof, wrong, root));
            }
            wrong = claimed;
            wrong.push_back(claimed[lie]);
            CHECK_FALSE(holds(proof, wrong, root));
            Bytes longer = proof;
            longer.push_back(0);
            CHECK_FALSE(holds(longer, claimed, root));
            for (std::size_t size = 0; size < proof.size(); size += 1 + size / 16)
                CHECK_FALSE(holds(ByteView(proof).first(size), claimed, root));
        }
    }
}

TEST_CASE("a proof for many rows: no flipped bit is accepted") {
    Hash root{};
    const MemoryTree tree = tree_of(60, root);
    std::vector<ProvenRow> rows;
    std::vector<Bytes> keys;
    for (const u64 i : {0U, 4U, 5U, 22U, 118U, 999U}) {
        keys.push_back(key_of(i));
        const auto found = tree.rows.find(keys.back());
        rows.push_back({keys.back(), found == tree.rows.end() ? std::nullopt : std::optional(found->second)});
    }
    const Bytes proof = tree.prover().prove(keys);
    REQUIRE(holds(proof, rows, root));
    each_flip(proof, [&](const Bytes& bytes) { CHECK_FALSE(holds(bytes, rows, root)); });
}
