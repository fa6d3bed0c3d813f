/// Runs a checked program by walking its typed tree: slow, obvious, and sharing nothing with `lower`, `emit` and the
/// machine but the arithmetic of vm/value. What the three agree on is the meaning of the language.
///
/// Not covered (it stops with NotCovered, and the generator writes none of it): tests and what only they can say, clauses
/// and what makes them due, rights along a path of fields, `caller.desk`, payments into accounts from inside a contract,
/// limits of gas, events and writes.
#pragma once

#include "compiler/check/typed.hpp"
#include "tests/agreement/value.hpp"
#include "vm/value/accrual.hpp"
#include "vm/value/date.hpp"

#include <map>
#include <set>
#include <stdexcept>

namespace tally::agreement {

using Op = check::Op;
using check::ContractDecl;
using check::FnDecl;
using check::RecordDecl;
using check::SOp;
using check::TExpr;
using check::TStmt;
using check::TTier;

[[nodiscard]] const char* name_of(Op op);
[[nodiscard]] const char* name_of(SOp op);

struct NotCovered : std::runtime_error {
    explicit NotCovered(const std::string& what) : std::runtime_error("not covered: " + what) {}
};

struct Said {
    u64 instance = 0;
    std::string name; ///< `module.Event`
    Bytes fields;
    friend bool operator==(const Said&, const Said&) = default;
};

/// What a transaction or a question came to.
struct Outcome {
    Trap trap = Trap::None;
    std::string error; ///< Refused: `module.Error`
    Bytes error_fields;
    Bytes result;
    std::vector<Said> events;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// A part of a contract's state by name: a field, or an element of one that is kept by key.
using StateRow = std::pair<std::string, Bytes>;

class Evaluator {
public:
    Evaluator(const check::Program& program, Date today) : program_(program), today_(today) {}

    /// Puts money on the account of a party.
    void give(u64 party, i128 amount) { world_.accounts[party] += amount; }
    void set_today(Date today) { today_ = today; }
    /// The new instance gets the next number, from 1, if it succeeds. A child is one of instance 1.
    /// The first signer's account pays what goes in and gets what comes out.
    Outcome create(const std::string& contract, const std::vector<u64>& signers, const std::vector<Value>& arguments);
    Outcome call(u64 instance, const std::string& entry, const std::vector<u64>& signers, const std::vector<Value>& arguments);
    [[nodiscard]] std::vector<StateRow> state(u64 instance) const;
    [[nodiscard]] i128 balance(u64 party) const;
    /// The number of the state that an instance is in.
    [[nodiscard]] int state_number(u64 instance) const { return world_.instances.at(instance).state; }

private:
    struct Stop {
        Trap trap;
        const RecordDecl* error = nullptr;
        Value fields;
    };
    enum class Flow { On, Break, Return };
    struct Accrual {
        Wide sum;
        Date since = 0;
    };
    struct Instance {
        const ContractDecl* decl = nullptr;
        u64 id = 0, parent = 0;
        i64 serial = 0; ///< of a child
        int state = 0;
        bool created = false, became = false, wrote = false, running = false;
        std::vector<Value> fields;     ///< by field; a vault is a number or a Map to numbers
        std::vector<Accrual> accruals; ///< by field
    };
    /// All that a failure takes back.
    struct World {
        std::map<u64, Instance> instances;
        std::map<u64, i128> accounts;
        std::vector<Said> events;
    };
    struct Frame {
        const FnDecl* fn = nullptr;
        Instance* self = nullptr;
        u64 caller = 0;
        std::vector<Value> locals; ///< money: its amount
        Value result;
    };
    /// Where something lies: a local or field, then steps into it whose indices were worked out before.
    struct Place {
        Value* root = nullptr;
        struct Step {
            Op op;
            std::size_t field = 0;
            Value key;
            const Ty* type = nullptr; ///< of what is stepped into
        };
        std::vector<Step> steps;
    };
    /// One round of a loop.
    struct Element {
        Value key, value;
    };
    struct Factors {
        std::vector<i128> wide, narrow, below;
        i128 above_constant = 1, below_constant = 1;
    };

    // ---- evaluate.cpp: transactions, calls, statements
    template <typename Body> Outcome transaction(Body body);
    static void check_arguments(const FnDecl& fn, const std::vector<Value>& arguments);
    void bring_cash(const FnDecl& fn, const std::vector<Value>& arguments);
    void place_child(Instance& self, const std::vector<Value>& arguments);
    /// The field that it names, of the instance or of its parent.
    Value& field(Frame& f, const TExpr& e);
    [[nodiscard]] static bool kept_by_key(const Instance& self, const TExpr& e);
    Value entry(Instance& self, const FnDecl& fn, u64 caller, std::vector<Value> arguments);
    Value asked(Frame& frame);
    void authorise(Instance& self, const FnDecl& fn, u64 caller, const std::vector<Value>& arguments);
    bool holds(const Auth& auth, Frame& call);
    std::set<u64> parties(const Auth& term, Frame& call);
    void finish();
    Value run(Frame& frame);
    void begin_create(Frame& frame);
    static Frame outside(Instance& self);
    Flow block(Frame& f, const std::vector<check::TStmtPtr>& stmts);
    Flow stmt(Frame& f, const TStmt& s);
    void assign(Frame& f, const TStmt& s);
    void compound(Frame& f, const TStmt& s);
    Flow loop(Frame& f, const TStmt& s);
    Flow drain(Frame& f, const TStmt& s);
    Flow split_loop(Frame& f, const TStmt& s);
    Flow match(Frame& f, const TStmt& s);
    void become(Frame& f, const TStmt& s);
    void touch(Frame& f, int field);
    void bring_to(Frame& f, int field, Date day);
    [[nodiscard]] Date day_of(const Instance& self, int field) const;
    Wide brought_to(Frame& f, int field, Date day);

    // ---- expressions.cpp
    Value expr(Frame& f, const TExpr& e);
    Value arithmetic(Frame& f, const TExpr& e);
    Value compare(Frame& f, const TExpr& e);
    Value fraction(Frame& f, const TExpr& e);
    Value round(Frame& f, const TExpr& e);
    Value native(Frame& f, const TExpr& e);
    Factors factors(Frame& f, const TExpr& e);
    Value round_sum(Frame& f, const TExpr& e);
    i128 step_of(Frame& f, const TExpr& e);
    void factor(Frame& f, const TExpr& e, bool inverted, Factors& out);
    static void to_decimal(Factors& factors);
    static i128 denominator(const Factors& factors);
    Value date(Frame& f, const TExpr& e);
    Value call_fn(Frame& f, const TExpr& e);
    Value cross(Frame& f, const TExpr& e);
    Value accrual(Frame& f, const TExpr& e);
    Value book_accrual(Frame& f, const TExpr& e);
    i128 accrual_denominator(Frame& f, int field);
    Value money(Frame& f, const TExpr& e);
    Value& vault(Frame& f, const TExpr& e);

    // ---- collections.cpp
    [[nodiscard]] static bool is_place(const TExpr& e);
    Place place(Frame& f, const TExpr& e);
    Value& at(Place& p);
    Value& step_into(Value& v, const Place::Step& step);
    Value read_element(Frame& f, const TExpr& e);
    Value& put_element(Value& table, const Value& key, const Ty* type);
    Value collection(Frame& f, const TExpr& e);
    Value keyed_read(Frame& f, const TExpr& e);
    void change(Frame& f, const TExpr& e);
    Value fold(Frame& f, const TExpr& e);
    Value collect(Frame& f, const TExpr& e);
    void collect_into(Frame& f, const TExpr& e, const Ty* type, Value& out);
    Value joined(Frame& f, const TExpr& e);
    Value filled(Frame& f, const TExpr& e);
    Value range(Frame& f, const TExpr& e);
    Value dated_on(Frame& f, const TExpr& e);
    void dated_set(Frame& f, const TExpr& e);
    Value resize(Frame& f, const TExpr& e);
    Value allocate(Frame& f, const TExpr& e);
    std::vector<i128> shares(i128 whole, const Value& weights);
    Value waterfall(Frame& f, const TExpr& e);
    void tiers(Frame& f, const std::vector<TTier>& list, Value& result);
    /// Goes through a collection; `each` says whether to go on.
    template <typename Each> void iterate(Frame& f, const TExpr& over, Each each);
    void bind(Frame& f, const std::vector<int>& locals, const Element& element);

    const check::Program& program_;
    Date today_;
    World world_;
    std::vector<u64> signers_; ///< of the transaction
};

} // namespace tally::agreement
