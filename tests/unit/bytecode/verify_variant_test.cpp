// A variant's fields each belong to a case: the verifier's search against one name after the other.
#include "vm/bytecode/verify.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace tally;

namespace {

Type type_of(TypeKind kind) {
    Type type;
    type.kind = kind;
    return type;
}

Type variant(std::uint32_t cases, const std::vector<std::string>& fields) {
    Type type = type_of(TypeKind::Variant);
    std::vector<Field> all{{"", cases}};
    for (const auto& field : fields) all.push_back({field, 0});
    type.fields = all;
    return type;
}

bool verifies(const Module& module) { return std::holds_alternative<Verified>(verify(module)); }

/// A word, an enum with these cases, and a variant.
bool owned(const std::vector<std::string>& cases, const std::vector<std::string>& fields) {
    Module module;
    module.types = {type_of(TypeKind::Int), type_of(TypeKind::Enum), variant(1, fields)};
    module.types[1].cases = cases;
    return verifies(module);
}

std::string random_name(std::mt19937& dice) {
    std::string name(dice() % 12, 'a');
    for (char& c : name) c = std::string("ab\0\xff", 4)[dice() % 4];
    return name;
}

} // namespace

TEST_CASE("a variant's field belongs to the case before its first dot") {
    CHECK(owned({"A", "B"}, {"A.x", "B.y", "B."}));
    CHECK(owned({"B", "A"}, {"A.x", "B.y"}));
    CHECK(owned({""}, {".x"}));
    CHECK_FALSE(owned({"A"}, {"A"}));
    CHECK_FALSE(owned({"A"}, {""}));
    CHECK_FALSE(owned({"A"}, {".x"}));
    CHECK_FALSE(owned({"A.B"}, {"A.B.x"}));
    CHECK_FALSE(owned({"A", "C"}, {"A.x", "B.y"}));
}

TEST_CASE("the case of a field is found among any number, in any order") {
    std::mt19937 dice(1);
    for (const std::size_t count : {1U, 2U, 3U, 39U, 40U, 41U, 63U, 64U, 65U, 300U, 1024U}) {
        std::vector<std::string> cases;
        for (std::size_t i = 0; i < count; ++i) cases.push_back(random_name(dice));
        for (int round = 0; round < 200; ++round) {
            const std::string& from = cases[dice() % count];
            const std::string name = dice() % 2 == 0 ? from : random_name(dice);
            const bool known = std::find(cases.begin(), cases.end(), name) != cases.end();
            CHECK(owned(cases, {from + ".first", name + ".second"}) == known);
        }
    }
}

TEST_CASE("each variant asks its own enum") {
    Module module;
    module.types = {type_of(TypeKind::Int)};
    for (int i = 0; i < 50; ++i) {
        module.types.push_back(type_of(TypeKind::Enum));
        module.types.back().cases = std::vector<std::string>{"z" + std::to_string(i), "a" + std::to_string(i)};
    }
    for (std::uint32_t i = 0; i < 50; ++i) module.types.push_back(variant(50 - i, {"a" + std::to_string(49 - i) + ".x"}));
    CHECK(verifies(module));
    module.types.push_back(variant(50, {"a48.x"}));
    CHECK_FALSE(verifies(module));
}
