// Every route × every role × own and other institution, as if each client came over TLS.
#include "node/api/server.hpp"
#include "runtime/certificates.hpp"
#include "tests/unit/node/node_kit.hpp"
#include "tests/unit/runtime/shared_world.hpp"

namespace tally::test {
namespace {

const Bytes root_certificate{0x30, 1, 2};

Bytes leaf_of(u64 key) {
    const std::string text = "certificate of " + std::to_string(key);
    return Bytes(text.begin(), text.end());
}

std::string fingerprint_of(u64 key) { return hex(sha256(leaf_of(key))); }

/// Each role as a letter.
struct RoleLetter {
    char letter;
    std::uint32_t role;
};
constexpr RoleLetter letters[] = {{'o', role_officer}, {'m', role_maker}, {'c', role_checker}, {'a', role_auditor}, {'p', role_operator}};
constexpr InstitutionId own_institution = 1, other_institution = 4; ///< alpha, whose things are asked for; watch
constexpr u64 regulator_key = 439, auditor_of_nobody = 999;

u64 key_in(InstitutionId institution, char letter) { return institution * 100 + static_cast<u64>(letter - 'a') + 1000 * 2; }

Genesis certified_genesis() {
    Genesis genesis = shared_genesis();
    for (Admit& one : genesis.institutions)
        one.root_certificate = sha256(root_certificate);
    const auto add = [&](const std::string& name, u64 key, InstitutionId institution, std::uint32_t role) {
        Enrol party = person(name, key, institution, role);
        party.proof = {};
        const std::vector<Bytes> chain{leaf_of(key), root_certificate};
        party.certificates = encode_certificates(chain);
        genesis.parties.push_back(party);
    };
    for (Enrol& party : genesis.parties)
        if (party.name == "clock") party.issuer_of = {dollars};
    for (const InstitutionId institution : {own_institution, other_institution})
        for (const auto& [letter, role] : letters)
            add((institution == own_institution ? "alpha.c-" : "watch.c-") + std::string(1, letter), key_in(institution, letter), institution, role);
    add("watch.c-regulator", regulator_key, other_institution, role_regulator);
    return genesis;
}

struct Row {
    const char* method;
    const char* path;   ///< as in the table
    const char* target; ///< something of alpha's
    const char* body;
    const char* own;   ///< letters of alpha's people who may ask
    const char* other; ///< letters of others
};
// Written by hand: what must hold, not what the table says. Regulators may ask everything.
constexpr Row rows[] = {
    {"GET", "/v1/status", "/v1/status", "", "omcap", "omcap"},
    {"GET", "/v1/parties/{party}", "/v1/parties/alpha", "", "omcap", "omcap"},
    {"GET", "/v1/institutions", "/v1/institutions", "", "omcap", "omcap"},
    {"GET", "/v1/institutions/{institution}", "/v1/institutions/alpha", "", "omcap", "omcap"},
    {"GET", "/v1/rights", "/v1/rights", "", "omcap", "omcap"},
    {"GET", "/v1/accounts", "/v1/accounts?id=1", "", "omcap", ""},
    {"GET", "/v1/accounts", "/v1/accounts?owner=alpha&currency=USD", "", "omcap", ""},
    {"GET", "/v1/instances", "/v1/instances", "", "p", "p"},
    {"GET", "/v1/instances/{instance}", "/v1/instances/1", "", "omcap", ""},
    {"GET", "/v1/events", "/v1/events", "", "p", "p"},
    {"GET", "/v1/receipts/{intent}", "/v1/receipts/05050505050505050505050505050505", "", "omcap", ""},
    {"GET", "/v1/modules/{name}", "/v1/modules/tally.governance", "", "omcap", "omcap"},
    {"GET", "/v1/code/{hash}", "/v1/code/00", "", "omcap", "omcap"},
    {"GET", "/v1/blocks/{height}", "/v1/blocks/1", "", "p", "p"},
    {"POST", "/v1/view", "/v1/view", R"({"instance": 1, "entry": "rule_of", "arguments": {"class": "Deploy"}})", "omcap", ""},
    {"GET", "/v1/proofs/rows/{key}", "/v1/proofs/rows/0101", "", "p", "p"},
    {"GET", "/v1/proofs/receipts/{intent}", "/v1/proofs/receipts/05050505050505050505050505050505", "", "omcap", ""},
    {"GET", "/v1/postings/{posting}", "/v1/postings/05050505050505050505050505050505", "", "omcap", ""},
    {"GET", "/v1/postings/{posting}", "/v1/postings/1.1", "", "omcap", ""},
    {"GET", "/v1/postings/{posting}", "/v1/postings/2.1", "", "omcap", ""}, // the issuer signed it; the account is alpha's
    {"GET", "/v1/postings/{posting}", "/v1/postings/2.1.1", "", "omcap", ""},
    {"GET", "/v1/statements/{party}", "/v1/statements/alpha", "", "omcap", ""},
    {"GET", "/v1/events/stream", "/v1/events/stream", "", "p", "p"},
    {"POST", "/v1/transactions", "/v1/transactions", R"({"transactions": []})", "omcap", "omcap"},
};

struct World {
    TemporaryDirectory directory;
    std::unique_ptr<Node> node;
    std::unique_ptr<Routes> routes;

    World() {
        REQUIRE_FALSE(Chain::create(directory / "node", certified_genesis()));
        node = std::make_unique<Node>(directory / "node");
        routes = std::make_unique<Routes>(*node->chain, *node->ordering);
        const auto id = [&](const char* name) { return node->chain->read([&](const Ledger& ledger, const Tip&) { return ledger.party_by_name(name).value_or(0); }); };
        Transaction opens = transaction(5, OpenAccount{dollars, id("alpha")});
        opens.signers = {id("alpha.maker"), id("alpha.checker")};
        const SigningKey keys[] = {key_of_person(1101), key_of_person(1102)};
        const auto answer = node->send(sign("shared", opens, keys));
        REQUIRE(answer);
        REQUIRE(answer->receipt.trap == Trap::None);
        Transaction issues = transaction(9, Issue{answer->receipt.created, 100});
        issues.signers = {id("clock")};
        const SigningKey issuer = key_of_person(201);
        const auto issued = node->send(sign("shared", issues, std::span(&issuer, 1)));
        REQUIRE(issued);
        REQUIRE(issued->receipt.trap == Trap::None);
    }
    bool refuses(const Row& row, const Caller& caller) {
        ApiRequest request{row.method, row.target, "application/json", row.body, caller, {}};
        unsigned status = 0;
        std::string body;
        routes->answer(request, [&](const Routes::Make& make) {
            const ApiResponse response = make();
            status = response.status;
            body = response.body;
        });
        REQUIRE(status != 0);
        REQUIRE((status == 403) == (body.find("N3014") != std::string::npos));
        return status == 403;
    }
};

bool in(const char* letters_of, char letter) { return std::string_view(letters_of).find(letter) != std::string_view::npos; }

} // namespace

TEST_CASE("every route × role × own and other institution") {
    World world;
    std::size_t cells = 0;
    for (const Row& row : rows) {
        INFO(row.target);
        for (const auto& [letter, role] : letters) {
            INFO(letter);
            CHECK(world.refuses(row, {"192.0.2.7", fingerprint_of(key_in(own_institution, letter)), "own"}) == !in(row.own, letter));
            CHECK(world.refuses(row, {"192.0.2.7", fingerprint_of(key_in(other_institution, letter)), "other"}) == !in(row.other, letter));
            cells += 2;
        }
        CHECK_FALSE(world.refuses(row, {"192.0.2.7", fingerprint_of(regulator_key), "regulator"}));
        // A certificate of the node's authority that nobody was enrolled with; nothing at all; this machine.
        const bool open = std::string_view(row.path) == "/v1/status" || std::string_view(row.path) == "/v1/transactions";
        CHECK(world.refuses(row, {"192.0.2.7", fingerprint_of(auditor_of_nobody), "stranger"}) == !open);
        CHECK(world.refuses(row, {"192.0.2.7", "", ""}) == !open);
        CHECK_FALSE(world.refuses(row, {"127.0.0.1", "", ""}));
        CHECK_FALSE(world.refuses(row, {"::1", "", ""}));
        cells += 5;
    }
    CHECK(cells == std::size(rows) * 15);
}

TEST_CASE("the matrix has every route of the table, and no other") {
    for (const Route& route : route_table())
        CHECK_MESSAGE(std::any_of(std::begin(rows), std::end(rows), [&](const Row& row) { return route.method == row.method && route.path == row.path; }), route.path);
    for (const Row& row : rows)
        CHECK_MESSAGE(std::any_of(route_table().begin(), route_table().end(), [&](const Route& route) { return route.method == row.method && route.path == row.path; }), row.path);
}

TEST_CASE("a revoked person asks nothing more, over a connection that is still open") {
    World world;
    const auto id = [&](const std::string& name) { return world.node->chain->read([&](const Ledger& ledger, const Tip&) { return ledger.party_by_name(name).value_or(0); }); };
    const Row row = rows[1];
    const Caller maker{"192.0.2.7", fingerprint_of(key_in(own_institution, 'm')), "maker"};
    CHECK_FALSE(world.refuses(row, maker));
    Transaction revokes = transaction(6, Revoke{id("alpha.c-m")});
    revokes.signers = {id("alpha.o1"), id("alpha.o2")};
    const SigningKey keys[] = {key_of_person(1), key_of_person(2)};
    const auto answer = world.node->send(sign("shared", revokes, keys));
    REQUIRE(answer);
    REQUIRE_MESSAGE(answer->receipt.trap == Trap::None, answer->receipt.note);
    CHECK(world.refuses(row, maker));
}

TEST_CASE("a key that was replaced does not count, though its signature was checked before") {
    World world;
    const auto id = [&](const std::string& name) { return world.node->chain->read([&](const Ledger& ledger, const Tip&) { return ledger.party_by_name(name).value_or(0); }); };
    const SigningKey old_key = key_of_person(201), new_key = key_of_person(202);
    Rotate rotate{id("clock"), new_key.public_key, 0, sign(new_key, key_proof_hash("shared", "clock", new_key.public_key)), {}};
    Transaction rotates = transaction(7, rotate), advances = transaction(8, Advance{20455});
    rotates.signers = advances.signers = {id("clock")};
    const std::vector<Bytes> envelopes{sign("shared", rotates, std::span(&old_key, 1)), sign("shared", advances, std::span(&old_key, 1))};
    auto admitted = world.node->chain->admit(envelopes);
    REQUIRE(admitted[0]);
    REQUIRE(admitted[1]); // both hold as long as nothing happened
    const SignedTransaction* const both[] = {&*admitted[0], &*admitted[1]};
    const auto answers = world.node->chain->make_block(both);
    REQUIRE(answers[0]);
    CHECK(answers[0]->receipt.trap == Trap::None);
    REQUIRE_FALSE(answers[1]);
    CHECK(answers[1].error().code == NodeCode::BadSignature);
    // In the next block too, and the new key counts.
    auto again = world.node->chain->admit(std::span(&envelopes[1], 1));
    REQUIRE_FALSE(again[0]);
    CHECK(again[0].error().code == NodeCode::BadSignature);
    const auto answer = world.node->send(sign("shared", advances, std::span(&new_key, 1)));
    REQUIRE(answer);
    CHECK(answer->receipt.trap == Trap::None);
}

} // namespace tally::test
