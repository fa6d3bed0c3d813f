#include "tests/bench/hostile/modules.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace tally::bench {
namespace {

using Code = std::vector<Instruction>;
using Body = std::function<void(Code&, std::int32_t block)>; ///< appends to that block; may open others

constexpr std::size_t most = 65'200; ///< instructions that fit a module's bytes
constexpr std::uint64_t all_states = ~std::uint64_t{0};
constexpr std::uint32_t int_type = 0, money_type = 1, cash_type = 2, party_type = 3; ///< of every module here

std::int32_t imm(HostFn fn) { return static_cast<std::int32_t>(fn); }
const std::string longest(limits::name_bytes, 'n');

Function shape(unsigned x, unsigned w = 0, unsigned h = 0) {
    Function f;
    f.x_registers = static_cast<std::uint16_t>(x);
    f.w_registers = static_cast<std::uint16_t>(w);
    f.h_slots = static_cast<std::uint16_t>(h);
    return f;
}

Function with(Function f, Code code) {
    f.code = std::move(code);
    return f;
}

/// Gives nothing and takes so many words.
Function taking(unsigned x, unsigned w = 0, unsigned h = 0) {
    Function f = with(shape(x, w, h), {{Op::Block}});
    f.x_params = f.x_registers, f.w_params = f.w_registers, f.h_params = f.h_slots;
    for (unsigned slot = 0; slot < h; ++slot) f.code.push_back({Op::HEnd, static_cast<std::uint8_t>(slot)});
    f.code.push_back({Op::Return});
    return f;
}

Type type_of(TypeKind kind) {
    Type t;
    t.kind = kind;
    return t;
}

Module base() {
    Module m;
    m.name = "hostile";
    for (const TypeKind kind : {TypeKind::Int, TypeKind::Money, TypeKind::Cash, TypeKind::Party}) m.types.push_back(type_of(kind));
    m.functions.push_back(taking(0));
    return m;
}

std::uint32_t last(const Module& m) { return static_cast<std::uint32_t>(m.types.size() - 1); }

std::size_t blocks_in(const Code& code, std::size_t from) {
    std::size_t count = 0;
    for (; from < code.size(); ++from) count += code[from].op == Op::Block ? 1u : 0u;
    return count;
}

/// Functions of this shape, filled with the body to the limits of a function and of the module.
Module repeated(Module m, const Function& like, const Body& body, const Code& end = {{Op::Return}}, std::size_t instructions = most) {
    for (std::size_t left = instructions; left > 4 * limits::table_cases;) {
        Function f = with(like, {{Op::Block}});
        const std::size_t size = std::min(left, limits::function_instructions) - limits::table_cases - 64;
        for (std::size_t blocks = 1, begun = 0; f.code.size() < size && blocks + 4 < limits::function_blocks;) {
            if (f.code.size() - begun > 2500) f.code.push_back({Op::Block}), begun = f.code.size(), ++blocks;
            const std::size_t from = f.code.size();
            body(f.code, static_cast<std::int32_t>(blocks - 1));
            blocks += blocks_in(f.code, from);
            if (blocks_in(f.code, from) > 0) begun = from;
        }
        f.code.insert(f.code.end(), end.begin(), end.end());
        left -= std::min(left, f.code.size() + 10);
        m.functions.push_back(std::move(f));
    }
    return m;
}

Body line(Instruction in) {
    return [in](Code& code, std::int32_t) { code.push_back(in); };
}
Body lines(Code all) {
    return [all](Code& code, std::int32_t) { code.insert(code.end(), all.begin(), all.end()); };
}

// ---- code ------------------------------------------------------------------------------------------

void add_straight(std::vector<HostileModule>& out) {
    const Function x = shape(8, 8);
    out.push_back({"three x operands", repeated(base(), x, line({Op::AddX, 1, 2, 3, 0}))});
    out.push_back({"an immediate", repeated(base(), x, line({Op::AddImmX, 1, 2, 0, -1}))});
    out.push_back({"muldiv with a rounding mode", repeated(base(), x, line({Op::MulDiv, 1, 2, 3, 0x104}))});
    Module constants = base();
    constants.w_constants.assign(2000, i128{1} << 120);
    out.push_back({"constants loaded", repeated(constants, x, line({Op::LoadConstW, 1, 0, 0, 1999}), {{Op::Return}}, 60'000)});
    out.push_back({"host calls", repeated(base(), x, line({Op::HostCall, 1, 0, 0, imm(HostFn::Today)}))});
    out.push_back({"host calls of many parameters", repeated(base(), x, line({Op::HostCall, 1, 0, 0, imm(HostFn::DecimalFused)}))});
    Module refused = repeated(base(), x, line({Op::AddX, 1, 2, 3, 0}));
    refused.functions.back().code.back() = {Op::ReturnX, 8};
    out.push_back({"refused at the last operand", refused, "no such x register"});
    refused.functions.back().code.back() = {Op::ReturnX, 1};
    out.push_back({"refused at the last result", refused, "the result is of another bank"});
}

void add_calls(std::vector<HostileModule>& out) {
    out.push_back({"calls of one function", repeated(base(), shape(1), line({Op::Call}))});
    Module holding = base();
    holding.functions[0] = taking(0, 0, 15);
    Code fill;
    for (std::uint8_t slot = 0; slot < 15; ++slot) fill.push_back({Op::HEmpty, slot});
    fill.push_back({Op::Call});
    out.push_back({"calls that take fifteen holdings", repeated(holding, shape(1, 0, 16), lines(fill))});
    Module imports = base();
    imports.imports.push_back({"other", "Contract", "entry", std::vector<std::uint32_t>(255, int_type), none});
    out.push_back({"callx with 255 parameters", repeated(imports, shape(256), line({Op::CallImport}))});

    Module chain = base(); // function 0 is the deepest
    for (int f = 1; f < 64; ++f) chain.functions.push_back(with(shape(4), Code(1000, {Op::Call, 0, 0, 0, f - 1})));
    for (Function& f : chain.functions) f.code.front() = {Op::Block}, f.code.back() = {Op::Return};
    out.push_back({"a chain of 64, each calling the next 998 times", chain});
    chain.functions[0].code = {{Op::Block}, {Op::Call, 0, 0, 0, 63}, {Op::Return}};
    out.push_back({"refused: the end of the chain calls its start", chain, "can reach itself"});

    Module layers = base(); // 63 layers of 64 functions
    for (int f = 1; f < 63 * 64; ++f) {
        Function made = with(shape(4), {{Op::Block}});
        for (int i = 0; f >= 64 && i < 12; ++i) made.code.push_back({Op::Call, 0, 0, 0, (f / 64 - 1) * 64 + (f * 7 + i * 5) % 64});
        made.code.push_back({Op::Return});
        layers.functions.push_back(made);
    }
    out.push_back({"63 layers of functions that call twelve below", layers});
    Module table = base();
    table.functions.clear();
    table.program.present = true;
    table.program.memory = 1024 * 1024;
    table.program.shapes.assign(4096, {4, 4, ResultBank::X});
    out.push_back({"calls through the table", repeated(table, shape(8, 8), line({Op::CallTable, 1, 1, 0, 4095}), {{Op::Return}}, 60'000)});
}

void add_blocks(std::vector<HostileModule>& out) {
    const Function x = shape(8);
    const Body jump = [](Code& code, std::int32_t block) { code.insert(code.end(), {{Op::Jump, 0, 0, 0, block + 1}, {Op::Block}}); };
    const Body forth = [](Code& code, std::int32_t block) { code.insert(code.end(), {{Op::BranchEqImm, 1, 2, 0, block + 1}, {Op::Block}}); };
    const Body back = [](Code& code, std::int32_t block) { code.insert(code.end(), {{Op::BranchLt, 1, 2, 0, block / 2}, {Op::Block}}); };
    const Body trap = [](Code& code, std::int32_t block) {
        code.insert(code.end(), {{Op::BranchLt, 1, 2, 0, block + 2}, {Op::Block}, {Op::TrapOp, 0, 0, 0, 1}, {Op::Block}});
    };
    out.push_back({"blocks that jump on", repeated(base(), x, jump)});
    out.push_back({"blocks that branch forth", repeated(base(), x, forth)});
    out.push_back({"blocks that branch back", repeated(base(), x, back)});
    out.push_back({"blocks that trap", repeated(base(), x, trap)});
    out.push_back({"blocks of nothing", repeated(base(), x, line({Op::Block}))});
    const auto table = [](int cases) {
        return [cases](Code& code, std::int32_t block) {
            code.push_back({Op::BranchTable, 1, 0, 0, cases});
            for (int i = 0; i < cases; ++i) code.push_back({Op::Case, 0, 0, 0, i % 2 == 0 ? block + 1 : block});
            code.push_back({Op::Block});
        };
    };
    out.push_back({"tables of 1,024 cases", repeated(base(), x, table(1024))});
    out.push_back({"tables of one case", repeated(base(), x, table(1))});
}

void add_holdings(std::vector<HostileModule>& out) {
    Function full = shape(8, 4, 16);
    full.h_params = 16;
    Code end;
    for (std::uint8_t slot = 0; slot < 16; ++slot) end.push_back({Op::HEnd, slot});
    end.push_back({Op::Return});
    const Body branch = [](Code& code, std::int32_t block) { code.insert(code.end(), {{Op::BranchEqImm, 1, 2, 0, block + 1}, {Op::Block}}); };
    out.push_back({"sixteen holdings over all blocks", repeated(base(), full, branch, end)});
    Module uneven = repeated(base(), full, branch, end);
    Code& code = uneven.functions.back().code;
    code.erase(code.end() - 2);
    out.push_back({"refused: the last holding is left", uneven, "a holding is left"});
    const Function two = shape(8, 4, 2);
    out.push_back({"holdings that move", repeated(base(), two, lines({{Op::HEmpty, 0}, {Op::HMove, 1, 0}, {Op::HEnd, 1}}))});
    out.push_back({"holdings split and joined", repeated(base(), two, lines({{Op::HEmpty, 0}, {Op::HTake, 1, 0, 1}, {Op::HJoin, 0, 1}, {Op::HEnd, 0}}))});
    Module vaults = base();
    for (int i = 0; i < 256; ++i) {
        Contract c;
        c.states = {"s"};
        c.edges = {1};
        c.fields.assign(64, {"", FieldKind::Vault, cash_type, 0});
        vaults.contracts.push_back(c);
    }
    out.push_back({"vaults of 256 contracts", repeated(vaults, two, lines({{Op::HWithdraw, 0, 1, 2, 63}, {Op::HDeposit, 0, 0, 2, 62}}), {{Op::Return}}, 54'000)});
}

void add_functions(std::vector<HostileModule>& out) {
    Module small = base();
    small.functions.assign(4096, taking(0));
    out.push_back({"4,096 small functions", small});
    Module named = base();
    for (int i = 0; i < 1800; ++i) named.functions.push_back(taking(4)), named.functions.back().name = longest;
    out.push_back({"functions with long names", named});
    Module lined = base();
    for (int f = 0; f < 3; ++f) {
        Function made = repeated(base(), shape(8), line({Op::AddX, 1, 2, 3, 0}), {{Op::Return}}, 16'000).functions[1];
        for (std::uint32_t i = 0; i < made.code.size(); ++i) made.lines.push_back({i, i % 100});
        lined.functions.push_back(made);
    }
    out.push_back({"a source line for every instruction", lined});
    Module told = base();
    told.functions.assign(4096, taking(0));
    for (Function& f : told.functions) f.lines = {{0, 1}};
    out.push_back({"4,096 small functions with a source line", told});
    Module x = base(), w = base();
    x.x_constants.assign(51'000, std::numeric_limits<i64>::min());
    w.w_constants.assign(27'000, std::numeric_limits<i128>::min());
    out.push_back({"constants of 64 bits", x});
    out.push_back({"constants of 128 bits", w});
    w.w_constants.assign(65'536, 0), x = w;
    x.x_constants.assign(65'536, 0);
    out.push_back({"constants of one byte", x});
}

// ---- types -----------------------------------------------------------------------------------------

/// A record of so many fields of one type.
Type record(std::size_t fields, std::uint32_t of, const std::string& name = "") {
    Type t = type_of(TypeKind::Record);
    t.fields.assign(fields, {name, of});
    return t;
}

Type holding(TypeKind kind, std::uint32_t element, std::uint32_t max = 0) {
    Type t = type_of(kind);
    t.element = element;
    t.max = max;
    return t;
}

Type variant(std::uint32_t cases, const std::vector<std::string>& names) {
    Type t = type_of(TypeKind::Variant);
    std::vector<Field> fields{{"", cases}};
    for (const auto& name : names) fields.push_back({name, int_type});
    t.fields = fields;
    return t;
}

Type variant(std::uint32_t cases, std::size_t fields, const std::string& name) {
    return variant(cases, std::vector<std::string>(fields, name));
}

Module typed(std::size_t times, const std::function<void(Module&)>& add) {
    Module m = base();
    for (std::size_t i = 0; i < times; ++i) add(m);
    return m;
}

void add_types(std::vector<HostileModule>& out) {
    out.push_back({"4,000 plain types", typed(4000, [](Module& m) { m.types.push_back(type_of(TypeKind::Int)); })});
    out.push_back({"records of 256 fields", typed(1000, [](Module& m) { m.types.push_back(record(256, int_type)); })});
    out.push_back({"records with long names", typed(7, [](Module& m) { m.types.push_back(record(256, int_type, longest)); })});
    out.push_back({"records with a name and one field", typed(4000, [](Module& m) {
                       m.types.push_back(record(1, int_type, "f"));
                       m.types.back().name = std::string(16, 'r');
                   })});
    out.push_back({"records of a few fields", typed(4000, [](Module& m) { m.types.push_back(record(10, int_type, "abcdefgh")); })});
    out.push_back({"records inside records, 31 deep", typed(130, [](Module& m) {
                       for (int i = 0; i < 31; ++i) m.types.push_back(record(i == 0 ? 200 : 1, i == 0 ? int_type : last(m), "ab"));
                   })});
    out.push_back({"records as keys of maps", typed(2000, [](Module& m) {
                       m.types.push_back(record(64, int_type));
                       m.types.push_back(holding(TypeKind::Map, last(m), 2));
                       m.types.back().key = last(m) - 1;
                   })});
    out.push_back({"optionals inside optionals", typed(130, [](Module& m) {
                       for (int i = 0; i < 31; ++i) m.types.push_back(holding(TypeKind::Optional, i == 0 ? int_type : last(m)));
                   })});
}

/// Short cases in no order, so that to find each is all work and few bytes pay for it.
Module taking_turns() {
    Module m = base();
    m.types.push_back(type_of(TypeKind::Enum));
    std::vector<std::string> cases;
    for (int byte = 1; byte < 256; ++byte)
        if (byte != '.') cases.emplace_back(1, static_cast<char>(byte));
    m.types.back().cases = cases;
    for (std::size_t i = 0; i < 400; ++i) {
        std::vector<std::string> names;
        for (std::size_t f = 1; f < 256; ++f) names.push_back(cases[(f * 97 + i * 31) * (f + 7) % cases.size()] + ".");
        m.types.push_back(variant(4, names));
    }
    return m;
}

void add_enums(std::vector<HostileModule>& out) {
    const auto enums = [](const std::vector<std::string>& cases) {
        return [cases](Module& m) {
            m.types.push_back(type_of(TypeKind::Enum));
            m.types.back().cases = cases;
        };
    };
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < limits::enum_cases; ++i) numbers.push_back(std::to_string((i * 601 + 7) % 1024));
    const auto with_cases = [&](const std::function<void(Module&)>& add, std::size_t times) {
        Module m = typed(1, enums(numbers));
        for (std::size_t i = 0; i < times; ++i) add(m);
        return m;
    };
    out.push_back({"enums of 1,024 cases without names", typed(500, enums(std::vector<std::string>(1024)))});
    out.push_back({"enums of 1,024 cases", typed(120, enums(numbers))});
    out.push_back({"enums with long names", typed(2, enums(std::vector<std::string>(1000, longest)))});
    const std::string of_last = numbers.back() + ".", dots(limits::name_bytes, '.');
    out.push_back({"variants of 255 fields", with_cases([&](Module& m) { m.types.push_back(variant(4, 255, of_last)); }, 300)});
    out.push_back({"variants whose fields take turns", taking_turns()});
    out.push_back({"variants of one field", with_cases([&](Module& m) { m.types.push_back(variant(4, 1, of_last)); }, 4000)});
    Module refused = with_cases([&](Module& m) { m.types.push_back(variant(4, 255, of_last)); }, 300);
    std::vector<std::string> one_of_none(255, of_last);
    one_of_none.back() = "none of them.";
    refused.types.back() = variant(4, one_of_none);
    out.push_back({"refused: a field of no case", refused, "belongs to no case"});
    Module dotted = typed(1, enums(numbers));
    for (int i = 0; i < 6; ++i) dotted.types.push_back(variant(4, 255, of_last + dots.substr(of_last.size())));
    out.push_back({"variants whose names are dots", dotted});
    const auto few = [&](const std::vector<std::string>& cases) {
        return typed(2000, [=](Module& m) {
            enums(cases)(m);
            m.types.push_back(variant(last(m), 1, cases[0] + "."));
        });
    };
    std::vector<std::string> some;
    for (int i = 0; i < 24; ++i) some.push_back(numbers[static_cast<std::size_t>(i)]);
    out.push_back({"a small enum for every variant", few({"b"})});
    out.push_back({"an enum in no order for every variant", few({"bcdefghi", "abcdefgh"})});
    out.push_back({"an enum of 24 cases for every variant", few(some)});
    out.push_back({"an enum for every variant", typed(110, [&](Module& m) {
                       enums(numbers)(m);
                       m.types.push_back(variant(last(m), 1, of_last));
                   })});
}

// ---- the interface ---------------------------------------------------------------------------------

Contract contract() {
    Contract c;
    c.states = {"s"};
    c.edges = {1};
    return c;
}

Auth node(AuthKind kind, std::vector<Auth> children = {}) {
    Auth a;
    a.kind = kind;
    a.children = std::move(children);
    return a;
}

Auth term(std::size_t steps, AuthRoot root = AuthRoot::Parameter) {
    Auth a = node(AuthKind::Term);
    a.root = root;
    a.steps.assign(steps, root == AuthRoot::Function ? party_type : 0);
    return a;
}

/// Entries with this right.
Module with_entries(Module m, std::size_t count, const Entry& like) {
    for (std::size_t left = count; left > 0;) {
        Contract c = contract();
        c.entries.assign(std::min(left, limits::entries), like);
        left -= c.entries.size();
        m.contracts.push_back(std::move(c));
    }
    return m;
}

Entry with_auth(Auth auth, std::size_t params = 0) {
    Entry e;
    e.auth = std::move(auth);
    e.params.assign(params, {"", int_type});
    return e;
}

Module taking_all(std::size_t params) {
    Module m = base();
    m.functions[0] = taking(static_cast<unsigned>(params));
    return m;
}

void add_contracts(std::vector<HostileModule>& out) {
    const auto contracts = [](const Contract& c) {
        Module m = base();
        m.contracts.assign(256, c);
        return m;
    };
    Contract fields = contract(), states = contract(), migrations = contract(), invariants = contract();
    fields.fields.assign(256, {"", FieldKind::Var, int_type, 0});
    states.states.assign(64, "");
    states.edges = std::vector<std::uint64_t>(64, all_states);
    migrations.migrations.assign(256, {1, 0});
    invariants.invariant_names.assign(256, "");
    out.push_back({"256 contracts of 256 fields", contracts(fields)});
    out.push_back({"contracts of 64 states and all edges", contracts(states)});
    Contract told = contract();
    told.states.assign(64, std::string(16, 's')), told.edges = states.edges;
    told.fields.assign(64, {std::string(16, 'f'), FieldKind::Var, int_type, 0});
    out.push_back({"contracts whose parts have names of sixteen letters", [&] { Module m = base(); m.contracts.assign(150, told); return m; }()});
    out.push_back({"256 contracts of nothing", contracts(contract())});
    out.push_back({"256 contracts of 256 migrations", contracts(migrations)});
    out.push_back({"256 contracts of 256 invariants", contracts(invariants)});
}

void add_entries(std::vector<HostileModule>& out) {
    out.push_back({"entries of nothing", with_entries(base(), 26'000, {})});
    out.push_back({"entries with one parameter", with_entries(taking_all(1), 20'000, with_auth({}, 1))});
    out.push_back({"entries with 255 parameters", with_entries(taking_all(255), 900, with_auth({}, 255))});
    Entry lawful;
    lawful.law = std::string(limits::text_bytes, 'l');
    lawful.name = longest;
    out.push_back({"entries with long texts", with_entries(base(), 390, lawful)});
    lawful.law = "l", lawful.name = std::string(16, 'n'), lawful.auth.text = "t", lawful.auth.contract = "c";
    out.push_back({"entries with short texts", with_entries(base(), 13'000, lawful)});
}

void add_rights(std::vector<HostileModule>& out) {
    const Auth wide = node(AuthKind::AllOf, std::vector<Auth>(64, node(AuthKind::AllOf, std::vector<Auth>(64, node(AuthKind::Anyone)))));
    out.push_back({"rights of 64 by 64 children", with_entries(base(), 13, with_auth(wide))});
    Auth told = node(AuthKind::Child);
    told.contract = "C", told.text = "t";
    const Auth all_told = node(AuthKind::AllOf, std::vector<Auth>(64, node(AuthKind::AllOf, std::vector<Auth>(64, told))));
    out.push_back({"rights that each have a short text and contract", with_entries(base(), 10, with_auth(all_told))});
    Auth deep = node(AuthKind::Anyone);
    for (std::size_t i = 1; i < limits::auth_depth; ++i) deep = node(AuthKind::AllOf, {deep});
    out.push_back({"rights 8 deep", with_entries(base(), 5800, with_auth(deep))});
    Module nested = base();
    for (int i = 0; i < 16; ++i) nested.types.push_back(record(1, i == 0 ? party_type : last(nested)));
    nested.functions[0] = taking(1);
    Entry long_way = with_auth(node(AuthKind::AnyOf, std::vector<Auth>(64, term(16))), 1);
    long_way.params = {{"", last(nested)}};
    out.push_back({"rights of 16 steps", with_entries(nested, 300, long_way)});
    Module computed = taking_all(255);
    computed.functions[0].code = {{Op::Block}, {Op::ReturnX}};
    computed.functions.push_back(taking(255));
    computed.functions[0].result = ResultBank::X;
    Entry all = with_auth(node(AuthKind::AnyOf, std::vector<Auth>(64, node(AuthKind::AnyOf, std::vector<Auth>(64, term(1, AuthRoot::Function))))), 255);
    all.function = 1;
    out.push_back({"rights computed from 255 parameters", with_entries(computed, 12, all)});
    Entry last_wrong = all;
    last_wrong.auth.children.back().children.back().index = 1;
    computed = with_entries(computed, 11, all);
    computed.contracts.push_back(with_entries(base(), 1, last_wrong).contracts[0]);
    out.push_back({"refused: the last right computes nothing", computed, "a right's function has other parameters"});
}

void add_records(std::vector<HostileModule>& out) {
    Module imports = base(), events = base(), tests = taking_all(30);
    imports.imports.assign(1024, {"m", "C", "e", std::vector<std::uint32_t>(256, int_type), none});
    out.push_back({"imports with 256 parameters", imports});
    imports.imports.assign(1024, {"", "", "", {int_type}, none});
    out.push_back({"imports with one parameter", imports});
    events.types.push_back(record(1, int_type));
    events.events.assign(4096, {"", last(events), ""});
    events.errors.assign(4096, {"", last(events), std::string(110, 't')});
    out.push_back({"4,096 events and errors", events});
    for (auto* records : {&events.events, &events.errors})
        for (NamedRecord& r : *records) r.name = r.text = std::string(16, 'r');
    out.push_back({"4,096 events and errors with names of sixteen letters", events});
    tests.tests.assign(4096, {"", 0, 0, std::vector<Field>(30, {"", int_type}), 0});
    out.push_back({"4,096 tests with 30 parameters", tests});
    Module none_taken = base();
    none_taken.tests.assign(4096, {"", 0, 0, {}, 0});
    out.push_back({"4,096 tests of nothing", none_taken});
    tests.tests.back().function = 1;
    out.push_back({"refused: the last test has no function", tests, "a test takes its parameters"});
    Module program = base();
    program.program.present = true;
    program.program.memory = 1024 * 1024;
    program.program.data.assign(limits::program_bytes, 1);
    out.push_back({"a program's data", program});
}

} // namespace

std::vector<HostileModule> hostile_modules() {
    std::vector<HostileModule> out;
    for (const auto& add : {add_straight, add_calls, add_blocks, add_holdings, add_functions, add_types, add_enums, add_contracts, add_entries, add_rights, add_records}) add(out);
    return out;
}

} // namespace tally::bench
