// Functions: what becomes one, its frame, its prologue and exit.
#include "compiler/lower/lower.hpp"

#include "compiler/lower/lowering.hpp"
#include "vm/bytecode/verify.hpp"
#include "vm/value/currency.hpp"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

namespace tally {

Ir lower(const check::Program& program, const Sources& sources, Tests tests, Sink& sink) {
    return lower_detail::Lowering(program, sources, sink).run(tests == Tests::Include);
}

} // namespace tally

namespace tally::lower_detail {

Lowering::Lowering(const Program& program, const Sources& sources, Sink& sink)
    : program_(program), sources_(sources), sink_(sink), out_(*ir_.impl), t_(*program.types) {
    auto& context = out_.context;
    i1_ = llvm::Type::getInt1Ty(context);
    i64_ = llvm::Type::getInt64Ty(context);
    i128_ = llvm::Type::getInt128Ty(context);
    ptr_ = llvm::PointerType::get(context, 0);
    out_.module = std::make_unique<llvm::Module>(program.root().name, context);
    // i128 is a native width here: nothing may be narrowed to widths that the machine lacks.
    out_.module->setDataLayout("e-p:64:64-i64:64-i128:128-n64:128-S128");
    b_ = std::make_unique<llvm::IRBuilder<>>(context);
    di_ = std::make_unique<llvm::DIBuilder>(*out_.module);
    di_file_ = di_->createFile(program.root().name, "");
    di_->createCompileUnit(llvm::dwarf::DW_LANG_C, di_file_, "tally", true, "", 0);
    out_.module->addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
}

Ir Lowering::run(bool with_tests) {
    auto& interface = out_.interface;
    const auto& root = program_.root();
    interface.name = root.name;
    interface.version = root.version;
    for (const auto& e : root.events) event_number(*e);
    for (const auto& e : root.errors) error_number(*e);
    for (const auto& contract : root.contracts) known_contract(contract.get());
    for (const auto& contract : root.contracts) {
        auto decl = known_contract(contract.get());
        if (contract->parent != nullptr)
            for (std::size_t i = 0; i < root.contracts.size(); ++i)
                if (root.contracts[i].get() == contract->parent) decl.parent = static_cast<std::uint32_t>(i);
        finish_contract(*contract, decl);
        interface.contracts.push_back(std::move(decl));
    }
    if (with_tests)
        for (const auto& test : root.tests) {
            TestEntry entry{test.name, function_number(*test.fn), sources_.line(test.span), {}, 0};
            entry.params = fields_of(test.fn->params);
            for (const auto& p : test.fn->params) {
                const Ty* type = p.type;
                while (type->currency.empty() && type->element != nullptr) type = type->element;
                if (const auto currency = currency_by_name(type->currency); currency && entry.currency == 0) entry.currency = currency->code;
            }
            interface.tests.push_back(std::move(entry));
        }
    // Filling a function may ask for further ones.
    for (std::size_t i = 0; i < pending_.size() && sink_.empty(); ++i) fill(pending_[i].first, *pending_[i].second);
    di_->finalize();
    std::string broken;
    llvm::raw_string_ostream stream(broken);
    if (sink_.empty() && llvm::verifyModule(*out_.module, &stream)) internal(root.syntax->module_span, "LLVM: " + broken);
    return std::move(ir_);
}

bool Lowering::has_assets(const FnDecl& fn) const {
    if (fn.result->is(Kind::Cash)) return true;
    for (const auto& p : fn.params)
        if (p.type->is(Kind::Cash)) return true;
    return false;
}

std::uint32_t Lowering::new_function(const std::string& name, const std::vector<const Ty*>& params, const Ty* result, Span span) {
    IrFunction f;
    f.shape.name = name;
    std::vector<llvm::Type*> types;
    for (const auto* p : params) {
        if (p->is(Kind::Cash)) {
            ++f.shape.h_params;
            continue;
        }
        types.push_back(p->aggregate() ? ptr_ : p->wide() ? static_cast<llvm::Type*>(i128_) : i64_);
        ++(p->wide() ? f.shape.w_params : f.shape.x_params);
    }
    llvm::Type* result_type = llvm::Type::getVoidTy(out_.context);
    if (result->is(Kind::Cash)) f.shape.result = ResultBank::H;
    else if (result->aggregate()) {
        types.push_back(ptr_);
        ++f.shape.x_params;
    } else if (!result->is(Kind::Unit)) {
        f.shape.result = result->wide() ? ResultBank::W : ResultBank::X;
        result_type = result->wide() ? static_cast<llvm::Type*>(i128_) : i64_;
    }
    const auto number = static_cast<std::uint32_t>(out_.functions.size());
    f.llvm = llvm::Function::Create(llvm::FunctionType::get(result_type, types, false), llvm::Function::ExternalLinkage,
                                    "f" + std::to_string(number) + "." + name, *out_.module);
    f.llvm->addFnAttr(llvm::Attribute::NoUnwind);
    auto* type = di_->createSubroutineType(di_->getOrCreateTypeArray({}));
    const auto line = sources_.count() == 0 ? 0 : sources_.line(span);
    // By its file the emitter tells the library's functions from the module's own, once they are put into these.
    auto* file = sources_.count() == 0 ? di_file_ : di_->createFile(sources_.file(span.file).path, "");
    f.llvm->setSubprogram(di_->createFunction(file, name, f.llvm->getName(), file, line, type, line,
                                              llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition));
    out_.functions.push_back(std::move(f));
    return number;
}

std::uint32_t Lowering::function_number(const FnDecl& fn) {
    if (const auto known = numbers_.find(&fn); known != numbers_.end()) return known->second;
    std::vector<const Ty*> params;
    for (const auto& p : fn.params) params.push_back(p.type);
    const Span span = fn.syntax != nullptr ? fn.syntax->name.span : fn.body.empty() ? Span{} : fn.body[0]->span;
    const auto prefix = fn.contract != nullptr ? fn.contract->name + "." : std::string();
    const auto number = new_function(prefix + fn.name, params, fn.result, span);
    auto* function = out_.functions[number].llvm;
    if (has_assets(fn)) function->addFnAttr(llvm::Attribute::NoInline); // its slots are its own
    for (const auto& local : fn.locals)
        if (local.type->is(Kind::Cash)) function->addFnAttr(llvm::Attribute::NoInline);
    // Called by number from outside the IR, or only inside it.
    const bool entry = fn.kind != syntax::FnKind::Fn || fn.syntax == nullptr || fn.migrates;
    if (!entry && !has_assets(fn)) function->setLinkage(llvm::Function::InternalLinkage);
    numbers_[&fn] = number;
    pending_.emplace_back(number, &fn);
    return number;
}

void Lowering::begin_body(std::uint32_t number, const FnDecl* fn, const ContractDecl* contract, Span span) {
    number_ = number;
    fn_ = fn;
    contract_ = contract;
    function_ = out_.functions[number].llvm;
    set_line(span);
    auto* entry = llvm::BasicBlock::Create(out_.context, "entry", function_);
    auto* start = llvm::BasicBlock::Create(out_.context, "start", function_);
    b_->SetInsertPoint(entry);
    b_->CreateBr(start);
    b_->SetInsertPoint(start);
    exit_ = llvm::BasicBlock::Create(out_.context, "exit", function_);
    locals_.clear();
    breaks_.clear();
    result_place_ = nullptr;
    window_ = temporaries_ = 0;
}

void Lowering::end_body() {
    if (open()) b_->CreateBr(exit_);
}

void Lowering::set_line(Span span) {
    auto* program = function_->getSubprogram();
    b_->SetCurrentDebugLocation(llvm::DILocation::get(out_.context, sources_.line(span), 0, program));
}

void Lowering::fill(std::uint32_t number, const FnDecl& fn) {
    const Span span = fn.syntax != nullptr ? fn.syntax->name.span : fn.body.empty() ? Span{} : fn.body[0]->span;
    begin_body(number, &fn, fn.contract, span);
    for (const auto& local : fn.locals)
        if (local.handle >= 0) window_ = std::max(window_, local.handle + 1);
    out_.functions[number].h_window = static_cast<std::uint8_t>(window_);
    locals_.assign(fn.locals.size(), nullptr);
    auto argument = function_->arg_begin();
    for (std::size_t i = 0; i < fn.params.size(); ++i) {
        const Ty* type = fn.params[i].type;
        if (type->is(Kind::Cash)) continue;
        Value* value = &*argument++;
        if (type->is(Kind::Bool)) value = b_->CreateICmpNE(value, i64c(0));
        bind_local(static_cast<int>(i), value);
    }
    const bool returns = !fn.result->is(Kind::Unit) && !fn.result->is(Kind::Cash);
    if (returns) result_place_ = fn.result->aggregate() ? static_cast<Value*>(&*argument) : temporary(fn.result);
    if (fn.result_local >= 0) locals_[static_cast<std::size_t>(fn.result_local)] = result_place_;

    if (fn.kind == syntax::FnKind::Create) store_param_fields(fn);
    if (fn.each_local >= 0) bind_local(fn.each_local, host(HostFn::Today, {}));
    for (const auto& s : fn.prologue) stmt(*s);
    for (const auto& s : fn.olds) stmt(*s);
    if (fn.when) {
        auto* go = new_block("when");
        b_->CreateCondBr(expr(*fn.when), go, exit_);
        b_->SetInsertPoint(go);
    }
    block(fn.body);
    end_body();

    b_->SetInsertPoint(exit_);
    for (const auto& s : fn.epilogue) stmt(*s);
    if (!fn.ensures.empty()) {
        for (const auto& e : fn.ensures) {
            set_line(e->span);
            check_or_trap(expr(*e), Trap::EnsureFailed);
        }
    }
    if (returns && !fn.result->aggregate()) b_->CreateRet(to_word(load(fn.result, result_place_)));
    else b_->CreateRetVoid();
}

/// `create`: fields with a value of their own first, in order. (Parameters of a field's name were put
/// there by the runtime before anybody's right was looked at.)
void Lowering::store_param_fields(const FnDecl& fn) {
    for (std::size_t i = 0; i < contract_->fields.size(); ++i) {
        const auto& field = contract_->fields[i];
        const int number = static_cast<int>(i);
        if (field.kind == FieldKind::Accrual) {
            const auto date = layout(field.type).offsets[0];
            b_->CreateAlignedStore(host(HostFn::Today, {}), at(self_field(number), date), llvm::Align(8));
        }
        bool given = false;
        for (const auto& p : fn.params) given = given || p.name == field.name;
        const bool empty = field.init && field.init->op == check::Op::ListLit && field.init->args.empty();
        if (!field.init || given || empty || stored(contract_, number)) continue; // a fresh record is zero
        set_line(field.span);
        store(apart(*field.init, [&](const TExpr& e) { return expr(e); }), field.type, self_field(number));
    }
}

std::uint32_t Lowering::next_date_function(const FnDecl& clause) {
    const auto number = new_function(clause.contract->name + "." + clause.name + ".next", {t_.integer}, t_.date, clause.trigger->span);
    const auto* outer_fn = fn_;
    begin_body(number, &clause, clause.contract, clause.trigger->span);
    locals_.assign(clause.locals.size(), nullptr);
    Value* last = function_->getArg(0);
    Value* never = i64c(INT64_MIN);
    result_place_ = temporary(t_.date);
    b_->CreateAlignedStore(never, result_place_, llvm::Align(8));
    const auto offer = [&](Value* date) { // the earliest date after the last one
        if (clause.adjust) {
            bind_local(clause.adjust_local, date);
            date = expr(*clause.adjust);
        }
        Value* best = b_->CreateAlignedLoad(i64_, result_place_, llvm::Align(8));
        Value* later = b_->CreateICmpSGT(date, last);
        Value* first = b_->CreateOr(b_->CreateICmpEQ(best, never), b_->CreateICmpSLT(date, best));
        b_->CreateAlignedStore(b_->CreateSelect(b_->CreateAnd(later, first), date, best), result_place_, llvm::Align(8));
    };
    const auto& trigger = *clause.trigger;
    if (trigger.type->is(Kind::Date)) offer(expr(trigger));
    else if (trigger.type->is(Kind::Optional)) {
        Value* optional = address_of(trigger);
        auto* some = new_block("some");
        b_->CreateCondBr(b_->CreateICmpNE(b_->CreateAlignedLoad(i64_, optional, llvm::Align(8)), i64c(0)), some, exit_);
        b_->SetInsertPoint(some);
        offer(load(t_.date, at(optional, layout(trigger.type).first)));
    } else if (trigger.type->collection()) {
        iterate(trigger, false, [&](Value*, Value* element) { offer(element); });
    }
    end_body();
    b_->SetInsertPoint(exit_);
    b_->CreateRet(b_->CreateAlignedLoad(i64_, result_place_, llvm::Align(8)));
    fn_ = outer_fn;
    return number;
}

/// How many locals an expression numbers.
std::size_t Lowering::locals_in(const TExpr& e) {
    std::size_t out = 0;
    for (const int local : e.locals) out = std::max(out, static_cast<std::size_t>(local) + 1);
    for (const auto& a : e.args)
        if (a) out = std::max(out, locals_in(*a));
    return out;
}

std::uint32_t Lowering::invariants_function(const ContractDecl& decl) {
    const auto number = new_function(decl.name + ".invariants", {}, t_.integer, decl.span);
    begin_body(number, nullptr, &decl, decl.span);
    FnDecl scratch;
    scratch.contract = const_cast<ContractDecl*>(&decl);
    std::size_t locals = 0;
    for (const auto& i : decl.invariants) locals = std::max(locals, locals_in(*i.condition));
    locals_.assign(locals, nullptr);
    result_place_ = temporary(t_.integer);
    b_->CreateAlignedStore(i64c(0), result_place_, llvm::Align(8));
    Value* state = b_->CreateAlignedLoad(i64_, self_base(), llvm::Align(8));
    for (std::size_t i = 0; i < decl.invariants.size(); ++i) {
        const auto& invariant = decl.invariants[i];
        auto *check = new_block("check"), *broken = new_block("broken"), *next = new_block("next");
        if (invariant.states == 0) b_->CreateBr(check);
        else {
            Value* bit = b_->CreateAnd(b_->CreateLShr(llvm::ConstantInt::get(i64_, invariant.states), state), i64c(1));
            b_->CreateCondBr(b_->CreateICmpNE(bit, i64c(0)), check, next);
        }
        b_->SetInsertPoint(check);
        set_line(invariant.condition->span);
        b_->CreateCondBr(expr(*invariant.condition), next, broken);
        b_->SetInsertPoint(broken);
        b_->CreateAlignedStore(i64c(static_cast<i64>(i) + 1), result_place_, llvm::Align(8));
        b_->CreateBr(exit_);
        b_->SetInsertPoint(next);
    }
    end_body();
    b_->SetInsertPoint(exit_);
    b_->CreateRet(b_->CreateAlignedLoad(i64_, result_place_, llvm::Align(8)));
    return number;
}

/// Brings an accrual of the contract to its day.
void Lowering::touch(int field) {
    auto* function = touch_function(*contract_, field);
    if (contract_->fields[static_cast<std::size_t>(field)].in_book) b_->CreateCall(function, {accrual_day(field)});
    else b_->CreateCall(function);
}

/// Brings an accrual to date: sum += base × rate × (today − since), since = today.
llvm::Function* Lowering::touch_function(const ContractDecl& decl, int field) {
    auto& known = touches_[{&decl, field}];
    if (known != nullptr) return known;
    const auto& accrual = decl.fields[static_cast<std::size_t>(field)];
    // Filling it now would disturb the function that asks for it: save and restore the state.
    auto saved_point = b_->saveIP();
    auto saved_line = b_->getCurrentDebugLocation();
    auto saved_locals = locals_;
    auto saved_breaks = breaks_;
    auto* saved_function = function_;
    auto* saved_exit = exit_;
    auto* saved_result = result_place_;
    const auto* saved_fn = fn_;
    const auto* saved_contract = contract_;
    const auto saved_number = number_;
    const int saved_window = window_, saved_temporaries = temporaries_;

    // An accrual of a book is told the day; the others go by the business date.
    const auto number = new_function(decl.name + "." + accrual.name + ".touch", accrual.in_book ? std::vector<const Ty*>{t_.date} : std::vector<const Ty*>{}, t_.unit, accrual.span);
    known = out_.functions[number].llvm;
    known->setLinkage(llvm::Function::InternalLinkage);
    begin_body(number, nullptr, &decl, accrual.span);
    Value* since_place = at(self_field(field), layout(accrual.type).offsets[0]);
    Value* today = accrual.in_book ? static_cast<Value*>(function_->getArg(0)) : host(HostFn::Today, {});
    Value* days = b_->CreateSub(today, b_->CreateAlignedLoad(i64_, since_place, llvm::Align(8)));
    auto* go = new_block("go");
    b_->CreateCondBr(b_->CreateICmpNE(days, i64c(0)), go, exit_);
    b_->SetInsertPoint(go);
    Value* rate = accrual_rate(accrual);
    Value* base = apart(*accrual.base, [&](const TExpr& e) { return expr(e); });
    host(HostFn::AccrualAdd, {self_field(field), base, rate, days});
    b_->CreateAlignedStore(today, since_place, llvm::Align(8));
    end_body();
    b_->SetInsertPoint(exit_);
    b_->CreateRetVoid();

    function_ = saved_function;
    exit_ = saved_exit;
    result_place_ = saved_result;
    fn_ = saved_fn;
    contract_ = saved_contract;
    number_ = saved_number;
    window_ = saved_window;
    temporaries_ = saved_temporaries;
    locals_ = saved_locals;
    breaks_ = saved_breaks;
    b_->restoreIP(saved_point);
    b_->SetCurrentDebugLocation(saved_line);
    return touches_[{&decl, field}];
}

} // namespace tally::lower_detail
