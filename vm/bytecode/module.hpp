/// A module: what the compiler makes, the ledger replicates and the machine runs. Code, the
/// interface that tools and the runtime read (types, contracts, rights, lifecycle, events), and
/// where it came from. Plain data; `encode.hpp` gives it its one canonical form.
#pragma once

#include "vm/bytecode/tables.hpp"
#include "vm/crypto/sha256.hpp"
#include "vm/value/name_list.hpp"
#include "vm/value/parts.hpp"
#include "vm/value/rare_text.hpp"
#include "vm/value/words.hpp"

#include <string>
#include <vector>

namespace tally {

inline constexpr std::uint32_t none = 0xffffffff;

// ---- types -------------------------------------------------------------------------------------

enum class TypeKind : std::uint8_t {
    Unit, Bool, Int, Date, Days, Months, Party, Instance, Account, Enum, // 8 bytes (Unit: 0)
    Money, Rate, Decimal,                                                // 16 bytes
    Fraction, Text, Record, List, Map, Set, Optional, Accrual,
    Cash, // a holding: never in memory, only as a parameter or result in an h slot
    Blob,    // as Text, of any bytes
    Variant, // an enum whose cases have fields: a record whose first field is the case; the others are
             // named `Case.field`, and only those of the present case are alive
    Number,  // a plain 128-bit whole number (16 bytes)
    Amount,  // Money that is never below zero: no value crosses a boundary otherwise
    Weight,  // Int that is never below zero
};
/// Laid out field by field.
[[nodiscard]] constexpr bool has_fields(TypeKind kind) { return kind == TypeKind::Record || kind == TypeKind::Variant; }
/// A count, then bytes.
[[nodiscard]] constexpr bool is_string(TypeKind kind) { return kind == TypeKind::Text || kind == TypeKind::Blob; }

/// As a list of fields gives it: the name belongs to the list.
struct Field {
    std::string_view name;
    std::uint32_t type = 0;
    friend bool operator==(const Field&, const Field&) = default;
};
struct FieldPlace {
    using Item = Field;
    std::uint32_t at, size, type;
    [[nodiscard]] static std::string_view name_of(Item field) { return field.name; }
    [[nodiscard]] static FieldPlace of(Item field, std::uint32_t at) { return {at, static_cast<std::uint32_t>(field.name.size()), field.type}; }
    [[nodiscard]] Item item(const char* bytes) const { return {{bytes + at, size}, type}; }
};
using FieldList = NamedList<FieldPlace>;

struct Type {
    TypeKind kind = TypeKind::Unit;
    std::string name;               ///< records, enums, instances (the contract's name); else empty
    std::uint32_t key = none;       ///< Map
    std::uint32_t element = none;   ///< List, Set, Map (the value), Optional
    std::uint32_t max = 0;          ///< List, Map, Set: elements; Text: bytes
    FieldList fields;               ///< Record, Variant
    NameList cases;                 ///< Enum
    friend bool operator==(const Type&, const Type&) = default;
};
/// Is field `field` of a variant alive in case `name`? The case itself always is.
[[nodiscard]] inline bool variant_field_alive(const Type& variant, std::size_t field, std::string_view name) {
    if (field == 0) return true;
    const std::string_view full = variant.fields[field].name;
    return full.size() > name.size() && full[name.size()] == '.' && full.compare(0, name.size(), name) == 0;
}

// ---- code --------------------------------------------------------------------------------------

/// In memory as in a module's bytes on a machine that is little-endian.
struct Instruction {
    Op op = Op::Block;
    std::uint8_t a = 0, b = 0, c = 0;
    std::int32_t imm = 0;
    friend bool operator==(const Instruction&, const Instruction&) = default;
};

static_assert(sizeof(Instruction) == 8);

/// Holds from this instruction until the next one's.
struct SourceLine {
    std::uint32_t instruction = 0, line = 0;
    friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

enum class ResultBank : std::uint8_t { None, X, W, H };

struct Function {
    std::string name;
    std::uint16_t x_params = 0, w_params = 0, h_params = 0; ///< in x0…, w0…, h0… at entry
    ResultBank result = ResultBank::None;
    std::uint16_t x_registers = 0, w_registers = 0, h_slots = 0; ///< parameters included
    std::uint32_t frame_bytes = 0;                               ///< zeroed at entry, a multiple of 16
    std::vector<Instruction> code;                               ///< starts with a Block
    Parts<SourceLine> lines;
    friend bool operator==(const Function&, const Function&) = default;
};

/// What a call through the table must find. Holdings never pass through it.
struct CallShape {
    std::uint16_t x_params = 0, w_params = 0;
    ResultBank result = ResultBank::None;
    friend bool operator==(const CallShape&, const CallShape&) = default;
};

/// What a module has that is a program of its own (`tally ir`) instead of contracts: memory at its
/// start, function pointers, recursion. It cannot be deployed.
struct ProgramPart {
    bool present = false;
    std::uint32_t memory = 0;         ///< bytes of the arena below its stack, the null page included
    std::vector<std::uint8_t> data;   ///< the first of them from `self_address` on; the rest is zero
    std::vector<CallShape> shapes;
    std::vector<std::uint32_t> table; ///< functions; a pointer to the first is 1, so that 0 is none
    friend bool operator==(const ProgramPart&, const ProgramPart&) = default;
};

// ---- the interface -------------------------------------------------------------------------------

enum class AuthKind : std::uint8_t { AllOf, AnyOf, EachOf, KOf, Quorum, Anyone, Contract, Child, Term };
/// Function: `index` is a function of the entry's parameters (Cash left out) that gives the type steps[0],
/// a Party or a List or Set of them.
enum class AuthRoot : std::uint8_t { Parameter, Field, ParentField, Function };

/// One node of a `by` clause. `EachOf`, `AnyOf`, `KOf` and `Quorum` over a term count the parties
/// that the term names; over children they count satisfied children.
struct Auth {
    AuthKind kind = AuthKind::AllOf;
    AuthRoot root = AuthRoot::Field; ///< Term
    std::uint32_t n = 0, d = 0;  ///< KOf: n; Quorum: n/d of the parties
    Parts<Auth> children;
    RareText contract;           ///< Child: the contract's name
    // Term: where to start and which way to go. A step of `each_step` goes through every element of a
    // list or set (of the keys of a map); another number is a field of a record.
    std::uint32_t index = 0;
    Words steps;
    RareText text; ///< as written, for people
    friend bool operator==(const Auth&, const Auth&) = default;
};
inline constexpr std::uint32_t each_step = 0xfffffffe;
/// Followed by a field number: the list element at the Int value of that own field.
inline constexpr std::uint32_t index_field_step = 0xfffffffd;

enum class FieldKind : std::uint8_t {
    Role, Const, Var, Accrual, // in the instance's record, in this order of declaration
    Vault,                     // money, keyed by nothing or by the map's key type; not in the record
    Stored,                    // a collection too large for the record: its count is in the record, elements by key
};
struct ContractField {
    std::string name;
    FieldKind kind = FieldKind::Var;
    std::uint32_t type = 0;       ///< Vault: Cash, or Map<K, Cash>
    std::uint64_t states = 0;     ///< `data in`: the states in which it exists; 0 = always
    friend bool operator==(const ContractField&, const ContractField&) = default;
};

enum class EntryKind : std::uint8_t { Create, Action, Clause, View };
enum class ClausePhase : std::uint8_t { Open, Close };
struct Entry {
    EntryKind kind = EntryKind::Action;
    std::string name;
    std::uint32_t function = 0;
    FieldList params;          ///< Cash parameters included, in source order
    std::uint32_t result = none;
    std::uint64_t states = 0;  ///< bit i: allowed in state i; 0 for create
    Auth auth;                 ///< AnyOf without children: nobody by signature (clauses), Anyone for views
    RareText law;
    ClausePhase phase = ClausePhase::Open;
    std::uint32_t next_date = none; ///< Clause: function (last fired date or INT64_MIN) -> next date or INT64_MIN for none
    friend bool operator==(const Entry&, const Entry&) = default;
};

/// Code that an instance of an older version runs once, after the fields of the same name and type were
/// carried over and the others got their initial values.
struct Migration {
    std::uint32_t from = 0;     ///< version of the module
    std::uint32_t function = 0; ///< takes and gives nothing
    friend bool operator==(const Migration&, const Migration&) = default;
};

struct Contract {
    std::string name;
    bool generic = false;         ///< has a currency of its own, inherited by children
    std::uint32_t currency = 0;   ///< not generic: the one currency of its money (vm/value/currency.hpp), 0 for none
    std::uint32_t parent = none;  ///< contract number in this module
    NameList states; ///< 1…64
    std::uint32_t initial = 0;
    std::uint64_t final_states = 0;
    Parts<std::uint64_t> edges; ///< edges[i]: states that i may become
    std::vector<ContractField> fields;
    std::vector<Entry> entries; ///< clauses in source order
    std::uint32_t invariants = none; ///< function () -> number of the first broken invariant + 1, or 0
    NameList invariant_names;
    std::vector<Migration> migrations;
    friend bool operator==(const Contract&, const Contract&) = default;
};

/// An entry of another contract that this module calls. `module` is empty for this module itself.
struct Import {
    std::string module, contract, entry; ///< entry `create` for test modules
    Words params; ///< type numbers of this module
    std::uint32_t result = none;
    friend bool operator==(const Import&, const Import&) = default;
};

struct NamedRecord { ///< an event or an error
    std::string name; ///< with its module: `consortium.clearing.Owed`
    std::uint32_t record = none;
    std::string text; ///< errors: the message
    friend bool operator==(const NamedRecord&, const NamedRecord&) = default;
};

struct TestEntry {
    std::string name;
    std::uint32_t function = 0;
    std::uint32_t line = 0;
    FieldList params;           ///< of a property: the bench makes them up
    std::uint32_t currency = 0; ///< of the parameters' amounts, for showing them; 0: none
    friend bool operator==(const TestEntry&, const TestEntry&) = default;
};

struct Module {
    Pool pool; ///< where rows of a decoded module lie: one part may be moved out of it, a vector of them not without the pool
    std::string name;
    std::uint32_t version = 1;
    std::string compiler;
    Hash source{};
    std::vector<Type> types; ///< a type refers only to types before it
    std::vector<i64> x_constants;
    std::vector<i128> w_constants;
    std::vector<Function> functions;
    ProgramPart program;
    std::vector<Contract> contracts;
    std::vector<Import> imports;
    std::vector<NamedRecord> events;
    std::vector<NamedRecord> errors;
    std::vector<TestEntry> tests; ///< a module with tests cannot be deployed
    friend bool operator==(const Module&, const Module&) = default;
};

} // namespace tally
