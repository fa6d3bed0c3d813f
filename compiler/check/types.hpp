/// The types of the language. Interned: two types are the same exactly when their addresses are.
#pragma once

#include "compiler/syntax/syntax.hpp"
#include "vm/value/currency.hpp"
#include "vm/value/int128.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tally::check {

enum class Kind {
    Error, ///< something was already complained about: agrees with everything
    Unit, Bool, Int, Weight, Date, Days, Months, Party,
    Money, Amount,  ///< Amount: never negative, checked where one is assigned
    Exact,          ///< unrounded: lives inside an expression only. Currency empty: a plain number
    Rate, Fraction, Text, Record, Enum, List, Set, Map, Optional,
    Decimal,        ///< 10^-18, as Rate, but a plain number
    Blob, Number,   ///< Number: a plain 128-bit whole number; carries are made of them
    Contract,       ///< an instance of a known contract
    AnyContract, Account, Cash, Accrual,
};

struct RecordDecl;
struct EnumDecl;
struct ContractDecl;

struct Ty {
    Kind kind = Kind::Error;
    const Ty* key = nullptr;     ///< Map
    const Ty* element = nullptr; ///< List, Set, Map, Optional
    std::uint32_t max = 0;       ///< collections: elements; Text: bytes
    std::string currency;        ///< Money, Amount, Exact, Cash, Account, Accrual, generic records and contracts: `USD`, or the name of a type parameter
    const RecordDecl* record = nullptr;
    const EnumDecl* enumeration = nullptr;
    const ContractDecl* contract = nullptr;

    [[nodiscard]] bool is(Kind k) const { return kind == k; }
    [[nodiscard]] bool error() const { return kind == Kind::Error; }
    [[nodiscard]] bool money() const { return kind == Kind::Money || kind == Kind::Amount; }
    [[nodiscard]] bool integer() const { return kind == Kind::Int || kind == Kind::Weight; }
    [[nodiscard]] bool collection() const { return kind == Kind::List || kind == Kind::Set || kind == Kind::Map; }
    /// Has room for a constant; what does not fit is left to stop where it is worked out.
    [[nodiscard]] bool holds(i128 value) const;
    /// Lives in 128 bits.
    [[nodiscard]] bool wide() const { return money() || kind == Kind::Rate || kind == Kind::Decimal || kind == Kind::Number; }
    /// Lives in memory and travels by address.
    [[nodiscard]] bool aggregate() const {
        return kind == Kind::Fraction || kind == Kind::Text || kind == Kind::Blob || kind == Kind::Record || collection() || kind == Kind::Optional;
    }
};

struct FieldDecl {
    std::string name;
    const Ty* type = nullptr;
    Span span;
    const syntax::Expr* init = nullptr; ///< records: a default value
};

struct RecordDecl { ///< also events and errors
    std::string name, module;
    bool is_pub = false;
    std::string currency_param; ///< empty: not generic
    std::vector<FieldDecl> fields;
    std::string text; ///< errors
    Span span;
    const syntax::Record* syntax = nullptr;
    mutable std::uint64_t bytes = 0, align = 0; ///< once computed; 0: not yet
    /// An enum whose cases have fields: field 0 is the case, the others are called `Case.field`.
    const EnumDecl* variant_of = nullptr;
    bool dated = false;   ///< a row of a `dated` field: from, value
    bool accrued = false; ///< four limbs of the sum, since, what it is divided by, whether it stays at or above zero
    [[nodiscard]] int field(const std::string& field_name) const;
};

struct EnumDecl {
    std::string name, module;
    bool is_pub = false;
    std::vector<std::string> cases;
    std::unique_ptr<RecordDecl> variant; ///< when a case has fields: what a value is
    const syntax::Enum* syntax = nullptr;
    [[nodiscard]] int find(const std::string& case_name) const;
};

class Types {
public:
    Types();
    const Ty *error, *unit, *boolean, *integer, *weight, *date, *days, *months, *party, *rate, *fraction, *any_contract, *decimal, *number;
    const Ty *rounding, *end_of_month, *tie, *day_count;
    const Ty* accrued(const std::string& currency); ///< an accrual of a book as it stood on a day
    const Ty* with_currency(Kind kind, const std::string& currency);
    const Ty* money(const std::string& currency) { return with_currency(Kind::Money, currency); }
    const Ty* amount(const std::string& currency) { return with_currency(Kind::Amount, currency); }
    const Ty* exact(const std::string& currency) { return with_currency(Kind::Exact, currency); }
    const Ty* text(std::uint32_t max);
    const Ty* bytes(std::uint32_t max);
    const Ty* record(const RecordDecl* decl, const std::string& currency);
    const Ty* enumeration(const EnumDecl* decl);
    const Ty* contract(const ContractDecl* decl, const std::string& currency);
    const Ty* list(const Ty* element, std::uint32_t max);
    const Ty* set(const Ty* element, std::uint32_t max);
    const Ty* map(const Ty* key, const Ty* element, std::uint32_t max);
    const Ty* optional(const Ty* element);
    /// The same type with the currency `from` replaced.
    const Ty* substitute(const Ty* type, const std::string& from, const std::string& to);
    /// The type of a field of a value of a (possibly generic) record type.
    const Ty* field_type(const Ty* record_type, std::size_t field);

private:
    const Ty* intern(Ty type);
    const Ty* plain(Kind kind);
    std::map<std::string, std::unique_ptr<Ty>> interned_;
    std::vector<std::unique_ptr<EnumDecl>> builtin_enums_;
    RecordDecl accrued_;
};

/// The size and alignment of a value in memory, as vm/bytecode/layout.hpp lays it out; saturates.
[[nodiscard]] std::uint64_t align_of(const Ty* type);
[[nodiscard]] std::uint64_t bytes_of(const Ty* type);

/// As the author would write it.
[[nodiscard]] std::string name_of(const Ty* type);
/// With an article: "a Date", "Exact<CNY>, not yet money".
[[nodiscard]] std::string describe(const Ty* type);

} // namespace tally::check
