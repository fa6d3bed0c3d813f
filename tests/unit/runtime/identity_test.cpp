#include "tests/unit/runtime/shared_world.hpp"

#include "runtime/certificates.hpp"
#include "runtime/parameters.hpp"

#include <algorithm>

namespace tally::test {
namespace {

const std::vector<std::string> alpha_board{"alpha.o1", "alpha.o2"};
const std::vector<std::string> alpha_house{"alpha.maker", "alpha.checker"};

Rotate rotation(const SharedWorld& w, const std::string& name, u64 key) {
    const SigningKey signer = key_of_person(key);
    Rotate out;
    out.party = w.id(name);
    out.key = signer.public_key;
    out.proof = sign(signer, key_proof_hash("shared", name, signer.public_key));
    return out;
}

} // namespace

TEST_CASE("a legal entity identifier checks itself") {
    CHECK(lei_is_valid(lei_alpha));
    CHECK(lei_is_valid(lei_beta));
    CHECK_FALSE(lei_is_valid("529900T8BM49AURSDO56"));
    CHECK_FALSE(lei_is_valid("529900T8BM49AURSDO5"));
    CHECK_FALSE(lei_is_valid("529900t8bm49aursdo55"));
    CHECK_FALSE(lei_is_valid("529900T8BM49AURSDOAB"));
    CHECK_FALSE(lei_is_valid(""));
}

TEST_CASE("a shared ledger begins with its institutions, their houses and boards") {
    SharedWorld w;
    CHECK(w.ledger.institution_count() == 4);
    CHECK(w.ledger.governance() == 1);
    const auto alpha = w.ledger.institution(1);
    REQUIRE(alpha);
    CHECK(alpha->name == "alpha");
    CHECK(alpha->officers == 3);
    CHECK(alpha->officers_needed == 2);
    CHECK(w.id("alpha") == alpha->house);
    CHECK(w.id("alpha.officers") == alpha->board);
    CHECK(w.ledger.party(alpha->house)->key.scheme == SignatureScheme::None);
    const auto rules = w.ledger.instance(1)->json;
    CHECK(rules.find("alpha.officers") != std::string::npos);
    CHECK(rules.find("watch.officers") == std::string::npos); // a supervisor has no vote
}

TEST_CASE("a genesis that makes no sense is refused whole") {
    const auto refused = [](auto change) {
        Genesis genesis = shared_genesis();
        change(genesis);
        MemoryStore store;
        Ledger ledger(store);
        const auto problem = ledger.genesis(genesis);
        return problem && ledger.writes().empty();
    };
    CHECK_FALSE(refused([](Genesis&) {}));
    CHECK(refused([](Genesis& g) { g.parties.pop_back(); })); // nobody moves the date
    CHECK(refused([](Genesis& g) { g.institutions[1].lei = g.institutions[0].lei; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].lei = "529900T8BM49AURSDO56"; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].name = "alpha"; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].officers_needed = 2; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].officers[0].key = g.institutions[0].officers[0].key; }));
    CHECK(refused([](Genesis& g) { g.institutions.resize(4), g.institutions.erase(g.institutions.begin(), g.institutions.begin() + 3); })); // nobody votes
    CHECK(refused([](Genesis& g) { g.institutions[1].name = "Beta"; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].name = "alpha.beta"; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].name = "ledger"; }));
    CHECK(refused([](Genesis& g) { g.institutions[1].officers[0].name = "alpha.o9"; })); // another's
    CHECK(refused([](Genesis& g) { g.parties[0].name = "beta.maker2"; }));
    CHECK(refused([](Genesis& g) { g.parties[0].institution = 9; }));
    CHECK(refused([](Genesis& g) { g.parties[0].roles = role_registrar; }));
    CHECK(refused([](Genesis& g) { g.parties[0].roles = role_regulator; })); // of a member with a vote
    CHECK(refused([](Genesis& g) { g.rules[0].votes = 1; }));                // not more than a half
    CHECK(refused([](Genesis& g) { g.governance = {1, 2, 3}; }));
}

TEST_CASE("a maker and a checker act for the house, and nobody alone") {
    SharedWorld w;
    const auto opens = [&](const std::vector<std::string>& signers) { return w.send(signers, OpenAccount{usd_code, w.id("alpha")}).trap; };
    CHECK(opens({"alpha.maker"}) == Trap::NotAuthorised);
    CHECK(opens({"alpha.checker"}) == Trap::NotAuthorised);
    CHECK(opens({"alpha.both"}) == Trap::NotAuthorised);
    CHECK(opens({"alpha.maker", "beta.checker"}) == Trap::NotAuthorised);
    CHECK(opens({"alpha.o1", "alpha.o2"}) == Trap::NotAuthorised); // officers move no money
    CHECK(opens({"alpha.maker", "alpha.checker", "alpha.auditor"}) == Trap::NotAuthorised);
    CHECK(w.send({"alpha.o1", "alpha.o2", "alpha.both"}, OpenAccount{usd_code, w.id("alpha.officers")}).trap == Trap::NotAuthorised);
    CHECK(w.send(alpha_board, Appoint{usd_code, w.id("beta.officers"), 0}).trap == Trap::BadArgument); // a board holds no money
    CHECK(opens({"alpha.both", "alpha.maker"}) == Trap::None); // one makes, the other checks
    CHECK(w.ledger.account_of(w.id("alpha"), usd_code) == 1);
    CHECK(w.send({"beta.maker", "beta.checker"}, OpenAccount{usd_code, w.id("beta")}).created == 2);
    // Money: beta issues once that is agreed; then alpha pays with two signatures.
    const Appoint appoint{usd_code, w.id("beta"), 0};
    Appoint enacted = appoint;
    enacted.mandate = w.agreed(DecisionClass::Appoint, subject_of(appoint));
    CHECK(w.send(alpha_board, enacted).trap == Trap::Refused); // the delay
    w.days(1);
    const Receipt done = w.send(alpha_board, enacted);
    CHECK(done.trap == Trap::None);
    CHECK(done.events.size() == 1);
    CHECK(w.send(alpha_board, enacted).trap == Trap::WrongState); // once
    CHECK(w.send({"beta.maker"}, Issue{1, 500}).trap == Trap::NotAuthorised);
    CHECK(w.send({"beta.maker", "beta.checker"}, Issue{1, 500}).trap == Trap::None);
    CHECK(w.send({"alpha.maker"}, Pay{1, 2, 100}).trap == Trap::NotAuthorised);
    CHECK(w.send(alpha_house, Pay{1, 2, 100}).trap == Trap::None);
    CHECK(w.ledger.account(2)->balance == 100);
}

TEST_CASE("the officers enrol their own people, with proof, and nobody else's") {
    SharedWorld w;
    const Enrol good = person("alpha.new", 1150, 1, role_maker);
    const auto with = [&](auto change) {
        Enrol one = good;
        change(one);
        return one;
    };
    CHECK(w.send({"alpha.o1"}, good).trap == Trap::NotAuthorised); // two are needed
    CHECK(w.send({"beta.o1"}, good).trap == Trap::NotAuthorised);
    CHECK(w.send({"alpha.maker", "alpha.checker"}, good).trap == Trap::NotAuthorised);
    CHECK(w.send({"alpha.auditor"}, good).trap == Trap::NotAuthorised);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.proof[0] ^= 1; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.name = "alpha.other"; })).trap == Trap::BadArgument); // the proof is for a name
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.roles = role_registrar; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.roles = role_clock | role_maker; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.roles = role_regulator; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.roles = 0; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.issuer_of = {usd_code}; })).trap == Trap::BadArgument);
    for (const char* name : {"beta.new", "new", "alpha.", "alpha", "alphanew", "alpha.N", "alpha.new\n", "alpha.n w"})
        CHECK_MESSAGE(w.send(alpha_board, person(name, 1150, 1, role_maker)).trap != Trap::None, name);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.institution = 0; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.until = 1; })).trap == Trap::BadArgument);
    CHECK(w.send(alpha_board, with([](Enrol& e) { e.certificates = {1, 1, 7}; })).trap == Trap::BadArgument); // no root to lead to
    Enrol dated_officer = person("alpha.o4", 151, 1, role_officer);
    dated_officer.until = 1000;
    CHECK(w.send(alpha_board, dated_officer).trap == Trap::BadArgument);
    const Receipt made = w.send(alpha_board, good);
    CHECK(made.trap == Trap::None);
    CHECK(w.ledger.party(made.created)->institution == 1);
    CHECK(w.send(alpha_board, good).trap == Trap::AlreadyExists);
}

TEST_CASE("a scheme that was not agreed on makes no keys") {
    SharedWorld w;
    const SigningKey key = signing_key(KeySeed{9}, SignatureScheme::Sm2);
    Enrol sm2 = person("alpha.sm2", 160, 1, role_maker);
    sm2.key = key.public_key;
    sm2.proof = sign(key, key_proof_hash("shared", "alpha.sm2", key.public_key));
    CHECK(w.send(alpha_board, sm2).trap == Trap::BadArgument);
    const SetParameter all{Parameter::Schemes, 14, 0};
    SetParameter enacted = all;
    enacted.mandate = w.agreed(DecisionClass::Parameter, subject_of(all));
    w.days(1);
    REQUIRE(w.send(alpha_board, enacted).trap == Trap::None);
    CHECK(w.send(alpha_board, sm2).trap == Trap::None);
}

TEST_CASE("keys are rotated, end and are revoked, and no block stops for it") {
    SharedWorld w;
    CHECK(w.send({"beta.o1"}, rotation(w, "alpha.maker", 1170)).trap == Trap::NotAuthorised);
    CHECK(w.send({"alpha.checker"}, rotation(w, "alpha.maker", 1170)).trap == Trap::NotAuthorised);
    Rotate forged = rotation(w, "alpha.maker", 1170);
    forged.proof[5] ^= 1;
    CHECK(w.send(alpha_board, forged).trap == Trap::BadArgument);
    CHECK(w.send({"alpha.auditor"}, rotation(w, "alpha.auditor", 172)).trap == Trap::None); // itself
    CHECK(w.send({"alpha.auditor"}, rotation(w, "alpha.auditor", 172)).trap == Trap::AlreadyExists);
    CHECK(w.send({"alpha.auditor"}, rotation(w, "alpha.auditor", 104)).trap == Trap::AlreadyExists); // an old key never comes back
    CHECK(w.send(alpha_board, rotation(w, "alpha", 173)).trap == Trap::BadParty);                   // a house has none
    Rotate ends = rotation(w, "alpha.maker", 1170);
    ends.until = w.height + 2;
    CHECK(w.send(alpha_board, ends).trap == Trap::None);
    CHECK(w.send({"alpha.maker"}, rotation(w, "alpha.maker", 1171)).trap == Trap::NotAuthorised); // itself, and for ever
    CHECK(w.send(alpha_house, OpenAccount{usd_code, w.id("alpha")}).trap == Trap::None);
    w.block(), w.block();
    CHECK(w.send(alpha_house, OpenAccount{eur_code, w.id("alpha")}).trap == Trap::None); // its last height
    w.block();
    CHECK(w.send(alpha_house, OpenAccount{cny_code, w.id("alpha")}).trap == Trap::NotAuthorised);
    CHECK(w.send({"beta.maker", "beta.checker"}, OpenAccount{cny_code, w.id("beta")}).trap == Trap::None);

    CHECK(w.send({"alpha.checker"}, Revoke{w.id("alpha.checker")}).trap == Trap::NotAuthorised);
    CHECK(w.send({"beta.o1"}, Revoke{w.id("alpha.checker")}).trap == Trap::NotAuthorised);
    CHECK(w.send(alpha_board, Revoke{w.id("alpha.checker")}).trap == Trap::None);
    CHECK(w.send(alpha_board, Revoke{w.id("alpha.checker")}).trap == Trap::AlreadyExists);
    CHECK(w.send({"alpha.checker"}, rotation(w, "alpha.checker", 175)).trap == Trap::NotAuthorised); // it signs nothing any more
    CHECK(w.send(alpha_board, rotation(w, "alpha.checker", 175)).trap == Trap::None);
    CHECK_FALSE(w.ledger.party(w.id("alpha.checker"))->revoked);
    // Never fewer officers than are needed.
    CHECK(w.send(alpha_board, Revoke{w.id("alpha.o3")}).trap == Trap::None);
    CHECK(w.send(alpha_board, Revoke{w.id("alpha.o2")}).trap == Trap::BadArgument);
    CHECK(w.send({"alpha.o1", "alpha.o3"}, Revoke{w.id("alpha.maker")}).trap == Trap::NotAuthorised);
    CHECK(w.send(alpha_board, rotation(w, "alpha.o3", 176)).trap == Trap::None);
    CHECK(w.ledger.institution(1)->officers == 3);
}

TEST_CASE("certificates are shown once, and lead to the institution's root") {
    Genesis genesis = shared_genesis();
    const Bytes root{0x30, 1, 2}, leaf{0x30, 9};
    genesis.institutions[0].root_certificate = sha256(root);
    SharedWorld w(genesis);
    Enrol one = person("alpha.new", 1150, 1, role_maker);
    CHECK(w.send(alpha_board, one).trap == Trap::MalformedInput);
    const std::vector<Bytes> wrong{leaf, leaf}, right{leaf, root};
    one.certificates = encode_certificates(wrong);
    CHECK(w.send(alpha_board, one).trap == Trap::BadArgument);
    one.certificates = encode_certificates(right);
    one.certificates.push_back(0);
    CHECK(w.send(alpha_board, one).trap == Trap::MalformedInput);
    one.certificates.pop_back();
    const Receipt made = w.send(alpha_board, one);
    CHECK(made.trap == Trap::None);
    CHECK(w.ledger.party_by_certificate(sha256(leaf)) == made.created);
    Enrol other = person("alpha.other", 1151, 1, role_maker);
    other.certificates = one.certificates;
    CHECK(w.send(alpha_board, other).trap == Trap::AlreadyExists);
}

TEST_CASE("members admit a member, suspend it and take it back") {
    SharedWorld w;
    Admit delta{"delta", lei_delta, {}, true, 1, {officer("delta.o1", 41)}, 0};
    CHECK(w.send(alpha_board, delta).trap == Trap::NotAuthorised);
    const InstanceId proposal = w.agreed(DecisionClass::Admit, subject_of(delta));
    w.days(1);
    Admit other = delta;
    other.mandate = proposal;
    other.officers = {officer("delta.o1", 42)};
    CHECK(w.send(alpha_board, other).trap == Trap::Refused); // not what was voted on
    delta.mandate = proposal;
    Admit forged = delta;
    forged.officers[0].proof[0] ^= 1;
    CHECK(w.send(alpha_board, forged).trap == Trap::BadArgument);
    const Receipt admitted = w.send(alpha_board, delta);
    CHECK_MESSAGE(admitted.trap == Trap::None, admitted.note);
    CHECK(w.id("delta.officers") == w.ledger.institution(5)->board);

    // Four members now: two votes of four are no two thirds.
    const Suspend suspend{2, true, 0};
    const Receipt made = w.propose({"delta.o1"}, "delta.officers", DecisionClass::Suspend, subject_of(suspend), 900);
    REQUIRE_MESSAGE(made.trap == Trap::None, made.note);
    CHECK(w.vote({"delta.o1"}, "delta.officers", made.created).trap == Trap::None);
    CHECK(w.vote({"delta.o1"}, "delta.officers", made.created).trap == Trap::None); // counts once
    CHECK(w.vote({"delta.o1"}, "gamma.officers", made.created).trap == Trap::NotAuthorised);
    CHECK(w.vote({"watch.o1"}, "watch.officers", made.created).trap == Trap::Refused);
    CHECK(w.vote({"gamma.o1"}, "gamma.officers", made.created).trap == Trap::None);
    Suspend enacted = suspend;
    enacted.mandate = made.created;
    CHECK(w.send({"delta.o1"}, enacted).trap == Trap::WrongState); // not agreed yet
    CHECK(w.vote(alpha_board, "alpha.officers", made.created).trap == Trap::None);
    CHECK(w.send({"delta.o1"}, enacted).trap == Trap::None);
    CHECK(w.ledger.institution(2)->suspended);
    CHECK(w.send({"beta.maker", "beta.checker"}, OpenAccount{usd_code, w.id("beta")}).trap == Trap::NotAuthorised);
    CHECK(w.vote({"beta.o1"}, "beta.officers", made.created).trap == Trap::NotAuthorised);
    CHECK(w.ledger.instance(1)->json.find("beta.officers") == std::string::npos);

    const Suspend back{2, false, 0};
    CHECK(subject_of(back) != subject_of(suspend));
    const Receipt again = w.propose({"gamma.o1"}, "gamma.officers", DecisionClass::Reinstate, subject_of(back), 901);
    REQUIRE(again.trap == Trap::None);
    CHECK(w.vote({"gamma.o1"}, "gamma.officers", again.created).trap == Trap::None);
    CHECK(w.vote(alpha_board, "alpha.officers", again.created).trap == Trap::None);
    w.days(1);
    Suspend reinstated = back;
    reinstated.mandate = again.created;
    CHECK(w.send(alpha_board, reinstated).trap == Trap::None);
    CHECK(w.send({"beta.maker", "beta.checker"}, OpenAccount{usd_code, w.id("beta")}).trap == Trap::None);
}

TEST_CASE("a module is deployed by agreement about its hash") {
    SharedWorld w;
    const Bytes module = shared_genesis().governance; // any module; this one is there already
    CHECK(w.send(alpha_board, Deploy{module, 0}).trap == Trap::AlreadyExists);
    Bytes other = module;
    other.back() ^= 1;
    CHECK(w.send(alpha_board, Deploy{other, 0}).trap != Trap::None);
}

TEST_CASE("a proposal lapses, and is enacted by the class that it was for") {
    SharedWorld w;
    const Pause pause{w.day + 40, 0};
    CHECK(w.send(alpha_board, pause).trap == Trap::BadArgument); // too long
    Pause five{w.day + 6, 0};
    const InstanceId wrong_class = w.agreed(DecisionClass::Suspend, subject_of(five));
    five.mandate = wrong_class;
    CHECK(w.send(alpha_board, five).trap == Trap::Refused);
    five.mandate = w.ledger.governance();
    CHECK(w.send(alpha_board, five).trap == Trap::NotAuthorised); // no proposal at all
    const InstanceId old = w.agreed(DecisionClass::Pause, subject_of(five));
    w.days(8);
    five.mandate = old;
    five.until = w.day + 1;
    CHECK(w.send(alpha_board, five).trap != Trap::None);
    CHECK(w.ledger.instance(old)->json.find("\"state\": \"Lapsed\"") != std::string::npos);
}

TEST_CASE("a pause stops money, not keys or votes, and ends by itself") {
    SharedWorld w;
    Pause pause{w.day + 2, 0};
    pause.mandate = w.agreed(DecisionClass::Pause, subject_of(pause));
    REQUIRE(w.send(alpha_board, pause).trap == Trap::None);
    CHECK(w.ledger.paused_until() == w.day + 2);
    const auto opens = [&](CurrencyCode currency) { return w.send(alpha_house, OpenAccount{currency, w.id("alpha")}).trap; };
    CHECK(opens(usd_code) == Trap::NotAuthorised);
    CHECK(w.send(alpha_board, rotation(w, "alpha.maker", 1180)).trap == Trap::None);
    const Suspend suspend{3, true, 0};
    CHECK(w.agreed(DecisionClass::Suspend, subject_of(suspend)) != 0);
    w.days(2);
    CHECK(opens(usd_code) == Trap::NotAuthorised);
    w.days(1);
    CHECK(opens(usd_code) == Trap::None);
    CHECK(w.ledger.paused_until() == std::nullopt);
}

TEST_CASE("the date of a shared ledger goes a month at a time") {
    SharedWorld w;
    CHECK(w.send({"clock"}, Advance{w.day + 32}).trap == Trap::BadArgument);
    CHECK(w.send({"clock"}, Advance{w.day + 31}).trap == Trap::None);
}

TEST_CASE("parameters stay within their bounds and take effect") {
    SharedWorld w;
    for (const ParameterInfo& info : parameters()) {
        CHECK(w.send(alpha_board, SetParameter{info.parameter, info.floor - 1, 0}).trap == Trap::BadArgument);
        CHECK(w.send(alpha_board, SetParameter{info.parameter, info.ceiling + 1, 0}).trap == Trap::BadArgument);
        CHECK(w.ledger.parameter(info.parameter) == info.initial);
    }
    SetParameter set{Parameter::ExpiryBlocks, 1000, 0};
    set.mandate = w.agreed(DecisionClass::Parameter, subject_of(set));
    w.days(1);
    REQUIRE(w.send(alpha_board, set).trap == Trap::None);
    Transaction tx{{w.id("clock")}, IntentId{99}, w.height + 1001, 0, Advance{w.day + 1}};
    CHECK(w.ledger.apply(tx).trap == Trap::LimitExceeded);
    tx.expiry = w.height + 1000;
    CHECK(w.ledger.apply(tx).trap == Trap::None);
}

// ---- the matrix: every kind of transaction × every role × own or other institution -----------------

namespace {

/// What a signature of this role is good for, written down by hand and not taken from the table: the
/// letters of the kinds that get past the role. Whether the rest is right is the kind's own test.
struct Row {
    const char* role;
    const char* own;   ///< one person of alpha, or as many as its role needs
    const char* kinds; ///< in the order of Payload: e enrol, o open account, i issue, r retire, p pay, d deploy, c create, l call, v advance, b batch, k rotate, x revoke, a admit, s suspend, n appoint, t set parameter, z pause
};
constexpr Row matrix[] = {
    {"officer", "alpha.o1", "edclkxasntz"}, {"maker", "alpha.maker", "oirpclbk"}, {"checker", "alpha.checker", "oirpclbk"},
    {"auditor", "alpha.auditor", "k"},      {"operator", "alpha.operator", "k"},  {"regulator", "watch.regulator", "k"},
};

std::vector<std::pair<char, Payload>> one_of_each(const SharedWorld& w, const std::string& self) {
    return {{'e', person("alpha.x", 1999, 1, role_maker)},
            {'o', OpenAccount{usd_code, 0}},
            {'i', Issue{1, 1}},
            {'r', Retire{1, 1}},
            {'p', Pay{1, 2, 1}},
            {'d', Deploy{{1, 2}, 0}},
            {'c', Create{{}, "X", 0, 0, {}, {}}},
            {'l', Call{99, "x", {}, {}, 0}},
            {'v', Advance{w.day + 1}},
            {'b', Batch{false, {Call{99, "x", {}, {}, 0}}}},
            {'k', rotation(w, self, 1998)},
            {'x', Revoke{w.id("alpha.auditor")}},
            {'a', Admit{"delta", lei_delta, {}, true, 1, {officer("delta.o1", 41)}, 0}},
            {'s', Suspend{2, true, 0}},
            {'n', Appoint{usd_code, w.id("alpha"), 0}},
            {'t', SetParameter{Parameter::ExpiryBlocks, 1000, 0}},
            {'z', Pause{w.day + 1, 0}}};
}

bool stopped_by_role(const Receipt& receipt) { return receipt.trap == Trap::NotAuthorised && receipt.note.find("has no role that signs") != std::string::npos; }

} // namespace

TEST_CASE("every kind of transaction asks every role") {
    std::size_t cells = 0;
    for (const Row& row : matrix) {
        SharedWorld w;
        const auto payloads = one_of_each(w, row.own);
        REQUIRE(payloads.size() == std::variant_size_v<Payload>);
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            const auto& [letter, payload] = payloads[i];
            REQUIRE(payload.index() == i);
            SharedWorld fresh;
            const bool open = std::string_view(row.kinds).find(letter) != std::string_view::npos;
            CHECK_MESSAGE(stopped_by_role(fresh.send({row.own}, payload)) == !open, row.role << " " << letter);
            ++cells;
        }
    }
    CHECK(cells == std::size(matrix) * std::size(payload_rules));
}

TEST_CASE("what is one institution's is closed to every role of another") {
    const char* const others[] = {"beta.o1", "beta.maker", "beta.checker", "watch.regulator", "watch.o1", "clock"};
    for (const char* const other : others) {
        SharedWorld w;
        REQUIRE(w.send(alpha_house, OpenAccount{usd_code, w.id("alpha")}).trap == Trap::None);
        const std::pair<const char*, Payload> asked[] = {
            {"enrol", person("alpha.x", 1999, 1, role_maker)},
            {"open account", OpenAccount{eur_code, w.id("alpha")}},
            {"issue", Issue{1, 1}},
            {"retire", Retire{1, 1}},
            {"pay", Pay{1, 1, 1}},
            {"rotate", rotation(w, "alpha.maker", 1998)},
            {"revoke", Revoke{w.id("alpha.auditor")}},
        };
        for (const auto& [name, payload] : asked)
            CHECK_MESSAGE(w.send({other}, payload).trap == Trap::NotAuthorised, other << " " << name);
        CHECK(w.ledger.account(1)->balance == 0);
    }
}

} // namespace tally::test
