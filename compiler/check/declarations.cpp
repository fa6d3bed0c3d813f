// Top-level names, types, contracts' fields and headers: everything but bodies.
#include "compiler/check/checker.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <set>

namespace tally::check {
namespace {

const std::set<std::string> builtin_names{"Cash", "Account", "Money", "Amount", "round", "allocate", "split"};
/// Those that `resolve` reads before it looks for declarations.
const std::set<std::string> type_words{"Bool", "Int", "Weight", "Date", "Days", "Months", "Party", "Rate", "Fraction", "Contract", "Rounding",
    "EndOfMonth", "DayCount", "Money", "Amount", "Account", "Cash", "List", "Set", "Map", "Text", "Id", "Exact", "Accrual", "Decimal", "Bytes",
    "Period", "Carry", "Ref"};

} // namespace

int ContractDecl::field(const std::string& field_name) const {
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == field_name) return static_cast<int>(i);
    return -1;
}
int ContractDecl::state(const std::string& state_name) const {
    const auto at = std::find(states.begin(), states.end(), state_name);
    return at == states.end() ? -1 : static_cast<int>(at - states.begin());
}
FnDecl* ContractDecl::fn(const std::string& fn_name) const {
    for (const auto& f : fns)
        if (f->name == fn_name) return f.get();
    return nullptr;
}

void Checker::add_symbol(ModuleDecl& module, const syntax::Name& name, Symbol symbol) {
    if (type_words.contains(name.text)) sink_.report(Diag::ReservedName, name.span, {name.text});
    symbol.span = name.span;
    const auto [found, fresh] = symbols_[module.name].emplace(name.text, symbol);
    if (!fresh) twice(name.span, name.text, found->second.span);
}

const Symbol* Checker::symbol(const std::string& name) const {
    const auto table = symbols_.find(module_->name);
    if (table == symbols_.end()) return nullptr;
    const auto found = table->second.find(name);
    return found == table->second.end() ? nullptr : &found->second;
}

std::string Checker::suggest(const std::string& name, const std::vector<std::string>& known) const {
    const auto near = closest(name, known);
    return near.empty() ? "" : "did you mean `" + near + "`?";
}

std::vector<std::string> Checker::type_names() const {
    std::vector<std::string> out{"Bool", "Int", "Weight", "Date", "Days", "Months", "Party", "Money", "Amount", "Rate",
                                 "Fraction", "Text", "List", "Set", "Map", "Contract", "Account", "Cash", "Rounding", "DayCount"};
    if (const auto table = symbols_.find(module_->name); table != symbols_.end())
        for (const auto& [name, symbol] : table->second)
            if (symbol.kind == Symbol::Kind::Record || symbol.kind == Symbol::Kind::Enum || symbol.kind == Symbol::Kind::Contract)
                out.push_back(name);
    return out;
}

void Checker::declare(const syntax::File& file) {
    program_.modules.push_back(std::make_unique<ModuleDecl>());
    auto& module = *program_.modules.back();
    module.name = file.module;
    module.version = static_cast<std::uint32_t>(file.version);
    module.syntax = &file;
    if (!modules_.emplace(file.module, &module).second) sink_.report(Diag::Duplicate, file.module_span, {file.module});
    symbols_[module.name];
    const auto param = [](const std::vector<syntax::Name>& params) { return params.empty() ? std::string() : params[0].text; };
    const auto record = [&](const syntax::Record& r, auto& into, Symbol::Kind kind) {
        into.push_back(std::make_unique<RecordDecl>());
        auto& decl = *into.back();
        decl.name = r.name.text;
        decl.module = file.module;
        decl.is_pub = r.is_pub;
        decl.currency_param = param(r.type_params);
        decl.text = r.text;
        decl.span = r.name.span;
        decl.syntax = &r;
        add_symbol(module, r.name, {kind, &decl});
    };
    for (const auto& r : file.records) record(r, module.records, Symbol::Kind::Record);
    for (const auto& r : file.events) record(r, module.events, Symbol::Kind::Event);
    for (const auto& r : file.errors) record(r, module.errors, Symbol::Kind::Error);
    for (const auto& e : file.enums) {
        module.enums.push_back(std::make_unique<EnumDecl>());
        auto& decl = *module.enums.back();
        decl.name = e.name.text;
        decl.module = file.module;
        decl.is_pub = e.is_pub;
        decl.syntax = &e;
        for (const auto& c : e.cases) {
            if (const int first = decl.find(c.text); first >= 0) twice(c.span, c.text, e.cases[static_cast<std::size_t>(first)].span);
            decl.cases.push_back(c.text);
        }
        if (std::any_of(e.payloads.begin(), e.payloads.end(), [](const auto& p) { return !p.empty(); })) {
            decl.variant = std::make_unique<RecordDecl>();
            decl.variant->name = decl.name;
            decl.variant->module = decl.module;
            decl.variant->is_pub = decl.is_pub;
            decl.variant->span = e.name.span;
            decl.variant->variant_of = &decl;
            decl.variant->currency_param = param(e.type_params);
        }
        add_symbol(module, e.name, {Symbol::Kind::Enum, &decl});
    }
    for (const auto& c : file.contracts) {
        module.contracts.push_back(std::make_unique<ContractDecl>());
        auto& decl = *module.contracts.back();
        decl.name = c.name.text;
        decl.module = file.module;
        decl.is_pub = c.is_pub;
        decl.span = c.name.span;
        decl.syntax = &c;
        decl.currency_param = param(c.type_params);
        add_symbol(module, c.name, {Symbol::Kind::Contract, &decl});
    }
    for (const auto& f : file.fns) {
        module.fns.push_back(std::make_unique<FnDecl>());
        auto& decl = *module.fns.back();
        decl.syntax = &f;
        decl.is_pub = f.is_pub;
        add_symbol(module, f.name, {Symbol::Kind::Fn, &decl});
    }
    for (const auto& k : file.consts) {
        module.consts.push_back(std::make_unique<ConstDecl>());
        auto& decl = *module.consts.back();
        decl.name = k.name.text;
        decl.is_pub = k.is_pub;
        decl.syntax = &k;
        add_symbol(module, k.name, {Symbol::Kind::Const, &decl});
    }
    for (const auto& later : file.later) sink_.report(Diag::NotYet, later.span, {later.what, "leave it out for now"});
}

void Checker::import_names(ModuleDecl& module) {
    for (const auto& import : module.syntax->imports) {
        const auto found = modules_.find(import.module);
        if (found == modules_.end()) {
            std::vector<std::string> known;
            for (const auto& [name, decl] : modules_) known.push_back(name);
            (void)unknown(Diag::UnknownModule, import.span, {import.module}, import.module, known);
            continue;
        }
        const auto& theirs = symbols_[import.module];
        for (const auto& name : import.names) {
            if (import.module == "std.money" && builtin_names.contains(name.text)) continue;
            const auto symbol = theirs.find(name.text);
            const bool visible = symbol != theirs.end() && [&] {
                switch (symbol->second.kind) {
                case Symbol::Kind::Record: case Symbol::Kind::Event: case Symbol::Kind::Error:
                    return static_cast<RecordDecl*>(symbol->second.decl)->is_pub;
                case Symbol::Kind::Enum: return static_cast<EnumDecl*>(symbol->second.decl)->is_pub;
                case Symbol::Kind::Contract: return static_cast<ContractDecl*>(symbol->second.decl)->is_pub;
                case Symbol::Kind::Fn: return static_cast<FnDecl*>(symbol->second.decl)->is_pub;
                case Symbol::Kind::Const: return static_cast<ConstDecl*>(symbol->second.decl)->is_pub;
                case Symbol::Kind::Builtin: return true;
                }
                return false;
            }();
            const auto package = [](const std::string& name_of_module) { return name_of_module.substr(0, name_of_module.rfind('.')); };
            if (visible && found->second->syntax->package_only.contains(name.text) && package(import.module) != package(module.name)) {
                sink_.report(Diag::PackageOnly, name.span, {name.text, package(import.module)});
                continue;
            }
            if (!visible) not_exported(import, name);
            else add_symbol(module, name, symbol->second);
        }
    }
}

void Checker::not_exported(const syntax::Import& import, const syntax::Name& name) {
    std::vector<std::string> known;
    for (const auto& [theirs, symbol] : symbols_[import.module]) known.push_back(theirs);
    const bool there = symbols_[import.module].contains(name.text);
    const auto near = there ? "" : closest(name.text, known);
    auto& d = sink_.report(Diag::NotExported, name.span, {import.module, name.text, !near.empty() ? "did you mean `" + near + "`?" : there ? "declare it `pub` there" : "check what that module declares"});
    if (there) d.label(symbols_[import.module].at(name.text).span, "it is private");
    if (!near.empty()) d.suggest(Applicability::Likely, name.span, near);
}

std::string Checker::resolve_currency(const syntax::Type& type, const std::string& param) {
    if (type.args.size() != 1 || !type.args[0].args.empty()) {
        sink_.report(Diag::BadArity, type.span, {type.name, "one currency: `" + type.name + "<CNY>`"});
        return "";
    }
    const auto& name = type.args[0].name;
    if (name == param && !param.empty()) return name;
    if (!currency_by_name(name)) {
        (void)unknown_unit(type.args[0].span, name);
        return "";
    }
    return name;
}

const Ty* Checker::resolve_money(Kind kind, const syntax::Type& type, const std::string& param) {
    const auto currency = resolve_currency(type, param);
    return currency.empty() ? t_->error : t_->with_currency(kind, currency);
}

bool Checker::key_type(const Ty* type) const {
    if (type->is(Kind::Record)) {
        const auto& fields = type->record->fields;
        return std::all_of(fields.begin(), fields.end(), [&](const FieldDecl& f) { return f.type != nullptr && key_type(f.type); });
    }
    return !type->error() && !type->aggregate() && !type->is(Kind::Cash) && !type->is(Kind::Exact) && !type->is(Kind::Unit) && !type->is(Kind::Accrual);
}

const Ty* Checker::resolve_collection(const syntax::Type& type, const std::string& param) {
    const bool map = type.name == "Map";
    const std::size_t wanted = map ? 2 : 1;
    if (type.args.size() != wanted) {
        sink_.report(Diag::BadArity, type.span, {type.name, map ? "a key and a value type: `Map<Party, Int, max 8>`" : "one type: `" + type.name + "<Int, max 8>`"});
        return t_->error;
    }
    if (!type.max) {
        sink_.report(Diag::NeedsMax, type.span, {type.name});
        return t_->error;
    }
    if (*type.max == 0 || *type.max > limits::collection_elements) {
        sink_.report(Diag::MaxTooLarge, type.span, {std::to_string(limits::collection_elements)});
        return t_->error;
    }
    const auto max = static_cast<std::uint32_t>(*type.max);
    const Ty* first = resolve(type.args[0], param);
    const Ty* second = map ? resolve(type.args[1], param) : nullptr;
    if (first->error() || (map && second->error())) return t_->error;
    if (type.name != "List" && !key_type(first)) {
        sink_.report(Diag::NotAKey, type.args[0].span, {describe(first)});
        return t_->error;
    }
    const Ty* out = map ? t_->map(first, second, max) : type.name == "Set" ? t_->set(first, max) : t_->list(first, max);
    if (bytes_of(out) <= limits::value_bytes) return out;
    sink_.report(Diag::ValueTooLarge, type.span, {describe(out), std::to_string(bytes_of(out)), std::to_string(limits::value_bytes)});
    return t_->error;
}

const Ty* Checker::resolve(const syntax::Type& type, const std::string& param) {
    if (type.optional) {
        auto inner = type;
        inner.optional = false;
        const Ty* element = resolve(inner, param);
        if (element->is(Kind::Cash)) {
            sink_.report(Diag::AssetStored, type.span, {"an optional"});
            return t_->error;
        }
        return element->error() ? element : t_->optional(element);
    }
    static const std::map<std::string, const Ty* Types::*> simple{
        {"Bool", &Types::boolean}, {"Int", &Types::integer}, {"Weight", &Types::weight}, {"Date", &Types::date},
        {"Days", &Types::days}, {"Months", &Types::months}, {"Party", &Types::party}, {"Rate", &Types::rate},
        {"Fraction", &Types::fraction}, {"Contract", &Types::any_contract}, {"Rounding", &Types::rounding},
        {"EndOfMonth", &Types::end_of_month}, {"DayCount", &Types::day_count}, {"Decimal", &Types::decimal}};
    if (const auto found = simple.find(type.name); found != simple.end()) {
        if (!type.args.empty() || type.max) sink_.report(Diag::BadArity, type.span, {type.name, "no arguments"});
        return t_->*(found->second);
    }
    if (type.name == "Money") return resolve_money(Kind::Money, type, param);
    if (type.name == "Amount") return resolve_money(Kind::Amount, type, param);
    if (type.name == "Account") return resolve_money(Kind::Account, type, param);
    if (type.name == "Cash") return resolve_money(Kind::Cash, type, param);
    if (type.name == "List" || type.name == "Set" || type.name == "Map") return resolve_collection(type, param);
    if (type.name == "book__Accrued") return t_->accrued(param);
    if (type.name == "book__Agenda") { // as large as all that can come into it
        const auto* key = c_ != nullptr && c_->contract != nullptr ? symbol("book__" + c_->contract->name + "__Key") : nullptr;
        if (key == nullptr) return t_->error;
        const Ty* type_of_key = t_->record(static_cast<RecordDecl*>(key->decl), "");
        const Ty* out = t_->map(type_of_key, t_->boolean, static_cast<std::uint32_t>(std::min<std::uint64_t>(c_->contract->agenda_max, limits::collection_elements)));
        if (bytes_of(out) <= limits::value_bytes) return out;
        return sink_.report(Diag::ValueTooLarge, type.span, {"the agenda of this book", std::to_string(bytes_of(out)), std::to_string(limits::value_bytes)}), t_->error;
    }
    if (type.name == "Ref" && type.args.empty() && !type.max) return t_->text(64);
    if (type.name == "Text" || type.name == "Bytes") {
        if (!type.max) {
            sink_.report(Diag::NeedsMax, type.span, {type.name});
            return t_->error;
        }
        if (*type.max == 0 || *type.max > limits::text_bytes) {
            sink_.report(Diag::MaxTooLarge, type.span, {std::to_string(limits::text_bytes)});
            return t_->error;
        }
        const auto max = static_cast<std::uint32_t>(*type.max);
        return type.name == "Text" ? t_->text(max) : t_->bytes(max);
    }
    if (type.name == "Carry") { // what rounding owes each row of a share table
        if (!type.max) return sink_.report(Diag::NeedsMax, type.span, {"Carry"}), t_->error;
        if (*type.max == 0 || *type.max > 256) return sink_.report(Diag::MaxTooLarge, type.span, {"256"}), t_->error;
        return t_->list(t_->number, static_cast<std::uint32_t>(*type.max) + 1); // the sum of the weights, then the rows
    }
    if (type.name == "Id") {
        if (type.args.size() == 1) return resolve(type.args[0], param);
        sink_.report(Diag::BadArity, type.span, {"Id", "a contract: `Id<Loan>`"});
        return t_->error;
    }
    static const std::map<std::string, std::string> later{
        {"Exact", "storing an unrounded amount"}, {"Accrual", "an accrual outside an `accrual` field"}, {"Period", "the type Period"}};
    if (const auto found = later.find(type.name); found != later.end()) {
        sink_.report(Diag::NotYet, type.span, {found->second, "use one of the types that docs/language lists"});
        return t_->error;
    }
    if (const auto* s = symbol(type.name)) {
        if (s->kind == Symbol::Kind::Enum) return enum_type(static_cast<EnumDecl*>(s->decl), param);
        if (s->kind == Symbol::Kind::Record || s->kind == Symbol::Kind::Contract) {
            const bool record = s->kind == Symbol::Kind::Record;
            const auto& generic = record ? static_cast<RecordDecl*>(s->decl)->currency_param : static_cast<ContractDecl*>(s->decl)->currency_param;
            std::string currency;
            if (!generic.empty()) {
                // `Loan` inside `contract Loan<CCY>`: the same currency.
                currency = type.args.empty() && !param.empty() ? param : resolve_currency(type, param);
                if (currency.empty()) return t_->error;
            } else if (!type.args.empty()) {
                sink_.report(Diag::BadArity, type.span, {type.name, "no arguments"});
            }
            return record ? t_->record(static_cast<RecordDecl*>(s->decl), currency)
                          : t_->contract(static_cast<ContractDecl*>(s->decl), currency);
        }
    }
    (void)unknown(Diag::UnknownType, type.span, {type.name}, type.name, type_names());
    return t_->error;
}

void Checker::check_cycle(const RecordDecl& decl) {
    std::set<const RecordDecl*> seen;
    std::function<bool(const Ty*, std::size_t)> reaches = [&](const Ty* type, std::size_t depth) -> bool {
        if (type == nullptr) return false;
        if (type->is(Kind::Record)) {
            if (type->record == &decl) return true;
            if (depth > limits::type_depth || !seen.insert(type->record).second) return false;
            for (const auto& f : type->record->fields)
                if (reaches(f.type, depth + 1)) return true;
            return false;
        }
        return reaches(type->key, depth + 1) || reaches(type->element, depth + 1);
    };
    for (const auto& f : decl.fields)
        if (reaches(f.type, 0)) {
            sink_.report(Diag::CyclicTypes, decl.span, {decl.name});
            const_cast<RecordDecl&>(decl).fields.clear();
            return;
        }
}

void Checker::define_types(ModuleDecl& module) {
    module_ = &module;
    const auto define = [&](auto& records) {
        for (auto& decl : records) {
            std::set<std::string> seen;
            for (const auto& f : decl->syntax->fields) {
                if (!seen.insert(f.name.text).second) twice(f.name.span, f.name.text, decl->fields[static_cast<std::size_t>(decl->field(f.name.text))].span);
                const Ty* type = resolve(f.type, decl->currency_param);
                if (type->is(Kind::Cash)) {
                    sink_.report(Diag::AssetStored, f.type.span, {"a record"});
                    type = t_->error;
                }
                decl->fields.push_back({f.name.text, type, f.name.span, f.init.get()});
            }
        }
    };
    define(module.records);
    define(module.events);
    define(module.errors);
    for (const auto& decl : module.enums) define_variant(*decl);
    for (const auto& decl : module.records) check_cycle(*decl);
    for (const auto& decl : module.enums)
        if (decl->variant) check_cycle(*decl->variant);
}

void Checker::define_variant(EnumDecl& decl) {
    if (!decl.variant) return;
    auto& fields = decl.variant->fields;
    fields.push_back({"case", t_->enumeration(&decl), decl.variant->span});
    for (std::size_t c = 0; c < decl.cases.size(); ++c) {
        std::set<std::string> seen;
        for (const auto& f : decl.syntax->payloads[c]) {
            if (!seen.insert(f.name.text).second) sink_.report(Diag::Duplicate, f.name.span, {f.name.text});
            const Ty* type = resolve(f.type, decl.variant->currency_param);
            if (type->is(Kind::Cash)) {
                sink_.report(Diag::AssetStored, f.type.span, {"an enum"});
                type = t_->error;
            }
            fields.push_back({decl.cases[c] + "." + f.name.text, type, f.name.span});
        }
    }
}

/// What a value of the enum is: a number, or a record with the case in front.
const Ty* Checker::enum_type(const EnumDecl* decl, const std::string& currency) {
    return decl->variant ? t_->record(decl->variant.get(), currency) : t_->enumeration(decl);
}

std::uint64_t Checker::state_mask(const ContractDecl& contract, const std::vector<syntax::Name>& names) {
    std::uint64_t mask = 0;
    for (const auto& name : names) {
        const int state = contract.state(name.text);
        if (state < 0) (void)unknown_state(contract, name.span, name.text);
        else mask |= std::uint64_t{1} << state;
    }
    return mask;
}

void Checker::declare_contract(ModuleDecl& module, ContractDecl& contract) {
    module_ = &module;
    const auto& s = *contract.syntax;
    if (s.parent) {
        const Ty* parent = resolve(*s.parent, contract.currency_param);
        if (parent->is(Kind::Contract)) {
            contract.parent = const_cast<ContractDecl*>(parent->contract);
            contract.parent_name = s.parent_name.text;
            if (contract.parent->module != contract.module)
                sink_.report(Diag::NotYet, s.parent->span, {"a parent in another module", "declare both contracts in one module"});
        } else if (!parent->error()) {
            sink_.report(Diag::TypeMismatch, s.parent->span, {"a contract", describe(parent)});
        }
    }
    for (const auto& later : s.later) sink_.report(Diag::NotYet, later.span, {later.what, "leave it out for now"});
    if (!s.has_lifecycle) {
        sink_.report(Diag::NoLifecycle, contract.span, {contract.name});
        contract.states = {"Active"};
        contract.edges = {0};
    } else {
        const auto state = [&](const syntax::Name& name) {
            if (contract.state(name.text) < 0) contract.states.push_back(name.text);
            return contract.state(name.text);
        };
        contract.initial = state(s.initial);
        for (const auto& edge : s.edges) {
            state(edge.from);
            for (const auto& to : edge.to) state(to);
        }
        for (const auto& name : s.finals) {
            const int number = state(name);
            if (number < static_cast<int>(limits::states)) contract.finals |= std::uint64_t{1} << number;
        }
        if (contract.states.size() > limits::states) {
            sink_.report(Diag::MaxTooLarge, contract.span, {std::to_string(limits::states)});
            contract.states.resize(limits::states);
        }
        contract.edges.assign(contract.states.size(), 0);
        for (const auto& edge : s.edges) {
            const auto from = static_cast<std::size_t>(contract.state(edge.from.text));
            if (from < contract.edges.size()) contract.edges[from] |= state_mask(contract, edge.to);
        }
    }
    declare_fields(contract);
    for (const auto& f : s.fns) {
        contract.fns.push_back(std::make_unique<FnDecl>());
        auto& fn = *contract.fns.back();
        fn.syntax = &f;
        fn.contract = &contract;
        declare_fn(module, fn);
    }
    one_currency(contract);
}

/// An instance has one currency for its money: its parameter's, or the one that is written.
void Checker::one_currency(ContractDecl& contract) {
    const auto look = [&](const Ty* type, Span span) {
        while (type != nullptr && type->element != nullptr) type = type->element;
        if (type == nullptr || !type->is(Kind::Cash) || type->currency == contract.currency_param) return;
        const bool other = !contract.currency_param.empty() || (!contract.currency.empty() && contract.currency != type->currency);
        if (other) sink_.report(Diag::NotYet, span, {"money of two currencies in one contract", "use a contract for each currency"});
        contract.currency = type->currency;
    };
    for (const auto& f : contract.fields) look(f.type, f.span);
    for (const auto& fn : contract.fns) {
        for (const auto& p : fn->params) look(p.type, p.span);
        look(fn->result, fn->syntax->name.span);
    }
}

void Checker::declare_fields(ContractDecl& contract) {
    const auto& s = *contract.syntax;
    std::set<std::string> seen;
    const auto add = [&](ContractFieldDecl field) {
        if (!seen.insert(field.name).second) twice(field.span, field.name, contract.fields[static_cast<std::size_t>(contract.field(field.name))].span);
        field.by_key = field.kind == FieldKind::Var && field.type->collection() && bytes_of(field.type) > limits::inline_bytes;
        if (field.by_key && field.in_book) sink_.report(Diag::ValueTooLarge, field.span, {"this field of the book", std::to_string(bytes_of(field.type)), std::to_string(limits::inline_bytes)});
        if (field.by_key && field.type->is(Kind::Set)) sink_.report(Diag::NotYet, field.span, {"a Set of more than 4 KiB as a field", "use a Map to Bool"});
        contract.fields.push_back(std::move(field));
    };
    for (const auto& m : s.members) {
        ContractFieldDecl field;
        field.name = m.field.name.text;
        field.span = m.field.name.span;
        field.type = resolve(m.field.type, contract.currency_param);
        switch (m.kind) {
        case syntax::MemberKind::Role: // a party, or several
            field.kind = FieldKind::Role;
            if (!field.type->error() && !field.type->is(Kind::Party) && !(field.type->collection() && field.type->element->is(Kind::Party)))
                sink_.report(Diag::TypeMismatch, m.field.type.span, {"a Party, or a List or Set of Party", describe(field.type)});
            break;
        case syntax::MemberKind::Const: field.kind = FieldKind::Const; break;
        case syntax::MemberKind::Var: field.kind = FieldKind::Var; break;
        case syntax::MemberKind::Book: field.in_book = true; break;
        case syntax::MemberKind::Hidden: field.hidden = true; break;
        case syntax::MemberKind::Log:
            field.only_grows = true;
            if (!field.type->error() && !field.type->is(Kind::List)) {
                sink_.report(Diag::TypeMismatch, m.field.type.span, {"a List", describe(field.type)});
                field.type = t_->error;
            }
            break;
        case syntax::MemberKind::Sum:
            field.is_sum = true;
            if (!field.type->error() && !(field.type->is(Kind::Map) && (field.type->element->is(Kind::Money) || field.type->element->is(Kind::Int)))) {
                sink_.report(Diag::TypeMismatch, m.field.type.span, {"a Map to Money or Int", describe(field.type)});
                field.type = t_->error;
            }
            break;
        case syntax::MemberKind::Dated: field.type = dated_type(m, field.type); field.only_grows = true; break;
        case syntax::MemberKind::Vault: {
            field.kind = FieldKind::Vault;
            const bool plain = field.type->is(Kind::Cash);
            const bool keyed = field.type->is(Kind::Map) && field.type->element->is(Kind::Cash);
            if (!plain && !keyed && !field.type->error()) {
                sink_.report(Diag::TypeMismatch, m.field.type.span, {"Cash, or a Map to Cash", describe(field.type)});
                field.type = t_->error;
            }
            break;
        }
        }
        if (field.kind != FieldKind::Vault && (field.type->is(Kind::Cash) || (field.type->collection() && field.type->element->is(Kind::Cash)))) {
            sink_.report(Diag::AssetStored, m.field.type.span, {"a field"});
            field.type = t_->error;
        }
        add(std::move(field));
    }
    for (const auto& data : s.state_data) {
        const auto mask = state_mask(contract, data.states);
        for (const auto& f : data.fields) {
            ContractFieldDecl field;
            field.name = f.name.text;
            field.span = f.name.span;
            field.type = resolve(f.type, contract.currency_param);
            field.states = mask;
            add(std::move(field));
        }
    }
    for (const auto& a : s.accruals) {
        ContractFieldDecl field;
        field.name = a.name.text;
        field.span = a.name.span;
        field.kind = FieldKind::Accrual;
        field.in_book = a.in_book;
        field.type = t_->with_currency(Kind::Accrual, contract.currency_param);
        add(std::move(field));
    }
}

/// `dated x: T` is a list of rows { from, value }, in order; small enough for the record.
const Ty* Checker::dated_type(const syntax::Member& m, const Ty* value) {
    constexpr std::uint64_t rows_default = 32;
    if (value->error()) return value;
    if (value->is(Kind::Cash)) return sink_.report(Diag::AssetStored, m.field.type.span, {"a history"}), t_->error;
    dated_.push_back(std::make_unique<RecordDecl>());
    auto& row = *dated_.back();
    row.name = m.field.name.text + " row";
    row.module = module_->name;
    row.span = m.field.name.span;
    row.dated = true;
    row.fields = {{"from", t_->date, row.span}, {"value", value, row.span}};
    const std::uint64_t room = limits::inline_bytes - 16;
    const Ty* type = t_->record(&row, "");
    const std::uint64_t fit = room / bytes_of(type);
    const std::uint64_t max = m.max != 0 ? m.max : std::min(rows_default, fit);
    if (max == 0 || max > fit) return sink_.report(Diag::ValueTooLarge, m.field.type.span, {"this history", std::to_string(std::max<std::uint64_t>(max, 1) * bytes_of(type)), std::to_string(limits::inline_bytes)}), t_->error;
    return t_->list(type, static_cast<std::uint32_t>(max));
}

void Checker::declare_fn(ModuleDecl& module, FnDecl& fn) {
    module_ = &module;
    const auto& s = *fn.syntax;
    fn.name = s.name.text;
    fn.module = module.name;
    fn.kind = s.kind;
    fn.is_pub = s.is_pub;
    fn.in_book = s.in_book;
    fn.of_template = s.of_template;
    fn.restores = s.name.text == "book__at" || s.name.text == "book__advance";
    fn.currency_param = fn.contract != nullptr ? fn.contract->currency_param : s.type_params.empty() ? "" : s.type_params[0].text;
    if (fn.contract != nullptr && fn.contract->fn(fn.name) != &fn) twice(s.name.span, fn.name, fn.contract->fn(fn.name)->syntax->name.span);
    for (const auto& p : s.params) {
        const Ty* type = resolve(p.type, fn.currency_param);
        if (type->is(Kind::Cash) && fn.contract == nullptr) {
            sink_.report(Diag::NotYet, p.type.span, {"money as a parameter outside a contract", "make it a `fn` of the contract"});
            type = t_->error;
        }
        fn.params.push_back({p.name.text, type, p.name.span});
    }
    fn.result = s.result ? resolve(*s.result, fn.currency_param) : t_->unit;
    if (s.kind == syntax::FnKind::Native) {
        fn.native = fn.name;
        if (module.name.rfind("std.", 0) != 0)
            sink_.report(Diag::NotYet, s.name.span, {"a native function outside the standard library", "write it in Tally"});
    }
}

} // namespace tally::check
