#include "vm/value/name_list.hpp"
#include "vm/value/rare_text.hpp"
#include "vm/value/words.hpp"

#include <doctest/doctest.h>

using namespace tally;

namespace {

using Row = std::vector<std::uint32_t>;

Row row_of(const Words& words) { return {words.begin(), words.end()}; }

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
    const NameList::Place places[] = {{1, 2}, {4, 0}, {5, 3}};
    CHECK(NameList("?ab?.cde?", places) == NameList{"ab", "", "cde"});
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
}
