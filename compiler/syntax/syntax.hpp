/// The syntax tree: what was written, names unresolved. Uniform nodes: a kind, a place, a text and
/// children; the comment beside each kind says what they hold.
#pragma once

#include "compiler/source/source.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tally::syntax {

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;

struct Name {
    std::string text;
    Span span;
};

struct Type {
    Span span;
    std::string name;
    std::vector<Type> args;
    std::optional<std::uint64_t> max; ///< `max N` among the arguments
    bool optional = false;
};

enum class ExprKind {
    Member,   // text = name, args[0]
    Index,    // args[0] [ args[1] ]
    Call,     // args[0] callee, args[1…] arguments with arg_names
    Create,   // text = contract, type = its arguments, names[0] = entry, args = arguments
    Move, Old, Negate, Not,            // args[0]
    Binary,                            // text = operator (* / + - < <= > >= == != and or in), args[0], args[1]
    Is,                                // args[0], text = state or case
    Sum,                               // args[0] = what, args[1] = over, args[2] = condition or null; names = pattern
    Every, Some,                       // args[0] = over, args[1] = condition; names = pattern
    Waterfall,                         // args[0] = amount; tiers; text = rest (empty: missing)
    As,                                // names = signers, args[0]
    Batch,                             // text = all or each, args = calls
    Record,                            // text = name, arg_names/args = fields
    Percent,                           // text = number, names[0] = unit if any
    Unit,                              // text = number, names[0] = unit
    Number, Date, Text, True, False, None, Name,
    Comprehension,                     // args[0] = element, then per `for`: args; names patterns flattened, see fors
    List,                              // args
};

struct Tier;
struct For {
    std::vector<Name> pattern;
    ExprPtr over;
};

struct Expr {
    ExprKind kind;
    Span span;
    std::string text;
    std::vector<ExprPtr> args;
    std::vector<std::string> arg_names; ///< empty string: positional
    std::vector<Span> arg_spans;        ///< of the name, or of the argument
    std::vector<Name> names;
    std::optional<Type> type;
    std::vector<For> fors;
    std::vector<Tier> tiers;
};

struct Tier {
    enum class Kind { UpTo, From, Over, Each } kind;
    Name name;     ///< the tier's; Each: the variable
    Name variable; ///< Over
    ExprPtr list;  ///< Over, Each
    ExprPtr amount;
    std::vector<Tier> inner;
};

enum class StmtKind {
    Let,     // names, type?, expr
    Var,     // names[0], type?, expr
    Assign,  // text = operator, target, expr
    If,      // expr, body, other
    For,     // names, expr, body
    Match,   // expr, arms
    Become,  // text, fields
    Emit,    // text, fields
    Fail,    // text, fields (as arguments)
    Return,  // expr?
    Break, Advance /* expr */, ExpectFail /* text, fields, expr */, ExpectEvent /* text, fields */,
    Expect /* expr */, Expr /* expr */, Given /* expr */, ExpectConserved /* expr: a name */,
    Enter /* text = entry, expr = a call of it, target = value date, ref */, Reverse /* expr */,
};

struct Arm;
struct Init {
    Name name; ///< empty text: positional
    ExprPtr value;
};
struct Stmt {
    StmtKind kind;
    Span span;
    std::string text;
    Span text_span;
    std::vector<Name> names;
    std::optional<Type> type;
    ExprPtr target, expr, ref;
    std::vector<Init> fields;
    bool has_fields = false;
    std::vector<StmtPtr> body, other;
    std::vector<Arm> arms;
};
struct Arm {
    Name name;
    std::vector<Name> binds;
    std::vector<StmtPtr> body;
    Span span;
};

struct Field {
    Name name;
    Type type;
    ExprPtr init;
    std::string doc;
};
using Param = Field;

enum class AuthKind { All, AnyList, Any, Each, Count, Quorum, Anyone, Contract, Child, Term };
struct Auth {
    AuthKind kind = AuthKind::Term;
    Span span;
    std::vector<Auth> children;
    ExprPtr term;
    Name name;
    std::uint64_t n = 0, d = 0;
};

struct Require {
    ExprPtr condition;
    Stmt failure; ///< Fail
};

struct Head {
    Span begin; ///< where `by` would stand
    std::optional<Auth> by;
    std::vector<Name> states;
    ExprPtr when;
    std::string law;
    std::vector<Require> requires_;
    std::vector<ExprPtr> ensures;
    std::vector<Name> becomes, fails;
    ExprPtr adjust; ///< of a clause: `date` is the date to adjust
};

enum class FnKind { Create, Action, Clause, View, Fn, Native };
struct Fn {
    FnKind kind = FnKind::Fn;
    Name name;
    Span span;
    std::string doc;
    bool is_pub = false;
    bool in_book = false, of_template = false; ///< code of a book; made by its expansion
    std::vector<Name> type_params;
    std::vector<Param> params;
    std::optional<Type> result;
    Head head;
    std::vector<StmtPtr> body;
    // clauses
    ExprPtr trigger;
    Name each; ///< `on each X in`
    Name phase;
};

struct Record { ///< record, event, error
    Name name;
    bool is_pub = false;
    std::vector<Name> type_params;
    std::vector<Field> fields;
    std::string text; ///< error: the message
    std::string doc;
};
struct Enum {
    Name name;
    bool is_pub = false;
    std::vector<Name> cases;
    std::vector<std::vector<Field>> payloads; ///< of each case
    std::vector<Name> type_params;            ///< of a book's entries only
};

enum class MemberKind { Role, Const, Var, Vault, Dated, Log, Sum, Book, Hidden };
struct Member {
    MemberKind kind;
    Field field;
    std::uint64_t max = 0; ///< Dated: entries, 0 when not written
};
struct Accrual {
    Name name;
    ExprPtr base, rate, by;
    bool in_book = false;
};
/// `book max N { … }`: state that is the fold of dated steps and entries.
struct Step {
    Name name, each;
    ExprPtr dates;
    std::vector<StmtPtr> body;
};
struct BookEntry {
    Name name;
    std::vector<Param> params;
    std::vector<StmtPtr> body;
};
struct Book {
    Span span;
    std::uint64_t max = 0;
    std::vector<Field> fields;
    std::vector<Accrual> accruals;
    std::vector<Step> steps;
    std::vector<BookEntry> entries;
    std::vector<Fn> fns;
};
/// `adds EXPR to p.x[key];`
struct Adds {
    Span span;
    ExprPtr amount, to;
};
struct StateData {
    std::vector<Name> states;
    std::vector<Field> fields;
};
struct Invariant {
    Name name;
    std::vector<Name> states;
    ExprPtr condition;
};
struct Edge {
    Name from;
    std::vector<Name> to;
};
struct Later { ///< a form that this version does not compile
    std::string what;
    Span span;
};
struct Contract {
    Name name;
    bool is_pub = false;
    std::string doc;
    std::vector<Name> type_params;
    std::optional<Type> parent;
    Name parent_name;
    std::vector<Member> members;
    std::vector<Accrual> accruals;
    std::vector<StateData> state_data;
    std::vector<Invariant> invariants;
    bool has_lifecycle = false;
    Name initial;
    std::vector<Edge> edges;
    std::vector<Name> finals;
    std::vector<Fn> fns;
    std::optional<Book> book;
    std::vector<const Expr*> step_dates; ///< where the book's steps get their dates
    std::vector<Adds> adds;
    std::vector<Later> later;
};

struct Const {
    Name name;
    bool is_pub = false;
    Type type;
    ExprPtr value;
};
struct Test {
    std::string name;
    Span span;
    std::vector<StmtPtr> body;
    std::vector<Param> params; ///< a property's
};
/// `migrate Loan from 1 { … }`
struct Migrate {
    Name contract;
    std::uint64_t from = 0;
    Fn fn; ///< its body
};
struct Import {
    std::string module;
    Span span;
    std::vector<Name> names;
};

struct File {
    std::uint32_t number = 0;
    std::string module;
    Span module_span;
    std::uint64_t version = 1;
    std::vector<Import> imports;
    std::vector<Const> consts;
    std::vector<Record> records, events, errors;
    std::vector<Enum> enums;
    std::vector<Contract> contracts;
    std::vector<Fn> fns;
    std::vector<Test> tests;
    std::vector<Migrate> migrates;
    std::set<std::string> package_only; ///< declared `pub(package)`
    std::vector<Later> later;
};

/// An indented listing for `tally build --emit=syntax` and goldens.
[[nodiscard]] std::string dump(const File& file);

} // namespace tally::syntax
