/// A module that has something of everything, and verifies.
#pragma once

#include "vm/bytecode/assemble.hpp"

namespace tally::test {

// Type numbers of the rich module.
namespace rich {
enum : std::uint32_t {
    unit,
    boolean,
    integer,
    date,
    party,
    money,
    text,
    cash,
    color,
    pair,
    ints,
    by_party,
    parties,
    maybe_money,
    vaults,
    accrual,
    big_list,
    account,
    fraction,
    rate,
    instance,
    days,
    months,
    decimal
};
} // namespace rich

inline Type plain_type(TypeKind kind) {
    Type type;
    type.kind = kind;
    return type;
}

inline std::vector<Type> rich_types() {
    std::vector<Type> types(24);
    const auto simple = [&](std::uint32_t i, TypeKind kind) { types[i] = plain_type(kind); };
    simple(rich::unit, TypeKind::Unit);
    simple(rich::boolean, TypeKind::Bool);
    simple(rich::integer, TypeKind::Int);
    simple(rich::date, TypeKind::Date);
    simple(rich::party, TypeKind::Party);
    simple(rich::money, TypeKind::Money);
    simple(rich::text, TypeKind::Text);
    types[rich::text].max = 20;
    simple(rich::cash, TypeKind::Cash);
    types[rich::color] = {TypeKind::Enum, "Color", none, none, 0, {}, {"red", "green"}};
    types[rich::pair] = {
        TypeKind::Record, "Pair", none, none, 0, {{"who", rich::party}, {"what", rich::money}}, {}};
    types[rich::ints] = {TypeKind::List, "", none, rich::integer, 4, {}, {}};
    types[rich::by_party] = {TypeKind::Map, "", rich::party, rich::money, 3, {}, {}};
    types[rich::parties] = {TypeKind::Set, "", none, rich::party, 5, {}, {}};
    types[rich::maybe_money] = {TypeKind::Optional, "", none, rich::money, 0, {}, {}};
    types[rich::vaults] = {TypeKind::Map, "", rich::party, rich::cash, 10, {}, {}};
    simple(rich::accrual, TypeKind::Accrual);
    types[rich::big_list] = {TypeKind::List, "", none, rich::pair, 1000, {}, {}};
    simple(rich::account, TypeKind::Account);
    simple(rich::fraction, TypeKind::Fraction);
    simple(rich::rate, TypeKind::Rate);
    simple(rich::instance, TypeKind::Instance);
    simple(rich::days, TypeKind::Days);
    simple(rich::months, TypeKind::Months);
    simple(rich::decimal, TypeKind::Decimal);
    return types;
}

/// Function numbers: 0 create, 1 pay, 2 count, 3 next, 4 clause, 5 broken, 6 test, 7 helper, 8
/// pair_of.
inline constexpr std::string_view rich_code = R"(
const x 0 = 9223372036854775807
const x 1 = -5
const w 0 = 170141183460469231731687303715884105727
const w 1 = -170141183460469231731687303715884105728

fn create(x1 w1 h0) regs x4 w2 h0 frame 32 {
    .line 3
b0:
    .line 4
    ldc x1, 0
    ldcw w1, 1
    frame x2, 16
    stx x1, x2, 8
    host x2, w0, today
    call x2, w0, h0, helper
    ret
}
fn pay(x1 w0 h1) regs x3 w2 h2 frame 0 {
b0:
    hamount w0, h0
    ldi x1, 0
    brz x0, b2
b1:
    hdeposit h0, x1, 4
    ret
b2:
    htake h1, h0, w0
    hpay h1, x0
    hend h0
    ret
}
fn count(x0 w0 h0) -> x  regs x3 w1 h0 frame 0 {
b0:
    ldi x0, 10
b1:
    addi x0, x0, -1
    brnz x0, b1
b2:
    retx x0
}
fn next(x1 w0 h0) -> x regs x1 w0 h0 frame 0 {
b0:
    retx x0
}
fn clause(x0 w0 h0) regs x2 w2 h1 frame 0 {
b0:
    hwithdraw h0, w0, x0, 5
    callx x0, w0, h0, 0
    trap Unreachable
}
fn broken(x0 w0 h0) -> x regs x1 w1 h0 frame 0 {
b0:
    muldiv w0, w0, w0, w0, half_even
    retx x0
}
fn test(x0 w0 h0) regs x5 w1 h0 frame 0 {
b0:
    host x0, w0, test_sign
    ret
}
fn helper(x1 w0 h0) -> x regs x2 w0 h0 frame 16 {
b0:
    addi x1, x0, 1
    retx x1
}
fn "pair of"(x3 w0 h0) regs x3 w0 h0 frame 0 {
b0:
    ret
}
)";

inline Auth by_field(std::uint32_t index, std::vector<std::uint32_t> steps) {
    Auth auth;
    auth.kind = AuthKind::Term;
    auth.index = index;
    auth.steps = std::move(steps);
    return auth;
}

inline Contract rich_parent() {
    Contract c;
    c.name = "Pool";
    c.generic = true;
    c.states = {"open", "closed"};
    c.final_states = 2;
    c.edges = {2, 0};
    c.fields = {{"lead", FieldKind::Role, rich::party, 0},
                {"members", FieldKind::Var, rich::parties, 0}};
    Entry create;
    create.kind = EntryKind::Create;
    create.name = "create";
    create.function = 0;
    create.params = {{"who", rich::party}, {"limit", rich::money}};
    c.entries = {create};
    return c;
}

inline Contract rich_child() {
    Contract c;
    c.name = "Loan";
    c.parent = 0;
    c.states = {"offered", "running", "repaid"};
    c.final_states = 4;
    c.edges = {2, 4, 0};
    c.fields = {{"borrower", FieldKind::Role, rich::party, 0},
                {"rate", FieldKind::Const, rich::rate, 0},
                {"shares", FieldKind::Var, rich::by_party, 6},
                {"interest", FieldKind::Accrual, rich::accrual, 0},
                {"till", FieldKind::Vault, rich::cash, 0},
                {"pots", FieldKind::Vault, rich::vaults, 0},
                {"history", FieldKind::Stored, rich::big_list, 0}};
    Entry pay;
    pay.name = "pay";
    pay.function = 1;
    pay.params = {{"cash", rich::cash}, {"to", rich::account}};
    pay.states = 6;
    pay.auth.kind = AuthKind::AnyOf;
    pay.auth.children = {by_field(0, {}), by_field(2, {each_step})};
    pay.auth.children[1].text = "each of shares";
    pay.law = "Art. 1";
    Auth quorum = by_field(1, {each_step});
    quorum.root = AuthRoot::ParentField;
    Auth of;
    of.kind = AuthKind::Quorum;
    of.n = 2;
    of.d = 3;
    of.children = {quorum};
    pay.auth.children.push_back(of);
    Entry count;
    count.kind = EntryKind::View;
    count.name = "count";
    count.function = 2;
    count.result = rich::integer;
    count.auth.kind = AuthKind::Anyone;
    Entry clause;
    clause.kind = EntryKind::Clause;
    clause.name = "due";
    clause.function = 4;
    clause.next_date = 3;
    clause.phase = ClausePhase::Close;
    clause.auth.kind = AuthKind::AnyOf;
    Entry pair;
    pair.kind = EntryKind::View;
    pair.name = "pair";
    pair.function = 8;
    pair.params = {{"a", rich::text}, {"b", rich::color}};
    pair.result = rich::pair;
    c.entries = {pay, count, clause, pair};
    c.invariants = 5;
    c.invariant_names = {"the till is never short"};
    return c;
}

inline Module rich_module() {
    // Imports first, so that `callx` has something to name.
    auto assembled = assemble("imports 1\n" + std::string(rich_code));
    Module m = std::get<Module>(std::move(assembled));
    m.name = "test.rich";
    m.version = 7;
    m.compiler = "by hand";
    m.source[0] = 0xab;
    m.types = rich_types();
    m.contracts = {rich_parent(), rich_child()};
    m.imports[0] = {"", "Pool", "take", {rich::money, rich::cash}, none};
    m.events = {{"test.rich.Paid", rich::pair, ""}, {"test.rich.Done", none, ""}};
    m.errors = {{"test.rich.Late", rich::pair, "too late"}};
    m.tests = {{"it counts", 6, 12, {}, 0}};
    return m;
}

} // namespace tally::test
