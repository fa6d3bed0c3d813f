// tally_muldiv: a · b ÷ c against GMP, in every rounding mode, on triples that are meant to hurt: all ones,
// powers of two and of ten and their neighbours, halves of each other, empty upper halves.
#include "tests/agreement/dice.hpp"
#include "vm/value/muldiv.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gmp.h>

#include <fstream>

namespace {

using namespace tally;

/// A GMP integer that cleans up after itself.
class Big {
public:
    Big() { mpz_init2(value_, 512); }
    ~Big() { mpz_clear(value_); }
    Big(const Big&) = delete;
    Big& operator=(const Big&) = delete;
    mpz_ptr get() { return value_; }
    void set(i128 v) {
        const u128 size = v < 0 ? u128{0} - static_cast<u128>(v) : static_cast<u128>(v);
        const u64 halves[] = {static_cast<u64>(size), static_cast<u64>(size >> 64)};
        mpz_import(value_, 2, -1, sizeof(u64), 0, 0, halves);
        if (v < 0) mpz_neg(value_, value_);
    }
    bool equals(i128 v) {
        Big other;
        other.set(v);
        return mpz_cmp(value_, other.value_) == 0;
    }

private:
    mpz_t value_;
};

/// Room of the check, made once.
struct Work {
    Big a, b, c, product, quotient, rest, twice, low, high;
    Work() {
        low.set(i128_min);
        high.set(i128_max);
    }
};

/// Is the truncated quotient moved one away from zero?
bool moves(Work& w, Rounding mode, bool negative) {
    if (mpz_sgn(w.rest.get()) == 0) return false;
    mpz_mul_2exp(w.twice.get(), w.rest.get(), 1);
    const int half = mpz_cmpabs(w.twice.get(), w.c.get());
    switch (mode) {
    case Rounding::Floor: return negative;
    case Rounding::Ceiling: return !negative;
    case Rounding::TowardZero: case Rounding::Exact: return false;
    case Rounding::Away: return true;
    case Rounding::HalfEven: return half > 0 || (half == 0 && mpz_odd_p(w.quotient.get()));
    case Rounding::HalfUp: return half >= 0;
    case Rounding::HalfDown: return half > 0;
    }
    return false;
}

/// The result by GMP in w.quotient, or why there is none.
Arithmetic by_gmp(Work& w, i128 a, i128 b, i128 c, Rounding mode) {
    if (c == 0) return Arithmetic::DivideByZero;
    w.a.set(a);
    w.b.set(b);
    w.c.set(c);
    mpz_mul(w.product.get(), w.a.get(), w.b.get());
    mpz_tdiv_qr(w.quotient.get(), w.rest.get(), w.product.get(), w.c.get());
    const bool negative = ((a < 0) != (b < 0)) != (c < 0);
    if (moves(w, mode, negative)) {
        if (negative) mpz_sub_ui(w.quotient.get(), w.quotient.get(), 1);
        else mpz_add_ui(w.quotient.get(), w.quotient.get(), 1);
    }
    const bool fits = mpz_cmp(w.quotient.get(), w.low.get()) >= 0 && mpz_cmp(w.quotient.get(), w.high.get()) <= 0;
    if (!fits) return Arithmetic::Overflow;
    return mode == Rounding::Exact && mpz_sgn(w.rest.get()) != 0 ? Arithmetic::Inexact : Arithmetic::Ok;
}

u128 power_of_ten(u64 digits) {
    u128 out = 1;
    for (u64 i = 0; i < digits; ++i) out *= 10;
    return out;
}

/// One operand, seldom an ordinary number.
i128 operand(agreement::Dice& dice) {
    const auto any = [&] { return (u128{dice.next()} << 64) | dice.next(); };
    u128 v = 0;
    switch (dice.next() % 8) {
    case 0: v = any(); break;
    case 1: v = any() >> dice.next() % 128; break;
    case 2: v = u128{1} << dice.next() % 128; break;
    case 3: v = power_of_ten(dice.next() % 39); break;
    case 4: v = ~u128{0} >> dice.next() % 128; break;
    case 5: v = u128{dice.next()} << 64; break;
    case 6: v = dice.next() % 16; break;
    default: v = ~u128{0} << dice.next() % 128; break;
    }
    v += dice.next() % 3 - 1; // and its neighbours
    return static_cast<i128>(dice.next() % 2 == 0 ? v : u128{0} - v);
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"a * b / c against GMP in every rounding mode"};
    u64 triples = 1'000'000, seed = 1;
    std::string json;
    app.add_option("--triples", triples, "how many")->capture_default_str();
    app.add_option("--seed", seed, "of the dice")->capture_default_str();
    app.add_option("--json", json, "write the counts there too");
    CLI11_PARSE(app, argc, argv);
    agreement::Dice dice(seed);
    Work work;
    u64 wrong = 0, refused = 0;
    for (u64 i = 0; i < triples; ++i) {
        const i128 a = operand(dice), b = operand(dice);
        // A divisor that makes a tie, or the product come out: half of a factor, or one of them.
        const u64 kind = dice.next() % 4;
        const i128 c = kind == 0 ? a : kind == 1 ? static_cast<i128>(static_cast<u128>(b) * 2) : operand(dice);
        for (unsigned mode = 0; mode < rounding_count; ++mode) {
            i128 out = 0;
            const Arithmetic got = muldiv(a, b, c, static_cast<Rounding>(mode), out);
            const Arithmetic want = by_gmp(work, a, b, c, static_cast<Rounding>(mode));
            refused += want != Arithmetic::Ok ? 1 : 0;
            if (got == want && (got != Arithmetic::Ok || work.quotient.equals(out))) continue;
            if (++wrong <= 10) fmt::print(stderr, "triple {} of seed {}, mode {}: wrong\n", i, seed, mode);
        }
    }
    fmt::print("{} triples in {} modes, {} of them refused, {} wrong\n", triples, rounding_count, refused, wrong);
    if (!json.empty()) std::ofstream(json) << fmt::format("{{\"triples\": {}, \"modes\": {}, \"refused\": {}, \"wrong\": {}}}\n", triples, rounding_count, refused, wrong);
    return wrong == 0 ? 0 : 1;
}
