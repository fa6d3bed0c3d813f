#include "compiler/check/typed.hpp"

#include "vm/value/decimal_text.hpp"

#include <iterator>

namespace tally::check {

namespace {

constexpr const char* op_names[] = {
    "const", "text", "none", "wrap", "value_or", "is_none", "local", "field", "parent_field", "member", "index", "map_at", "record", "zero", "with", "unwrap", "list", "add", "sub",
    "mul", "neg", "div_floor", "mod_floor", "min", "max", "exact", "exact_sum", "fraction", "round", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not",
    "check_amount", "resize", "call", "cross", "today", "self", "caller", "desk", "count", "is_empty", "has", "get", "keys", "insert",
    "remove", "push", "insert_all", "sum", "every", "some", "collect", "allocate", "union", "list_filled", "map_filled", "range", "dated_on", "dated_set", "rescale", "waterfall", "add_months", "date_part", "make_date",
    "native", "accrual_value", "accrual_bill", "accrual_close", "accrual_drop", "accrual_accrue", "accrual_clear", "accrual_save", "accrual_load",
    "accrued_value", "is_state", "move", "empty_cash", "vault_amount", "vault_has", "vault_open",
    "vault_withdraw", "vault_keys", "vault_deposit", "pay", "take", "join", "end", "amount", "as", "batch", "create", "test_party", "test_cash",
    "test_balance", "test_migrate", "peek"};
constexpr const char* stmt_names[] = {"let", "let_asset", "assign", "compound", "if", "for", "for_split", "match", "become", "emit", "fail", "return",
                                      "break", "expr", "advance", "expect_fail", "expect_event", "expect", "demand", "given", "expect_conserved", "touch"};

static_assert(std::size(op_names) == static_cast<std::size_t>(Op::Peek) + 1);
static_assert(std::size(stmt_names) == static_cast<std::size_t>(SOp::Touch) + 1);

class Dumper {
public:
    std::string out;
    void line(int depth, const std::string& text) { out += std::string(static_cast<std::size_t>(depth) * 2, ' ') + text + "\n"; }

    void expr(int depth, const TExpr& e, const FnDecl* fn) {
        std::string text = op_names[static_cast<int>(e.op)];
        if (e.op == Op::Const) text += " " + int_text(e.value);
        if (e.op == Op::TextConst) text += " \"" + e.text + "\"";
        if ((e.op == Op::Local || e.op == Op::MoveLocal) && fn != nullptr && static_cast<std::size_t>(e.index) < fn->locals.size())
            text += " " + fn->locals[static_cast<std::size_t>(e.index)].name;
        else if (e.op == Op::Field && fn != nullptr && fn->contract != nullptr) text += " " + fn->contract->fields[static_cast<std::size_t>(e.index)].name;
        else if (e.op == Op::ParentField && e.index >= 0 && fn != nullptr && fn->contract != nullptr && fn->contract->parent != nullptr) text += " " + fn->contract->parent->fields[static_cast<std::size_t>(e.index)].name;
        else if (e.op == Op::Call || e.op == Op::Cross) text += " " + e.function->name;
        else if (e.index >= 0 && e.op != Op::Const) text += " " + std::to_string(e.index);
        line(depth, text + " : " + name_of(e.type));
        for (const auto& a : e.args)
            if (a) expr(depth + 1, *a, fn);
    }
    void stmts(int depth, const std::vector<TStmtPtr>& list, const FnDecl* fn) {
        for (const auto& s : list) {
            std::string text = stmt_names[static_cast<int>(s->op)];
            if (s->local >= 0 && fn != nullptr) text += " " + fn->locals[static_cast<std::size_t>(s->local)].name;
            if (s->record != nullptr) text += " " + s->record->name;
            line(depth, text);
            if (s->target) expr(depth + 1, *s->target, fn);
            if (s->expr) expr(depth + 1, *s->expr, fn);
            stmts(depth + 1, s->body, fn);
            if (!s->otherwise.empty()) {
                line(depth, "else");
                stmts(depth + 1, s->otherwise, fn);
            }
            for (const auto& arm : s->arms) {
                line(depth + 1, "arm " + std::to_string(arm.first));
                stmts(depth + 2, arm.second, fn);
            }
        }
    }
    void fn(int depth, const FnDecl& f) {
        std::string text = f.name + "(";
        for (std::size_t i = 0; i < f.params.size(); ++i) text += (i == 0 ? "" : ", ") + f.params[i].name + ": " + name_of(f.params[i].type);
        line(depth, text + ") -> " + name_of(f.result) + (f.auth.text.empty() ? "" : " by " + f.auth.text.str()));
        stmts(depth + 1, f.prologue, &f);
        stmts(depth + 1, f.body, &f);
        for (const auto& e : f.ensures) {
            line(depth + 1, "ensure");
            expr(depth + 2, *e, &f);
        }
    }
};

} // namespace

std::string print(const TExpr& expr, const FnDecl* fn) {
    Dumper d;
    d.expr(0, expr, fn);
    return d.out;
}

std::string print(const FnDecl& fn) {
    Dumper d;
    d.fn(0, fn);
    return d.out;
}

std::string dump(const Program& program) {
    Dumper d;
    const auto& root = program.root();
    d.line(0, "module " + root.name);
    for (const auto& f : root.fns) d.fn(0, *f);
    for (const auto& c : root.contracts) {
        d.line(0, "contract " + c->name);
        for (const auto& f : c->fields) d.line(1, f.name + ": " + name_of(f.type));
        for (const auto& f : c->fns) d.fn(1, *f);
    }
    for (const auto& t : root.tests) d.fn(0, *t.fn);
    return d.out;
}

} // namespace tally::check
