#include "vm/value/name_list.hpp"
#include "vm/value/parts.hpp"
#include "vm/value/rare_text.hpp"
#include "vm/value/rows.hpp"
#include "vm/value/words.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

using Row = std::vector<std::uint32_t>;

Row row_of(const Words& words) { return {words.begin(), words.end()}; }

NameList lent(Pool& pool, std::string_view bytes, const std::vector<NamePlace>& places) {
    const auto room = pool.row<NamePlace>(places.size());
    std::copy(places.begin(), places.end(), room.begin());
    return {pool, room, bytes};
}

} // namespace

TEST_CASE("words are as many as they are given, near or on the heap") {
    for (std::uint32_t size = 0; size < 20; ++size) {
        Words words;
        Row expected;
        for (std::uint32_t i = 0; i < size; ++i) {
            words.push_back(i * 7);
            expected.push_back(i * 7);
        }
        CHECK(row_of(words) == expected);
        const Words copy = words;
        CHECK(copy == words);
        Words moved = std::move(words);
        CHECK(moved == copy);
        words = copy;
        CHECK(words == copy);
        moved.assign(5, 9);
        CHECK(row_of(moved) == Row(5, 9));
        CHECK(copy == Words(expected));
    }
    CHECK_FALSE(Words{1, 2} == Words{1, 3});
    CHECK_FALSE(Words{1, 2} == Words{1, 2, 0});
}

TEST_CASE("words that lie in a pool are copied out of it, and grow out of it") {
    auto pool = std::make_unique<Pool>();
    for (const std::size_t count : {1U, 3U, 4U, 16U}) {
        Words lent;
        std::fill_n(lent.room(count, *pool), count, 7U);
        const Words copy = lent;
        Words moved = std::move(lent);
        Words grown;
        std::fill_n(grown.room(count, *pool), count, 7U);
        grown.push_back(8);
        Words assigned{1, 2, 3, 4, 5};
        std::fill_n(lent.room(count, *pool), count, 9U);
        assigned = std::move(lent);
        pool = std::make_unique<Pool>();
        CHECK(row_of(copy) == Row(count, 7));
        CHECK(moved == copy);
        CHECK(grown.size() == count + 1);
        CHECK(grown[count] == 8);
        CHECK(row_of(assigned) == Row(count, 9));
    }
}

TEST_CASE("a list of names gives back each of them") {
    const std::vector<std::string> many{"", "a", "", "too long for a string's own room", std::string(255, 'x')};
    NameList names(many);
    NameList one_by_one;
    CHECK(one_by_one.empty());
    for (const auto& name : many) one_by_one.push_back(name);
    CHECK(one_by_one == names);
    CHECK(std::vector<std::string>(names.begin(), names.end()) == many);
    const NameList copy = names;
    names.push_back("more");
    CHECK(names.size() == many.size() + 1);
    CHECK(names[many.size()] == "more");
    CHECK_FALSE(copy == names);
    names = copy;
    CHECK(names == copy);
}

TEST_CASE("names may lie in bytes that have more between them") {
    Pool pool;
    CHECK(lent(pool, "?ab?.cde?", {{1, 2}, {4, 0}, {5, 3}}) == NameList{"ab", "", "cde"});
}

TEST_CASE("names that lie in a pool are copied out of it, or moved with their owner's") {
    auto pool = std::make_unique<Pool>();
    std::vector<NameList> lists;
    for (int i = 0; i < 10'000; ++i) lists.push_back(lent(*pool, "abb", {{0, 1}, {1, 2}}));
    const NameList copy = lists[0];
    NameList moved = std::move(lists[1]);
    const std::vector<NameList> all = lists;
    Pool other = std::move(*pool);
    CHECK(lists.back() == moved);
    lists.clear();
    other = Pool();
    pool.reset();
    CHECK(copy == NameList{"a", "bb"});
    CHECK(moved == copy);
    CHECK(all.back() == copy);
}

TEST_CASE("a thing larger than a pool's chunks has its room too") {
    Pool pool;
    std::byte* const first = pool.take(1);
    for (const std::size_t size : {100'000U, 3U, 0U, 65'536U, 5U}) std::fill_n(pool.take(size), size, std::byte{7});
    CHECK(pool.take(4) != first);
    CHECK(pool == Pool());
}

TEST_CASE("parts are a whole's own, or lie in a pool and are copied out of it") {
    using Texts = Parts<std::string>;
    const std::string far(40, 'x');
    auto pool = std::make_unique<Pool>();
    Texts lent(*pool, 2);
    CHECK(lent == Texts{"", ""});
    lent[1] = far;
    const Texts copy = lent;
    Texts moved = std::move(lent);
    for (int i = 0; i < 10; ++i) lent.push_back(far);
    Texts grown(*pool, 1);
    grown.push_back(far);
    pool.reset();
    CHECK(lent.size() == 12);
    CHECK(grown == copy);
    CHECK(copy == Texts{"", far});
    CHECK(moved == copy);
    moved.push_back("more");
    CHECK(moved == std::vector<std::string>{"", far, "more"});
    CHECK(moved.back() == "more");
    CHECK_FALSE(moved == copy);
    CHECK(Texts(std::vector<std::string>()).empty());
}

TEST_CASE("rows keep apart what was put into each, also into none") {
    Rows<int> rows;
    for (int row = 0; row < 50; ++row) {
        rows.open();
        for (int i = 0; i < row % 3; ++i) rows.push_back(row);
    }
    CHECK(rows.size() == 50);
    for (std::size_t row = 0; row < 50; ++row) {
        CHECK(rows[row].size() == row % 3);
        for (const int value : rows[row]) CHECK(value == static_cast<int>(row));
    }
    CHECK(rows.all().size() == 49);
}

TEST_CASE("a rare text is a text") {
    RareText text;
    CHECK(text.empty());
    CHECK(text.str().empty());
    text = std::string("Art. 1");
    const RareText copy = text;
    text = "";
    CHECK(text.empty());
    CHECK(copy.view() == "Art. 1");
    CHECK_FALSE(copy == text);
    auto pool = std::make_unique<Pool>();
    RareText lent(*pool, "Art. 1");
    const RareText out = lent;
    const RareText moved = std::move(lent);
    lent = moved;
    pool.reset();
    CHECK(out == copy);
    CHECK(moved == copy);
    CHECK(lent == copy);
}
