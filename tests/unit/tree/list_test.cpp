#include "tree/list.hpp"

#include <doctest/doctest.h>

using namespace tally;
using namespace tally::tree;

namespace {

std::vector<Hash> leaves_of(const std::vector<std::string>& hexes) {
    std::vector<Hash> out;
    for (const std::string& text : hexes) {
        Bytes bytes;
        REQUIRE(unhex(text, bytes));
        out.push_back(list_leaf(bytes));
    }
    return out;
}

} // namespace

// The inputs and roots that implementations of RFC 6962 share as their test vector.
TEST_CASE("roots of lists: known answers") {
    const std::vector<std::string> items{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    const std::vector<std::string> roots{
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    for (std::size_t n = 1; n <= items.size(); ++n)
        CHECK(hex(list_root(leaves_of({items.begin(), items.begin() + static_cast<std::ptrdiff_t>(n)}))) == roots[n - 1]);
    CHECK(hex(list_root({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("each item has a path, and it holds for its own place only") {
    for (std::size_t count = 1; count < 20; ++count) {
        std::vector<Hash> leaves;
        for (std::size_t i = 0; i < count; ++i) leaves.push_back(list_leaf(Bytes{static_cast<std::uint8_t>(i)}));
        const Hash root = list_root(leaves);
        for (std::size_t i = 0; i < count; ++i) {
            const auto path = list_path(leaves, i);
            for (std::size_t at = 0; at < count; ++at)
                CHECK(list_holds(leaves[i], at, count, path, root) == (at == i));
            CHECK_FALSE(list_holds(leaves[i], i, count + 1, path, sha256(root)));
            auto longer = path;
            longer.push_back(root);
            CHECK_FALSE(list_holds(leaves[i], i, count, longer, root));
            if (!path.empty()) CHECK_FALSE(list_holds(leaves[i], i, count, {path.begin(), path.end() - 1}, root));
        }
    }
}
