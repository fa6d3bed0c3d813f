// Waterfalls: tiers that take, and a rest that somebody gets.
#include "compiler/check/checker.hpp"

namespace tally::check {

using syntax::ExprKind;

bool Checker::waterfall_tiers(const std::vector<syntax::Tier>& tiers, std::vector<TTier>& out, RecordDecl& result, const std::string& currency) {
    const auto result_field = [&](const syntax::Name& tier) {
        // The same name in two places adds up: `each r in rows { interest from r.interest; … }`.
        if (const int known = result.field(tier.text); known >= 0) return known;
        result.fields.push_back({tier.text, t_->amount(currency), tier.span});
        return static_cast<int>(result.fields.size() - 1);
    };
    const auto element_place = [&](const syntax::Expr& list_syntax, const syntax::Name& variable, TTier& tier) {
        tier.list = expr(list_syntax);
        std::string why;
        if (tier.list->type->error()) return false;
        if (!tier.list->type->is(Kind::List)) return sink_.report(Diag::NotIterable, list_syntax.span, {describe(tier.list->type)}), false;
        if (!place(*tier.list, why)) return sink_.report(Diag::NotAssignable, list_syntax.span, {"this list", why, "a waterfall tier takes from a list that can change"}), false;
        tier.variable = add_local(variable.text, tier.list->type->element, true, variable.span);
        return true;
    };
    for (const auto& s : tiers) {
        TTier tier{};
        if (s.kind == syntax::Tier::Kind::Each) {
            tier.kind = TTier::Kind::Each;
            c_->scopes.emplace_back();
            const bool good = element_place(*s.list, s.name, tier) && waterfall_tiers(s.inner, tier.inner, result, currency);
            c_->scopes.pop_back();
            if (!good) return false;
        } else if (s.kind == syntax::Tier::Kind::UpTo) {
            tier.kind = TTier::Kind::UpTo;
            tier.amount = value(*s.amount, t_->money(currency));
            if (tier.amount->type->error()) return false;
            tier.result = result_field(s.name);
        } else {
            const bool over = s.kind == syntax::Tier::Kind::Over;
            tier.kind = over ? TTier::Kind::Over : TTier::Kind::From;
            c_->scopes.emplace_back();
            if (over && !element_place(*s.list, s.variable, tier)) return c_->scopes.pop_back(), false;
            tier.amount = expr(*s.amount);
            c_->scopes.pop_back();
            std::string why;
            if (tier.amount->type->error()) return false;
            if (!tier.amount->type->is(Kind::Amount) || tier.amount->type->currency != currency)
                return sink_.report(Diag::TypeMismatch, s.amount->span, {"`Amount<" + currency + ">`", describe(tier.amount->type)}), false;
            if (!place(*tier.amount, why)) return sink_.report(Diag::NotAssignable, s.amount->span, {"this", why, "`from` takes out of something that can change; use `up_to` for a plain amount"}), false;
            tier.result = result_field(s.name);
        }
        out.push_back(std::move(tier));
    }
    return true;
}

TExprPtr Checker::waterfall(const syntax::Expr& e) {
    auto amount = expr(*e.args[0]);
    if (amount->type->error()) return amount;
    if (amount->type->is(Kind::Exact)) return unrounded(e.args[0]->span);
    if (!amount->type->money()) return error(Diag::TypeMismatch, e.args[0]->span, {"an amount of money", describe(amount->type)});
    if (e.text.empty()) return error(Diag::WaterfallRest, e.span);
    const auto currency = amount->type->currency;
    results_.push_back(std::make_unique<RecordDecl>());
    auto& result = *results_.back();
    result.name = "waterfall";
    result.module = module_->name;
    auto out = make(Op::Waterfall, t_->error, e.span);
    out->args.push_back(coerce(std::move(amount), t_->amount(currency), e.args[0]->span));
    if (!waterfall_tiers(e.tiers, out->tiers, result, currency)) return poison(e.span);
    if (result.field(e.text) >= 0) return error(Diag::Duplicate, e.names[0].span, {e.text});
    result.fields.push_back({e.text, t_->amount(currency), e.names[0].span});
    out->type = t_->record(&result, "");
    out->text = e.text;
    return out;
}

} // namespace tally::check
