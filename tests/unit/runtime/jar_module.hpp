/// A module by hand: a jar that holds money, counts, logs and has a clause; and slips, its
/// children.
#pragma once

#include "runtime/assert.hpp"
#include "runtime/ledger.hpp"
#include "vm/bytecode/assemble.hpp"
#include "vm/bytecode/limits.hpp"

#include <doctest/doctest.h>

namespace tally::test {

namespace jar {
enum : std::uint32_t { unit, integer, date, party, money, cash, pots, log, failed, instance, text };
} // namespace jar

// The jar's record: state 64, owner 72, count 80, log count 88, next 96, fired 104.
inline constexpr std::string_view jar_code = R"(imports 3
const x 0 = -9223372036854775808

fn create(x1 w0 h0) regs x1 w0 h0 frame 0 {
b0:
    ret
}
fn put(x0 w0 h1) regs x1 w0 h1 frame 0 {
b0:
    hdeposit h0, x0, 2
    ret
}
fn take(x0 w1 h0) -> h regs x1 w1 h1 frame 0 {
b0:
    hwithdraw h0, w0, x0, 2
    reth h0
}
fn add(x1 w0 h0) regs x3 w0 h0 frame 0 {
b0:
    ldi x1, 64
    ldx x2, x1, 16
    addc x2, x2, x0
    stx x2, x1, 16
    ret
}
fn count(x0 w0 h0) -> x regs x1 w0 h0 frame 0 {
b0:
    ldi x0, 64
    ldx x0, x0, 16
    retx x0
}
fn close(x0 w0 h0) regs x1 w0 h0 frame 0 {
b0:
    ldi x0, 1
    host x0, w0, become
    ret
}
fn refuse(x1 w0 h0) regs x4 w0 h0 frame 16 {
    .line 42
b0:
    frame x1, 0
    stx x0, x1, 0
    ldi x0, 0
    host x0, w0, fail
    ret
}
fn tick(x0 w0 h0) regs x4 w0 h0 frame 0 {
b0:
    ldi x0, 64
    ldx x1, x0, 40
    addi x1, x1, 1
    stx x1, x0, 40
    ldx x2, x0, 16
    ldi x3, 13
    beq x2, x3, b2
b1:
    ldx x1, x0, 32
    addi x1, x1, 1
    stx x1, x0, 32
    ret
b2:
    trap Overflow
}
fn next(x1 w0 h0) -> x regs x2 w0 h0 frame 0 {
b0:
    ldi x0, 64
    ldx x0, x0, 32
    brnz x0, b2
b1:
    ldc x0, 0
b2:
    retx x0
}
fn broken(x0 w0 h0) -> x regs x2 w0 h0 frame 0 {
b0:
    ldi x0, 64
    ldx x0, x0, 16
    ldi x1, 0
    lt x0, x0, x1
    retx x0
}
fn push(x1 w0 h0) regs x7 w0 h0 frame 16 {
b0:
    ldi x1, 64
    ldx x2, x1, 24
    frame x3, 0
    stx x2, x3, 0
    stx x0, x3, 8
    ldi x4, 4
    movx x5, x3
    addi x6, x3, 8
    host x4, w0, stored_put
    ret
}
fn log_at(x1 w0 h0) -> x regs x6 w0 h0 frame 16 {
b0:
    frame x1, 0
    stx x0, x1, 0
    ldi x2, 4
    ldi x3, 0
    movx x4, x1
    addi x5, x1, 8
    host x2, w0, stored_get
    ldx x0, x1, 8
    retx x0
}
fn set_next(x1 w0 h0) regs x2 w0 h0 frame 0 {
b0:
    ldi x1, 64
    stx x0, x1, 32
    ret
}
fn through(x2 w0 h0) regs x2 w0 h0 frame 0 {
b0:
    callx x0, w0, h0, 0
    ret
}
fn open_pot(x1 w0 h0) regs x4 w0 h0 frame 16 {
b0:
    frame x1, 0
    stx x0, x1, 0
    ldi x2, 3
    movx x3, x1
    host x2, w0, vault_open
    ret
}
fn put_pot(x1 w0 h1) regs x2 w0 h1 frame 16 {
b0:
    frame x1, 0
    stx x0, x1, 0
    hdeposit h0, x1, 3
    ret
}
fn scribble(x0 w0 h0) regs x2 w0 h0 frame 0 {
b0:
    ldi x0, 64
    ldi x1, 1
    stx x1, x0, 0
    ret
}
fn slip_create(x1 w0 h0) regs x3 w0 h0 frame 0 {
b0:
    host x0, w0, self_id
    host x0, w0, parent_of
    ldi x1, 1
    callx x0, w0, h0, 1
    ret
}
fn slip_owner_count(x0 w0 h0) -> x regs x2 w0 h0 frame 0 {
b0:
    ldi x0, 80
    ldx x0, x0, 16
    retx x0
}
fn first_party(x1 w0 h0) regs x1 w0 h0 frame 0 {
b0:
    ret
}
fn cheat(x0 w0 h0) -> x regs x2 w0 h0 frame 0 {
b0:
    ldi x0, 64
    ldi x1, 99
    stx x1, x0, 16
    retx x1
}
)";

inline Auth term(AuthRoot root, std::uint32_t index, std::vector<std::uint32_t> steps = {}) {
    Auth auth;
    auth.kind = AuthKind::Term;
    auth.root = root;
    auth.index = index;
    auth.steps = std::move(steps);
    return auth;
}
inline Auth of_kind(AuthKind kind, std::vector<Auth> children = {}) {
    Auth auth;
    auth.kind = kind;
    auth.children = std::move(children);
    return auth;
}

inline std::vector<Type> jar_types() {
    std::vector<Type> types(11);
    types[jar::unit].kind = TypeKind::Unit;
    types[jar::integer].kind = TypeKind::Int;
    types[jar::date].kind = TypeKind::Date;
    types[jar::party].kind = TypeKind::Party;
    types[jar::money].kind = TypeKind::Money;
    types[jar::cash].kind = TypeKind::Cash;
    types[jar::pots] = {TypeKind::Map, "", jar::party, jar::cash, 2, {}, {}};
    types[jar::log] = {TypeKind::List, "", none, jar::integer, 3, {}, {}};
    types[jar::failed] = {TypeKind::Record, "Failed", none, none, 0, {{"why", jar::integer}}, {}};
    types[jar::instance].kind = TypeKind::Instance;
    types[jar::text] = {TypeKind::Text, "", none, none, 16, {}, {}};
    return types;
}

inline std::uint32_t function_number(const Module& module, const std::string& name) {
    for (std::uint32_t i = 0; i < module.functions.size(); ++i)
        if (module.functions[i].name == name) return i;
    return none;
}

inline Entry entry_of(const Module& module, EntryKind kind, const std::string& name,
                      std::vector<Field> params, Auth auth, std::uint32_t result = none) {
    Entry entry;
    entry.kind = kind;
    entry.name = name;
    entry.function = function_number(module, name);
    entry.params = std::move(params);
    entry.result = result;
    entry.states = kind == EntryKind::View ? 3 : kind == EntryKind::Create ? 0 : 1;
    entry.auth = std::move(auth);
    return entry;
}

inline Contract jar_contract(const Module& m) {
    const Auth owner = term(AuthRoot::Field, 0), anyone = of_kind(AuthKind::Anyone);
    Contract c;
    c.name = "Jar";
    c.generic = true;
    c.states = {"Open", "Closed"};
    c.final_states = 2;
    c.edges = {2, 0};
    c.fields = {
        {"owner", FieldKind::Role, jar::party, 0}, {"count", FieldKind::Var, jar::integer, 0},
        {"pot", FieldKind::Vault, jar::cash, 0},   {"pots", FieldKind::Vault, jar::pots, 0},
        {"log", FieldKind::Stored, jar::log, 0},   {"next", FieldKind::Var, jar::date, 0},
        {"fired", FieldKind::Var, jar::integer, 0}};
    const auto action = [&](const char* name, std::vector<Field> params, const Auth& auth,
                            std::uint32_t result = none) {
        c.entries.push_back(entry_of(m, EntryKind::Action, name, std::move(params), auth, result));
    };
    c.entries.push_back(entry_of(m, EntryKind::Create, "create", {{"owner", jar::party}}, owner));
    action("put", {{"cash", jar::cash}}, anyone);
    action("take", {{"amount", jar::money}}, owner, jar::cash);
    action("add", {{"n", jar::integer}}, anyone);
    action("close", {}, owner);
    action("refuse", {{"why", jar::integer}}, anyone);
    action("push", {{"n", jar::integer}}, anyone);
    action("set_next", {{"on", jar::date}}, owner);
    action("through", {{"jar", jar::instance}, {"n", jar::integer}}, anyone);
    action("open_pot", {{"whose", jar::party}}, owner);
    action("put_pot", {{"whose", jar::party}, {"cash", jar::cash}}, anyone);
    action("scribble", {}, anyone);
    Entry by_child =
        entry_of(m, EntryKind::Action, "add", {{"n", jar::integer}}, of_kind(AuthKind::Child));
    by_child.name = "bump";
    by_child.auth.contract = "Slip";
    c.entries.push_back(by_child);
    c.entries.push_back(entry_of(m, EntryKind::View, "count", {}, anyone, jar::integer));
    c.entries.push_back(entry_of(m, EntryKind::View, "cheat", {}, anyone, jar::integer));
    c.entries.push_back(
        entry_of(m, EntryKind::View, "log_at", {{"i", jar::integer}}, anyone, jar::integer));
    Entry clause = entry_of(m, EntryKind::Clause, "tick", {}, of_kind(AuthKind::AnyOf));
    clause.states = 1;
    clause.next_date = function_number(m, "next");
    c.entries.push_back(clause);
    c.invariants = function_number(m, "broken");
    c.invariant_names = {"never below zero"};
    return c;
}

inline Contract slip_contract(const Module& m) {
    Contract c;
    c.name = "Slip";
    c.parent = 0;
    c.states = {"Made", "Gone"};
    c.edges = {2, 0};
    Entry create = entry_of(m, EntryKind::Create, "slip_create", {{"serial", jar::integer}},
                            term(AuthRoot::ParentField, 0));
    create.name = "create";
    c.entries = {create, entry_of(m, EntryKind::View, "slip_owner_count", {},
                                  of_kind(AuthKind::Anyone), jar::integer)};
    return c;
}

inline Module jar_module() {
    auto assembled = assemble(jar_code);
    REQUIRE(std::holds_alternative<Module>(assembled));
    Module m = std::get<Module>(std::move(assembled));
    m.name = "test.jar";
    m.compiler = "by hand";
    m.types = jar_types();
    m.imports = {{"", "Jar", "add", {jar::integer}, none},
                 {"", "Jar", "bump", {jar::integer}, none},
                 {"", "Jar", "count", {}, jar::integer}};
    m.errors = {{"test.jar.Failed", jar::failed, "it did not work"}};
    m.contracts = {jar_contract(m), slip_contract(m)};
    return m;
}

inline constexpr CurrencyCode cny = currency_code('C', 'N', 'Y');
inline constexpr CurrencyCode usd = currency_code('U', 'S', 'D');

/// A ledger with some parties: 1 the operator (all roles, issues CNY and USD), 2 alice, 3 bob, 4 an
/// auditor.
struct World {
    MemoryStore store;
    Ledger ledger{store};
    u64 height = 1, intents = 0;
    Hash code{};

    World() {
        Genesis genesis{"test", 20454, {}}; // 2026-01-01
        const char* const names[] = {"operator", "alice", "bob", "auditor"};
        for (std::uint8_t i = 0; i < 4; ++i) {
            Enrol party;
            party.name = names[i];
            party.key = PublicKey{i};
            if (i == 0) party.roles = role_registrar | role_deployer | role_clock;
            if (i == 0) party.issuer_of = {cny, usd};
            if (i == 3) party.roles = role_auditor;
            genesis.parties.push_back(party);
        }
        TALLY_ASSERT(!ledger.genesis(genesis), "a genesis that can be");
        commit();
        ledger.begin_block(height);
    }
    void commit() {
        store.apply(ledger.writes());
        ledger.committed();
    }
    std::vector<ClauseRun> block() {
        commit();
        return ledger.begin_block(++height);
    }
    Transaction transaction(std::vector<PartyId> signers, Payload payload) {
        Transaction tx;
        tx.signers = std::move(signers);
        ++intents;
        for (std::size_t i = 0; i < 8; ++i)
            tx.intent[i] = static_cast<std::uint8_t>(intents >> (8 * i));
        tx.expiry = height + 100;
        tx.gas_limit = 1'000'000;
        tx.payload = std::move(payload);
        return tx;
    }
    Receipt send(std::vector<PartyId> signers, Payload payload) {
        return ledger.apply(transaction(std::move(signers), std::move(payload)));
    }
    void deploy() {
        const Receipt receipt = send({1}, Deploy{encode(jar_module())});
        INFO(receipt.note);
        REQUIRE(receipt.trap == Trap::None);
        code = receipt.code;
    }
    InstanceId jar(PartyId owner = 2) {
        if (code == Hash{}) deploy();
        const Receipt receipt =
            send({owner}, Create{code, "Jar", 0, cny, words({static_cast<i64>(owner)}), {}});
        INFO(receipt.note);
        REQUIRE(receipt.trap == Trap::None);
        return receipt.created;
    }
    AccountId funded(PartyId owner, i128 amount, CurrencyCode currency = cny) {
        const AccountId account = send({owner}, OpenAccount{currency}).created;
        REQUIRE(send({1}, Issue{account, amount}).trap == Trap::None);
        return account;
    }
    Receipt act(std::vector<PartyId> signers, InstanceId id, std::string entry,
                std::vector<i64> args = {}, std::vector<CashIn> cash = {}) {
        return send(std::move(signers),
                    Call{id, std::move(entry), words(args), std::move(cash), 0});
    }
    i64 ask(InstanceId id, const std::string& entry, const std::vector<i64>& args = {}) {
        const Receipt receipt = ledger.view(id, entry, words(args));
        INFO(receipt.note);
        REQUIRE(receipt.trap == Trap::None);
        return ByteReader(receipt.result).varint();
    }
    static Bytes words(const std::vector<i64>& values) {
        ByteWriter out;
        for (const i64 value : values)
            out.varint(value);
        return out.take();
    }
    static Bytes amount(i128 value) {
        ByteWriter out;
        out.varint128(value);
        return out.take();
    }
};

} // namespace tally::test
