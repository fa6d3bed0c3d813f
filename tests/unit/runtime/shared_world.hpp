/// A shared ledger in memory: three members and a supervisor, with people of every role.
#pragma once

#include "node/governance_module.hpp"
#include "runtime/arguments.hpp"
#include "runtime/assert.hpp"
#include "runtime/ledger.hpp"
#include "runtime/rights.hpp"
#include "vm/bytecode/limits.hpp"

#include <doctest/doctest.h>

namespace tally::test {

inline const CurrencyCode usd_code = currency_by_name("USD")->code, eur_code = currency_by_name("EUR")->code, cny_code = currency_by_name("CNY")->code;

/// A key by its number; odd thousands are P-256.
inline SigningKey key_of_person(u64 number) {
    KeySeed seed{};
    for (std::size_t i = 0; i < 8; ++i)
        seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return signing_key(seed, number / 1000 % 2 == 1 ? SignatureScheme::P256 : SignatureScheme::Ed25519);
}

inline Officer officer(std::string name, u64 key, std::string_view chain = "shared") {
    const SigningKey signer = key_of_person(key);
    return {name, signer.public_key, sign(signer, key_proof_hash(chain, name, signer.public_key))};
}

inline constexpr const char* lei_alpha = "529900T8BM49AURSDO55";
inline constexpr const char* lei_beta = "HWUPKR0MPOU8FGXBT394";
inline constexpr const char* lei_gamma = "INR2EJN1ERAN0W5ZP974";
inline constexpr const char* lei_watch = "7LTWFZYICNSX8D621K86";
inline constexpr const char* lei_delta = "G5GSEF7VJP5I7OUK5573";

inline Enrol person(std::string name, u64 key, InstitutionId institution, std::uint32_t roles) {
    const SigningKey signer = key_of_person(key);
    Enrol out;
    out.name = name;
    out.key = signer.public_key;
    out.roles = roles;
    out.institution = institution;
    out.proof = sign(signer, key_proof_hash("shared", name, signer.public_key));
    return out;
}

inline Genesis shared_genesis() {
    Genesis genesis{"shared", 20454}; // 2026-01-01
    genesis.institutions = {
        {"alpha", lei_alpha, {}, true, 2, {officer("alpha.o1", 1), officer("alpha.o2", 2), officer("alpha.o3", 3)}, 0},
        {"beta", lei_beta, {}, true, 1, {officer("beta.o1", 11)}, 0},
        {"gamma", lei_gamma, {}, true, 1, {officer("gamma.o1", 21)}, 0},
        {"watch", lei_watch, {}, false, 1, {officer("watch.o1", 31)}, 0},
    };
    const auto add = [&](const char* name, u64 key, InstitutionId institution, std::uint32_t roles) {
        Enrol one = person(name, key, institution, roles);
        one.proof = {};
        genesis.parties.push_back(one);
    };
    add("alpha.maker", 1101, 1, role_maker);
    add("alpha.checker", 1102, 1, role_checker);
    add("alpha.both", 103, 1, role_maker | role_checker);
    add("alpha.auditor", 104, 1, role_auditor);
    add("alpha.operator", 105, 1, role_operator);
    add("beta.maker", 1111, 2, role_maker);
    add("beta.checker", 112, 2, role_checker);
    add("watch.regulator", 131, 4, role_regulator);
    Enrol clock;
    clock.name = "clock";
    clock.key = key_of_person(201).public_key;
    clock.roles = role_clock;
    genesis.parties.push_back(clock);
    const ByteView governance = governance_module_bytes();
    genesis.governance.assign(governance.begin(), governance.end());
    return genesis;
}

struct SharedWorld {
    MemoryStore store;
    Ledger ledger{store};
    u64 height = 1, intents = 0;
    Date day = 20454;

    explicit SharedWorld(const Genesis& genesis = shared_genesis()) {
        const auto problem = ledger.genesis(genesis);
        TALLY_ASSERT(!problem, problem ? problem->c_str() : "");
        commit();
        (void)ledger.begin_block(height);
    }
    void commit() {
        store.apply(ledger.writes());
        ledger.committed();
    }
    void block() {
        commit();
        (void)ledger.begin_block(++height);
    }
    PartyId id(const std::string& name) const { return ledger.party_by_name(name).value_or(0); }

    Receipt send(const std::vector<std::string>& signers, Payload payload) {
        Transaction tx;
        for (const std::string& name : signers)
            tx.signers.push_back(id(name));
        ++intents;
        for (std::size_t i = 0; i < 8; ++i)
            tx.intent[i] = static_cast<std::uint8_t>(intents >> (8 * i));
        tx.expiry = height + 5;
        tx.gas_limit = limits::transaction_gas;
        tx.payload = std::move(payload);
        return ledger.apply(tx);
    }
    void days(int count) {
        day += count;
        REQUIRE(send({"clock"}, Advance{day}).trap == Trap::None);
        do block();
        while (ledger.work_pending());
        REQUIRE(ledger.business_date() == day);
    }

    // ---- governance
    Bytes arguments(InstanceId instance, bool creates, const std::string& entry, const std::string& json) const {
        const auto view = ledger.instance(instance);
        const Module& module = view->program->module;
        const Contract& contract = creates ? *find_contract(module, "Proposal") : module.contracts[view->contract];
        auto bytes = arguments_of_json(*view->program, *find_entry(contract, entry), json, 2, [this](const std::string& name) { return id(name); });
        if (const auto* const wrong = std::get_if<std::string>(&bytes)) FAIL(*wrong);
        return std::get<Bytes>(bytes);
    }
    Receipt propose(const std::vector<std::string>& signers, const std::string& board, DecisionClass what, const Hash& subject, i64 serial) {
        const InstanceId governance = ledger.governance();
        const std::string json = R"({"serial": )" + std::to_string(serial) + R"(, "class": ")" +
                                 std::string(decision_names[static_cast<std::size_t>(what)]) + R"(", "subject": ")" + hex(subject) +
                                 R"(", "about": "test", "amends": "Deploy", "amended": null, "proposer": ")" + board + "\"}";
        return send(signers, Create{ledger.instance(governance)->program->hash, "Proposal", governance, 0, arguments(governance, true, "create", json), {}});
    }
    Receipt vote(const std::vector<std::string>& signers, const std::string& board, InstanceId proposal) {
        return send(signers, Call{proposal, "vote", arguments(proposal, false, "vote", R"({"member": ")" + board + "\"}"), {}, 0});
    }
    /// A proposal that alpha and beta agree on.
    InstanceId agreed(DecisionClass what, const Hash& subject) {
        const Receipt made = propose({"alpha.o1", "alpha.o2"}, "alpha.officers", what, subject, static_cast<i64>(intents));
        REQUIRE_MESSAGE(made.trap == Trap::None, made.note);
        REQUIRE(vote({"alpha.o1", "alpha.o3"}, "alpha.officers", made.created).trap == Trap::None);
        REQUIRE(vote({"beta.o1"}, "beta.officers", made.created).trap == Trap::None);
        return made.created;
    }
};

} // namespace tally::test
