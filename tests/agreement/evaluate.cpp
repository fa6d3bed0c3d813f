// Transactions, calls and statements.
#include "tests/agreement/evaluate.hpp"

#include "tests/agreement/iterate.hpp"

#include <algorithm>
#include <iterator>

namespace tally::agreement {
namespace {

constexpr const char* op_names[] = {
    "Const", "TextConst", "None", "Wrap", "ValueOr", "IsNone", "Local", "Field", "ParentField", "Member", "Index", "MapAt", "RecordLit", "Zero", "With", "Unwrap", "ListLit",
    "Add", "Sub", "Mul", "Neg", "DivFloor", "ModFloor", "Min", "Max", "Exact", "ExactSum", "MakeFraction", "Round", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And",
    "Or", "Not", "CheckAmount", "Resize", "Call", "Cross", "Today", "SelfId", "Caller", "Desk", "Count", "IsEmpty", "Has", "Get", "Keys", "Insert",
    "Remove", "Push", "InsertAll", "Fold", "Every", "SomeOf", "Collect", "Allocate", "Union", "ListFilled", "MapFilled", "DatedOn", "DatedSet", "Rescale", "Waterfall", "AddMonths", "DatePart", "MakeDate", "Annuity",
    "AccrualValue", "AccrualBill", "AccrualClose", "AccrualDrop", "AccrualAccrue", "AccrualClear", "AccrualSave", "AccrualLoad", "AccruedValue", "IsState", "MoveLocal", "EmptyCash", "VaultAmount", "VaultHas", "VaultOpen",
    "VaultWithdraw", "VaultKeys", "VaultDeposit", "Pay", "Take", "Join", "EndCash", "CashAmount", "As", "Batch", "Create", "TestParty", "TestCash",
    "TestBalance", "Peek"};
constexpr const char* stmt_names[] = {"Let", "LetAsset", "Assign", "Compound", "If", "For", "ForSplit", "Match", "Become", "Emit", "Fail", "Return",
                                      "Break", "Expr", "Advance", "ExpectFail", "ExpectEvent", "Expect", "Demand", "Given", "ExpectConserved", "Touch"};
static_assert(std::size(op_names) == static_cast<std::size_t>(Op::Peek) + 1);
static_assert(std::size(stmt_names) == static_cast<std::size_t>(SOp::Touch) + 1);

std::string full_name(const RecordDecl& record) { return record.module + "." + record.name; }

} // namespace

const char* name_of(Op op) { return op_names[static_cast<std::size_t>(op)]; }
const char* name_of(SOp op) { return stmt_names[static_cast<std::size_t>(op)]; }

// ---- transactions -----------------------------------------------------------------------------------------------

/// Whole or not at all.
template <typename Body> Outcome Evaluator::transaction(Body body) {
    const World before = world_;
    world_.events.clear();
    Outcome out;
    try {
        body(out);
        finish();
        out.events = world_.events;
    } catch (const Stop& stop) {
        out = {stop.trap, "", {}, {}, {}};
        if (stop.error != nullptr) {
            out.error = full_name(*stop.error);
            for (std::size_t i = 0; i < stop.fields.parts.size(); ++i) {
                const Bytes field = encoded(stop.fields.parts[i], stop.error->fields[i].type);
                out.error_fields.insert(out.error_fields.end(), field.begin(), field.end());
            }
        }
        world_ = before;
    }
    world_.events.clear();
    return out;
}

Outcome Evaluator::create(const std::string& contract, u64 signer, const std::vector<Value>& arguments) {
    return transaction([&](Outcome&) {
        const ContractDecl* decl = nullptr;
        for (const auto& known : program_.root().contracts)
            if (known->name == contract) decl = known.get();
        if (decl == nullptr) throw NotCovered("an unknown contract");
        const u64 id = world_.instances.size() + 1;
        Instance& self = world_.instances[id];
        self.decl = decl;
        self.id = id;
        self.state = decl->initial;
        self.created = true;
        for (const auto& field : decl->fields) self.fields.push_back(zero_of(field.type));
        self.accruals.resize(decl->fields.size());
        const FnDecl& fn = *decl->fn("create");
        // A right may name a field that a parameter sets.
        for (std::size_t i = 0; i < fn.params.size(); ++i)
            if (const int field = decl->field(fn.params[i].name); field >= 0) self.fields[static_cast<std::size_t>(field)] = arguments[i];
        if (decl->parent != nullptr) {
            self.parent = 1;
            const auto parent = world_.instances.find(self.parent);
            if (parent == world_.instances.end() || parent->first == id) throw Stop{Trap::NoSuchInstance, nullptr, {}};
            if ((parent->second.decl->finals >> parent->second.state & 1) != 0) throw Stop{Trap::WrongState, nullptr, {}};
        }
        authorise(self, fn, signer, 0, arguments);
        if (self.parent != 0) place_child(self, arguments);
        bring_cash(fn, signer, arguments);
        Frame frame{&fn, &self, 0, arguments, {}};
        run(frame);
        self.created = false;
        self.wrote = true;
    });
}

/// The same serial twice under one parent is refused.
void Evaluator::place_child(Instance& self, const std::vector<Value>& arguments) {
    self.serial = static_cast<i64>(arguments[0].number);
    for (const auto& [id, other] : world_.instances)
        if (id != self.id && other.parent == self.parent && other.decl == self.decl && other.serial == self.serial)
            throw Stop{Trap::AlreadyExists, nullptr, {}};
}

Outcome Evaluator::call(u64 instance, const std::string& entry_name, u64 signer, const std::vector<Value>& arguments) {
    return transaction([&](Outcome& out) {
        const auto found = world_.instances.find(instance);
        if (found == world_.instances.end()) throw Stop{Trap::NoSuchInstance, nullptr, {}};
        Instance& self = found->second;
        const FnDecl* fn = self.decl->fn(entry_name);
        if (fn == nullptr) throw Stop{Trap::NoSuchEntry, nullptr, {}};
        const Value result = entry(self, *fn, signer, 0, arguments);
        if (fn->result->is(Kind::Cash)) world_.accounts[signer] += result.number;
        else if (!fn->result->is(Kind::Unit)) out.result = encoded(result, fn->result);
    });
}

/// Money parameters come out of the signer's account; as values they are amounts.
void Evaluator::bring_cash(const FnDecl& fn, u64 signer, const std::vector<Value>& arguments) {
    for (std::size_t i = 0; i < fn.params.size(); ++i) {
        if (!fn.params[i].type->is(Kind::Cash)) continue;
        i128& balance_of = world_.accounts[signer];
        if (arguments[i].number < 0) throw Stop{Trap::NegativeAmount, nullptr, {}};
        if (arguments[i].number > balance_of) throw Stop{Trap::Insufficient, nullptr, {}};
        balance_of -= arguments[i].number;
    }
}

/// Right, state, money in, body: the order in which a call is looked at.
Value Evaluator::entry(Instance& self, const FnDecl& fn, u64 signer, u64 caller, std::vector<Value> arguments) {
    if (self.running) throw Stop{Trap::CyclicCall, nullptr, {}};
    authorise(self, fn, signer, caller, arguments);
    if ((fn.states >> self.state & 1) == 0) throw Stop{Trap::WrongState, nullptr, {}};
    if (caller == 0) bring_cash(fn, signer, arguments);
    const bool view = fn.kind == syntax::FnKind::View;
    Frame frame{&fn, &self, caller, std::move(arguments), {}};
    self.running = true;
    Value out = run(frame);
    self.running = false;
    self.wrote = self.wrote || !view;
    return out;
}

void Evaluator::authorise(const Instance& self, const FnDecl& fn, u64 signer, u64 caller, const std::vector<Value>& arguments) const {
    const auto& auth = fn.auth;
    const auto need = [](bool good) {
        if (!good) throw Stop{Trap::NotAuthorised, nullptr, {}};
    };
    if (auth.kind == AuthKind::Anyone) return;
    if (auth.kind == AuthKind::Contract) return need(caller != 0);
    if (auth.kind == AuthKind::Child) {
        const auto found = world_.instances.find(caller);
        return need(found != world_.instances.end() && found->second.parent == self.id && found->second.decl->name == auth.contract);
    }
    if (auth.kind != AuthKind::Term || !auth.steps.empty()) throw NotCovered("this right");
    if (auth.root == AuthRoot::Parameter) return need(arguments[auth.index].number == static_cast<i128>(signer));
    if (auth.root == AuthRoot::Field) return need(self.fields[auth.index].number == static_cast<i128>(signer));
    return need(world_.instances.at(self.parent).fields[auth.index].number == static_cast<i128>(signer));
}

void Evaluator::finish() {
    for (auto& [id, self] : world_.instances) {
        const bool final = (self.decl->finals >> self.state & 1) != 0;
        if (!self.became || !final) continue;
        for (std::size_t i = 0; i < self.decl->fields.size(); ++i) {
            if (self.decl->fields[i].kind != FieldKind::Vault) continue;
            bool holds = self.fields[i].number != 0;
            for (std::size_t k = 1; k < self.fields[i].parts.size(); k += 2) holds = holds || self.fields[i].parts[k].number != 0;
            if (holds) throw Stop{Trap::FinalHoldsMoney, nullptr, {}};
        }
    }
    for (auto& [id, self] : world_.instances) {
        if (!self.wrote) continue;
        for (const auto& invariant : self.decl->invariants) {
            if (invariant.states != 0 && (invariant.states >> self.state & 1) == 0) continue;
            Frame frame = outside(self);
            if (expr(frame, *invariant.condition).number == 0) throw Stop{Trap::InvariantBroken, nullptr, {}};
        }
    }
    for (auto& [id, self] : world_.instances) self.wrote = self.became = self.running = false;
}

std::vector<StateRow> Evaluator::state(u64 instance) const {
    std::vector<StateRow> out;
    const auto found = world_.instances.find(instance);
    if (found == world_.instances.end()) return out;
    const Instance& self = found->second;
    out.emplace_back("state", encoded(number(self.state), program_.types->integer));
    for (std::size_t i = 0; i < self.fields.size(); ++i) {
        const auto& field = self.decl->fields[i];
        const Value& value = self.fields[i];
        if (field.kind == FieldKind::Accrual) {
            ByteWriter bytes;
            for (const u64 limb : self.accruals[i].sum.limbs) bytes.u64be(limb);
            bytes.varint(self.accruals[i].since);
            out.emplace_back(field.name, bytes.take());
        } else if (field.by_key || field.kind == FieldKind::Vault) {
            const bool list = field.type->is(Kind::List), plain = field.type->is(Kind::Cash);
            const Ty* value_type = plain || field.kind == FieldKind::Vault ? program_.types->money("XXX") : field.type->element;
            for (std::size_t k = 0; k < (plain ? 1 : count_of(value, field.type)); ++k) {
                ByteWriter key;
                if (list) key.i64be(static_cast<i64>(k));
                else if (!plain) encode_key(value.parts[2 * k], field.type->key, key);
                out.emplace_back(field.name + "[" + hex(key.data()) + "]", encoded(plain ? value : value.parts[list ? k : 2 * k + 1], value_type));
            }
        } else {
            out.emplace_back(field.name, encoded(value, field.type));
        }
    }
    return out;
}

i128 Evaluator::balance(u64 party) const {
    const auto found = world_.accounts.find(party);
    return found == world_.accounts.end() ? 0 : found->second;
}

// ---- functions ------------------------------------------------------------------------------------------------------

Value Evaluator::run(Frame& frame) {
    const FnDecl& fn = *frame.fn;
    frame.locals.resize(fn.locals.size());
    frame.result = zero_of(fn.result);
    if (fn.kind != syntax::FnKind::Fn) check_amounts(frame);
    if (fn.kind == syntax::FnKind::Create) begin_create(frame);
    Flow flow = block(frame, fn.prologue);
    if (flow == Flow::On) flow = block(frame, fn.olds);
    if (flow == Flow::On) block(frame, fn.body);
    if (fn.result_local >= 0) frame.locals[static_cast<std::size_t>(fn.result_local)] = frame.result;
    for (const auto& promise : fn.ensures)
        if (expr(frame, *promise).number == 0) throw Stop{Trap::EnsureFailed, nullptr, {}};
    return frame.result;
}

/// What is sent from outside is looked at before anything uses it.
void Evaluator::check_amounts(const Frame& frame) {
    for (std::size_t i = 0; i < frame.fn->params.size(); ++i) {
        const Ty* type = frame.fn->params[i].type;
        if ((type->is(Kind::Amount) || type->is(Kind::Weight)) && frame.locals[i].number < 0) throw Stop{Trap::MalformedInput, nullptr, {}};
    }
}

/// Fields with a value of their own, in order; what a parameter set stays.
void Evaluator::begin_create(Frame& frame) {
    Instance& self = *frame.self;
    for (std::size_t i = 0; i < self.fields.size(); ++i) {
        const auto& field = self.decl->fields[i];
        if (field.kind == FieldKind::Accrual) self.accruals[i].since = today_;
        const bool given = std::any_of(frame.fn->params.begin(), frame.fn->params.end(), [&](const auto& p) { return p.name == field.name; });
        if (!field.init || given) continue;
        Frame own = outside(self);
        self.fields[i] = expr(own, *field.init);
    }
}

/// Expressions of declarations have locals of their own, numbered from zero.
Evaluator::Frame Evaluator::outside(Instance& self) { return {nullptr, &self, 0, std::vector<Value>(256), {}}; }

Evaluator::Flow Evaluator::block(Frame& f, const std::vector<check::TStmtPtr>& stmts) {
    for (const auto& s : stmts)
        if (const Flow flow = stmt(f, *s); flow != Flow::On) return flow;
    return Flow::On;
}

Evaluator::Flow Evaluator::stmt(Frame& f, const TStmt& s) {
    switch (s.op) {
    case SOp::Let: case SOp::LetAsset: f.locals[static_cast<std::size_t>(s.local)] = expr(f, *s.expr); return Flow::On;
    case SOp::Assign: assign(f, s); return Flow::On;
    case SOp::Compound: compound(f, s); return Flow::On;
    case SOp::If: return block(f, expr(f, *s.expr).number != 0 ? s.body : s.otherwise);
    case SOp::For: return loop(f, s);
    case SOp::ForSplit: return split_loop(f, s);
    case SOp::Match: return match(f, s);
    case SOp::Become: become(f, s); return Flow::On;
    case SOp::Emit: {
        const Value record = expr(f, *s.expr);
        Said said{f.self->id, full_name(*s.record), {}};
        said.fields = encoded(record, s.expr->type);
        world_.events.push_back(std::move(said));
        return Flow::On;
    }
    case SOp::Fail: throw Stop{Trap::Refused, s.record, expr(f, *s.expr)};
    case SOp::Return:
        if (s.expr) f.result = expr(f, *s.expr);
        return Flow::Return;
    case SOp::Break: return Flow::Break;
    case SOp::Expr: expr(f, *s.expr); return Flow::On;
    case SOp::Touch: touch(f, s.index); return Flow::On;
    default: throw NotCovered(name_of(s.op));
    }
}

/// The value first, then the place. An entry of a map that is not there yet is made.
void Evaluator::assign(Frame& f, const TStmt& s) {
    Value value = expr(f, *s.expr);
    const TExpr& target = *s.target;
    if (target.op != Op::MapAt) {
        Place to = place(f, target);
        at(to) = std::move(value);
        return;
    }
    Place table = place(f, *target.args[0]);
    const Value key = expr(f, *target.args[1]);
    put_element(at(table), key, target.args[0]->type) = std::move(value);
}

/// Likewise; a missing entry starts from zero.
void Evaluator::compound(Frame& f, const TStmt& s) {
    const i128 by = expr(f, *s.expr).number;
    const TExpr& target = *s.target;
    const Ty* type = target.type;
    const auto combined = [&](i128 old) {
        i128 out = 0;
        bool fits = s.text == "+" ? add_fits(old, by, out) : sub_fits(old, by, out);
        fits = fits && (type->wide() || out == static_cast<i64>(out));
        if (!fits) throw Stop{Trap::Overflow, nullptr, {}};
        if (out < 0 && (type->is(Kind::Amount) || type->is(Kind::Weight))) throw Stop{Trap::NegativeAmount, nullptr, {}};
        return number(out);
    };
    if (target.op != Op::MapAt) {
        Place to = place(f, target);
        at(to) = combined(at(to).number);
        return;
    }
    Place table = place(f, *target.args[0]);
    const Value key = expr(f, *target.args[1]);
    Value& entry_of = put_element(at(table), key, target.args[0]->type);
    entry_of = combined(entry_of.number);
}

Evaluator::Flow Evaluator::loop(Frame& f, const TStmt& s) {
    Flow out = Flow::On;
    iterate(f, *s.expr, [&](const Element& element) {
        bind(f, s.locals, element);
        const Flow flow = block(f, s.body);
        if (flow == Flow::Return) out = flow;
        return flow == Flow::On;
    });
    return out;
}

Evaluator::Flow Evaluator::split_loop(Frame& f, const TStmt& s) {
    const auto from = static_cast<std::size_t>(s.expr->index);
    const Value amounts = expr(f, *s.other);
    for (std::size_t i = 0; i < amounts.parts.size(); ++i) {
        const i128 part = amounts.parts[i].number;
        f.locals[static_cast<std::size_t>(s.locals[0])] = number(static_cast<i128>(i));
        f.locals[static_cast<std::size_t>(s.locals[1])] = number(part);
        f.locals[from].number -= part;
        if (block(f, s.body) != Flow::On) throw NotCovered("leaving a split");
    }
    return Flow::On;
}

Evaluator::Flow Evaluator::match(Frame& f, const TStmt& s) {
    const i128 subject = expr(f, *s.expr).number;
    for (const auto& arm : s.arms)
        if (arm.first == subject) return block(f, arm.second);
    throw Stop{Trap::Unreachable, nullptr, {}};
}

void Evaluator::become(Frame& f, const TStmt& s) {
    std::vector<Value> values;
    for (const auto& init : s.inits) values.push_back(expr(f, *init.second));
    Instance& self = *f.self;
    const bool begins = self.created && s.index == self.decl->initial && self.state == s.index;
    if (!begins && (self.decl->edges[static_cast<std::size_t>(self.state)] >> s.index & 1) == 0) throw Stop{Trap::BadTransition, nullptr, {}};
    self.state = s.index;
    self.became = true;
    for (std::size_t i = 0; i < values.size(); ++i) self.fields[static_cast<std::size_t>(s.inits[i].first)] = values[i];
}

} // namespace tally::agreement
