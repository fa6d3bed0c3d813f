// The order of checking: names, types, contracts' outsides, then bodies.
#include "compiler/check/check.hpp"

#include "compiler/check/checker.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace tally {

check::Program check_program(const std::vector<const syntax::File*>& files, Sink& sink) { return check::Checker(files, sink).run(); }

} // namespace tally

namespace tally::check {

using syntax::FnKind;

namespace {

/// Visits an expression and what it calls.
void each_part(const TExpr& e, std::set<const FnDecl*>& seen, const std::function<void(const TExpr&)>& visit) {
    visit(e);
    for (const auto& a : e.args)
        if (a) each_part(*a, seen, visit);
    if (e.op != Op::Call || !seen.insert(e.function).second) return;
    const std::function<void(const std::vector<TStmtPtr>&)> block = [&](const std::vector<TStmtPtr>& stmts) {
        for (const auto& s : stmts) {
            for (const auto* part : {s->target.get(), s->expr.get(), s->other.get()})
                if (part != nullptr) each_part(*part, seen, visit);
            block(s->body);
            block(s->otherwise);
            for (const auto& arm : s->arms) block(arm.second);
        }
    };
    block(e.function->body);
}

} // namespace

Program Checker::run() {
    program_.types = std::make_unique<Types>();
    t_ = program_.types.get();
    for (const auto* file : files_) declare(*file);
    for (auto& module : program_.modules) import_names(*module);
    for (auto& module : program_.modules) define_types(*module);
    for (auto& module : program_.modules)
        for (auto& fn : module->fns) declare_fn(*module, *fn);
    for (auto& module : program_.modules)
        for (auto& contract : module->contracts) declare_contract(*module, *contract);
    for (auto& module : program_.modules) {
        module_ = module.get();
        for (auto& k : module->consts) {
            FnDecl scratch;
            Context context;
            context.fn = &scratch;
            context.scopes.emplace_back();
            c_ = &context;
            k->type = resolve(k->syntax->type, "");
            k->value = value(*k->syntax->value, k->type);
            if (k->value->op != Op::Const && !k->value->type->error())
                sink_.report(Diag::NotYet, k->syntax->value->span, {"a constant that must be computed", "write its value"});
        }
        for (auto& fn : module->fns) check_fn(*fn);
        for (auto& contract : module->contracts) check_contract(*contract);
        check_migrations(*module);
    }
    module_ = &program_.root();
    for (const auto& test : module_->syntax->tests) {
        module_->tests.push_back({test.name, test.span, std::make_unique<FnDecl>()});
        auto& decl = module_->tests.back();
        decl.fn->name = "test " + std::to_string(module_->tests.size());
        decl.fn->module = module_->name;
        decl.fn->result = t_->unit;
        Context context;
        context.fn = decl.fn.get();
        context.test = true;
        context.property = !test.params.empty();
        context.scopes.emplace_back();
        c_ = &context;
        for (const auto& p : test.params) {
            const Ty* type = resolve(p.type, "");
            if (type->is(Kind::Cash) || type->is(Kind::Contract) || type->is(Kind::AnyContract) || type->is(Kind::Account))
                sink_.report(Diag::TypeMismatch, p.type.span, {"a plain value that the bench can make up", describe(type)});
            if (context.scopes.back().names.contains(p.name.text)) sink_.report(Diag::Duplicate, p.name.span, {p.name.text});
            decl.fn->params.push_back({p.name.text, type, p.name.span});
            add_local(p.name.text, type, false, p.name.span);
        }
        const auto complaints = sink_.count();
        decl.fn->body = check_block(test.body);
        if (sink_.count() == complaints) check_assets(*decl.fn);
    }
    check_call_graph();
    if (sink_.empty())
        for (auto& module : program_.modules) {
            module_ = module.get();
            for (auto& contract : module->contracts) check_promised_effects(*contract);
        }
    module_ = &program_.root();
    if (sink_.empty())
        for (auto& module : program_.modules)
            for (auto& contract : module->contracts)
                for (auto& fn : contract->fns) check_by_key(*fn);
    if (sink_.empty()) check_purity();
    if (sink_.empty())
        for (auto& module : program_.modules)
            for (auto& contract : module->contracts) check_final_money(*contract);
    if (sink_.empty())
        for (auto& test : program_.root().tests) check_by_key(*test.fn);
    // The result records of waterfalls live as long as the program.
    auto& home = program_.root().records;
    for (auto& r : results_) home.push_back(std::move(r));
    for (auto& r : dated_) home.push_back(std::move(r));
    return std::move(program_);
}

namespace {

/// A value that is the same for the life of the instance.
bool never_changes(const TExpr& e, const ContractDecl& contract) {
    if (e.op == Op::Field) return contract.fields[static_cast<std::size_t>(e.index)].kind == FieldKind::Const;
    if (e.op == Op::ParentField) return e.index >= 0 && contract.parent->fields[static_cast<std::size_t>(e.index)].kind == FieldKind::Const;
    if (e.op == Op::Member) return never_changes(*e.args[0], contract);
    return e.op == Op::Const;
}

} // namespace

void Checker::check_contract(ContractDecl& contract) {
    FnDecl outside; // a context for expressions of declarations
    outside.name = contract.name;
    outside.contract = &contract;
    outside.currency_param = contract.currency_param;
    outside.kind = FnKind::View;
    const auto with_context = [&](auto&& body) {
        Context context;
        context.fn = &outside;
        context.contract = &contract;
        context.read_only = true;
        context.scopes.emplace_back();
        c_ = &context;
        body();
    };
    for (const auto& m : contract.syntax->members) {
        const int field = contract.field(m.field.name.text);
        if (!m.field.init || field < 0) continue;
        with_context([&] {
            auto& decl = contract.fields[static_cast<std::size_t>(field)];
            decl.init = value(*m.field.init, decl.type);
            const bool empty = decl.init->op == Op::ListLit && decl.init->args.empty();
            if (decl.by_key && !empty && !decl.init->type->error())
                sink_.report(Diag::NotYet, m.field.init->span, {"a collection of more than 4 KiB that starts with elements", "start with `[]`, and put them in in `create`"});
        });
    }
    for (const auto& a : contract.syntax->accruals) {
        with_context([&] {
            auto& decl = contract.fields[static_cast<std::size_t>(contract.field(a.name.text))];
            c_->in_book = a.in_book;
            decl.base = expr(*a.base);
            decl.never_negative = decl.base->type->is(Kind::Amount);
            const auto currency = contract.currency_param.empty() ? decl.base->type->currency : contract.currency_param;
            decl.base = coerce(std::move(decl.base), t_->money(currency), a.base->span);
            decl.type = t_->with_currency(Kind::Accrual, currency);
            if (const auto* state = a.in_book ? symbol("book__" + contract.name + "__State") : nullptr) {
                auto& record = *static_cast<RecordDecl*>(state->decl);
                if (contract.currency_param.empty()) record.fields[static_cast<std::size_t>(record.field(a.name.text))].type = t_->accrued(currency);
            }
            decl.rate = expr(*a.rate, t_->rate);
            const bool rate = decl.rate->type->is(Kind::Rate) || (decl.rate->type->is(Kind::Exact) && decl.rate->type->currency.empty());
            if (!rate && !decl.rate->type->error()) sink_.report(Diag::TypeMismatch, a.rate->span, {"a rate", describe(decl.rate->type)});
            auto by = value(*a.by, t_->day_count);
            decl.days_per_year = by->value == 1 ? 360 : 365;
            if (!by->type->error() && by->op != Op::Const) {
                if (!never_changes(*by, contract)) sink_.report(Diag::NotYet, a.by->span, {"a day count that could change", "write Act365F or Act360, or read it from a `const`"});
                decl.day_count = std::move(by);
            }
        });
    }
    for (const auto* dates : contract.syntax->step_dates)
        with_context([&] {
            c_->in_book = true;
            auto list = expr(*dates);
            contract.agenda_max += list->type->max;
            if (!list->type->error() && (!list->type->collection() || list->type->is(Kind::Map) || !list->type->element->is(Kind::Date)))
                sink_.report(Diag::TypeMismatch, dates->span, {"a list or set of dates", describe(list->type)});
        });
    if (contract.syntax->book) contract.agenda_max += contract.syntax->book->max;
    for (const auto& i : contract.syntax->invariants) {
        with_context([&] {
            c_->invariant = true;
            InvariantDecl decl;
            decl.name = i.name.text;
            decl.states = state_mask(contract, i.states);
            c_->states = decl.states;
            decl.condition = condition(*i.condition);
            contract.invariants.push_back(std::move(decl));
        });
    }
    const auto complaints = sink_.count();
    for (auto& fn : contract.fns) check_fn(*fn);
    if (sink_.count() != complaints) return; // what is missing may stand in what is faulty
    check_accrual_inputs(contract);
    check_lifecycle(contract);
}

void Checker::check_header(FnDecl& fn) {
    const auto& head = fn.syntax->head;
    const auto roles = [&] {
        std::string out;
        if (fn.contract != nullptr)
            for (const auto& f : fn.contract->fields)
                if (f.kind == FieldKind::Role) out += (out.empty() ? "roles of " + fn.contract->name + ": " : ", ") + f.name;
        return out.empty() ? std::string("a role, or a parameter that is a Party") : out;
    };
    const bool needs_by = fn.kind == FnKind::Action || fn.kind == FnKind::Create;
    if (needs_by && !head.by) {
        auto& d = sink_.report(Diag::NobodyNamed, fn.syntax->name.span, {roles()});
        for (const auto& f : fn.contract->fields) // `create` sets the roles: there they are parameters
            if (f.kind == FieldKind::Role && (fn.kind != FnKind::Create || std::any_of(fn.params.begin(), fn.params.end(), [&](const auto& p) { return p.name == f.name; })))
                d.suggest(Applicability::Choice, head.begin, "by " + f.name + " ");
    }
    if (!needs_by && head.by) sink_.report(Diag::NoAuthHere, head.by->span, {fn.kind == FnKind::Clause ? "a clause" : fn.kind == FnKind::View ? "a view" : "a function"});
    if (head.by && needs_by) fn.auth = check_auth(*head.by, fn);
    if (fn.kind == FnKind::View) fn.auth.kind = AuthKind::Anyone;
    if (fn.kind == FnKind::Clause) fn.auth.kind = AuthKind::AnyOf;
    if (!head.becomes.empty() && fn.contract != nullptr) (void)state_mask(*fn.contract, head.becomes);
    if (head.adjust && fn.kind != FnKind::Clause) sink_.report(Diag::UnexpectedToken, head.adjust->span, {"adjust", "only a clause has a date to adjust"});
    if (fn.contract != nullptr) {
        fn.states = state_mask(*fn.contract, head.states);
        const std::uint64_t all = fn.contract->states.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << fn.contract->states.size()) - 1;
        if (fn.states == 0 && fn.kind == FnKind::Action) fn.states = all & ~fn.contract->finals;
        if (fn.states == 0 && fn.kind == FnKind::Clause) fn.states = all & ~fn.contract->finals;
        if (fn.states == 0 && fn.kind == FnKind::View) fn.states = all;
        c_->states = head.states.empty() && fn.kind != FnKind::Action ? 0 : fn.states;
    }
    if (fn.kind == FnKind::Clause) {
        const auto& s = *fn.syntax;
        if (s.phase.text == "close") fn.phase = ClausePhase::Close;
        else if (!s.phase.text.empty() && s.phase.text != "open") sink_.report(Diag::UnknownName, s.phase.span, {s.phase.text, "write `at open` or `at close`"});
        fn.trigger = expr(*s.trigger);
        const Ty* type = fn.trigger->type;
        const bool each = !s.each.text.empty();
        const bool good = each ? (type->is(Kind::List) || type->is(Kind::Set)) && type->element->is(Kind::Date)
                               : type->is(Kind::Date) || (type->is(Kind::Optional) && type->element->is(Kind::Date));
        if (!good && !type->error()) sink_.report(Diag::TypeMismatch, s.trigger->span, {each ? "a list of dates" : "a Date (or `Date?`)", describe(type)});
        if (each) fn.each_local = add_local(s.each.text, t_->date, false, s.each.span);
        if (head.when) fn.when = condition(*head.when);
        if (head.adjust) {
            c_->scopes.emplace_back();
            fn.adjust_local = add_local("date", t_->date, false, head.adjust->span);
            fn.adjust = value(*head.adjust, t_->date);
            c_->scopes.pop_back();
        }
    }
}

void Checker::check_create(FnDecl& fn) {
    auto& contract = *fn.contract;
    if (contract.parent != nullptr && (fn.params.empty() || fn.params[0].name != "serial" || !fn.params[0].type->is(Kind::Int)))
        sink_.report(Diag::MissingField, fn.syntax->name.span, {"create of a child", "serial: Int"});
    const auto assigned = [&](int field) {
        std::function<bool(const std::vector<TStmtPtr>&)> in = [&](const std::vector<TStmtPtr>& block) {
            for (const auto& s : block) {
                if (s->op == SOp::Assign && s->target->op == Op::Field && s->target->index == field) return true;
                if (in(s->body) || in(s->otherwise)) return true;
                for (const auto& arm : s->arms)
                    if (in(arm.second)) return true;
            }
            return false;
        };
        return in(fn.body);
    };
    for (std::size_t i = 0; i < contract.fields.size(); ++i) {
        const auto& field = contract.fields[i];
        if (field.kind != FieldKind::Const && field.kind != FieldKind::Role && field.kind != FieldKind::Var) continue;
        bool set = field.init != nullptr || field.states != 0 || field.in_book || field.hidden || field.only_grows || field.is_sum;
        for (const auto& p : fn.params)
            if (p.name == field.name) {
                set = true;
                if (field.by_key) sink_.report(Diag::NotYet, p.span, {"giving a collection of more than 4 KiB to `create` by the name of its field", "name the parameter differently, and put its elements in one by one"});
                else if (p.type != field.type && !p.type->error() && !field.type->error()) sink_.report(Diag::TypeMismatch, p.span, {describe(field.type), describe(p.type)});
            }
        if (!set && !assigned(static_cast<int>(i))) sink_.report(Diag::ConstUnset, field.span, {field.name});
    }
}

void Checker::check_fn(FnDecl& fn) {
    if (fn.kind == FnKind::Native) return;
    Context context;
    context.fn = &fn;
    context.contract = fn.contract;
    context.read_only = fn.kind == FnKind::View;
    context.in_book = fn.in_book;
    context.scopes.emplace_back();
    c_ = &context;
    for (const auto& p : fn.params) {
        if (const auto first = context.scopes.back().names.find(p.name); first != context.scopes.back().names.end())
            twice(p.span, p.name, fn.locals[static_cast<std::size_t>(first->second)].span);
        add_local(p.name, p.type, false, p.span);
    }
    const auto complaints = sink_.count();
    check_header(fn);
    const auto& head = fn.syntax->head;
    const bool book = fn.contract != nullptr && fn.contract->field("book__day") >= 0;
    const bool entry = fn.kind == FnKind::Action || fn.kind == FnKind::Clause || fn.kind == FnKind::View;
    // Whoever comes from outside finds the book as of today.
    if (book && entry) fn.prologue.push_back(call_hidden("book__advance", {}, fn.syntax->name.span));
    for (const auto& r : head.requires_) {
        auto stmt = std::make_unique<TStmt>();
        stmt->op = SOp::If;
        stmt->span = r.condition->span;
        stmt->expr = condition(*r.condition);
        auto negated = make(Op::Not, t_->boolean, r.condition->span);
        negated->args.push_back(std::move(stmt->expr));
        stmt->expr = std::move(negated);
        if (auto fail = failure(r.failure)) stmt->body.push_back(std::move(fail));
        fn.prologue.push_back(std::move(stmt));
    }
    if (book && fn.kind == FnKind::Create) fn.prologue.push_back(call_hidden("book__first", {}, fn.syntax->name.span));
    if (!head.ensures.empty()) {
        context.ensure = true;
        const bool was_read_only = context.read_only;
        context.read_only = true;
        if (!fn.result->is(Kind::Unit) && !fn.result->is(Kind::Cash)) fn.result_local = add_local("result", fn.result, false, head.ensures[0]->span);
        for (const auto& e : head.ensures) fn.ensures.push_back(condition(*e));
        context.ensure = false;
        context.read_only = was_read_only;
    }
    fn.body = check_block(fn.syntax->body);
    if (fn.name == "book__first") check_book_beginning(fn);
    if (fn.kind == FnKind::Create) check_create(fn);
    if (fn.contract != nullptr && (fn.kind == FnKind::Create || fn.kind == FnKind::Action || fn.kind == FnKind::Clause))
        for (std::size_t i = 0; i < fn.contract->syntax->adds.size(); ++i) fn.epilogue.push_back(call_hidden("adds__say__" + std::to_string(i), {}, fn.syntax->name.span));
    fn.checked = true;
    // One mistake, one message: what follows from a faulty body would only repeat it.
    if (sink_.count() != complaints) return;
    if (!fn.result->is(Kind::Unit) && !fn.result->error() && !always_returns(fn.body))
        sink_.report(Diag::NoReturn, fn.syntax->name.span, {fn.name, describe(fn.result)});
    check_rests();
    check_assets(fn);
}

/// The initial values of a book are set in the order of its fields: none may read one that is not set yet.
void Checker::check_book_beginning(const FnDecl& first) {
    std::set<int> set;
    for (const auto& s : first.body) {
        if (s->op != SOp::Assign || s->target->op != Op::Field) continue;
        std::set<const FnDecl*> seen;
        bool told = false;
        each_part(*s->expr, seen, [&](const TExpr& e) {
            if (told || e.op != Op::Field || set.contains(e.index)) return;
            const auto& field = first.contract->fields[static_cast<std::size_t>(e.index)];
            if (!field.in_book || field.kind == FieldKind::Accrual) return;
            told = true;
            sink_.report(Diag::UnknownName, s->expr->span, {field.name, "it has no value yet here: declare it above this field"});
        });
        set.insert(s->target->index);
    }
}

/// What an accrual depends on changes by assignments of its own contract, which bring it to date first. A
/// history, the date and another contract's variables change by themselves: a book needs a step there.
void Checker::check_accrual_inputs(const ContractDecl& contract) {
    std::set<std::pair<Op, int>> stepped; // histories on whose changes a step stands
    for (const auto& fn : contract.fns)
        if (fn->name == "book__play")
            for (const auto& s : fn->body) {
                std::set<const FnDecl*> seen;
                if (s->op == SOp::For && s->expr) each_part(*s->expr, seen, [&](const TExpr& e) {
                    if (e.op == Op::Field || e.op == Op::ParentField) stepped.insert({e.op, e.index});
                });
            }
    for (const auto& f : contract.fields) {
        if (f.kind != FieldKind::Accrual || !f.base || !f.rate) continue;
        std::string culprit;
        const auto look = [&](const TExpr& e) {
            if (!culprit.empty()) return;
            if (e.op == Op::DatedOn && (e.args[0]->op == Op::Field || e.args[0]->op == Op::ParentField)) {
                const auto& holder = e.args[0]->op == Op::Field ? contract : *contract.parent;
                if (!f.in_book || !stepped.contains({e.args[0]->op, e.args[0]->index})) culprit = holder.fields[static_cast<std::size_t>(e.args[0]->index)].name;
            }
            if (f.in_book) return; // the rest of what a book sees never changes
            if (e.op == Op::Today) culprit = "today";
            if (e.op == Op::ParentField && e.index >= 0) {
                const auto& field = contract.parent->fields[static_cast<std::size_t>(e.index)];
                if (field.kind != FieldKind::Const && field.kind != FieldKind::Role && !field.only_grows) culprit = contract.parent_name + "." + field.name;
            }
        };
        std::set<const FnDecl*> seen;
        each_part(*f.base, seen, look);
        each_part(*f.rate, seen, look);
        if (culprit.empty()) continue;
        const bool dated = f.in_book;
        sink_.report(Diag::AccrualDepends, f.span, {f.name, culprit,
            dated ? "add `step fixing on each d in " + culprit + ".changes { }` to the book" : "keep it in a `var` that a clause changes on its date, or use a `book` with a step on its changes"});
    }
}

/// `migrate` runs once on each instance of the older version, after its fields were carried over.
void Checker::check_migrations(ModuleDecl& module) {
    for (const auto& m : module.syntax->migrates) {
        const auto found = std::find_if(module.contracts.begin(), module.contracts.end(), [&](const auto& c) { return c->name == m.contract.text; });
        if (found == module.contracts.end()) {
            std::vector<std::string> known;
            for (const auto& c : module.contracts) known.push_back(c->name);
            (void)unknown(Diag::UnknownName, m.contract.span, {m.contract.text}, m.contract.text, known);
            continue;
        }
        auto& contract = **found;
        if (m.from == 0 || m.from >= module.version) {
            sink_.report(Diag::VersionNotHigher, m.contract.span, {std::to_string(module.version), std::to_string(m.from)});
            continue;
        }
        contract.migrations.push_back({static_cast<std::uint32_t>(m.from), std::make_unique<FnDecl>()});
        auto& fn = *contract.migrations.back().fn;
        fn.name = "migrate." + std::to_string(m.from);
        fn.module = module.name;
        fn.syntax = &m.fn;
        fn.contract = &contract;
        fn.currency_param = contract.currency_param;
        fn.result = t_->unit;
        fn.migrates = true;
        check_fn(fn);
        if (!fn.becomes.empty()) sink_.report(Diag::PureViolation, fn.becomes[0].second, {"a migration", "change the state", "an instance stays in the state of the same name"});
    }
}

/// The rest of a waterfall is money that came in: somebody must say what becomes of it.
void Checker::check_rests() {
    for (const auto& [local, rest] : c_->waterfall_rests) {
        const auto& decl = c_->fn->locals[static_cast<std::size_t>(local)];
        if (!c_->rests_used.contains(local)) sink_.report(Diag::RestUnused, decl.span, {rest, decl.name});
    }
}

// ---- authority ---------------------------------------------------------------------------------------

namespace {

bool has_call(const syntax::Expr& e) {
    if (e.kind == syntax::ExprKind::Call) return true;
    return std::any_of(e.args.begin(), e.args.end(), [](const auto& a) { return a && has_call(*a); });
}

bool reads_own_field(const TExpr& e) {
    if (e.op == Op::Field || (e.op == Op::Call && e.function->contract != nullptr)) return true;
    return std::any_of(e.args.begin(), e.args.end(), [](const auto& a) { return a && reads_own_field(*a); });
}

std::string text_of(const syntax::Expr& e) {
    switch (e.kind) {
    case syntax::ExprKind::Member: return text_of(*e.args[0]) + "." + e.text;
    case syntax::ExprKind::Index: return text_of(*e.args[0]) + "[" + text_of(*e.args[1]) + "]";
    case syntax::ExprKind::Call: {
        std::string out = text_of(*e.args[0]) + "(";
        for (std::size_t i = 1; i < e.args.size(); ++i) out += (i > 1 ? ", " : "") + text_of(*e.args[i]);
        return out + ")";
    }
    default: return e.text.empty() ? "…" : e.text;
    }
}

} // namespace

/// A term that must be computed: a function of the entry's parameters that gives a party or parties.
Auth Checker::auth_function(const syntax::Expr& term, FnDecl& fn) {
    Auth out;
    out.kind = AuthKind::Term;
    out.root = AuthRoot::Function;
    out.text = text_of(term);
    out.index = static_cast<std::uint32_t>(fn.auth_fns.size());
    auto thunk = std::make_unique<FnDecl>();
    thunk->name = fn.name + ".by." + std::to_string(fn.auth_fns.size() + 1);
    thunk->module = fn.module;
    thunk->contract = fn.contract;
    thunk->currency_param = fn.currency_param;
    thunk->kind = FnKind::View;
    Context context;
    context.fn = thunk.get();
    context.contract = fn.contract;
    context.read_only = true;
    context.scopes.emplace_back();
    auto* outer = std::exchange(c_, &context);
    for (const auto& p : fn.params) {
        if (p.type->is(Kind::Cash)) continue;
        thunk->params.push_back(p);
        add_local(p.name, p.type, false, p.span);
    }
    if (fn.contract->field("book__day") >= 0 && fn.kind != FnKind::Create) thunk->prologue.push_back(call_hidden("book__advance", {}, term.span));
    auto stmt = std::make_unique<TStmt>();
    stmt->op = SOp::Return;
    stmt->span = term.span;
    stmt->expr = expr(term);
    c_ = outer;
    const Ty* type = stmt->expr->type;
    if (type->error()) return out;
    const bool several = (type->is(Kind::List) || type->is(Kind::Set)) && type->element->is(Kind::Party);
    if (!several && !type->is(Kind::Party)) return sink_.report(Diag::BadAuthTerm, term.span, {describe(type)}), out;
    if (fn.kind == FnKind::Create && reads_own_field(*stmt->expr))
        return sink_.report(Diag::BadAuthTerm, term.span, {"a field that `create` has not set yet"}), out;
    thunk->result = type;
    thunk->body.push_back(std::move(stmt));
    thunk->checked = true;
    fn.calls.insert(fn.calls.end(), thunk->calls.begin(), thunk->calls.end());
    fn.auth_fns.push_back(std::move(thunk));
    return out;
}

Auth Checker::auth_term(const syntax::Expr& term, FnDecl& fn) {
    if (has_call(term)) return auth_function(term, fn);
    Auth out;
    out.kind = AuthKind::Term;
    const auto bad = [&](const std::string& what) {
        sink_.report(Diag::BadAuthTerm, term.span, {what});
        return out;
    };
    // Down to the root, remembering the steps.
    std::vector<const syntax::Expr*> path;
    const syntax::Expr* at = &term;
    while (at->kind == syntax::ExprKind::Member || at->kind == syntax::ExprKind::Index) {
        path.insert(path.begin(), at);
        at = at->args[0].get();
    }
    if (at->kind != syntax::ExprKind::Name) return bad("this");
    const Ty* type = nullptr;
    std::size_t step = 0;
    std::string text = at->text;
    const auto& contract = *fn.contract;
    for (std::size_t i = 0; i < fn.params.size(); ++i)
        if (fn.params[i].name == at->text) {
            out.root = AuthRoot::Parameter;
            out.index = static_cast<std::uint32_t>(i);
            type = fn.params[i].type;
        }
    if (type == nullptr && contract.parent != nullptr && at->text == contract.parent_name && !path.empty()) {
        const int field = contract.parent->field(path[0]->text);
        if (field < 0) {
            sink_.report(Diag::UnknownMember, path[0]->span, {"`" + contract.parent->name + "`", path[0]->text, ""});
            return out;
        }
        out.root = AuthRoot::ParentField;
        out.index = static_cast<std::uint32_t>(field);
        type = contract.parent->fields[static_cast<std::size_t>(field)].type;
        text += "." + path[0]->text;
        step = 1;
    } else if (type == nullptr) {
        const int field = contract.field(at->text);
        if (field < 0) {
            std::vector<std::string> known;
            for (const auto& f : contract.fields) known.push_back(f.name);
            for (const auto& p : fn.params) known.push_back(p.name);
            (void)unknown(Diag::UnknownName, at->span, {at->text}, at->text, known);
            return out;
        }
        if (fn.kind == FnKind::Create) return bad("a field that `create` has not set yet");
        out.root = AuthRoot::Field;
        out.index = static_cast<std::uint32_t>(field);
        type = contract.fields[static_cast<std::size_t>(field)].type;
    }
    for (; step < path.size(); ++step) {
        const auto& e = *path[step];
        if (type->error()) return out;
        if (e.kind == syntax::ExprKind::Index) {
            const int field = e.args[1]->kind == syntax::ExprKind::Name ? contract.field(e.args[1]->text) : -1;
            if (!type->is(Kind::List) || field < 0 || !contract.fields[static_cast<std::size_t>(field)].type->is(Kind::Int))
                return auth_function(term, fn);
            out.steps.push_back(index_field_step);
            out.steps.push_back(static_cast<std::uint32_t>(field));
            type = type->element;
            text += "[" + e.args[1]->text + "]";
            continue;
        }
        if (type->is(Kind::List) || type->is(Kind::Set)) {
            out.steps.push_back(each_step);
            type = type->element;
        }
        const int field = type->is(Kind::Record) ? type->record->field(e.text) : -1;
        if (field < 0) return bad("`" + e.text + "` of " + describe(type));
        out.steps.push_back(static_cast<std::uint32_t>(field));
        type = type->record->fields[static_cast<std::size_t>(field)].type;
        text += "." + e.text;
    }
    if (type->is(Kind::List) || type->is(Kind::Set)) {
        out.steps.push_back(each_step);
        type = type->element;
    }
    if (!type->is(Kind::Party) && !type->error()) return bad(describe(type));
    out.text = text;
    return out;
}

Auth Checker::check_auth(const syntax::Auth& auth, FnDecl& fn) {
    Auth out;
    const auto children = [&](AuthKind kind, const std::string& word) {
        out.kind = kind;
        std::string text;
        for (const auto& child : auth.children) {
            out.children.push_back(check_auth(child, fn));
            text += (text.empty() ? word + " (" : ", ") + out.children.back().text.str();
        }
        out.text = text + ")";
    };
    const auto over = [&](AuthKind kind, const std::string& word) {
        out.kind = kind;
        out.children.push_back(auth_term(*auth.term, fn));
        out.text = word + " " + out.children[0].text.str();
    };
    switch (auth.kind) {
    case syntax::AuthKind::All: children(AuthKind::AllOf, "all of"); break;
    case syntax::AuthKind::AnyList: children(AuthKind::AnyOf, "any of"); break;
    case syntax::AuthKind::Any: over(AuthKind::AnyOf, "any of"); break;
    case syntax::AuthKind::Each: over(AuthKind::EachOf, "each of"); break;
    case syntax::AuthKind::Count: over(AuthKind::KOf, std::to_string(auth.n) + " of"); break;
    case syntax::AuthKind::Quorum: over(AuthKind::Quorum, "quorum " + std::to_string(auth.n) + "/" + std::to_string(auth.d) + " of"); break;
    case syntax::AuthKind::Anyone: out.kind = AuthKind::Anyone; out.text = "anyone"; break;
    case syntax::AuthKind::Contract: out.kind = AuthKind::Contract; out.text = "contract"; break;
    case syntax::AuthKind::Child: {
        out.kind = AuthKind::Child;
        out.contract = auth.name.text;
        out.text = "child " + auth.name.text;
        const auto* s = symbol(auth.name.text);
        if (s == nullptr || s->kind != Symbol::Kind::Contract) sink_.report(Diag::UnknownName, auth.name.span, {auth.name.text, "name a contract of this module"});
        break;
    }
    case syntax::AuthKind::Term: out = auth_term(*auth.term, fn); break;
    }
    const bool count_bad = auth.kind == syntax::AuthKind::Count && (auth.n == 0 || auth.n > 256);
    const bool quorum_bad = auth.kind == syntax::AuthKind::Quorum && (auth.n == 0 || auth.d == 0 || auth.n > auth.d || auth.d > 1'000'000);
    if (count_bad || quorum_bad) sink_.report(Diag::BadThreshold, auth.span);
    out.n = static_cast<std::uint32_t>(auth.n);
    out.d = static_cast<std::uint32_t>(auth.d);
    return out;
}

} // namespace tally::check
