// The module's tables: types, contracts, rights, imports, events, errors.
#include "compiler/lower/lowering.hpp"

#include "vm/value/bytes.hpp"
#include "vm/value/currency.hpp"

namespace tally::lower_detail {

namespace {

/// Two types with the same key are one type of the module.
std::string key_of(const Type& t) {
    std::string key = std::to_string(static_cast<int>(t.kind)) + "|" + t.name + "|" + std::to_string(t.key) + "|" +
                      std::to_string(t.element) + "|" + std::to_string(t.max);
    for (const auto f : t.fields) key.append("|").append(f.name).append(":" + std::to_string(f.type));
    for (const auto c : t.cases) key.append("|").append(c);
    return key;
}

} // namespace

std::uint32_t Lowering::add_type(Type type) {
    auto& types = out_.interface.types;
    const auto [known, fresh] = type_numbers_.emplace(key_of(type), static_cast<std::uint32_t>(types.size()));
    if (fresh) {
        types.push_back(std::move(type));
        layouts_ = layouts(types);
    }
    return known->second;
}

FieldList Lowering::fields_of(const std::vector<FieldDecl>& fields) {
    std::vector<tally::Field> out;
    for (const auto& f : fields) out.push_back({f.name, type_number(f.type)});
    return out;
}

std::uint32_t Lowering::record_number(const RecordDecl& record) {
    Type type;
    type.kind = record.variant_of != nullptr ? TypeKind::Variant : TypeKind::Record;
    type.name = record.name;
    type.fields = fields_of(record.fields);
    return add_type(std::move(type));
}

std::uint32_t Lowering::type_number(const Ty* t) {
    // Code that is generic in the currency is erased: one bytecode, whatever the currency.
    Type type;
    switch (t->kind) {
    case Kind::Record: return record_number(*t->record);
    case Kind::Error: case Kind::Unit: type.kind = TypeKind::Unit; break;
    case Kind::Bool: type.kind = TypeKind::Bool; break;
    case Kind::Int: type.kind = TypeKind::Int; break;
    case Kind::Weight: type.kind = TypeKind::Weight; break;
    case Kind::Date: type.kind = TypeKind::Date; break;
    case Kind::Days: type.kind = TypeKind::Days; break;
    case Kind::Months: type.kind = TypeKind::Months; break;
    case Kind::Party: type.kind = TypeKind::Party; break;
    case Kind::Money: case Kind::Exact: type.kind = TypeKind::Money; break;
    case Kind::Amount: type.kind = TypeKind::Amount; break;
    case Kind::Rate: type.kind = TypeKind::Rate; break;
    case Kind::Decimal: type.kind = TypeKind::Decimal; break;
    case Kind::Number: type.kind = TypeKind::Number; break;
    case Kind::Blob: type.kind = TypeKind::Blob; type.max = t->max; break;
    case Kind::Fraction: type.kind = TypeKind::Fraction; break;
    case Kind::Accrual: type.kind = TypeKind::Accrual; break;
    case Kind::Cash: type.kind = TypeKind::Cash; break;
    case Kind::Account: type.kind = TypeKind::Account; break;
    case Kind::Contract: type.kind = TypeKind::Instance; type.name = t->contract->name; break;
    case Kind::AnyContract: type.kind = TypeKind::Instance; break;
    case Kind::Text: type.kind = TypeKind::Text; type.max = t->max; break;
    case Kind::Enum:
        type.kind = TypeKind::Enum;
        type.name = t->enumeration->name;
        type.cases = t->enumeration->cases;
        break;
    case Kind::Optional: type.kind = TypeKind::Optional; break;
    case Kind::List: type.kind = TypeKind::List; type.max = t->max; break;
    case Kind::Set: type.kind = TypeKind::Set; type.max = t->max; break;
    case Kind::Map: type.kind = TypeKind::Map; type.max = t->max; type.key = type_number(t->key); break;
    }
    if (t->element != nullptr) type.element = type_number(t->element);
    return add_type(std::move(type));
}

const Layout& Lowering::layout(std::uint32_t type) { return layouts_.at(type); }

Contract Lowering::contract_interface(const ContractDecl& decl) {
    Contract out;
    out.name = decl.name;
    out.generic = !decl.currency_param.empty();
    if (!decl.currency.empty()) out.currency = currency_by_name(decl.currency)->code;
    out.states = decl.states;
    out.initial = static_cast<std::uint32_t>(decl.initial);
    out.final_states = decl.finals;
    out.edges = decl.edges;
    for (const auto& f : decl.fields) {
        ContractField field;
        field.name = f.name;
        field.kind = f.kind;
        field.type = type_number(f.type);
        field.states = f.states;
        if (f.by_key) field.kind = FieldKind::Stored;
        out.fields.push_back(std::move(field));
    }
    std::vector<std::string_view> invariants;
    for (const auto& i : decl.invariants) invariants.push_back(i.name);
    out.invariant_names = invariants;
    return out;
}

const Contract& Lowering::known_contract(const ContractDecl* decl) {
    auto found = contracts_.find(decl);
    if (found == contracts_.end()) found = contracts_.emplace(decl, contract_interface(*decl)).first;
    return found->second;
}

const RecordLayout& Lowering::record(const ContractDecl* decl) {
    auto found = records_.find(decl);
    if (found == records_.end()) {
        const auto& contract = known_contract(decl);
        found = records_.emplace(decl, record_layout(contract, layouts_, out_.interface.types)).first;
    }
    return found->second;
}

bool Lowering::stored(const ContractDecl* decl, int field) {
    return known_contract(decl).fields[static_cast<std::size_t>(field)].kind == FieldKind::Stored;
}

std::uint32_t Lowering::import_number(const FnDecl& fn) {
    const auto& module = fn.contract->module == program_.root().name ? std::string() : fn.contract->module;
    const auto key = std::pair(module + "/" + fn.contract->name, fn.name);
    if (const auto known = imports_by_name_.find(key); known != imports_by_name_.end()) return known->second;
    Import import;
    import.module = module;
    import.contract = fn.contract->name;
    import.entry = fn.name;
    for (const auto& p : fn.params) import.params.push_back(type_number(p.type));
    import.result = fn.result->is(Kind::Unit) ? none : type_number(fn.result);
    auto& imports = out_.interface.imports;
    imports.push_back(std::move(import));
    return imports_by_name_[key] = static_cast<std::uint32_t>(imports.size() - 1);
}

std::uint32_t Lowering::event_number(const RecordDecl& record) {
    if (const auto known = events_.find(&record); known != events_.end()) return known->second;
    auto& events = out_.interface.events;
    events.push_back({record.module + "." + record.name, record_number(record), ""});
    return events_[&record] = static_cast<std::uint32_t>(events.size() - 1);
}

std::uint32_t Lowering::error_number(const RecordDecl& record) {
    if (const auto known = errors_.find(&record); known != errors_.end()) return known->second;
    auto& errors = out_.interface.errors;
    errors.push_back({record.module + "." + record.name, record_number(record), record.text});
    return errors_[&record] = static_cast<std::uint32_t>(errors.size() - 1);
}

/// Computed terms become functions of the module.
void Lowering::number_auth(Auth& auth, const FnDecl& fn) {
    for (auto& child : auth.children) number_auth(child, fn);
    if (auth.kind != AuthKind::Term || auth.root != AuthRoot::Function) return;
    const auto& term = *fn.auth_fns.at(auth.index);
    auth.index = function_number(term);
    auth.steps = {type_number(term.result)};
}

void Lowering::finish_contract(const ContractDecl& decl, Contract& out) {
    using syntax::FnKind;
    for (const auto& fn : decl.fns) {
        if (fn->kind == FnKind::Fn || fn->kind == FnKind::Native) continue;
        Entry entry;
        entry.kind = fn->kind == FnKind::Create ? EntryKind::Create : fn->kind == FnKind::Action ? EntryKind::Action
                     : fn->kind == FnKind::Clause ? EntryKind::Clause : EntryKind::View;
        entry.name = fn->name;
        entry.function = function_number(*fn);
        entry.params = fields_of(fn->params);
        entry.result = fn->result->is(Kind::Unit) ? none : type_number(fn->result);
        entry.states = fn->kind == FnKind::Create ? 0 : fn->states;
        entry.auth = fn->auth;
        number_auth(entry.auth, *fn);
        entry.law = fn->syntax->head.law;
        entry.phase = fn->phase;
        if (fn->kind == FnKind::Clause) entry.next_date = next_date_function(*fn);
        out.entries.push_back(std::move(entry));
    }
    for (const auto& m : decl.migrations) out.migrations.push_back({m.from, function_number(*m.fn)});
    if (!decl.invariants.empty()) out.invariants = invariants_function(decl);
}

} // namespace tally::lower_detail
