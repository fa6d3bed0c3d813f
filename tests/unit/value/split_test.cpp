#include "vm/value/split.hpp"

#include "tests/unit/value/numbers.hpp"
#include "vm/value/muldiv.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace tally;
using tally::test::Numbers;
using tally::test::wide;

namespace {

using Amounts = std::vector<i128>;

Amounts split_of(i128 total, const Amounts& weights) {
    Amounts parts(weights.size(), -1);
    CHECK(split(total, weights, parts) == Arithmetic::Ok);
    return parts;
}

/// The verdict for arguments that are wrong; the parts must not have been touched.
Arithmetic refused(i128 total, const Amounts& weights, std::size_t parts_count) {
    Amounts parts(parts_count, -1);
    const auto verdict = split(total, weights, parts);
    CHECK(parts == Amounts(parts_count, -1));
    return verdict;
}

i128 sum_of(const Amounts& amounts) {
    i128 sum = 0;
    for (const i128 amount : amounts)
        sum += amount;
    return sum;
}

i128 rounded(i128 total, i128 weight, i128 sum, Rounding mode) {
    i128 out = 0;
    REQUIRE(muldiv_plain(total, weight, sum, mode, out) == Arithmetic::Ok);
    return out;
}

} // namespace

// money.md, vectors A and B.
TEST_CASE("published splits") {
    CHECK(split_of(10'000'01, {80, 20}) == Amounts{8'000'01, 2'000'00});
    CHECK(split_of(1, {80, 20}) == Amounts{1, 0});
    CHECK(split_of(2, {80, 20}) == Amounts{2, 0});
    CHECK(split_of(3, {80, 20}) == Amounts{2, 1});
    CHECK(split_of(100'00, {1, 1, 1}) == Amounts{33'34, 33'33, 33'33});
    CHECK(split_of(99'99, {75, 25}) == Amounts{74'99, 25'00});
    CHECK(split_of(1, {33, 66}) == Amounts{0, 1});
    CHECK(split_of(5, {100, 101, 100, 100}) == Amounts{1, 2, 1, 1});
    CHECK(split_of(10'03, {49, 51}) == Amounts{4'91, 5'12});
    CHECK(split_of(220'00, {445455, 9091, 545455}) == Amounts{98'00, 2'00, 120'00});
    CHECK(split_of(7'000'000'000'000'000, {1, 2}) ==
          Amounts{2'333'333'333'333'333, 4'666'666'666'666'667});
    CHECK(split_of(613, {98, 92, 98, 123, 102, 92}) == Amounts{99, 93, 99, 125, 104, 93});
    CHECK(split_of(3, {75, 25}) == Amounts{2, 1});
    CHECK(split_of(3, {6, 6, 2}) == Amounts{1, 1, 1});
    CHECK(split_of(4, {6, 6, 2}) == Amounts{2, 2, 0});
}

TEST_CASE("a tie goes to the earlier row and a zero weight gets nothing") {
    CHECK(split_of(1, {1, 1}) == Amounts{1, 0});
    CHECK(split_of(1, {0, 1, 1}) == Amounts{0, 1, 0});
    CHECK(split_of(2, {0, 1, 0, 1, 1}) == Amounts{0, 1, 0, 1, 0});
    CHECK(split_of(5, {0, 7, 0}) == Amounts{0, 5, 0});
}

TEST_CASE("nothing to divide") {
    CHECK(split_of(0, {}).empty());
    CHECK(split_of(0, {0, 0}) == Amounts{0, 0});
    CHECK(split_of(0, {1, 2}) == Amounts{0, 0});
}

TEST_CASE("refusals leave the parts alone") {
    CHECK(refused(-1, {1}, 1) == Arithmetic::BadArgument);
    CHECK(refused(1, {1, -1}, 2) == Arithmetic::BadArgument);
    CHECK(refused(1, {}, 0) == Arithmetic::BadArgument);
    CHECK(refused(1, {0, 0}, 2) == Arithmetic::BadArgument);
    CHECK(refused(1, {1, 1}, 1) == Arithmetic::BadArgument);
    CHECK(refused(1, {1, 1}, 3) == Arithmetic::BadArgument);
    CHECK(refused(1, {i128_max, 1}, 2) == Arithmetic::Overflow);
    CHECK(refused(0, {i128_max, 1}, 2) == Arithmetic::Overflow);
}

TEST_CASE("as many parts as allowed and one more") {
    const auto parts = split_of(1000, Amounts(split_parts_max, 1));
    CHECK(sum_of(parts) == 1000);
    CHECK(parts.front() == 4);
    CHECK(parts[1000 % split_parts_max - 1] == 4);
    CHECK(parts[1000 % split_parts_max] == 3);
    CHECK(refused(1000, Amounts(split_parts_max + 1, 1), split_parts_max + 1) ==
          Arithmetic::BadArgument);
}

TEST_CASE("the largest total and the largest weights") {
    CHECK(split_of(i128_max, {i128_max}) == Amounts{i128_max});
    const i128 half = i128_max / 2;
    CHECK(split_of(i128_max, {half, half + 1}) == Amounts{half, half + 1});
    CHECK(split_of(i128_max, {1, 1}) == Amounts{half + 1, half});
    CHECK(split_of(1, {half, half}) == Amounts{1, 0});
}

TEST_CASE("weights and parts may be the same memory") {
    Amounts both{1, 1, 1};
    CHECK(split(100'00, both, both) == Arithmetic::Ok);
    CHECK(both == Amounts{33'34, 33'33, 33'33});
}

TEST_CASE("random splits add up, and every part is a neighbour of its exact share") {
    Numbers numbers(99);
    for (int i = 0; i < 100'000; ++i) {
        Amounts weights(1 + numbers.below(6));
        const u64 narrower = numbers.below(120);
        for (i128& weight : weights) {
            // Six weights of 123 bits still have a sum.
            weight = static_cast<i128>(numbers.wide() >> (5 + narrower));
            if (numbers.below(8) == 0) weight = 0;
        }
        const i128 sum = sum_of(weights);
        if (sum == 0) continue;
        const i128 total = static_cast<i128>(static_cast<u128>(numbers.any()) >> 1);
        const auto parts = split_of(total, weights);
        bool good = sum_of(parts) == total;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const i128 least = rounded(total, weights[k], sum, Rounding::Floor);
            const i128 most = rounded(total, weights[k], sum, Rounding::Ceiling);
            good = good && parts[k] >= least && parts[k] <= most;
            good = good && (weights[k] != 0 || parts[k] == 0);
        }
        if (!good) FAIL_CHECK("total ", int_text(total), ", case ", i);
    }
}
