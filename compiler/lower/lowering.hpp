/// The state of lowering, shared by the files of this folder.
#pragma once

#include "compiler/check/typed.hpp"
#include "compiler/diag/diag.hpp"
#include "compiler/lower/encoded_size.hpp"
#include "compiler/lower/ir_impl.hpp"
#include "vm/bytecode/layout.hpp"
#include "vm/value/rounding.hpp"

#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>

#include <functional>
#include <map>

namespace tally::lower_detail {

using namespace check;
using llvm::Value;

class Lowering {
public:
    Lowering(const Program& program, const Sources& sources, Sink& sink);
    Ir run(bool with_tests);

private:
    // ---- interface.cpp: types, layouts, the interface tables
    std::uint32_t type_number(const Ty* type);
    std::uint32_t record_number(const RecordDecl& record);
    FieldList fields_of(const std::vector<FieldDecl>& fields);
    std::uint32_t add_type(Type type);
    const Layout& layout(std::uint32_t type);
    const Layout& layout(const Ty* type) { return layout(type_number(type)); }
    Contract contract_interface(const ContractDecl& decl);
    const Contract& known_contract(const ContractDecl* decl);
    const RecordLayout& record(const ContractDecl* decl);
    bool stored(const ContractDecl* decl, int field);
    std::uint32_t import_number(const FnDecl& fn);
    std::uint32_t event_number(const RecordDecl& record);
    std::uint32_t error_number(const RecordDecl& record);
    void number_auth(Auth& auth, const FnDecl& fn);
    void finish_contract(const ContractDecl& decl, Contract& out);

    // ---- lower.cpp: functions
    std::uint32_t function_number(const FnDecl& fn);
    std::uint32_t new_function(const std::string& name, const std::vector<const Ty*>& params, const Ty* result, Span span);
    void fill(std::uint32_t number, const FnDecl& fn);
    std::uint32_t next_date_function(const FnDecl& clause);
    std::uint32_t invariants_function(const ContractDecl& decl);
    void touch(int field);
    Value* accrual_day(int field);
    llvm::Function* touch_function(const ContractDecl& decl, int field);
    void begin_body(std::uint32_t number, const FnDecl* fn, const ContractDecl* contract, Span span);
    void end_body();
    [[nodiscard]] bool has_assets(const FnDecl& fn) const;

    // ---- statements.cpp
    void block(const std::vector<TStmtPtr>& stmts);
    void stmt(const TStmt& s);
    void assign(const TExpr& target, const TExpr& value);
    Value* assigned_place(const TExpr& target);
    void compound(const TStmt& s);
    [[nodiscard]] bool is_sum(const TExpr& target) const;
    void unless_zero(Value* total, const std::function<void()>& keep, const std::function<void()>& drop);
    void for_stmt(const TStmt& s);
    void for_split(const TStmt& s);
    void match_stmt(const TStmt& s);
    void become(const TStmt& s);
    void fail(const TStmt& s);
    void return_stmt(const TStmt& s);
    void expect(const TStmt& s);
    void expect_fail(const TStmt& s);
    void refuse(Trap trap);
    void check_or_trap(Value* good, Trap trap);
    void store_param_fields(const FnDecl& fn);
    /// Calls `body(key or index, element)` for every element; element is a value, or an address for aggregates.
    void iterate(const TExpr& over, bool snapshot, const std::function<void(Value*, Value*)>& body);
    void iterate_memory(Value* base, const Ty* type, const std::string& name, const std::function<void(Value*, Value*)>& body);
    void iterate_stored(const TExpr& over, bool take_out, const std::function<void(Value*, Value*)>& body);
    void iterate_vault(const TExpr& over, const std::function<void(Value*, Value*)>& body);
    [[nodiscard]] std::uint64_t value_bytes(const Ty* type);
    [[nodiscard]] std::uint64_t units_of(HostFn fn, llvm::ArrayRef<Value*> args);
    void rounds(const std::string& name, std::uint64_t max, const std::function<Value*()>& more, const std::function<void()>& round);
    void count_up(const std::string& name, std::uint64_t max, Value* count, const std::function<void(Value*)>& round);
    /// The block that is being filled has no end yet.
    [[nodiscard]] bool open() const { return b_->GetInsertBlock()->getTerminator() == nullptr; }
    void round_begins(const std::string& name, std::uint64_t max);
    [[nodiscard]] std::string loop_name(const TExpr& over) const;
    /// At most so much gas beyond the fixed price.
    llvm::CallInst* charges(llvm::CallInst* call, std::uint64_t gas);
    void bind(const std::vector<int>& locals, Value* key, Value* element);
    void bind_local(int local, Value* value);
    /// An expression of a declaration has locals of its own: those of the function being filled stay as they are.
    template <typename Body> auto apart(const TExpr& e, Body body) {
        const auto* fn = std::exchange(fn_, nullptr);
        auto locals = std::exchange(locals_, std::vector<Value*>(locals_in(e)));
        auto out = body(e);
        locals_ = std::move(locals);
        fn_ = fn;
        return out;
    }
    [[nodiscard]] static std::size_t locals_in(const TExpr& e);

    // ---- expressions.cpp
    Value* expr(const TExpr& e);
    Value* scalar_constant(const TExpr& e);
    Value* place(const TExpr& e);
    Value* address_of(const TExpr& e); ///< of an aggregate value: live place or temporary
    Value* in_memory(Value* value, const Ty* type); ///< address of a fresh copy
    void store(Value* value, const Ty* type, Value* to);
    Value* load(const Ty* type, Value* from);
    void copy(Value* to, Value* from, const Ty* type);
    Value* value_or(const TExpr& e);
    Value* arithmetic(const TExpr& e);
    Value* min_max(const TExpr& e);
    Value* compare(const TExpr& e);
    Value* compare_fraction_values(check::Op op, Value* a, Value* b);
    Value* logic(const TExpr& e);
    Value* make_fraction(const TExpr& e);
    struct Product {
        std::vector<Value*> wide, narrow; ///< numerators
        std::vector<Value*> below;        ///< denominators, 64 bits
        i128 above_constant = 1, below_constant = 1;
    };
    Product product(const TExpr& exact);
    void factor(const TExpr& e, bool inverted, Product& out);
    Value* denominator(const Product& p);
    Value* round(const TExpr& e);
    Value* round_sum(const TExpr& e);
    Value* in_steps(const TExpr& e, Value* below, const std::function<Value*(Value* below, Value* mode)>& divide);
    static void lowest_terms(Product& p);
    Value* checked(const char* name, Value* a, Value* b);
    Value* call(const TExpr& e, int h_dest = -1);
    Value* cross(const TExpr& e, int h_dest = -1);
    Value* collection(const TExpr& e);
    Value* stored_lookup(const TExpr& object, const TExpr& key, const Ty* element, Value** found);
    Value* map_entry(const TExpr& object, const TExpr& key, HostFn fn);
    Value* list_element(const TExpr& object, const TExpr& index);
    Value* fold(const TExpr& e);
    Value* collect(const TExpr& e);
    void collect_into(const TExpr& e, const Ty* type, Value* out);
    void append(Value* list, const Ty* type, Value* element);
    Value* list_filled(const TExpr& e);
    void iterate_range(const TExpr& e, const std::function<void(Value*, Value*)>& body);
    Value* range_list(const TExpr& e);
    Value* map_filled(const TExpr& e);
    Value* union_of(const TExpr& e);
    Value* dated_on(const TExpr& e);
    void dated_set(const TExpr& e);
    void drain_stmt(const TStmt& s);
    void drain_list(const TExpr& over, const std::function<void(Value*, Value*)>& body);
    void drain_table(const TExpr& over, const std::function<void(Value*, Value*)>& body);
    Value* allocate(const TExpr& e);
    Value* list128(const TExpr& weights);
    Value* waterfall(const TExpr& e);
    Value* native(const TExpr& e);
    Value* in_range(Value* value, const Ty* type);
    void tiers(const std::vector<TTier>& list, const Ty* result_type, Value* result, Value* left);
    void take(Value* amount_value, Value* amount_place, int field, const Ty* result_type, Value* result, Value* left);
    Value* accrual(const TExpr& e);
    Value* book_accrual(const TExpr& e);
    Value* accrual_now(int field);
    Value* accrual_rate(const ContractFieldDecl& accrual);
    Value* accrual_denominator(int field);
    Value* resize(const TExpr& e);
    Value* test_value(const TExpr& e);
    Value* run_as(const TExpr& e);
    Value* transaction(const TExpr& call);
    Value* peek(const TExpr& instance);
    Value* text(const std::string& text, const Ty* type);
    // assets
    int asset(const TExpr& e, int wanted = -1); ///< into a slot; the number of the slot
    int temporary_slot();
    Value* vault_key(const TExpr& e);
    void asset_op(const std::string& name, llvm::ArrayRef<Value*> args);

    // ---- small things
    llvm::Type* llvm_type(const Ty* type);
    llvm::Type* memory_type(const Ty* type);
    Value* i64c(i64 v) { return llvm::ConstantInt::getSigned(i64_, v); }
    Value* i128c(i128 v);
    Value* temporary(const Ty* type);
    Value* temporary_bytes(std::uint32_t size);
    Value* at(Value* base, std::uint64_t offset);
    Value* at(Value* base, Value* offset);
    Value* to_word(Value* v) { return v->getType()->isIntegerTy(1) ? b_->CreateZExt(v, i64_) : v; }
    Value* host(HostFn fn, llvm::ArrayRef<Value*> args, std::uint64_t units = 0);
    llvm::FunctionCallee external(const std::string& name, llvm::Type* result, llvm::ArrayRef<llvm::Type*> params,
                                  llvm::MemoryEffects memory, bool will_return, bool no_return = false);
    Value* self_field(int field);
    Value* self_base();
    Value* parent_base();
    Value* parent_field(int field);
    llvm::BasicBlock* new_block(const char* name);
    void set_line(Span span);
    void internal(Span span, const std::string& what) { sink_.report(Diag::Internal, span, {what}); }
    Value* undefined(const Ty* type);
    [[nodiscard]] bool changes(const std::vector<TStmtPtr>& body, const TExpr& root) const;
    [[nodiscard]] static bool calls(const TExpr& e);
    [[nodiscard]] static const TExpr& root_of(const TExpr& e);

    const Program& program_;
    const Sources& sources_;
    Sink& sink_;
    Ir ir_;
    IrImpl& out_;
    Types& t_;
    std::unique_ptr<llvm::IRBuilder<>> b_;
    std::unique_ptr<llvm::DIBuilder> di_;
    llvm::DIFile* di_file_ = nullptr;
    llvm::IntegerType *i1_, *i64_, *i128_;
    llvm::PointerType* ptr_;

    std::map<std::string, std::uint32_t> type_numbers_; ///< by a structural key
    std::vector<Layout> layouts_;
    std::map<std::pair<std::string, std::string>, std::uint32_t> imports_by_name_;
    std::map<const RecordDecl*, std::uint32_t> events_, errors_;
    std::map<const ContractDecl*, Contract> contracts_;
    std::map<const ContractDecl*, RecordLayout> records_;
    std::map<const FnDecl*, std::uint32_t> numbers_;
    std::vector<std::pair<std::uint32_t, const FnDecl*>> pending_;
    std::map<std::pair<const ContractDecl*, int>, llvm::Function*> touches_;

    // the function being filled
    const FnDecl* fn_ = nullptr;
    const ContractDecl* contract_ = nullptr;
    llvm::Function* function_ = nullptr;
    std::uint32_t number_ = 0;
    std::vector<Value*> locals_; ///< scalars and vars: their alloca; other aggregates: the address
    Value* result_place_ = nullptr;
    llvm::BasicBlock* exit_ = nullptr;
    std::vector<llvm::BasicBlock*> breaks_;
    int window_ = 0, temporaries_ = 0;
};

} // namespace tally::lower_detail
