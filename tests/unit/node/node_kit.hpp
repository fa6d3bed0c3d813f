/// A node in a directory of its own that is gone afterwards, and hands to work with.
#pragma once

#include "node/ordering/embedded.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

namespace tally::test {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "tally_node_XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline SigningKey key_number(std::uint8_t number) {
    KeySeed seed{};
    seed.fill(number);
    return signing_key(seed);
}

inline constexpr CurrencyCode dollars = currency_code('U', 'S', 'D');

/// Party 1 is the operator with key 1: every role, and the issuer of USD.
inline Genesis genesis_of_one() {
    Genesis genesis;
    genesis.chain = "test";
    genesis.start = 20454; // 2026-01-01
    Enrol party;
    party.name = "operator";
    party.key = key_number(1).public_key;
    party.roles = role_registrar | role_deployer | role_clock;
    party.issuer_of = {dollars};
    genesis.parties.push_back(party);
    return genesis;
}

inline Transaction transaction(std::uint8_t intent, Payload payload) {
    Transaction out;
    out.signers = {1};
    out.intent.fill(intent);
    out.expiry = 1000;
    out.gas_limit = 1'000'000;
    out.payload = std::move(payload);
    return out;
}

inline Payload enrol_number(std::uint8_t number) {
    Enrol enrol;
    enrol.name = "party " + std::to_string(number);
    enrol.key = key_number(number).public_key;
    return enrol;
}

/// Signed by the operator.
inline Bytes by_operator(const Transaction& transaction) {
    const SigningKey key = key_number(1);
    return sign("test", transaction, std::span(&key, 1));
}

struct Node {
    std::unique_ptr<Chain> chain;
    std::unique_ptr<EmbeddedOrdering> ordering;

    explicit Node(const std::filesystem::path& directory, u64 min_free_bytes = 1) {
        auto opened = Chain::open(directory, {min_free_bytes, 1});
        REQUIRE(opened);
        chain = std::move(*opened);
        ordering = std::make_unique<EmbeddedOrdering>(*chain);
    }
    [[nodiscard]] Tip tip() const {
        return chain->read([](const Ledger&, const Tip& now) { return now; });
    }
    [[nodiscard]] Result<Answer> send(const Bytes& envelope) {
        return submit_and_wait(*ordering, {envelope}).front();
    }
};

} // namespace tally::test
