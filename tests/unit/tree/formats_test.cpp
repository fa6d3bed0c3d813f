#include "tree/list.hpp"
#include "tree/multiproof.hpp"
#include "tests/unit/tree/memory_tree.hpp"

#include <fstream>
#include <iterator>

using namespace tally;
using namespace tally::tree;

TEST_CASE("the vectors of docs/formats.md") {
    std::ifstream in(TALLY_SOURCE_DIR "/docs/formats.md");
    const std::string page(std::istreambuf_iterator<char>(in), {});
    const auto says = [&](ByteView bytes) { return page.find(hex(bytes) + "\n") != std::string::npos; };
    MemoryTree tree;
    const Hash root = tree.apply({{to_bytes("a"), to_bytes("1")}, {to_bytes("b"), to_bytes("2")}, {to_bytes("c"), to_bytes("3")}});
    CHECK(says(root));
    for (const auto& [key, value] : tree.rows) {
        CHECK(says(sha256(key)));
        CHECK(says(leaf_hash(sha256(key), sha256(value))));
    }
    MemoryTree alone;
    CHECK(says(alone.apply({{to_bytes("a"), to_bytes("1")}})));
    CHECK(says(tree.nodes.begin()->second));
    CHECK(says(encode(std::get<Existence>(tree.prover().prove(to_bytes("b"))))));
    CHECK(says(encode(std::get<Absence>(tree.prover().prove(to_bytes("d"))))));
    const Bytes many = tree.prover().prove({to_bytes("b"), to_bytes("d")});
    CHECK(says(many));
    CHECK(holds(many, {{to_bytes("b"), to_bytes("2")}, {to_bytes("d"), std::nullopt}}, root));
    CHECK(says(list_root({list_leaf(to_bytes("x")), list_leaf(to_bytes("y")), list_leaf(to_bytes("z"))})));
}
