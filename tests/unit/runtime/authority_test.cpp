#include "runtime/authority.hpp"

#include "runtime/codec.hpp"

#include <doctest/doctest.h>

namespace tally::test {
namespace {

enum : std::uint32_t { integer, party, parties, deal, deals, members, small_deals };

Module pool_module() {
    Module m;
    m.name = "test.pool";
    m.types.resize(7);
    m.types[integer].kind = TypeKind::Int;
    m.types[party].kind = TypeKind::Party;
    m.types[parties] = {TypeKind::List, "", none, party, 4, {}, {}};
    m.types[deal] = {
        TypeKind::Record, "Deal", none, none, 0, {{"limit", integer}, {"banks", parties}}, {}};
    m.types[deals] = {TypeKind::List, "", none, deal, 9, {}, {}};
    m.types[members] = {TypeKind::Set, "", none, party, 8, {}, {}};
    m.types[small_deals] = {TypeKind::List, "", none, deal, 2, {}, {}};
    Contract pool;
    pool.name = "Pool";
    pool.states = {"Open"};
    pool.edges = {0};
    pool.fields = {{"lead", FieldKind::Role, party, 0},
                   {"members", FieldKind::Var, members, 0},
                   {"deals", FieldKind::Stored, deals, 0},
                   {"small", FieldKind::Var, small_deals, 0}};
    Contract loan = pool;
    loan.name = "Loan";
    loan.parent = 0;
    loan.fields = {{"deal", FieldKind::Const, integer, 0}};
    m.contracts = {pool, loan};
    return m;
}

void list(ByteWriter& out, const std::vector<i64>& parties_in) {
    out.uvarint(parties_in.size());
    for (const i64 p : parties_in)
        out.varint(p);
}

/// A pool (1) led by 10, of members 20, 21, 22, with deals [{30}, {40, 41, 42}], and a loan (2) of
/// deal 1.
struct Scene {
    MemoryStore store;
    Journal journal{store};
    CodeCache codes;
    State state{journal, codes};
    ArenaPool arenas;
    OpenInstance pool, loan;
    Entry entry;

    Scene() {
        auto loaded = load(pool_module(), Hash{});
        REQUIRE(loaded.index() == 0);
        const CodePtr code = make_code(std::get<0>(std::move(loaded)));
        prepare(pool, 1, {Hash{}, 0, 0, 0, 0}, code, arenas);
        prepare(loan, 2, {Hash{}, 1, 1, 0, 0}, code, arenas);
        loan.parent = &pool;
        ByteWriter record;
        record.uvarint(0);
        record.varint(10);
        list(record, {20, 21, 22});
        record.uvarint(2); // stored deals
        record.uvarint(2);
        for (int i = 0; i < 2; ++i) {
            record.varint(5);
            list(record, i == 0 ? std::vector<i64>{30} : std::vector<i64>{40, 41, 42});
        }
        REQUIRE(decode_record(pool, record.data()));
        ByteWriter own;
        own.uvarint(0);
        own.varint(1);
        REQUIRE(decode_record(loan, own.data()));
        for (i64 i = 0; i < 2; ++i) {
            ByteWriter key, value;
            key.i64be(i);
            value.varint(5);
            list(value, i == 0 ? std::vector<i64>{30} : std::vector<i64>{40, 41, 42});
            journal.put(keys::element(1, 2, key.data()), value.take());
        }
        entry.params = {{"whom", parties}};
    }

    bool ask(const Auth& auth, const std::vector<PartyId>& signers,
             const OpenInstance* caller = nullptr, const OpenInstance* self = nullptr) {
        entry.auth = auth;
        static const std::array<i64, 6> whom{2, 50, 51, 0, 0, 0};
        const auto* const at = reinterpret_cast<const std::uint8_t*>(whom.data());
        return authorised({state, signers, self != nullptr ? *self : loan, entry, {at}, caller});
    }
};

Auth term(AuthRoot root, std::uint32_t index, std::vector<std::uint32_t> steps = {}) {
    Auth auth;
    auth.kind = AuthKind::Term;
    auth.root = root;
    auth.index = index;
    auth.steps = std::move(steps);
    return auth;
}
Auth over(AuthKind kind, std::vector<Auth> children, std::uint32_t n = 0, std::uint32_t d = 0) {
    Auth auth;
    auth.kind = kind;
    auth.n = n;
    auth.d = d;
    auth.children = std::move(children);
    return auth;
}

} // namespace

TEST_CASE("a term alone and `each of` want every party, `any of` one") {
    Scene s;
    const Auth lead = term(AuthRoot::ParentField, 0), all = term(AuthRoot::ParentField, 1);
    CHECK(s.ask(lead, {10}));
    CHECK_FALSE(s.ask(lead, {20}));
    CHECK_FALSE(s.ask(all, {20, 21}));
    CHECK(s.ask(all, {22, 20, 21, 5}));
    CHECK(s.ask(over(AuthKind::EachOf, {all}), {22, 20, 21}));
    CHECK_FALSE(s.ask(over(AuthKind::EachOf, {all}), {22, 20}));
    CHECK(s.ask(over(AuthKind::AnyOf, {all}), {21}));
    CHECK_FALSE(s.ask(over(AuthKind::AnyOf, {all}), {10}));
    CHECK(s.ask(over(AuthKind::AnyOf, {all, lead}), {10}));
    CHECK_FALSE(s.ask(over(AuthKind::AnyOf, {all, lead}), {20}));
    CHECK(s.ask(over(AuthKind::AllOf, {all, lead}), {10, 20, 21, 22}));
    CHECK_FALSE(s.ask(over(AuthKind::AllOf, {all, lead}), {20, 21, 22}));
    CHECK(s.ask(term(AuthRoot::Parameter, 0), {50, 51}));
    CHECK(s.ask(term(AuthRoot::Parameter, 0, {each_step}), {50, 51}));
    CHECK_FALSE(s.ask(term(AuthRoot::Parameter, 0), {50}));
}

TEST_CASE("counts and quorums count distinct parties at their edges") {
    Scene s;
    const Auth all = term(AuthRoot::ParentField, 1);
    CHECK(s.ask(over(AuthKind::KOf, {all}, 2), {20, 22}));
    CHECK_FALSE(s.ask(over(AuthKind::KOf, {all}, 2), {20}));
    CHECK(s.ask(over(AuthKind::Quorum, {all}, 2, 3), {20, 22}));
    CHECK_FALSE(s.ask(over(AuthKind::Quorum, {all}, 2, 3), {20}));
    CHECK_FALSE(s.ask(over(AuthKind::Quorum, {all}, 3, 4), {20, 22}));
}

TEST_CASE("an index in an own field leads into a list, inline or stored") {
    Scene s;
    for (const std::uint32_t field : {2u, 3u}) {
        const Auth banks = term(AuthRoot::ParentField, field, {index_field_step, 0, 1, each_step});
        CHECK(s.ask(banks, {40, 41, 42}));
        CHECK(s.ask(over(AuthKind::Quorum, {banks}, 2, 3), {42, 40}));
        CHECK_FALSE(s.ask(banks, {30}));
        const Auth every = term(AuthRoot::ParentField, field, {each_step, 1, each_step});
        CHECK(s.ask(every, {40, 41, 42, 30}));
        CHECK_FALSE(s.ask(every, {40, 41, 42}));
    }
}

TEST_CASE("callers: a contract, a child, anyone; nothing at all lets nobody in") {
    Scene s;
    Auth child = over(AuthKind::Child, {});
    child.contract = "Loan";
    CHECK(s.ask(child, {}, &s.loan, &s.pool));
    CHECK_FALSE(s.ask(child, {}, &s.pool, &s.pool));
    CHECK_FALSE(s.ask(child, {10}, nullptr, &s.pool));
    child.contract = "Slip";
    CHECK_FALSE(s.ask(child, {}, &s.loan, &s.pool));
    CHECK(s.ask(over(AuthKind::Contract, {}), {}, &s.pool));
    CHECK_FALSE(s.ask(over(AuthKind::Contract, {}), {10}));
    CHECK(s.ask(over(AuthKind::Anyone, {}), {}));
    CHECK_FALSE(s.ask(over(AuthKind::AnyOf, {}), {10}));
    CHECK_FALSE(s.ask(over(AuthKind::AllOf, {}), {10}));
}

} // namespace tally::test
