#include "tools/cost_model.hpp"

#include "compiler/lower/encoded_size.hpp"
#include "runtime/execution.hpp"
#include "vm/bytecode/encode.hpp"

#include <algorithm>

namespace tally {

struct CostModel::Unit {
    Build build;
    CodePtr code;
    std::unique_ptr<FunctionCosts> functions;
    [[nodiscard]] const Module& module() const { return build.module; }
};

CostModel::CostModel() = default;
CostModel::~CostModel() = default;

const Module& CostModel::last() const { return units_.back()->module(); }

void CostModel::add(Build build) {
    auto unit = std::make_unique<Unit>();
    unit->build = std::move(build);
    auto program = load(Module(unit->build.module), module_hash(unit->build.bytes));
    unit->code = make_code(std::move(std::get<0>(program)));
    auto* here = unit.get();
    unit->functions = std::make_unique<FunctionCosts>(unit->build.module, unit->build.facts, unit->build.notes, symbols_,
                                                      [this, here](std::uint32_t import) { return import_cost(*here, import); });
    units_.push_back(std::move(unit));
}

/// An instance is opened with its parents; each clears its arena.
Polynomial CostModel::open_cost(const Unit& unit, std::uint32_t contract) const {
    const auto& decl = unit.module().contracts[contract];
    Polynomial out(static_cast<u64>(opening_gas(unit.code->plans[contract])));
    if (decl.parent != none) out += open_cost(unit, decl.parent);
    return out;
}

Polynomial CostModel::right_cost(Unit& unit, const Auth& auth) {
    Polynomial out;
    if (auth.kind == AuthKind::Term && auth.root == AuthRoot::Function) out += unit.functions->of(auth.index);
    for (const auto& child : auth.children) out += right_cost(unit, child);
    return out;
}

Polynomial CostModel::entry_cost(Unit& unit, std::uint32_t contract, const Entry& entry) {
    Polynomial out = open_cost(unit, contract);
    u64 bytes = 0;
    for (const auto& p : entry.params) bytes += encoded_bytes(unit.module(), p.type);
    if (entry.result != none) bytes += encoded_bytes(unit.module(), entry.result);
    out += Polynomial(bytes);
    out += right_cost(unit, entry.auth);
    out += unit.functions->of(entry.function);
    const auto invariants = unit.module().contracts[contract].invariants;
    if (invariants != none && entry.kind != EntryKind::View) out += unit.functions->of(invariants);
    return out;
}

Polynomial CostModel::import_cost(Unit& unit, std::uint32_t number) {
    const auto& import = unit.module().imports[number];
    for (const auto& other : units_) {
        auto& callee = import.module.empty() ? unit : *other;
        if (!import.module.empty() && callee.module().name != import.module) continue;
        const auto contract = contract_number(callee.module(), import.contract);
        const auto entry = contract == none ? none : entry_number(callee.module().contracts[contract], import.entry);
        if (entry == none) continue;
        return entry_cost(callee, contract, callee.module().contracts[contract].entries[entry]);
    }
    // A contract of this very module, before it stands in the list.
    const auto contract = import.module.empty() ? contract_number(unit.module(), import.contract) : none;
    const auto entry = contract == none ? none : entry_number(unit.module().contracts[contract], import.entry);
    return entry == none ? Polynomial() : entry_cost(unit, contract, unit.module().contracts[contract].entries[entry]);
}

std::optional<Polynomial> CostModel::entry(const std::string& module, const std::string& contract, const std::string& entry) {
    for (const auto& unit : units_) {
        if (unit->module().name != module) continue;
        const auto number = contract_number(unit->module(), contract);
        const auto at = number == none ? none : entry_number(unit->module().contracts[number], entry);
        if (at != none) return entry_cost(*unit, number, unit->module().contracts[number].entries[at]);
    }
    return std::nullopt;
}

std::optional<u64> CostModel::at_maximum(const std::string& module, const std::string& contract, const std::string& entry) {
    const auto cost = this->entry(module, contract, entry);
    if (!cost) return std::nullopt;
    return symbols_.at_maximum(*cost);
}

} // namespace tally
