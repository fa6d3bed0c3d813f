// Transactions, calls and statements.
#include "tests/agreement/evaluate.hpp"

#include "tests/agreement/iterate.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace tally::agreement {
namespace {

constexpr const char* op_names[] = {
    "Const", "TextConst", "None", "Wrap", "ValueOr", "IsNone", "Local", "Field", "ParentField", "Member", "Index", "MapAt", "RecordLit", "Zero", "With", "Unwrap", "ListLit",
    "Add", "Sub", "Mul", "Neg", "DivFloor", "ModFloor", "Min", "Max", "Exact", "ExactSum", "MakeFraction", "Round", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And",
    "Or", "Not", "CheckAmount", "Resize", "Call", "Cross", "Today", "SelfId", "Caller", "Desk", "Count", "IsEmpty", "Has", "Get", "Keys", "Insert",
    "Remove", "Push", "InsertAll", "Fold", "Every", "SomeOf", "Collect", "Allocate", "Union", "ListFilled", "MapFilled", "Range", "DatedOn", "DatedSet", "Rescale", "Waterfall", "AddMonths", "DatePart", "MakeDate", "Native",
    "AccrualValue", "AccrualBill", "AccrualClose", "AccrualDrop", "AccrualAccrue", "AccrualClear", "AccrualSave", "AccrualLoad", "AccruedValue", "IsState", "MoveLocal", "EmptyCash", "VaultAmount", "VaultHas", "VaultOpen",
    "VaultWithdraw", "VaultKeys", "VaultDeposit", "Pay", "Take", "Join", "EndCash", "CashAmount", "As", "Batch", "Create", "TestParty", "TestCash",
    "TestBalance", "TestMigrate", "Peek"};
constexpr const char* stmt_names[] = {"Let", "LetAsset", "Assign", "Compound", "If", "For", "ForSplit", "Match", "Become", "Emit", "Fail", "Return",
                                      "Break", "Expr", "Advance", "ExpectFail", "ExpectEvent", "Expect", "Demand", "Given", "ExpectConserved", "Touch"};
static_assert(std::size(op_names) == static_cast<std::size_t>(Op::Peek) + 1);
static_assert(std::size(stmt_names) == static_cast<std::size_t>(SOp::Touch) + 1);

std::string full_name(const RecordDecl& record) { return record.module + "." + record.name; }

} // namespace

const char* name_of(Op op) { return op_names[static_cast<std::size_t>(op)]; }
const char* name_of(SOp op) { return stmt_names[static_cast<std::size_t>(op)]; }

// ---- transactions -----------------------------------------------------------------------------------------------

/// A value of its type: what is never below zero is not, wherever it stands.
bool is_one(const Value& value, const Ty* type) {
    if (type->is(Kind::Amount) || type->is(Kind::Weight)) return value.number >= 0;
    const auto types = part_types(type);
    for (std::size_t i = 0; i < value.parts.size(); ++i)
        if (!is_one(value.parts[i], types[i % types.size()])) return false;
    return true;
}

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

Outcome Evaluator::create(const std::string& contract, const std::vector<u64>& signers, const std::vector<Value>& arguments) {
    signers_ = signers;
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
        if (decl->parent != nullptr) {
            self.parent = 1;
            const auto parent = world_.instances.find(self.parent);
            if (parent == world_.instances.end() || parent->first == id) throw Stop{Trap::NoSuchInstance, nullptr, {}};
            if ((parent->second.decl->finals >> parent->second.state & 1) != 0) throw Stop{Trap::WrongState, nullptr, {}};
        }
        check_arguments(fn, arguments);
        for (std::size_t i = 0; i < fn.params.size(); ++i) // a right may name a field that a parameter sets
            if (const int field = decl->field(fn.params[i].name); field >= 0) self.fields[static_cast<std::size_t>(field)] = arguments[i];
        authorise(self, fn, 0, arguments);
        if (self.parent != 0) place_child(self, arguments);
        bring_cash(fn, arguments);
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

Outcome Evaluator::call(u64 instance, const std::string& entry_name, const std::vector<u64>& signers, const std::vector<Value>& arguments) {
    signers_ = signers;
    return transaction([&](Outcome& out) {
        const auto found = world_.instances.find(instance);
        if (found == world_.instances.end()) throw Stop{Trap::NoSuchInstance, nullptr, {}};
        Instance& self = found->second;
        const FnDecl* fn = self.decl->fn(entry_name);
        if (fn == nullptr) throw Stop{Trap::NoSuchEntry, nullptr, {}};
        check_arguments(*fn, arguments);
        const Value result = entry(self, *fn, 0, arguments);
        if (fn->result->is(Kind::Cash)) world_.accounts[signers_[0]] += result.number;
        else if (!fn->result->is(Kind::Unit)) out.result = encoded(result, fn->result);
    });
}

/// What is sent from outside is looked at before anybody's right is.
void Evaluator::check_arguments(const FnDecl& fn, const std::vector<Value>& arguments) {
    for (std::size_t i = 0; i < fn.params.size(); ++i)
        if (!is_one(arguments[i], fn.params[i].type)) throw Stop{Trap::MalformedInput, nullptr, {}};
}

/// Money parameters come out of the signer's account; as values they are amounts.
void Evaluator::bring_cash(const FnDecl& fn, const std::vector<Value>& arguments) {
    for (std::size_t i = 0; i < fn.params.size(); ++i) {
        if (!fn.params[i].type->is(Kind::Cash)) continue;
        i128& balance_of = world_.accounts[signers_[0]];
        if (arguments[i].number < 0) throw Stop{Trap::NegativeAmount, nullptr, {}};
        if (arguments[i].number > balance_of) throw Stop{Trap::Insufficient, nullptr, {}};
        balance_of -= arguments[i].number;
    }
}

/// Right, state, money in, body: the order in which a call is looked at.
Value Evaluator::entry(Instance& self, const FnDecl& fn, u64 caller, std::vector<Value> arguments) {
    if (self.running) throw Stop{Trap::CyclicCall, nullptr, {}};
    authorise(self, fn, caller, arguments);
    if ((fn.states >> self.state & 1) == 0) throw Stop{Trap::WrongState, nullptr, {}};
    if (caller == 0) bring_cash(fn, arguments);
    const bool view = fn.kind == syntax::FnKind::View;
    Frame frame{&fn, &self, caller, std::move(arguments), {}};
    self.running = true;
    Value out = view ? asked(frame) : run(frame);
    self.running = false;
    self.wrote = self.wrote || !view;
    return out;
}

/// What asking leaves behind is put back.
Value Evaluator::asked(Frame& frame) {
    Instance& self = *frame.self;
    const auto fields = self.fields;
    const auto accruals = self.accruals;
    Value out = run(frame);
    self.fields = fields;
    self.accruals = accruals;
    return out;
}

void Evaluator::authorise(Instance& self, const FnDecl& fn, u64 caller, const std::vector<Value>& arguments) {
    Frame call{&fn, &self, caller, arguments, {}};
    if (!holds(fn.auth, call)) throw Stop{Trap::NotAuthorised, nullptr, {}};
}

/// Over one term the parties that it names count; over several rights, the rights.
bool Evaluator::holds(const Auth& auth, Frame& call) {
    if (auth.kind == AuthKind::Anyone) return true;
    if (auth.kind == AuthKind::Contract) return call.caller != 0;
    if (auth.kind == AuthKind::Child) {
        const auto found = world_.instances.find(call.caller);
        return found != world_.instances.end() && found->second.parent == call.self->id && found->second.decl->name == auth.contract;
    }
    u64 satisfied = 0, of = 0;
    const auto count = [&](bool good) {
        ++of;
        satisfied += good ? 1U : 0U;
    };
    const bool term = auth.kind == AuthKind::Term;
    const bool over_term = auth.kind != AuthKind::AllOf && auth.children.size() == 1 && auth.children[0].kind == AuthKind::Term;
    if (term || over_term)
        for (const u64 party : parties(term ? auth : auth.children[0], call)) count(std::find(signers_.begin(), signers_.end(), party) != signers_.end());
    else
        for (const auto& child : auth.children) count(holds(child, call));
    if (auth.kind == AuthKind::AnyOf) return satisfied > 0;
    if (auth.kind == AuthKind::KOf) return satisfied >= auth.n;
    if (auth.kind == AuthKind::Quorum) return of > 0 && satisfied * auth.d >= auth.n * of;
    return of > 0 && satisfied == of;
}

/// Each once. A term that stops while it is computed names nobody.
std::set<u64> Evaluator::parties(const Auth& term, Frame& call) {
    Value value;
    const Ty* type = nullptr;
    if (term.root == AuthRoot::Function) {
        const FnDecl& fn = *call.fn->auth_fns.at(term.index);
        Frame thunk{&fn, call.self, call.caller, {}, {}};
        for (std::size_t i = 0; i < call.locals.size(); ++i)
            if (!call.fn->params[i].type->is(Kind::Cash)) thunk.locals.push_back(call.locals[i]);
        const Instance before = *call.self;
        bool stopped = false;
        call.self->running = true;
        try {
            value = run(thunk);
        } catch (const Stop&) {
            stopped = true;
        }
        *call.self = before;
        if (stopped) return {};
        type = fn.result;
    } else {
        const bool plain = term.steps.empty() || (term.steps.size() == 1 && term.steps[0] == each_step);
        if (!plain) throw NotCovered("a right along a path");
        if (term.root == AuthRoot::Parameter) {
            value = call.locals[term.index];
            type = call.fn->params[term.index].type;
        } else {
            const Instance& of = term.root == AuthRoot::Field ? *call.self : world_.instances.at(call.self->parent);
            value = of.fields[term.index];
            type = of.decl->fields[term.index].type;
        }
    }
    std::set<u64> out;
    if (type->is(Kind::Party)) out.insert(static_cast<u64>(value.number));
    else if (!type->is(Kind::List) && !type->is(Kind::Set)) throw NotCovered("a right of this type");
    else
        for (const Value& party : value.parts) out.insert(static_cast<u64>(party.number));
    return out;
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
    if (fn.kind == syntax::FnKind::Create) begin_create(frame);
    Flow flow = block(frame, fn.prologue);
    if (flow == Flow::On) flow = block(frame, fn.olds);
    if (flow == Flow::On) block(frame, fn.body);
    block(frame, fn.epilogue);
    if (fn.result_local >= 0) frame.locals[static_cast<std::size_t>(fn.result_local)] = frame.result;
    for (const auto& promise : fn.ensures)
        if (expr(frame, *promise).number == 0) throw Stop{Trap::EnsureFailed, nullptr, {}};
    return frame.result;
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
    case SOp::Demand:
        if (expr(f, *s.expr).number == 0) throw Stop{s.trap, nullptr, {}};
        return Flow::On;
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
        if (type->is(Kind::Date) && !date_valid(static_cast<i64>(out))) throw Stop{Trap::BadDate, nullptr, {}};
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
    // A sum keeps no key whose total is nothing.
    const TExpr& object = *target.args[0];
    if (object.op != Op::Field || entry_of.number != 0 || !f.self->decl->fields[static_cast<std::size_t>(object.index)].is_sum) return;
    auto& parts = at(table).parts;
    const auto at_entry = static_cast<std::ptrdiff_t>(&entry_of - parts.data());
    parts.erase(parts.begin() + at_entry - 1, parts.begin() + at_entry + 1);
}

Evaluator::Flow Evaluator::loop(Frame& f, const TStmt& s) {
    if (s.index == 1) return drain(f, s);
    Flow out = Flow::On;
    iterate(f, *s.expr, [&](const Element& element) {
        bind(f, s.locals, element);
        const Flow flow = block(f, s.body);
        if (flow == Flow::Return) out = flow;
        return flow == Flow::On;
    });
    return out;
}

/// As long as there is one that comes behind the last: out with it, then its turn.
Evaluator::Flow Evaluator::drain(Frame& f, const TStmt& s) {
    const Ty* type = s.expr->type;
    const bool list = type->is(Kind::List), map = type->is(Kind::Map);
    Place from = place(f, *s.expr);
    std::optional<Value> last;
    for (i128 turn = 0;; ++turn) {
        Value& all = at(from);
        bool found = false;
        const std::size_t next = list || !last ? 0 : find_key(all, *last, type, found) + (found ? (map ? 2U : 1U) : 0U);
        if (next >= all.parts.size()) return Flow::On;
        Element element{list ? number(turn) : all.parts[next], all.parts[next + (map ? 1 : 0)]};
        last = element.key;
        const auto first = all.parts.begin() + static_cast<std::ptrdiff_t>(next);
        all.parts.erase(first, first + (map ? 2 : 1));
        bind(f, s.locals, element);
        const Flow flow = block(f, s.body);
        if (flow == Flow::Return) return flow;
        if (flow == Flow::Break) return Flow::On;
    }
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
