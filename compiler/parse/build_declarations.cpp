#include "compiler/parse/build.hpp"

#include "vm/value/decimal_text.hpp"

namespace tally {

using namespace syntax;

Span Builder::span(antlr4::Token* first, antlr4::Token* last) const {
    const auto begin = first->getStartIndex();
    const auto end = last == nullptr || last->getStopIndex() + 1 < begin ? begin : last->getStopIndex() + 1;
    return {file_, byte_offsets_.at(begin), byte_offsets_.at(end)};
}
Span Builder::span(antlr4::ParserRuleContext* ctx) const { return span(ctx->getStart(), ctx->getStop()); }
Span Builder::span(antlr4::Token* token) const { return span(token, token); }

Name Builder::name(P::NameContext* ctx) {
    Name out{ctx->getText(), span(ctx)};
    if (!made_ && out.text.find("__") != std::string::npos) sink_.report(Diag::MadeName, out.span, {out.text});
    return out;
}

std::vector<Name> Builder::names(const std::vector<P::NameContext*>& contexts) {
    std::vector<Name> out;
    for (auto* ctx : contexts) out.push_back(name(ctx));
    return out;
}
std::vector<Name> Builder::state_set(P::StateSetContext* ctx) { return names(ctx->name()); }
std::vector<Name> Builder::type_params(P::TypeParamsContext* ctx) {
    return ctx == nullptr ? std::vector<Name>{} : names(ctx->name());
}

std::string Builder::docs(const std::vector<P::DocContext*>& contexts) {
    std::string out;
    for (auto* ctx : contexts) {
        auto line = ctx->getText().substr(3);
        if (!line.empty() && line.front() == ' ') line.erase(0, 1);
        out += (out.empty() ? "" : "\n") + line;
    }
    return out;
}

std::string Builder::text(antlr4::tree::TerminalNode* node) {
    const auto raw = node->getText();
    std::string out;
    for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
        if (raw[i] != '\\') {
            out += raw[i];
            continue;
        }
        ++i;
        if (raw[i] == 'n') out += '\n';
        else if (raw[i] == '"' || raw[i] == '\\') out += raw[i];
        else sink_.report(Diag::BadText, span(node->getSymbol()), {std::string("\\") + raw[i]});
    }
    return out;
}

std::uint64_t Builder::number(antlr4::Token* token) {
    const auto value = decimal_parse(token->getText(), 0);
    if (!value || *value > static_cast<i128>(~std::uint64_t{0} >> 1)) {
        sink_.report(Diag::BadNumber, span(token), {token->getText()});
        return 0;
    }
    return static_cast<std::uint64_t>(*value);
}
std::uint64_t Builder::number(antlr4::tree::TerminalNode* node) { return number(node->getSymbol()); }

syntax::File Builder::file(P::FileContext* ctx) {
    syntax::File out;
    out.number = file_;
    out.module = ctx->moduleDecl()->qname()->getText();
    out.module_span = span(ctx->moduleDecl()->qname());
    out.version = number(ctx->moduleDecl()->NUMBER());
    for (auto* import : ctx->importDecl())
        out.imports.push_back({import->qname()->getText(), span(import->qname()), names(import->name())});
    for (auto* declaration : ctx->topDecl()) top_declaration(declaration, out);
    return out;
}

void Builder::top_declaration(P::TopDeclContext* ctx, syntax::File& out) {
    const bool is_pub = ctx->vis() != nullptr;
    const bool in_package = is_pub && ctx->vis()->getText() != "pub";
    const auto doc = docs(ctx->doc());
    const auto record = [&](auto* decl, std::vector<Record>& into) {
        Record r{name(decl->name()), is_pub, type_params(decl->typeParams()), {}, "", doc};
        for (auto* f : decl->field()) r.fields.push_back(field(f));
        into.push_back(std::move(r));
    };
    if (auto* c = ctx->constDecl()) out.consts.push_back({name(c->name()), is_pub, type(c->type()), expr(c->expr())});
    else if (auto* r = ctx->recordDecl()) record(r, out.records);
    else if (auto* ev = ctx->eventDecl()) record(ev, out.events);
    else if (auto* er = ctx->errorDecl())
        out.errors.push_back({name(er->name()), is_pub, type_params(er->typeParams()), params(er->params()), text(er->STRING()), doc});
    else if (auto* en = ctx->enumDecl()) {
        Enum e{name(en->name()), is_pub, {}, {}, {}};
        for (auto* v : en->variant()) {
            e.cases.push_back(name(v->name()));
            e.payloads.push_back(params(v->params()));
        }
        out.enums.push_back(std::move(e));
    } else if (auto* k = ctx->contractDecl()) {
        out.contracts.push_back(contract(k));
        out.contracts.back().is_pub = is_pub;
        out.contracts.back().doc = doc;
    } else if (auto* f = ctx->fnDecl()) {
        out.fns.push_back(fn(f));
        out.fns.back().is_pub = is_pub;
        out.fns.back().doc = doc;
    } else if (auto* t = ctx->testDecl()) {
        out.tests.push_back({text(t->STRING()), span(t->STRING()->getSymbol()), block(t->block()), {}});
    } else if (auto* a = ctx->assetDecl()) out.later.push_back({"an asset type of your own (`asset`)", span(a->name())});
    else if (auto* m = ctx->migrateDecl()) {
        Migrate migrate{name(m->name()), number(m->NUMBER()), fn_base(FnKind::Fn, m, nullptr, nullptr, m->head(), m->block())};
        migrate.fn.name = {"migrate", span(m->getStart())};
        out.migrates.push_back(std::move(migrate));
    }
    else if (auto* p = ctx->propertyDecl()) {
        out.tests.push_back({text(p->STRING()), span(p->STRING()->getSymbol()), block(p->block()), params(p->params())});
        if (out.tests.back().params.empty()) sink_.report(Diag::UnexpectedToken, span(p->STRING()->getSymbol()), {p->STRING()->getText(), "a property has parameters; without them it is a `test`"});
    }
    if (!in_package) return;
    for (auto* named : std::initializer_list<antlr4::ParserRuleContext*>{ctx->constDecl(), ctx->recordDecl(), ctx->enumDecl(), ctx->errorDecl(), ctx->eventDecl(), ctx->contractDecl(), ctx->fnDecl()})
        if (named != nullptr) out.package_only.insert(named->getRuleContext<P::NameContext>(0)->getText());
}

syntax::Contract Builder::contract(P::ContractDeclContext* ctx) {
    syntax::Contract out;
    out.name = name(ctx->name(0));
    out.type_params = type_params(ctx->typeParams());
    if (ctx->type() != nullptr) {
        out.parent = type(ctx->type());
        out.parent_name = name(ctx->name(1));
    }
    for (auto* m : ctx->member()) member(m, out);
    return out;
}

void Builder::member(P::MemberContext* ctx, syntax::Contract& out) {
    const auto doc = docs(ctx->doc());
    const auto plain = [&](MemberKind kind, auto* decl, ExprPtr init, std::uint64_t max = 0) {
        out.members.push_back({kind, {name(decl->name()), type(decl->type()), std::move(init), doc}, max});
    };
    if (auto* r = ctx->roleDecl()) plain(MemberKind::Role, r, nullptr);
    else if (auto* c = ctx->constField()) plain(MemberKind::Const, c, c->expr() ? expr(c->expr()) : nullptr);
    else if (auto* v = ctx->varDecl()) plain(MemberKind::Var, v, v->expr() ? expr(v->expr()) : nullptr);
    else if (auto* w = ctx->vaultDecl()) plain(MemberKind::Vault, w, nullptr);
    else if (auto* a = ctx->accrualDecl())
        out.accruals.push_back({name(a->name()), expr(a->expr(0)), expr(a->expr(1)), expr(a->expr(2)), false});
    else if (auto* l = ctx->lifecycleDecl()) {
        if (out.has_lifecycle) sink_.report(Diag::Duplicate, span(l->getStart()), {"lifecycle"});
        out.has_lifecycle = true;
        const auto all = names(l->name());
        out.initial = all.front();
        out.finals.assign(all.begin() + 1, all.end());
        for (auto* t : l->transition()) {
            auto states = names(t->name());
            Edge edge{states.front(), {}};
            edge.to.assign(states.begin() + 1, states.end());
            out.edges.push_back(std::move(edge));
        }
    } else if (auto* d = ctx->stateData()) {
        StateData data{state_set(d->stateSet()), {}};
        for (auto* f : d->field()) data.fields.push_back(field(f));
        out.state_data.push_back(std::move(data));
    } else if (auto* i = ctx->invariantDecl())
        out.invariants.push_back({name(i->name()), i->stateSet() ? state_set(i->stateSet()) : std::vector<Name>{}, expr(i->expr())});
    else if (auto* cr = ctx->createDecl()) {
        out.fns.push_back(fn_base(FnKind::Create, cr, cr->params(), nullptr, cr->head(), cr->block()));
        out.fns.back().name = {"create", span(cr->getStart())};
    } else if (auto* ac = ctx->actionDecl()) {
        out.fns.push_back(fn_base(FnKind::Action, ac, ac->params(), ac->type(), ac->head(), ac->block()));
        out.fns.back().name = name(ac->name());
        if (out.fns.back().name.text == "create")
            sink_.report(Diag::UnexpectedToken, span(ac->getStart()), {"action", "`create` stands alone"})
                .suggest(Applicability::Automatic, {file_, span(ac->getStart()).begin, out.fns.back().name.span.begin}, "");
    } else if (auto* vi = ctx->viewDecl()) {
        out.fns.push_back(fn_base(FnKind::View, vi, vi->params(), vi->type(), vi->head(), vi->block()));
        out.fns.back().name = name(vi->name());
    } else if (auto* cl = ctx->clauseDecl()) {
        auto f = fn_base(FnKind::Clause, cl, nullptr, nullptr, cl->head(), cl->block());
        f.name = name(cl->name());
        if (auto* each = dynamic_cast<P::TriggerEachContext*>(cl->trigger())) {
            f.each = name(each->name(0));
            f.trigger = expr(each->expr());
            if (each->name().size() > 1) f.phase = name(each->name(1));
        } else if (auto* on = dynamic_cast<P::TriggerOnContext*>(cl->trigger())) {
            f.trigger = expr(on->expr());
            if (on->name() != nullptr) f.phase = name(on->name());
        }
        out.fns.push_back(std::move(f));
    } else if (auto* fu = ctx->fnDecl()) out.fns.push_back(fn(fu));
    else if (auto* b = ctx->bookDecl()) {
        if (out.book) sink_.report(Diag::Duplicate, span(b->getStart()), {"book"});
        out.book = book(b);
    }
    else if (auto* da = ctx->datedDecl()) plain(MemberKind::Dated, da, nullptr, da->NUMBER() != nullptr ? number(da->NUMBER()) : 0);
    else if (auto* lo = ctx->logDecl()) plain(MemberKind::Log, lo, nullptr);
    else if (auto* su = ctx->sumDecl()) plain(MemberKind::Sum, su, nullptr);
    else if (auto* ad = ctx->addsDecl()) out.adds.push_back({span(ad), expr(ad->expr(0)), expr(ad->expr(1))});
    if (!out.fns.empty() && out.fns.back().doc.empty()) out.fns.back().doc = doc;
}

Book Builder::book(P::BookDeclContext* ctx) {
    Book out;
    out.span = span(ctx->getStart());
    out.max = number(ctx->NUMBER());
    for (auto* f : ctx->bookField()) out.fields.push_back({name(f->name()), type(f->type()), f->expr() ? expr(f->expr()) : nullptr, ""});
    for (auto* a : ctx->accrualDecl()) out.accruals.push_back({name(a->name()), expr(a->expr(0)), expr(a->expr(1)), expr(a->expr(2)), true});
    for (auto* s : ctx->stepDecl()) out.steps.push_back({name(s->name(0)), name(s->name(1)), expr(s->expr()), block(s->block())});
    for (auto* e : ctx->entryDecl()) out.entries.push_back({name(e->name()), params(e->params()), block(e->block())});
    for (auto* f : ctx->fnDecl()) out.fns.push_back(fn(f));
    return out;
}

Fn Builder::fn_base(FnKind kind, antlr4::ParserRuleContext* ctx, P::ParamsContext* ps, P::TypeContext* result,
                    P::HeadContext* h, P::BlockContext* b) {
    Fn out;
    out.kind = kind;
    out.span = span(ctx->getStart());
    out.params = params(ps);
    if (result != nullptr) out.result = type(result);
    out.head = head(h);
    if (b != nullptr) out.body = block(b);
    return out;
}

Fn Builder::fn(P::FnDeclContext* ctx) {
    const bool native = ctx->getStart()->getText() == "native";
    auto out = fn_base(native ? FnKind::Native : FnKind::Fn, ctx, ctx->params(), ctx->type(), ctx->head(), ctx->block());
    out.name = name(ctx->name());
    out.type_params = type_params(ctx->typeParams());
    if (native != (ctx->block() == nullptr))
        sink_.report(Diag::UnexpectedToken, out.name.span, {out.name.text, native ? "a native function has no body" : "give the function a body in braces"});
    return out;
}

Head Builder::head(P::HeadContext* ctx) {
    Head out;
    out.begin = span(ctx->getStart());
    out.begin.end = out.begin.begin;
    if (ctx->byPart()) out.by = auth(ctx->byPart()->auth());
    if (ctx->statePart()) out.states = state_set(ctx->statePart()->stateSet());
    if (ctx->whenPart()) out.when = expr(ctx->whenPart()->expr());
    if (ctx->lawPart()) out.law = text(ctx->lawPart()->STRING());
    for (auto* r : ctx->requirePart()) out.requires_.push_back({expr(r->expr()), failure(r->call())});
    for (auto* e : ctx->ensurePart()) out.ensures.push_back(expr(e->expr()));
    if (ctx->becomesPart()) out.becomes = state_set(ctx->becomesPart()->stateSet());
    if (ctx->adjustPart()) out.adjust = expr(ctx->adjustPart()->expr());
    if (ctx->failsPart()) out.fails = names(ctx->failsPart()->name());
    return out;
}

Auth Builder::auth(P::AuthContext* ctx) {
    Auth out;
    out.span = span(ctx);
    const auto list = [&](AuthKind kind, const std::vector<P::AuthContext*>& parts) {
        out.kind = kind;
        for (auto* part : parts) out.children.push_back(auth(part));
    };
    const auto term = [&](AuthKind kind, P::PathContext* p) {
        out.kind = kind;
        out.term = path(p);
    };
    if (auto* all = dynamic_cast<P::AuthAllContext*>(ctx)) list(AuthKind::All, all->auth());
    else if (auto* any = dynamic_cast<P::AuthAnyListContext*>(ctx)) list(AuthKind::AnyList, any->auth());
    else if (auto* a = dynamic_cast<P::AuthAnyContext*>(ctx)) term(AuthKind::Any, a->path());
    else if (auto* e = dynamic_cast<P::AuthEachContext*>(ctx)) term(AuthKind::Each, e->path());
    else if (auto* c = dynamic_cast<P::AuthCountContext*>(ctx)) {
        term(AuthKind::Count, c->path());
        out.n = number(c->NUMBER());
    } else if (auto* q = dynamic_cast<P::AuthQuorumContext*>(ctx)) {
        term(AuthKind::Quorum, q->path());
        out.n = number(q->NUMBER(0));
        out.d = number(q->NUMBER(1));
    } else if (dynamic_cast<P::AuthAnyoneContext*>(ctx) != nullptr) out.kind = AuthKind::Anyone;
    else if (dynamic_cast<P::AuthContractContext*>(ctx) != nullptr) out.kind = AuthKind::Contract;
    else if (auto* child = dynamic_cast<P::AuthChildContext*>(ctx)) {
        out.kind = AuthKind::Child;
        out.name = name(child->name());
    } else if (auto* t = dynamic_cast<P::AuthTermContext*>(ctx)) term(AuthKind::Term, t->path());
    return out;
}

Field Builder::field(P::FieldContext* ctx) {
    return {name(ctx->name()), type(ctx->type()), ctx->expr() ? expr(ctx->expr()) : nullptr, docs(ctx->doc())};
}

std::vector<Field> Builder::params(P::ParamsContext* ctx) {
    std::vector<Field> out;
    if (ctx == nullptr) return out;
    for (auto* p : ctx->param()) out.push_back({name(p->name()), type(p->type()), nullptr, ""});
    return out;
}

syntax::Type Builder::type(P::TypeContext* ctx) {
    syntax::Type out;
    out.span = span(ctx);
    out.name = ctx->name()->getText();
    out.optional = ctx->getStop()->getText() == "?";
    if (ctx->typeArgs() != nullptr)
        for (auto* arg : ctx->typeArgs()->typeArg()) {
            if (arg->type() != nullptr) out.args.push_back(type(arg->type()));
            else out.max = number(arg->NUMBER());
        }
    return out;
}

} // namespace tally
