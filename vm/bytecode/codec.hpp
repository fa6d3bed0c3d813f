/// The grammar of a module, written once. `encode` writes along it, `decode` reads along it and
/// `verify` checks counts and lengths along it, so the three cannot disagree.
///
/// An `Io` has: text, bytes, number (≤ 32 bits), index (a number or `none`), parts (two of these and a number), word (64 bits), flag, pick
/// (an enum below a count), integer (i64), wide (i128), hash, code, names, fields (names that each have a number), words,
/// list, enter and leave.
#pragma once

#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/module.hpp"

#include <array>

namespace tally::codec {

inline constexpr std::array<std::uint8_t, 8> magic{'T', 'A', 'L', 'L', 'Y', 0, 0, 1};

// How many values each enum has: a number at or above it is refused.
inline constexpr unsigned type_kinds = static_cast<unsigned>(TypeKind::Weight) + 1;
inline constexpr unsigned result_banks = static_cast<unsigned>(ResultBank::H) + 1;
inline constexpr unsigned auth_kinds = static_cast<unsigned>(AuthKind::Term) + 1;
inline constexpr unsigned auth_roots = static_cast<unsigned>(AuthRoot::Function) + 1;
inline constexpr unsigned field_kinds = static_cast<unsigned>(FieldKind::Stored) + 1;
inline constexpr unsigned entry_kinds = static_cast<unsigned>(EntryKind::View) + 1;
inline constexpr unsigned clause_phases = static_cast<unsigned>(ClausePhase::Close) + 1;

inline constexpr auto name = [](auto& io, auto& text) { io.text(text, limits::name_bytes); };
inline constexpr auto number = [](auto& io, auto& value) { io.number(value); };
inline constexpr auto word = [](auto& io, auto& value) { io.word(value); };

inline constexpr auto type = [](auto& io, auto& t) {
    io.pick(t.kind, type_kinds);
    name(io, t.name);
    io.parts(t.key, t.element, t.max);
    io.fields(t.fields, limits::fields);
    io.names(t.cases, limits::enum_cases);
};

inline constexpr auto function = [](auto& io, auto& f) {
    name(io, f.name);
    io.number(f.x_params);
    io.number(f.w_params);
    io.number(f.h_params);
    io.pick(f.result, result_banks);
    io.number(f.x_registers);
    io.number(f.w_registers);
    io.number(f.h_slots);
    io.number(f.frame_bytes);
    io.code(f.code, limits::function_instructions);
    io.list(f.lines, limits::function_instructions, [](auto& in, auto& line) {
        in.number(line.instruction);
        in.number(line.line);
    });
};

inline constexpr auto call_shape = [](auto& io, auto& s) {
    io.number(s.x_params);
    io.number(s.w_params);
    io.pick(s.result, result_banks);
};

inline constexpr auto program = [](auto& io, auto& p) {
    io.flag(p.present);
    io.number(p.memory);
    io.bytes(p.data, limits::program_bytes);
    io.list(p.shapes, limits::functions, call_shape);
    io.list(p.table, limits::functions, number);
};

template <typename Io, typename A> void auth(Io& io, A& a) {
    if (!io.enter(limits::auth_depth)) return;
    io.pick(a.kind, auth_kinds);
    io.number(a.n);
    io.number(a.d);
    io.list(a.children, limits::auth_children, [](auto& in, auto& child) { auth(in, child); });
    name(io, a.contract);
    io.pick(a.root, auth_roots);
    io.number(a.index);
    io.words(a.steps, limits::auth_steps);
    io.text(a.text, limits::text_bytes);
    io.leave();
}

inline constexpr auto contract_field = [](auto& io, auto& f) {
    name(io, f.name);
    io.pick(f.kind, field_kinds);
    io.number(f.type);
    io.word(f.states);
};

inline constexpr auto entry = [](auto& io, auto& e) {
    io.pick(e.kind, entry_kinds);
    name(io, e.name);
    io.number(e.function);
    io.fields(e.params, limits::fields);
    io.index(e.result);
    io.word(e.states);
    auth(io, e.auth);
    io.text(e.law, limits::text_bytes);
    io.pick(e.phase, clause_phases);
    io.index(e.next_date);
};

inline constexpr auto contract = [](auto& io, auto& c) {
    name(io, c.name);
    io.flag(c.generic);
    io.number(c.currency);
    io.index(c.parent);
    io.names(c.states, limits::states);
    io.number(c.initial);
    io.word(c.final_states);
    io.list(c.edges, limits::states, word);
    io.list(c.fields, limits::fields, contract_field);
    io.list(c.entries, limits::entries, entry);
    io.index(c.invariants);
    io.names(c.invariant_names, limits::fields);
    io.list(c.migrations, limits::fields, [](auto& in, auto& m) {
        in.number(m.from);
        in.number(m.function);
    });
};

inline constexpr auto import = [](auto& io, auto& i) {
    name(io, i.module);
    name(io, i.contract);
    name(io, i.entry);
    io.words(i.params, limits::fields);
    io.index(i.result);
};

inline constexpr auto named_record = [](auto& io, auto& r) {
    name(io, r.name);
    io.index(r.record);
    io.text(r.text, limits::text_bytes);
};

inline constexpr auto test = [](auto& io, auto& t) {
    name(io, t.name);
    io.number(t.function);
    io.number(t.line);
    io.fields(t.params, limits::fields);
    io.number(t.currency);
};

/// Everything after magic and versions.
inline constexpr auto module = [](auto& io, auto& m) {
    name(io, m.name);
    io.number(m.version);
    name(io, m.compiler);
    io.hash(m.source);
    io.list(m.types, limits::types, type);
    io.list(m.x_constants, limits::constants, [](auto& in, auto& v) { in.integer(v); });
    io.list(m.w_constants, limits::constants, [](auto& in, auto& v) { in.wide(v); });
    io.list(m.functions, limits::functions, function);
    program(io, m.program);
    io.list(m.contracts, limits::contracts, contract);
    io.list(m.imports, limits::imports, import);
    io.list(m.events, limits::named_records, named_record);
    io.list(m.errors, limits::named_records, named_record);
    io.list(m.tests, limits::tests, test);
};

} // namespace tally::codec
