/// The checker's state, shared by the files of this folder. Users include check.hpp.
#pragma once

#include "compiler/check/check.hpp"

#include <functional>
#include <set>

namespace tally::check {

/// What a name of a module's top level stands for.
struct Symbol {
    enum class Kind { Record, Event, Error, Enum, Contract, Fn, Const, Builtin } kind;
    void* decl = nullptr;
    Span span{}; ///< where the name stands
};

[[nodiscard]] std::string to_text(i128 value);

class Checker {
public:
    Checker(const std::vector<const syntax::File*>& files, Sink& sink) : files_(files), sink_(sink) {}
    [[nodiscard]] Program run();

private:
    // ---- declarations.cpp
    void declare(const syntax::File& file);
    void import_names(ModuleDecl& module);
    void not_exported(const syntax::Import& import, const syntax::Name& name);
    void define_types(ModuleDecl& module);
    void declare_contract(ModuleDecl& module, ContractDecl& contract);
    void declare_fields(ContractDecl& contract);
    void one_currency(ContractDecl& contract);
    void define_variant(EnumDecl& decl);
    const Ty* enum_type(const EnumDecl* decl, const std::string& currency);
    const Ty* dated_type(const syntax::Member& member, const Ty* value);
    void declare_fn(ModuleDecl& module, FnDecl& fn);
    void add_symbol(ModuleDecl& module, const syntax::Name& name, Symbol symbol);
    [[nodiscard]] const Symbol* symbol(const std::string& name) const;
    const Ty* resolve(const syntax::Type& type, const std::string& currency_param);
    const Ty* resolve_collection(const syntax::Type& type, const std::string& currency_param);
    const Ty* resolve_money(Kind kind, const syntax::Type& type, const std::string& currency_param);
    [[nodiscard]] std::string resolve_currency(const syntax::Type& type, const std::string& currency_param);
    [[nodiscard]] bool key_type(const Ty* type) const;
    void check_cycle(const RecordDecl& decl);
    [[nodiscard]] std::vector<std::string> type_names() const;
    [[nodiscard]] std::string suggest(const std::string& name, const std::vector<std::string>& known) const;

    // ---- bodies
    void check_contract(ContractDecl& contract);
    void check_fn(FnDecl& fn);
    void check_header(FnDecl& fn);
    void check_create(FnDecl& fn);
    void check_migrations(ModuleDecl& module);
    void check_accrual_inputs(const ContractDecl& contract);
    void check_rests();
    Auth check_auth(const syntax::Auth& auth, FnDecl& fn);
    Auth auth_term(const syntax::Expr& term, FnDecl& fn);
    Auth auth_function(const syntax::Expr& term, FnDecl& fn);
    void check_promised_effects(const ContractDecl& contract);
    std::uint64_t state_mask(const ContractDecl& contract, const std::vector<syntax::Name>& names);

    // ---- lifecycle.cpp
    void check_lifecycle(ContractDecl& contract);
    void check_edges_have_code(ContractDecl& contract);
    void check_call_graph();

    // ---- assets.cpp
    void check_assets(FnDecl& fn);

    // ---- by_key.cpp
    void check_by_key(FnDecl& fn);

    // ---- final_money.cpp
    void check_final_money(const ContractDecl& contract);

    // ---- purity.cpp
    void check_purity();

    // ---- statements.cpp
    std::vector<TStmtPtr> check_block(const std::vector<syntax::StmtPtr>& block);
    void check_stmt(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_enter(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    TStmtPtr call_hidden(const std::string& name, std::vector<TExprPtr> args, Span span);
    void useless(const syntax::Stmt& stmt, const TExpr& expr);
    void check_let(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_assign(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_for(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_for_split(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_match(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_match_optional(const syntax::Stmt& stmt, TExprPtr subject, std::vector<TStmtPtr>& out);
    void check_let_several(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    bool check_sum_add(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    int hidden_local(TExprPtr value, std::vector<TStmtPtr>& out);
    void check_become(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    void check_expect(const syntax::Stmt& stmt, std::vector<TStmtPtr>& out);
    TStmtPtr failure(const syntax::Stmt& stmt);
    TExprPtr record_fields(const RecordDecl& record, const std::vector<syntax::Init>& inits, Span span, bool positional);
    void touch_accruals(int field, Span span, std::vector<TStmtPtr>& out);
    bool always_returns(const std::vector<TStmtPtr>& block) const;
    [[nodiscard]] bool place(const TExpr& expr, std::string& why) const;

    // ---- expressions.cpp
    TExprPtr expr(const syntax::Expr& e, const Ty* expected = nullptr);
    TExprPtr value(const syntax::Expr& e, const Ty* expected); ///< checked and coerced
    TExprPtr condition(const syntax::Expr& e);
    TExprPtr coerce(TExprPtr e, const Ty* type, Span span);
    TExprPtr name(const syntax::Expr& e, const Ty* expected);
    TExprPtr member(const syntax::Expr& e, const Ty* expected);
    TExprPtr member_of(TExprPtr object, const syntax::Expr& e);
    TExprPtr every_field(TExprPtr list, const syntax::Expr& e);
    TExprPtr index(const syntax::Expr& e);
    TExprPtr literal(const syntax::Expr& e, const Ty* expected);
    TExprPtr unit_literal(const syntax::Expr& e);
    TExprPtr whole_number(const syntax::Expr& e, const Ty* expected);
    TExprPtr unknown_unit(Span at, const std::string& unit);
    TExprPtr binary(const syntax::Expr& e, const Ty* expected);
    TExprPtr arithmetic(const std::string& op, TExprPtr left, TExprPtr right, Span span);
    TExprPtr product(const std::string& op, TExprPtr left, TExprPtr right, Span span);
    TExprPtr compare(const std::string& op, TExprPtr left, TExprPtr right, Span span);
    TExprPtr membership(const syntax::Expr& e);
    TExprPtr case_value(const EnumDecl& decl, int number, std::vector<TExprPtr> fields, Span span);
    TExprPtr case_call(const EnumDecl& decl, int number, const syntax::Expr& e);
    [[nodiscard]] const EnumDecl* enum_with_case(const std::string& name, const Ty* expected) const;
    TExprPtr default_value(const RecordDecl& record, std::size_t field, Span span);
    TExprPtr exact_sum(bool plus, TExprPtr left, TExprPtr right, Span span);
    TExprPtr record_literal(const syntax::Expr& e, const Ty* expected);
    TExprPtr list_literal(const syntax::Expr& e, const Ty* expected);
    TExprPtr fold(const syntax::Expr& e, const Ty* expected);
    TExprPtr collect_several(const syntax::Expr& e, std::size_t depth, const Ty* expected);
    TExprPtr book_call(const std::string& callee, const syntax::Expr& e);
    TExprPtr book_member(const syntax::Expr& e);
    [[nodiscard]] bool still_grows(const ContractFieldDecl& field) const;
    void check_book_beginning(const FnDecl& first);
    [[nodiscard]] bool seen_from_book(const ContractFieldDecl& field, const ContractDecl& holder) const;
    TExprPtr waterfall(const syntax::Expr& e);
    bool waterfall_tiers(const std::vector<syntax::Tier>& tiers, std::vector<TTier>& out, RecordDecl& result, const std::string& currency);
    TExprPtr is_expr(const syntax::Expr& e);
    TExprPtr as_expr(const syntax::Expr& e);
    TExprPtr batch_expr(const syntax::Expr& e);
    TExprPtr create_expr(const syntax::Expr& e);
    std::vector<int> bind_pattern(const std::vector<syntax::Name>& names, const Ty* over, Span span);
    TExprPtr iterable(const syntax::Expr& e);

    // ---- builtins.cpp
    TExprPtr call(const syntax::Expr& e, const Ty* expected);
    TExprPtr call_builtin(const std::string& callee, const syntax::Expr& e, const Ty* expected, bool& known);
    TExprPtr call_fn(const FnDecl& fn, const syntax::Expr& e, std::size_t first);
    TExprPtr call_method(const syntax::Expr& e, const Ty* expected);
    TExprPtr collection_method(TExprPtr object, const std::string& method, const syntax::Expr& e);
    TExprPtr vault_method(TExprPtr vault, const std::string& method, const syntax::Expr& e);
    TExprPtr cash_method(TExprPtr cash, const std::string& method, const syntax::Expr& e);
    TExprPtr accrual_method(TExprPtr accrual, const std::string& method, const syntax::Expr& e);
    TExprPtr contract_call(TExprPtr instance, const FnDecl& fn, const syntax::Expr& e, Span span);
    TExprPtr dated_method(TExprPtr rows, const std::string& method, const syntax::Expr& e);
    TExprPtr filled(bool map, const syntax::Expr& e, const Ty* expected);
    TExprPtr with_fields(TExprPtr record, const syntax::Expr& e);
    TExprPtr test_call(const std::string& method, const syntax::Expr& e);
    TExprPtr record_in_brackets(const RecordDecl& record, const syntax::Expr& e);
    TExprPtr round_call(const syntax::Expr& e);
    TExprPtr allocate_call(const syntax::Expr& e);
    TExprPtr range_call(const syntax::Expr& e);
    TExprPtr shares(TExprPtr amount, const syntax::Expr& e, const std::string& name);
    std::vector<TExprPtr> arguments(const std::string& callee, const std::vector<FieldDecl>& params, const syntax::Expr& e,
                                    std::size_t first, std::string& currency, const std::string& currency_param);
    bool arity(const syntax::Expr& e, std::size_t count, const std::string& name, const std::string& takes);
    [[nodiscard]] const syntax::Expr* named_argument(const syntax::Expr& e, const std::string& name) const;

    // ---- advice.cpp
    /// `args` lack the last one: what to do about it.
    TExprPtr unknown(Diag kind, Span at, std::vector<std::string> args, const std::string& name, const std::vector<std::string>& known);
    TExprPtr unknown_state(const ContractDecl& contract, Span at, const std::string& name);
    TExprPtr unrounded(Span at);
    TExprPtr not_moved(Span at, const TExpr& local);
    TExprPtr mismatch(const Ty* wanted, const TExpr& e, Span at);
    TExprPtr two_currencies(const TExpr& left, const TExpr& right, Span at);
    TExprPtr bad_operands(const std::string& op, const TExpr& left, const TExpr& right, Span at, std::string why, std::string fix);
    TExprPtr needs_month_rule(Span at, const std::vector<Edit>& before, Span end);
    void wanted_by(std::size_t complaints, Span value, Span at, const std::string& text);
    void twice(Span at, const std::string& name, Span first);

    // ---- small things
    static TExprPtr make(Op op, const Ty* type, Span span);
    TExprPtr poison(Span span) { return make(Op::Const, t_->error, span); }
    TExprPtr constant(i128 value, const Ty* type, Span span);
    TExprPtr error(Diag kind, Span span, std::vector<std::string> args = {});
    /// What it was before the body ran: for `ensure`.
    TExprPtr at_entry(TExprPtr value, Span span);
    int add_local(const std::string& name, const Ty* type, bool is_var, Span span);
    [[nodiscard]] int find_local(const std::string& name) const;
    [[nodiscard]] std::string currency_param() const;
    [[nodiscard]] static bool is_zero_currency(const std::string& text);

    struct Scope {
        std::map<std::string, int> names;
    };
    struct Context {
        FnDecl* fn = nullptr;
        ContractDecl* contract = nullptr;
        std::uint64_t states = 0; ///< states known here; 0: unknown
        std::vector<Scope> scopes;
        int loops = 0;
        bool property = false;
        bool in_book = false; ///< code of a book: sees the book, constants and what only grows
        bool by_index = false; ///< an element of what is named here is wanted, not the whole
        bool test = false, ensure = false, signing = false, read_only = false, invariant = false;
        std::vector<std::pair<int, std::string>> waterfall_rests; ///< local, rest field
        std::set<int> rests_used;                                 ///< locals
    };

    const std::vector<const syntax::File*>& files_;
    Sink& sink_;
    int asked_within_ = 0; ///< arguments that are asked for their currency, inside each other
    Program program_;
    Types* t_ = nullptr;
    ModuleDecl* module_ = nullptr;
    std::map<std::string, std::map<std::string, Symbol>> symbols_; ///< by module: own and imported names
    std::map<std::string, ModuleDecl*> modules_;
    std::vector<std::unique_ptr<RecordDecl>> results_; ///< of waterfalls
    std::vector<std::unique_ptr<RecordDecl>> dated_;   ///< rows of `dated` fields
    Context* c_ = nullptr;
};

} // namespace tally::check
