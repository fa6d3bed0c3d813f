#include "compiler/check/types.hpp"

#include "compiler/check/typed.hpp"
#include "vm/value/date.hpp"

#include <algorithm>

namespace tally::check {

bool Ty::holds(i128 value) const {
    if (wide()) return true;
    const auto word = static_cast<i64>(value);
    return value == word && (kind != Kind::Date || date_valid(word));
}

int RecordDecl::field(const std::string& field_name) const {
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == field_name) return static_cast<int>(i);
    return -1;
}
int EnumDecl::find(const std::string& case_name) const {
    const auto at = std::find(cases.begin(), cases.end(), case_name);
    return at == cases.end() ? -1 : static_cast<int>(at - cases.begin());
}

Types::Types() {
    error = plain(Kind::Error);
    unit = plain(Kind::Unit);
    boolean = plain(Kind::Bool);
    integer = plain(Kind::Int);
    weight = plain(Kind::Weight);
    date = plain(Kind::Date);
    days = plain(Kind::Days);
    months = plain(Kind::Months);
    party = plain(Kind::Party);
    rate = plain(Kind::Rate);
    fraction = plain(Kind::Fraction);
    any_contract = plain(Kind::AnyContract);
    decimal = plain(Kind::Decimal);
    number = plain(Kind::Number);
    const auto builtin = [&](const char* name, std::vector<std::string> cases) {
        builtin_enums_.push_back(std::make_unique<EnumDecl>(EnumDecl{name, "", true, std::move(cases), nullptr, nullptr}));
        return enumeration(builtin_enums_.back().get());
    };
    // The order is that of vm/value/rounding.hpp and date.hpp.
    rounding = builtin("Rounding", {"floor", "ceiling", "toward_zero", "away", "half_even", "half_up", "half_down", "exact"});
    end_of_month = builtin("EndOfMonth", {"clamp", "roll", "keep_eom"});
    tie = builtin("Tie", {"first", "rotate"});
    day_count = builtin("DayCount", {"Act365F", "Act360"});
    accrued_.name = "Accrued";
    accrued_.currency_param = "CCY";
    accrued_.accrued = true;
    for (const char* limb : {"a", "b", "c", "d"}) accrued_.fields.push_back({limb, integer, {}});
    accrued_.fields.push_back({"since", date, {}});
    accrued_.fields.push_back({"per", number, {}});
    accrued_.fields.push_back({"never_negative", boolean, {}});
}

const Ty* Types::intern(Ty type) {
    // The address of a declaration is part of the key only to tell declarations apart: the map is
    // never iterated.
    const auto address = [](const void* p) { return std::to_string(reinterpret_cast<std::uintptr_t>(p)); };
    auto key = std::to_string(static_cast<int>(type.kind)) + "|" + address(type.key) + "|" + address(type.element) + "|" +
               std::to_string(type.max) + "|" + type.currency + "|" + address(type.record) + "|" +
               address(type.enumeration) + "|" + address(type.contract);
    auto& slot = interned_[std::move(key)];
    if (!slot) slot = std::make_unique<Ty>(std::move(type));
    return slot.get();
}

const Ty* Types::plain(Kind kind) {
    Ty t;
    t.kind = kind;
    return intern(t);
}
const Ty* Types::with_currency(Kind kind, const std::string& currency) {
    Ty t;
    t.kind = kind;
    t.currency = currency;
    return intern(t);
}
const Ty* Types::text(std::uint32_t max) {
    Ty t;
    t.kind = Kind::Text;
    t.max = max;
    return intern(t);
}
const Ty* Types::bytes(std::uint32_t max) {
    Ty t;
    t.kind = Kind::Blob;
    t.max = max;
    return intern(t);
}
const Ty* Types::record(const RecordDecl* decl, const std::string& currency) {
    Ty t;
    t.kind = Kind::Record;
    t.record = decl;
    t.currency = decl->currency_param.empty() ? "" : currency;
    return intern(t);
}
const Ty* Types::enumeration(const EnumDecl* decl) {
    Ty t;
    t.kind = Kind::Enum;
    t.enumeration = decl;
    return intern(t);
}
const Ty* Types::contract(const ContractDecl* decl, const std::string& currency) {
    Ty t;
    t.kind = Kind::Contract;
    t.contract = decl;
    t.currency = decl->currency_param.empty() ? "" : currency;
    return intern(t);
}
const Ty* Types::accrued(const std::string& currency) { return record(&accrued_, currency); }
const Ty* Types::list(const Ty* element, std::uint32_t max) {
    Ty t;
    t.kind = Kind::List;
    t.element = element;
    t.max = max;
    return intern(t);
}
const Ty* Types::set(const Ty* element, std::uint32_t max) {
    Ty t;
    t.kind = Kind::Set;
    t.element = element;
    t.max = max;
    return intern(t);
}
const Ty* Types::map(const Ty* key, const Ty* element, std::uint32_t max) {
    Ty t;
    t.kind = Kind::Map;
    t.key = key;
    t.element = element;
    t.max = max;
    return intern(t);
}
const Ty* Types::optional(const Ty* element) {
    Ty t;
    t.kind = Kind::Optional;
    t.element = element;
    return intern(t);
}

const Ty* Types::substitute(const Ty* type, const std::string& from, const std::string& to) {
    if (type == nullptr || from.empty() || from == to) return type;
    Ty t = *type;
    if (t.currency == from) t.currency = to;
    t.key = substitute(t.key, from, to);
    t.element = substitute(t.element, from, to);
    return intern(t);
}

const Ty* Types::field_type(const Ty* record_type, std::size_t field) {
    const auto& decl = *record_type->record;
    return substitute(decl.fields[field].type, decl.currency_param, record_type->currency);
}

std::uint64_t align_of(const Ty* t) {
    switch (t->kind) {
    case Kind::Money: case Kind::Amount: case Kind::Rate: case Kind::Decimal: case Kind::Number: return 16;
    case Kind::Optional: case Kind::List: case Kind::Set: return align_of(t->element);
    case Kind::Map: return std::max(align_of(t->key), align_of(t->element));
    case Kind::Record: {
        auto& known = t->record->align;
        if (known != 0) return known;
        known = 8;
        for (const auto& f : t->record->fields)
            if (f.type != nullptr) known = std::max(known, align_of(f.type));
        return known;
    }
    default: return 8;
    }
}

std::uint64_t bytes_of(const Ty* t) {
    constexpr std::uint64_t ceiling = std::uint64_t{1} << 40;
    const auto round_up = [](std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; };
    const auto elements = [&](std::uint64_t stride, std::uint64_t align) { return std::min(ceiling, round_up(8, align) + t->max * stride); };
    switch (t->kind) {
    case Kind::Money: case Kind::Amount: case Kind::Rate: case Kind::Decimal: case Kind::Number: case Kind::Fraction: return 16;
    case Kind::Text: case Kind::Blob: return 8 + round_up(t->max, 8);
    case Kind::Optional: return round_up(8, align_of(t->element)) + bytes_of(t->element);
    case Kind::List: case Kind::Set: return round_up(elements(bytes_of(t->element), align_of(t->element)), align_of(t));
    case Kind::Map: {
        const auto pair = round_up(round_up(bytes_of(t->key), align_of(t->element)) + bytes_of(t->element), align_of(t));
        return round_up(elements(pair, align_of(t)), align_of(t));
    }
    case Kind::Record: {
        if (t->record->bytes != 0) return t->record->bytes;
        std::uint64_t sum = 0;
        for (const auto& f : t->record->fields)
            if (f.type != nullptr) sum = std::min(ceiling, round_up(sum, align_of(f.type)) + bytes_of(f.type));
        return t->record->bytes = round_up(sum, align_of(t));
    }
    default: return 8;
    }
}

std::string name_of(const Ty* t) {
    const auto with = [&](const std::string& name) { return t->currency.empty() ? name : name + "<" + t->currency + ">"; };
    const auto max = [&] { return ", max " + std::to_string(t->max) + ">"; };
    switch (t->kind) {
    case Kind::Error: return "?";
    case Kind::Unit: return "nothing";
    case Kind::Bool: return "Bool";
    case Kind::Int: return "Int";
    case Kind::Weight: return "Weight";
    case Kind::Date: return "Date";
    case Kind::Days: return "Days";
    case Kind::Months: return "Months";
    case Kind::Party: return "Party";
    case Kind::Money: return with("Money");
    case Kind::Amount: return with("Amount");
    case Kind::Exact: return with("Exact");
    case Kind::Rate: return "Rate";
    case Kind::Fraction: return "Fraction";
    case Kind::Decimal: return "Decimal";
    case Kind::Number: return "a number of 128 bits";
    case Kind::Blob: return "Bytes<max " + std::to_string(t->max) + ">";
    case Kind::Text: return "Text<max " + std::to_string(t->max) + ">";
    case Kind::Record: return with(t->record->name);
    case Kind::Enum: return t->enumeration->name;
    case Kind::List:
        if (t->element->is(Kind::Number)) return "Carry<max " + std::to_string(t->max - 1) + ">";
        return "List<" + name_of(t->element) + max();
    case Kind::Set: return "Set<" + name_of(t->element) + max();
    case Kind::Map: return "Map<" + name_of(t->key) + ", " + name_of(t->element) + max();
    case Kind::Optional: return name_of(t->element) + "?";
    case Kind::Contract: return with(t->contract->name);
    case Kind::AnyContract: return "Contract";
    case Kind::Account: return with("Account");
    case Kind::Cash: return with("Cash");
    case Kind::Accrual: return with("Accrual");
    }
    return "?";
}

std::string describe(const Ty* t) {
    if (t->is(Kind::Exact)) return "`" + name_of(t) + "`, not yet rounded";
    return "`" + name_of(t) + "`";
}

} // namespace tally::check
