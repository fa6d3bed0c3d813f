// What tests do on the ledger: sign, create, call, send a batch.
#include "compiler/check/checker.hpp"

namespace tally::check {

using syntax::ExprKind;

TExprPtr Checker::as_expr(const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"`as`"});
    auto out = make(Op::As, t_->error, e.span);
    for (const auto& n : e.names) {
        syntax::Expr party;
        party.kind = ExprKind::Name;
        party.span = n.span;
        party.text = n.text;
        auto signer = value(party, t_->party);
        if (signer->type->error()) return signer;
        out->locals.push_back(signer->index);
    }
    c_->signing = true;
    auto inner = expr(*e.args[0]);
    c_->signing = false;
    if (inner->type->error()) return inner;
    if (inner->op != Op::Cross && inner->op != Op::Create && inner->op != Op::Batch)
        return error(Diag::BadOperands, e.span, {"as", "a party", "this", "", "`as` signs a transaction: `as bank contract.action(…)`"});
    out->type = inner->type;
    out->args.push_back(std::move(inner));
    return out;
}

/// `as (a, b) batch all { x.pay(1.00 USD); y.close(); }`
TExprPtr Checker::batch_expr(const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"`batch`"});
    if (!c_->signing) return error(Diag::NobodyNamed, e.span, {"`as party batch " + e.text + " { … }`"});
    auto out = make(Op::Batch, t_->unit, e.span);
    out->index = e.text == "all" ? 1 : 0;
    for (const auto& arg : e.args) {
        c_->signing = true;
        auto item = expr(*arg);
        c_->signing = false;
        if (item->type->error()) return item;
        if (item->op != Op::Cross || item->function->kind != syntax::FnKind::Action || item->type->is(Kind::Cash))
            return error(Diag::BadOperands, arg->span, {"batch", "actions", "this", "", "a batch holds calls of actions that give no money back: `contract.action(…);`"});
        out->args.push_back(std::move(item));
    }
    return out;
}

TExprPtr Checker::create_expr(const syntax::Expr& e) {
    if (!c_->test) return error(Diag::OutsideTest, e.span, {"creating a contract"});
    const Ty* type = resolve(*e.type, currency_param());
    if (!type->is(Kind::Contract)) return type->error() ? poison(e.span) : error(Diag::TypeMismatch, e.span, {"a contract", describe(type)});
    const auto* fn = type->contract->fn("create");
    if (fn == nullptr || e.names[0].text != "create") return error(Diag::UnknownMember, e.names[0].span, {"`" + type->contract->name + "`", e.names[0].text, "write `.create(…)`"});
    if (!c_->signing) return error(Diag::NobodyNamed, e.span, {"`as party " + type->contract->name + "…`"});
    c_->signing = false;
    auto out = make(Op::Create, type, e.span);
    out->function = fn;
    out->contract = type->contract;
    std::string currency = type->currency;
    std::size_t first = 0;
    TExprPtr parent;
    if (type->contract->parent != nullptr) {
        if (e.args.empty() || e.arg_names[0] != "of") return error(Diag::MissingField, e.span, {type->contract->name + ".create", "of"});
        parent = value(*e.args[0], t_->contract(type->contract->parent, currency));
        first = 1;
    }
    out->args = arguments(type->contract->name + ".create", fn->params, e, first, currency, fn->currency_param);
    if (out->args.size() != fn->params.size() || (parent && parent->type->error())) return poison(e.span);
    out->args.insert(out->args.begin(), std::move(parent));
    return out;
}

} // namespace tally::check
