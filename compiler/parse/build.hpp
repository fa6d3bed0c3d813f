/// From ANTLR's contexts to the syntax tree; nothing of ANTLR survives it.
#pragma once

#include "compiler/diag/diag.hpp"
#include "compiler/syntax/syntax.hpp"
#include "tally_parser/TallyParser.h"

namespace tally {

class Builder {
public:
    Builder(std::uint32_t file, const std::vector<std::uint32_t>& byte_offsets, bool made, Sink& sink)
        : file_(file), byte_offsets_(byte_offsets), made_(made), sink_(sink) {}

    [[nodiscard]] syntax::File file(TallyParser::FileContext* ctx);

private:
    using P = TallyParser;
    // places
    [[nodiscard]] Span span(antlr4::ParserRuleContext* ctx) const;
    [[nodiscard]] Span span(antlr4::Token* token) const;
    [[nodiscard]] Span span(antlr4::Token* first, antlr4::Token* last) const;
    // declarations
    void top_declaration(P::TopDeclContext* ctx, syntax::File& file);
    void member(P::MemberContext* ctx, syntax::Contract& contract);
    [[nodiscard]] syntax::Book book(P::BookDeclContext* ctx);
    [[nodiscard]] syntax::Contract contract(P::ContractDeclContext* ctx);
    [[nodiscard]] syntax::Fn fn_base(syntax::FnKind kind, antlr4::ParserRuleContext* ctx, P::ParamsContext* params,
                                     P::TypeContext* result, P::HeadContext* head, P::BlockContext* block);
    [[nodiscard]] syntax::Fn fn(P::FnDeclContext* ctx);
    [[nodiscard]] syntax::Head head(P::HeadContext* ctx);
    [[nodiscard]] syntax::Auth auth(P::AuthContext* ctx);
    [[nodiscard]] syntax::Field field(P::FieldContext* ctx);
    [[nodiscard]] std::vector<syntax::Field> params(P::ParamsContext* ctx);
    [[nodiscard]] syntax::Type type(P::TypeContext* ctx);
    [[nodiscard]] std::vector<syntax::Name> type_params(P::TypeParamsContext* ctx);
    [[nodiscard]] std::vector<syntax::Name> names(const std::vector<P::NameContext*>& contexts);
    [[nodiscard]] std::vector<syntax::Name> state_set(P::StateSetContext* ctx);
    [[nodiscard]] syntax::Name name(P::NameContext* ctx);
    [[nodiscard]] std::string text(antlr4::tree::TerminalNode* string_token);
    [[nodiscard]] std::uint64_t number(antlr4::tree::TerminalNode* token);
    [[nodiscard]] std::uint64_t number(antlr4::Token* token);
    [[nodiscard]] static std::string docs(const std::vector<P::DocContext*>& contexts);
    // statements and expressions
    [[nodiscard]] std::vector<syntax::StmtPtr> block(P::BlockContext* ctx);
    [[nodiscard]] syntax::StmtPtr stmt(P::StmtContext* ctx);
    [[nodiscard]] syntax::StmtPtr if_stmt(P::IfStmtContext* ctx);
    [[nodiscard]] syntax::StmtPtr match(P::MatchStmtContext* ctx);
    [[nodiscard]] syntax::Stmt failure(P::CallContext* ctx);
    [[nodiscard]] std::vector<syntax::Init> inits(P::FieldInitsContext* ctx);
    [[nodiscard]] syntax::ExprPtr expr(P::ExprContext* ctx);
    [[nodiscard]] syntax::ExprPtr path(P::PathContext* ctx);
    [[nodiscard]] syntax::ExprPtr literal(P::LiteralContext* ctx);
    [[nodiscard]] syntax::Tier tier(P::TierContext* ctx);
    void arguments(P::ArgsContext* ctx, syntax::Expr& into);
    [[nodiscard]] std::vector<syntax::Name> pattern(P::PatternContext* ctx);

    std::uint32_t file_;
    const std::vector<std::uint32_t>& byte_offsets_; ///< by code point
    bool made_;
    Sink& sink_;
};

} // namespace tally
