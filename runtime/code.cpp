#include "runtime/code.hpp"

#include "runtime/parties.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr u64 align16(u64 v) { return (v + 15) / 16 * 16; }

u64 most_stack(const Program& program) {
    const auto& bytes = program.facts.stack_bytes;
    return bytes.empty() ? 0 : *std::max_element(bytes.begin(), bytes.end());
}

/// Where a computed right puts its value.
u64 right_bytes(const Program& program, const Auth& auth) {
    u64 bytes = 0;
    if (auth.kind == AuthKind::Term && auth.root == AuthRoot::Function) bytes = align16(program.facts.layouts[auth.steps[0]].size);
    for (const Auth& child : auth.children) bytes = std::max(bytes, right_bytes(program, child));
    return bytes;
}

ContractPlan plan_of(const Program& program, std::uint32_t number) {
    const Contract& contract = program.module.contracts[number];
    const auto& records = program.facts.records;
    ContractPlan plan;
    plan.record_size = records[number].size;
    u64 end = u64{self_address} + plan.record_size;
    if (contract.parent != none) {
        plan.parent_at = parent_address(plan.record_size);
        plan.parent_size = records[contract.parent].size;
        end = u64{plan.parent_at} + plan.parent_size;
    }
    plan.arguments_at = static_cast<std::uint32_t>(align16(end));
    u64 arguments = 0;
    for (std::uint32_t i = 0; i < contract.entries.size(); ++i) {
        const Entry& entry = contract.entries[i];
        arguments = std::max(arguments, argument_bytes(program, entry) + right_bytes(program, entry.auth));
        if (entry.kind == EntryKind::Clause) plan.clauses.push_back(i);
        if (entry.kind == EntryKind::Create && plan.create == none) plan.create = i;
    }
    for (std::uint32_t i = 0; i < contract.fields.size(); ++i)
        if (contract.fields[i].kind == FieldKind::Stored) plan.stored.push_back(i);
    for (std::uint32_t i = 0; i < contract.fields.size(); ++i)
        if (contract.fields[i].kind <= FieldKind::Var && can_name(program.module, contract.fields[i].type)) plan.naming.push_back(i);
    plan.arena_size = plan.arguments_at + arguments + most_stack(program) + 16;
    return plan;
}

bool same_fields(const Module& a, const Type& left, const Module& b, const Type& right) {
    return std::equal(left.fields.begin(), left.fields.end(), right.fields.begin(),
                      right.fields.end(), [&](const Field& l, const Field& r) {
                          return l.name == r.name && same_type(a, l.type, b, r.type);
                      });
}

bool same_part(const Module& a, std::uint32_t left, const Module& b, std::uint32_t right) {
    if (left == none || right == none) return left == right;
    return same_type(a, left, b, right);
}

bool same_signature(const Module& a, const Import& import, const Module& b, const Entry& entry) {
    return std::equal(
               import.params.begin(), import.params.end(), entry.params.begin(), entry.params.end(),
               [&](std::uint32_t l, const Field& r) { return same_type(a, l, b, r.type); }) &&
           same_part(a, import.result, b, entry.result);
}

Code::Target find_target(const Module& caller, const Import& import, const Module& callee) {
    if (import.module.empty() ? caller.name != callee.name : import.module != callee.name)
        return {};
    const std::uint32_t contract = contract_number(callee, import.contract);
    if (contract == none) return {};
    const std::uint32_t entry = entry_number(callee.contracts[contract], import.entry);
    if (entry == none) return {};
    if (!same_signature(caller, import, callee, callee.contracts[contract].entries[entry]))
        return {};
    return {contract, entry};
}

} // namespace

u64 argument_bytes(const Program& program, const Entry& entry) {
    u64 total = 0;
    for (const Field& param : entry.params)
        total = align16(total) + program.facts.layouts[param.type].size;
    if (entry.result != none) total = align16(total) + program.facts.layouts[entry.result].size;
    return align16(total);
}

CodePtr make_code(std::shared_ptr<const Program> program) {
    auto code = std::make_shared<Code>();
    for (std::uint32_t i = 0; i < program->module.contracts.size(); ++i)
        code->plans.push_back(plan_of(*program, i));
    code->program = std::move(program);
    return code;
}

bool too_large(const Code& code) {
    return std::any_of(code.plans.begin(), code.plans.end(), [](const ContractPlan& plan) {
        return plan.arena_size > limits::arena_bytes;
    });
}

Code::Target resolve(const Code& caller, std::uint32_t import, const Code& callee) {
    const std::pair key{import, callee.program->hash};
    const auto known = caller.targets.find(key);
    if (known != caller.targets.end()) return known->second;
    const Module& module = caller.program->module;
    const Import& wanted = module.imports[import];
    // An unnamed module is this one: these bytes, not another version of them.
    const bool strange = wanted.module.empty() && caller.program->hash != callee.program->hash;
    const Code::Target target =
        strange ? Code::Target{} : find_target(module, wanted, callee.program->module);
    caller.targets.emplace(key, target);
    return target;
}

bool same_type(const Module& a, std::uint32_t left, const Module& b, std::uint32_t right) {
    const Type& l = a.types[left];
    const Type& r = b.types[right];
    return l.kind == r.kind && l.max == r.max && l.cases == r.cases && same_fields(a, l, b, r) &&
           same_part(a, l.key, b, r.key) && same_part(a, l.element, b, r.element);
}

std::uint32_t contract_number(const Module& module, std::string_view name) {
    const auto found = std::find_if(module.contracts.begin(), module.contracts.end(),
                                    [&](const Contract& c) { return c.name == name; });
    if (found == module.contracts.end()) return none;
    return static_cast<std::uint32_t>(found - module.contracts.begin());
}

std::uint32_t entry_number(const Contract& contract, std::string_view name) {
    const auto found = std::find_if(contract.entries.begin(), contract.entries.end(),
                                    [&](const Entry& e) { return e.name == name; });
    if (found == contract.entries.end()) return none;
    return static_cast<std::uint32_t>(found - contract.entries.begin());
}

} // namespace tally
