#include "compiler/parse/build.hpp"

namespace tally {

using namespace syntax;

namespace {

ExprPtr make(ExprKind kind, Span span, std::string text = {}) {
    auto out = std::make_unique<Expr>();
    out->kind = kind;
    out->span = span;
    out->text = std::move(text);
    return out;
}

/// `Money<USD> a = …` reads as two comparisons.
bool type_before_name(const Expr& target) {
    const auto compares = [](const Expr& e, const char* op) { return e.kind == ExprKind::Binary && e.text == op; };
    const auto plain = [](const Expr& e) { return e.kind == ExprKind::Name; };
    return compares(target, ">") && compares(*target.args[0], "<") && plain(*target.args[1]) && plain(*target.args[0]->args[0]) && plain(*target.args[0]->args[1]);
}

} // namespace

std::vector<Name> Builder::pattern(P::PatternContext* ctx) { return names(ctx->name()); }

void Builder::arguments(P::ArgsContext* ctx, Expr& into) {
    if (ctx == nullptr) return;
    for (auto* arg : ctx->arg()) {
        into.args.push_back(expr(arg->expr()));
        into.arg_names.push_back(arg->name() ? arg->name()->getText() : "");
        into.arg_spans.push_back(arg->name() ? span(arg->name()) : into.args.back()->span);
    }
}

ExprPtr Builder::expr(P::ExprContext* ctx) {
    const Span at = span(ctx);
    const auto one = [&](ExprKind kind, P::ExprContext* inner, std::string text = {}) {
        auto out = make(kind, at, std::move(text));
        out->args.push_back(expr(inner));
        return out;
    };
    const auto two = [&](std::string op, P::ExprContext* left, P::ExprContext* right) {
        auto out = one(ExprKind::Binary, left, std::move(op));
        out->args.push_back(expr(right));
        return out;
    };
    if (auto* m = dynamic_cast<P::MemberExprContext*>(ctx)) {
        auto out = one(ExprKind::Member, m->expr());
        out->names.push_back(name(m->name()));
        out->text = out->names[0].text;
        return out;
    }
    if (auto* i = dynamic_cast<P::IndexExprContext*>(ctx)) {
        auto out = one(ExprKind::Index, i->expr(0));
        out->args.push_back(expr(i->expr(1)));
        return out;
    }
    if (auto* c = dynamic_cast<P::CallExprContext*>(ctx)) {
        auto out = one(ExprKind::Call, c->expr());
        out->arg_names.emplace_back();
        out->arg_spans.push_back(out->args[0]->span);
        arguments(c->args(), *out);
        return out;
    }
    if (auto* k = dynamic_cast<P::CreateExprContext*>(ctx)) {
        auto out = make(ExprKind::Create, at, k->name(0)->getText());
        syntax::Type t;
        t.span = span(k->name(0));
        t.name = out->text;
        for (auto* arg : k->typeArgs()->typeArg())
            if (arg->type() != nullptr) t.args.push_back(type(arg->type()));
        out->type = std::move(t);
        out->names.push_back(name(k->name(1)));
        arguments(k->args(), *out);
        return out;
    }
    if (auto* m = dynamic_cast<P::MoveExprContext*>(ctx)) return one(ExprKind::Move, m->expr());
    if (auto* o = dynamic_cast<P::OldExprContext*>(ctx)) return one(ExprKind::Old, o->expr());
    if (auto* n = dynamic_cast<P::NegateExprContext*>(ctx)) return one(ExprKind::Negate, n->expr());
    if (auto* n = dynamic_cast<P::NotExprContext*>(ctx)) return one(ExprKind::Not, n->expr());
    if (auto* b = dynamic_cast<P::MulExprContext*>(ctx)) return two(b->op->getText(), b->expr(0), b->expr(1));
    if (auto* b = dynamic_cast<P::AddExprContext*>(ctx)) return two(b->op->getText(), b->expr(0), b->expr(1));
    if (auto* b = dynamic_cast<P::CompareExprContext*>(ctx)) return two(b->op->getText(), b->expr(0), b->expr(1));
    if (auto* b = dynamic_cast<P::InExprContext*>(ctx)) return two("in", b->expr(0), b->expr(1));
    if (auto* b = dynamic_cast<P::AndExprContext*>(ctx)) return two("and", b->expr(0), b->expr(1));
    if (auto* b = dynamic_cast<P::OrExprContext*>(ctx)) return two("or", b->expr(0), b->expr(1));
    if (auto* s = dynamic_cast<P::IsExprContext*>(ctx)) {
        auto out = one(ExprKind::Is, s->expr(), s->name()->getText());
        out->names.push_back(name(s->name()));
        return out;
    }
    if (auto* s = dynamic_cast<P::SumExprContext*>(ctx)) {
        auto out = one(ExprKind::Sum, s->expr(0));
        out->args.push_back(expr(s->expr(1)));
        out->args.push_back(s->expr().size() > 2 ? expr(s->expr(2)) : nullptr);
        out->names = pattern(s->pattern());
        return out;
    }
    const auto quantifier = [&](ExprKind kind, auto* q) {
        auto out = one(kind, q->expr(0));
        out->args.push_back(expr(q->expr(1)));
        out->names = pattern(q->pattern());
        return out;
    };
    if (auto* q = dynamic_cast<P::EveryExprContext*>(ctx)) return quantifier(ExprKind::Every, q);
    if (auto* q = dynamic_cast<P::SomeExprContext*>(ctx)) return quantifier(ExprKind::Some, q);
    if (auto* w = dynamic_cast<P::WaterfallExprContext*>(ctx)) {
        auto out = one(ExprKind::Waterfall, w->expr());
        for (auto* t : w->tier()) out->tiers.push_back(tier(t));
        if (w->name() != nullptr) {
            out->text = w->name()->getText();
            out->names.push_back(name(w->name()));
        }
        return out;
    }
    if (auto* a = dynamic_cast<P::AsExprContext*>(ctx)) {
        auto out = one(ExprKind::As, a->expr());
        out->names = names(a->name());
        return out;
    }
    if (auto* k = dynamic_cast<P::BatchExprContext*>(ctx)) {
        auto out = make(ExprKind::Batch, at, k->children.at(1)->getText());
        for (auto* e : k->expr()) out->args.push_back(expr(e));
        return out;
    }
    if (auto* r = dynamic_cast<P::RecordExprContext*>(ctx)) {
        auto out = make(ExprKind::Record, at, r->name()->getText());
        out->names.push_back(name(r->name()));
        if (r->fieldInits() != nullptr)
            for (auto* init : r->fieldInits()->fieldInit()) {
                out->args.push_back(expr(init->expr()));
                out->arg_names.push_back(init->name()->getText());
                out->arg_spans.push_back(span(init->name()));
            }
        return out;
    }
    if (auto* l = dynamic_cast<P::LiteralExprContext*>(ctx)) return literal(l->literal());
    if (auto* n = dynamic_cast<P::NameExprContext*>(ctx)) return make(ExprKind::Name, at, n->name()->getText());
    if (auto* p = dynamic_cast<P::ParenExprContext*>(ctx)) return expr(p->expr());
    if (auto* c = dynamic_cast<P::ComprehensionExprContext*>(ctx)) {
        auto out = one(ExprKind::Comprehension, c->expr(0));
        for (std::size_t i = 0; i < c->pattern().size(); ++i) out->fors.push_back({pattern(c->pattern(i)), expr(c->expr(i + 1))});
        if (c->expr().size() > c->pattern().size() + 1) out->args.push_back(expr(c->expr(c->pattern().size() + 1)));
        return out;
    }
    auto out = make(ExprKind::List, at);
    if (auto* l = dynamic_cast<P::ListExprContext*>(ctx))
        for (auto* e : l->expr()) out->args.push_back(expr(e));
    return out;
}

ExprPtr Builder::path(P::PathContext* ctx) {
    auto out = make(ExprKind::Name, span(ctx->name()), ctx->name()->getText());
    for (auto* step : ctx->pathStep()) {
        const Span at = span(ctx->getStart(), step->getStop());
        const auto kind = step->name() != nullptr ? ExprKind::Member : step->expr() != nullptr ? ExprKind::Index : ExprKind::Call;
        auto outer = make(kind, at);
        outer->args.push_back(std::move(out));
        if (kind == ExprKind::Member) {
            outer->names.push_back(name(step->name()));
            outer->text = outer->names[0].text;
        } else if (kind == ExprKind::Index) {
            outer->args.push_back(expr(step->expr()));
        } else {
            outer->arg_names.emplace_back();
            arguments(step->args(), *outer);
        }
        out = std::move(outer);
    }
    return out;
}

ExprPtr Builder::literal(P::LiteralContext* ctx) {
    const Span at = span(ctx);
    if (auto* p = dynamic_cast<P::PercentLiteralContext*>(ctx)) {
        auto out = make(ExprKind::Percent, at, p->NUMBER()->getText());
        if (p->name() != nullptr) out->names.push_back(name(p->name()));
        return out;
    }
    if (auto* u = dynamic_cast<P::UnitLiteralContext*>(ctx)) {
        auto out = make(ExprKind::Unit, at, u->NUMBER()->getText());
        out->names.push_back({u->ID()->getText(), span(u->ID()->getSymbol())});
        return out;
    }
    if (dynamic_cast<P::NumberLiteralContext*>(ctx) != nullptr) return make(ExprKind::Number, at, ctx->getText());
    if (dynamic_cast<P::DateLiteralContext*>(ctx) != nullptr) return make(ExprKind::Date, at, ctx->getText());
    if (auto* t = dynamic_cast<P::TextLiteralContext*>(ctx)) return make(ExprKind::Text, at, text(t->STRING()));
    if (dynamic_cast<P::TrueLiteralContext*>(ctx) != nullptr) return make(ExprKind::True, at);
    if (dynamic_cast<P::FalseLiteralContext*>(ctx) != nullptr) return make(ExprKind::False, at);
    return make(ExprKind::None, at);
}

Tier Builder::tier(P::TierContext* ctx) {
    Tier out{};
    if (auto* u = dynamic_cast<P::TierUpToContext*>(ctx)) {
        out.kind = Tier::Kind::UpTo;
        out.name = name(u->name());
        out.amount = expr(u->expr());
    } else if (auto* f = dynamic_cast<P::TierFromContext*>(ctx)) {
        const bool over = f->name().size() > 1;
        out.kind = over ? Tier::Kind::Over : Tier::Kind::From;
        out.name = name(f->name(0));
        if (over) {
            out.variable = name(f->name(1));
            out.list = expr(f->expr(0));
        }
        out.amount = expr(f->expr().back());
    } else if (auto* e = dynamic_cast<P::TierEachContext*>(ctx)) {
        out.kind = Tier::Kind::Each;
        out.name = name(e->name());
        out.list = expr(e->expr());
        for (auto* t : e->tier()) out.inner.push_back(tier(t));
    }
    return out;
}

std::vector<StmtPtr> Builder::block(P::BlockContext* ctx) {
    std::vector<StmtPtr> out;
    for (auto* s : ctx->stmt()) out.push_back(stmt(s));
    return out;
}

std::vector<Init> Builder::inits(P::FieldInitsContext* ctx) {
    std::vector<Init> out;
    if (ctx != nullptr)
        for (auto* init : ctx->fieldInit()) out.push_back({name(init->name()), expr(init->expr())});
    return out;
}

Stmt Builder::failure(P::CallContext* ctx) {
    Stmt out{};
    out.kind = StmtKind::Fail;
    out.span = span(ctx);
    out.text = ctx->name()->getText();
    out.text_span = span(ctx->name());
    if (ctx->args() != nullptr)
        for (auto* arg : ctx->args()->arg())
            out.fields.push_back({arg->name() ? name(arg->name()) : Name{}, expr(arg->expr())});
    return out;
}

StmtPtr Builder::if_stmt(P::IfStmtContext* ctx) {
    auto out = std::make_unique<Stmt>();
    out->kind = StmtKind::If;
    out->span = span(ctx);
    out->expr = expr(ctx->expr());
    out->body = block(ctx->block(0));
    auto* tail = out.get();
    for (auto* e : ctx->elseIf()) {
        auto next = std::make_unique<Stmt>();
        next->kind = StmtKind::If;
        next->span = span(e);
        next->expr = expr(e->expr());
        next->body = block(e->block());
        auto* inner = next.get();
        tail->other.push_back(std::move(next));
        tail = inner;
    }
    if (ctx->block().size() > 1) tail->other = block(ctx->block(1));
    return out;
}

StmtPtr Builder::match(P::MatchStmtContext* ctx) {
    auto out = std::make_unique<Stmt>();
    out->kind = StmtKind::Match;
    out->span = span(ctx);
    out->expr = expr(ctx->expr());
    for (auto* a : ctx->arm()) {
        const auto words = names(a->name());
        const auto first = a->getStart()->getText();
        const bool keyword = first == "none" || first == "some";
        Arm arm{keyword ? Name{first, span(a->getStart())} : words.front(), {}, {}, span(a)};
        arm.binds.assign(words.begin() + (keyword ? 0 : 1), words.end());
        if (a->block() != nullptr) arm.body = block(a->block());
        else {
            auto s = std::make_unique<Stmt>();
            s->kind = StmtKind::Expr;
            s->span = span(a->expr());
            s->expr = expr(a->expr());
            arm.body.push_back(std::move(s));
        }
        out->arms.push_back(std::move(arm));
    }
    return out;
}

StmtPtr Builder::stmt(P::StmtContext* ctx) {
    if (auto* i = dynamic_cast<P::IfStmtContext*>(ctx)) return if_stmt(i);
    if (auto* m = dynamic_cast<P::MatchStmtContext*>(ctx)) return match(m);
    auto out = std::make_unique<Stmt>();
    out->span = span(ctx);
    const auto named = [&](StmtKind kind, P::NameContext* n, P::FieldInitsContext* fields) {
        out->kind = kind;
        out->text = n->getText();
        out->text_span = span(n);
        out->fields = inits(fields);
        out->has_fields = fields != nullptr;
    };
    if (auto* l = dynamic_cast<P::LetStmtContext*>(ctx)) {
        out->kind = StmtKind::Let;
        out->names = pattern(l->pattern());
        if (l->type() != nullptr) out->type = type(l->type());
        out->expr = expr(l->expr());
    } else if (auto* v = dynamic_cast<P::LocalVarContext*>(ctx)) {
        out->kind = StmtKind::Var;
        out->names.push_back(name(v->name()));
        if (v->type() != nullptr) out->type = type(v->type());
        out->expr = expr(v->expr());
    } else if (auto* a = dynamic_cast<P::AssignContext*>(ctx)) {
        out->kind = StmtKind::Assign;
        out->text = a->op->getText();
        out->text_span = span(a->op);
        out->target = expr(a->expr(0));
        out->expr = expr(a->expr(1));
        if (type_before_name(*out->target)) {
            const auto& generic = *out->target->args[0];
            const auto pair = out->target->args[1]->text + ": " + generic.args[0]->text + "<" + generic.args[1]->text + ">";
            auto& d = sink_.report(Diag::TypeFirst, out->target->span, {"let " + pair});
            for (const auto* begin : {"let ", "var "}) d.suggest(Applicability::Choice, out->target->span, begin + pair);
        }
    } else if (auto* f = dynamic_cast<P::ForStmtContext*>(ctx)) {
        out->kind = StmtKind::For;
        out->names = pattern(f->pattern());
        out->expr = expr(f->expr());
        out->body = block(f->block());
    } else if (auto* b = dynamic_cast<P::BecomeStmtContext*>(ctx)) named(StmtKind::Become, b->name(), b->fieldInits());
    else if (auto* e = dynamic_cast<P::EmitStmtContext*>(ctx)) named(StmtKind::Emit, e->name(), e->fieldInits());
    else if (auto* fa = dynamic_cast<P::FailStmtContext*>(ctx)) {
        *out = failure(fa->call());
        out->span = span(ctx);
    } else if (auto* r = dynamic_cast<P::ReturnStmtContext*>(ctx)) {
        out->kind = StmtKind::Return;
        if (r->expr() != nullptr) out->expr = expr(r->expr());
    } else if (dynamic_cast<P::BreakStmtContext*>(ctx) != nullptr) out->kind = StmtKind::Break;
    else if (auto* ad = dynamic_cast<P::AdvanceStmtContext*>(ctx)) {
        out->kind = StmtKind::Advance;
        out->expr = expr(ad->expr());
    } else if (auto* ef = dynamic_cast<P::ExpectFailContext*>(ctx)) {
        named(StmtKind::ExpectFail, ef->name(), ef->fieldInits());
        out->expr = expr(ef->expr());
    } else if (auto* ee = dynamic_cast<P::ExpectEventContext*>(ctx)) named(StmtKind::ExpectEvent, ee->name(), ee->fieldInits());
    else if (auto* et = dynamic_cast<P::ExpectTrueContext*>(ctx)) {
        out->kind = StmtKind::Expect;
        out->expr = expr(et->expr());
    } else if (auto* x = dynamic_cast<P::ExprStmtContext*>(ctx)) {
        out->kind = StmtKind::Expr;
        out->expr = expr(x->expr());
    } else if (auto* en = dynamic_cast<P::EnterStmtContext*>(ctx)) {
        out->kind = StmtKind::Enter;
        out->text = en->name()->getText();
        out->text_span = span(en->name());
        out->expr = make(ExprKind::Call, span(en->name()));
        out->expr->args.push_back(make(ExprKind::Name, out->text_span, out->text));
        out->expr->arg_names.emplace_back();
        arguments(en->args(), *out->expr);
        out->target = expr(en->expr(0));
        out->ref = expr(en->expr(1));
    } else if (auto* re = dynamic_cast<P::ReverseStmtContext*>(ctx)) {
        out->kind = StmtKind::Reverse;
        out->expr = expr(re->expr());
    }
    else if (auto* g = dynamic_cast<P::GivenStmtContext*>(ctx)) {
        out->kind = StmtKind::Given;
        out->expr = expr(g->expr());
    } else if (auto* c = dynamic_cast<P::ExpectConservedContext*>(ctx)) {
        out->kind = StmtKind::ExpectConserved;
        out->expr = expr(c->expr());
    }
    return out;
}

} // namespace tally
