// SHA-256 (FIPS 180-4), plain.
#include "tests/tri/reference_natives.hpp"

namespace tally::tri {
namespace {

using Word = std::uint32_t;

/// The first 32 bits of the fraction of a root of `prime`: of the n-th root, n 2 or 3, by halving on whole numbers.
Word fraction_of_root(u64 prime, unsigned n) {
    const unsigned scale = 36; // 2^36 · root < 2^42: its cube fits 128 bits
    u128 low = 0, high = u128{1} << 42;
    while (high - low > 1) {
        const u128 middle = (low + high) / 2;
        const u128 grown = n == 2 ? middle * middle : middle * middle * middle;
        (grown <= u128{prime} << (scale * n) ? low : high) = middle;
    }
    return static_cast<Word>(low >> (scale - 32));
}

template <std::size_t Count> std::array<Word, Count> of_primes(unsigned root) {
    std::array<Word, Count> out{};
    std::size_t found = 0;
    for (u64 candidate = 2; found < Count; ++candidate) {
        bool prime = true;
        for (u64 d = 2; d * d <= candidate; ++d) prime = prime && candidate % d != 0;
        if (prime) out[found++] = fraction_of_root(candidate, root);
    }
    return out;
}

Word turned(Word v, unsigned n) { return (v >> n) | (v << (32 - n)); }

void block(std::array<Word, 8>& state, const std::uint8_t* at) {
    static const auto constants = of_primes<64>(3);
    std::array<Word, 64> w{};
    for (std::size_t i = 0; i < 64; ++i) {
        if (i < 16) {
            for (std::size_t k = 0; k < 4; ++k) w[i] = w[i] << 8 | at[4 * i + k];
            continue;
        }
        const Word a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[i - 7] + (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const Word first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
        const Word second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    const std::array<Word, 8> mixed{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += mixed[i];
}

} // namespace

std::array<std::uint8_t, 32> reference_sha256(const std::uint8_t* bytes, std::size_t count) {
    std::vector<std::uint8_t> padded(bytes, bytes + count);
    padded.push_back(0x80);
    while (padded.size() % 64 != 56) padded.push_back(0);
    for (unsigned i = 8; i-- > 0;) padded.push_back(static_cast<std::uint8_t>(u64{count} * 8 >> (8 * i)));
    static const auto start = of_primes<8>(2);
    auto state = start;
    for (std::size_t at = 0; at < padded.size(); at += 64) block(state, padded.data() + at);
    std::array<std::uint8_t, 32> out{};
    for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>(state[i / 4] >> (8 * (3 - i % 4)));
    return out;
}

} // namespace tally::tri
