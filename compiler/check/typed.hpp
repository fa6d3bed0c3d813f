/// The typed tree: what the program means, names resolved, conversions explicit. Everything that the
/// language guarantees was decided when this exists; `lower` only translates it.
#pragma once

#include "compiler/check/types.hpp"
#include "vm/bytecode/module.hpp"
#include "vm/value/int128.hpp"

namespace tally::check {

struct FnDecl;
struct TExpr;
struct TStmt;
using TExprPtr = std::unique_ptr<TExpr>;
using TStmtPtr = std::unique_ptr<TStmt>;

struct Local {
    std::string name;
    const Ty* type = nullptr;
    bool is_var = false;
    Span span;
    int handle = -1; ///< h slot of a Cash local
};

enum class Op {
    // values
    Const,       // value
    TextConst,   // text
    None,        // of an optional type
    Wrap,        // optional from args[0]
    ValueOr,     // args: optional, what else
    IsNone,      // args[0]
    Local,       // index
    Field,       // index: own field
    ParentField, // index
    Member,      // args[0] record, index
    Index,       // args[0] inline list, args[1]: traps IndexRange
    MapAt,       // args[0] inline map, args[1]: traps MissingKey; index 1: insert zero when missing (a place of +=)
    RecordLit,   // args by field
    Zero,        // all bits zero: what a case does not use
    With,        // args[0] record, then the values of the fields `locals`
    Unwrap,      // what is in the optional args[0]; only where it is known to be there
    ListLit,     // args (List), or empty collection of any kind
    // arithmetic; the type tells the width
    Add, Sub, Mul, Neg, DivFloor, ModFloor, Min, Max,
    Exact,       // unrounded product: args[0…index) numerators, the rest denominators; only under Round, Compare… never
    ExactSum,    // args: Exact terms, locals: +1 or -1 each; where Exact may stand
    MakeFraction,// args[0] / args[1]
    Round,       // args[0] Exact, args[1] mode
    Eq, Ne, Lt, Le, Gt, Ge, // args of one type
    And, Or, Not,
    CheckAmount, // Money → Amount, Int → Weight: traps NegativeAmount
    Resize,      // a collection of another maximum
    // calls
    Call,        // function, args
    Cross,       // contract's entry: name = entry, args[0] instance, the rest parameters
    Today, SelfId, Caller, Desk /* args[0] */,
    // collections; `field` below = stored field when index >= 0
    Count, IsEmpty, Has, Get /* args: map, key, default */, Keys,
    Insert, Remove, Push, InsertAll,
    Fold,        // sum: args[0] element, args[1] over, args[2] condition or null; locals = pattern
    Every, SomeOf, Collect, // likewise; args[0] = condition (Every, SomeOf) or element (Collect, with further fors nested)
    Allocate,    // args: amount, weights, carry (a place) or null; index 1: ties go to rows counted from the contract's number
    Union,       // the elements of two lists or sets as a set
    ListFilled, MapFilled, // args: count or keys, value
    Range,       // args: from, to (not included): the whole numbers between, at most as many as the type holds
    DatedOn,     // args: dated rows, date: the latest value from that date or before; traps MissingKey
    DatedSet,    // args: dated rows (a place), date, value; traps BadArgument if it does not come later
    Rescale,     // args[0] an amount or a decimal, index: powers of ten to multiply by
    Waterfall,   // args[0] amount; tiers; result record
    // dates and numbers
    AddMonths,   // date, months, rule
    DatePart,    // args[0]; index: 0 year 1 month 2 day 3 days in month
    MakeDate,
    Native,      // index: the row in natives.hpp; args as its parameters
    // accruals: index = accrual field
    AccrualValue, AccrualBill, AccrualClose, AccrualDrop, // args[0] mode
    AccrualAccrue, // of a book: bring it to the date args[0], at what held until then
    AccrualClear,  // nothing, since the book's day
    AccrualSave,   // as a value of type Accrued
    AccrualLoad,   // from args[0]
    AccruedValue,  // args[0] Accrued, args[1] mode
    // state
    IsState,     // index = state of self; with args[0]: of that instance (tests)
    // assets
    MoveLocal,   // index = local
    EmptyCash, VaultAmount, VaultHas, VaultOpen, VaultWithdraw, // index = vault; args: [key,] amount
    VaultKeys,   // index = vault, as something to iterate
    VaultDeposit,// index = vault; args: [key or null], asset
    Pay,         // args: account, asset
    Take,        // index = local; args[0] amount
    Join,        // index = local; args[0] asset
    EndCash,     // index = local
    CashAmount,  // index = local
    // tests
    As,          // locals = signers; args[0] = Cross, Create or Batch
    Batch,       // index 1: all or none; args = Cross
    Create,      // name = contract; args: parent or null, parameters
    TestParty, TestCash, TestBalance, TestMigrate, // args[0] instance; index: the version
    Peek,        // args[0] instance, index = field
};

struct TTier {
    enum class Kind { UpTo, From, Over, Each } kind;
    int result = -1;   ///< field of the result record
    int variable = -1; ///< Over, Each: local that stands for the element
    TExprPtr list;     ///< Over, Each: a place
    TExprPtr amount;   ///< UpTo: a value; From, Over: a place of type Amount
    std::vector<TTier> inner;
};

struct TExpr {
    Op op = Op::Const;
    const Ty* type = nullptr;
    Span span;
    i128 value = 0;
    int index = -1;
    std::string text;
    std::vector<TExprPtr> args;
    std::vector<int> locals;
    std::vector<TTier> tiers;
    const FnDecl* function = nullptr;
    const ContractDecl* contract = nullptr;
};

enum class SOp {
    Let,      // local, expr
    LetAsset, // local (Cash), expr
    Assign,   // target place, expr
    Compound, // target place, text + or -, expr
    If, For /* locals = pattern, expr = over; index 1: `drain`, each element is taken out before its turn */, ForSplit /* locals: index?, part; expr = the cash, other = Allocate of what it holds */,
    Match /* expr; arms by case number */, Become /* index state; inits */, Emit /* record, expr = literal */,
    Fail, Return, Break, Expr, Advance, ExpectFail, ExpectEvent, Expect,
    Demand /* expr, or trap */, Given /* expr */, ExpectConserved /* text = currency */,
    Touch,    // bring accrual `index` to date
};

struct TStmt {
    SOp op = SOp::Expr;
    Span span;
    int local = -1, index = -1;
    std::string text;
    std::vector<int> locals;
    TExprPtr target, expr, other;
    std::vector<TStmtPtr> body, otherwise;
    std::vector<std::pair<int, std::vector<TStmtPtr>>> arms;
    std::vector<std::pair<int, TExprPtr>> inits; ///< Become: field, value
    const RecordDecl* record = nullptr; ///< Emit, Fail, ExpectFail, ExpectEvent
    Trap trap = Trap::None;             ///< ExpectFail without a record
};

struct FnDecl {
    std::string name, module;
    syntax::FnKind kind = syntax::FnKind::Fn;
    bool is_pub = false;
    const syntax::Fn* syntax = nullptr;
    bool in_book = false;  ///< its code may see and change the book, and nothing else that changes
    bool of_template = false; ///< made by the expansion of a book, not written
    bool migrates = false; ///< may set what is otherwise set once
    bool restores = false; ///< `book.at`: what it changes, it puts back
    ContractDecl* contract = nullptr;
    std::string currency_param;
    std::vector<FieldDecl> params; ///< locals 0…n-1
    const Ty* result = nullptr;
    std::string native; ///< native functions: their name
    // bodies
    bool checked = false;
    std::vector<Local> locals;
    std::vector<TStmtPtr> prologue; ///< create: parameters into fields; requires
    std::vector<TStmtPtr> olds;     ///< Let of what `old(…)` names, before the body
    std::vector<TStmtPtr> body;
    std::vector<TStmtPtr> epilogue; ///< at the end, whichever way it is reached: what `adds` has to say
    std::vector<TExprPtr> ensures;
    int result_local = -1; ///< `result` in ensures
    // headers
    std::uint64_t states = 0;
    Auth auth;
    std::vector<std::unique_ptr<FnDecl>> auth_fns; ///< computed terms of `auth`, by their `index`
    TExprPtr when;
    ClausePhase phase = ClausePhase::Open;
    TExprPtr trigger; ///< clauses: Date, Date? or (each) List<Date>
    int each_local = -1;
    TExprPtr adjust;       ///< clauses: the date that the trigger's date is moved to
    int adjust_local = -1; ///< `date` in it
    std::vector<std::pair<const FnDecl*, Span>> calls; ///< for the call graph
    std::vector<std::pair<int, Span>> becomes;         ///< direct
    std::vector<std::pair<const RecordDecl*, Span>> fails; ///< direct
};

struct ContractFieldDecl {
    std::string name;
    FieldKind kind = FieldKind::Var;
    const Ty* type = nullptr; ///< vaults: Cash or Map<K, Cash>
    Span span;
    std::uint64_t states = 0; ///< `data in`
    bool by_key = false;      ///< a collection too large for the record
    bool only_grows = false;  ///< `dated`, `log`: rows are added, never changed
    bool is_sum = false;      ///< `sum`: changed by `.add` only
    TExprPtr init;
    // accruals
    TExprPtr base, rate;      ///< rate: Rate or an Exact number
    i64 days_per_year = 365;
    bool never_negative = false; ///< the base is an Amount
    TExprPtr day_count;          ///< when it is no constant: a DayCount that never changes
    bool in_book = false;        ///< changed by the book's code only
    bool hidden = false;         ///< of `adds`: nothing at first
};

struct InvariantDecl {
    std::string name;
    std::uint64_t states = 0; ///< 0: always
    TExprPtr condition;
};

struct MigrationDecl {
    std::uint32_t from = 0;
    std::unique_ptr<FnDecl> fn;
};

struct ContractDecl {
    std::string name, module;
    bool is_pub = false;
    Span span;
    const syntax::Contract* syntax = nullptr;
    std::string currency_param;
    std::string currency; ///< not generic: of its money; empty if it holds none
    ContractDecl* parent = nullptr;
    std::string parent_name;
    std::vector<std::string> states;
    int initial = 0;
    std::uint64_t finals = 0;
    std::vector<std::uint64_t> edges;
    std::vector<ContractFieldDecl> fields;
    std::vector<InvariantDecl> invariants;
    std::uint64_t agenda_max = 0; ///< of a book: steps and entries together
    std::vector<MigrationDecl> migrations;
    std::vector<std::unique_ptr<FnDecl>> fns; ///< create, actions, clauses, views, fns in source order
    [[nodiscard]] int field(const std::string& field_name) const;
    [[nodiscard]] int state(const std::string& state_name) const;
    [[nodiscard]] FnDecl* fn(const std::string& fn_name) const;
};

struct ConstDecl {
    std::string name;
    bool is_pub = false;
    const Ty* type = nullptr;
    TExprPtr value;
    const syntax::Const* syntax = nullptr;
};

struct TestDecl {
    std::string name;
    Span span;
    std::unique_ptr<FnDecl> fn;
};

struct ModuleDecl {
    std::string name;
    std::uint32_t version = 1;
    const syntax::File* syntax = nullptr;
    std::vector<std::unique_ptr<RecordDecl>> records, events, errors;
    std::vector<std::unique_ptr<EnumDecl>> enums;
    std::vector<std::unique_ptr<ContractDecl>> contracts;
    std::vector<std::unique_ptr<FnDecl>> fns;
    std::vector<std::unique_ptr<ConstDecl>> consts;
    std::vector<TestDecl> tests;
};

struct Program {
    std::unique_ptr<Types> types;
    std::vector<std::unique_ptr<ModuleDecl>> modules; ///< the root last
    [[nodiscard]] ModuleDecl& root() const { return *modules.back(); }
};

/// An indented listing for `tally build --emit=typed` and goldens.
[[nodiscard]] std::string dump(const Program& program);
[[nodiscard]] std::string print(const TExpr& expr, const FnDecl* fn);
[[nodiscard]] std::string print(const FnDecl& fn);

} // namespace tally::check
