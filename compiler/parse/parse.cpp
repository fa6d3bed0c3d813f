#include "compiler/parse/parse.hpp"

#include "compiler/parse/build.hpp"
#include "compiler/parse/complain.hpp"
#include "tally_parser/TallyLexer.h"

#include <algorithm>

namespace tally {
namespace {

/// Byte offset of each code point (and of the end), or nothing when the text is not clean UTF-8.
std::optional<std::vector<std::uint32_t>> code_points(const std::string& text, std::uint32_t& bad) {
    std::vector<std::uint32_t> offsets;
    offsets.reserve(text.size() + 1);
    for (std::uint32_t i = 0; i < text.size();) {
        bad = i;
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::uint32_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3
                                                 : lead >= 0xf0 && lead < 0xf5       ? 4 : 0;
        if (length == 0 || i + length > text.size()) return std::nullopt;
        std::uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
        for (std::uint32_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0) != 0x80) return std::nullopt;
            point = (point << 6) | (next & 0x3f);
        }
        const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
        const bool surrogate = point >= 0xd800 && point < 0xe000;
        const bool control = (point < 0x20 && point != '\t' && point != '\n' && point != '\r') || (point >= 0x7f && point < 0xa0);
        // Characters that reorder or hide text could make source read differently from what it says.
        const bool hidden = (point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
                            (point >= 0x2060 && point <= 0x2069) || point == 0xfeff;
        if (overlong || surrogate || control || hidden || point > 0x10ffff) return std::nullopt;
        offsets.push_back(i);
        i += length;
    }
    offsets.push_back(static_cast<std::uint32_t>(text.size()));
    return offsets;
}

/// What ends parsing at the first token that does not fit.
struct Stopped {
    std::size_t token; ///< its index in the stream
    std::set<std::string> expected;
    std::vector<std::size_t> rules; ///< that are open, the innermost first
};

/// Stops at once; ANTLR's own text is never looked at, nor its recovery.
class Listener : public antlr4::BaseErrorListener {
public:
    void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t, std::size_t, const std::string&, std::exception_ptr why) override {
        auto* parser = dynamic_cast<antlr4::Parser*>(recognizer);
        if (parser == nullptr || offending == nullptr) return; // the lexer takes every character: UNKNOWN
        Stopped stopped{offending->getTokenIndex(), {}, {}};
        if (!looked_ahead(why, *offending)) stopped.expected = words(*parser);
        for (auto* ctx = dynamic_cast<antlr4::RuleContext*>(parser->getContext()); ctx != nullptr; ctx = dynamic_cast<antlr4::RuleContext*>(ctx->parent))
            stopped.rules.push_back(ctx->getRuleIndex());
        throw stopped;
    }

private:
    /// The parser stands where it chose, several tokens before: what it expected there says nothing.
    static bool looked_ahead(const std::exception_ptr& why, const antlr4::Token& offending) {
        if (!why) return false;
        try {
            std::rethrow_exception(why);
        } catch (const antlr4::NoViableAltException& e) {
            return e.getStartToken() != &offending;
        } catch (const antlr4::RecognitionException&) {
            return false;
        }
    }
    static std::set<std::string> words(antlr4::Parser& parser) {
        std::set<std::string> out;
        for (const auto type : parser.getExpectedTokens().toList()) {
            if (type < 0) continue;
            auto display = parser.getVocabulary().getDisplayName(static_cast<std::size_t>(type));
            if (display.size() > 2 && display.front() == '\'') out.insert(display.substr(1, display.size() - 2));
            else if (display == "ID") out.insert("NAME");
            else if (display == "STRING") out.insert("TEXT");
            else if (display == "NUMBER" || display == "DATE") out.insert(display);
        }
        return out;
    }
};

Lexeme::Kind kind_of(const antlr4::Token& token) {
    switch (token.getType()) {
    case antlr4::Token::EOF: return Lexeme::Kind::End;
    case TallyLexer::ID: return Lexeme::Kind::Name;
    case TallyLexer::NUMBER: return Lexeme::Kind::Number;
    case TallyLexer::DATE: return Lexeme::Kind::Date;
    case TallyLexer::STRING: return Lexeme::Kind::Text;
    case TallyLexer::UNKNOWN: return Lexeme::Kind::Unknown;
    default: break;
    }
    const char first = token.getText()[0];
    return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ? Lexeme::Kind::Keyword : Lexeme::Kind::Sign;
}

/// The stream as the rules of complain.cpp see it; `///` comments stay out.
struct Lexemes {
    std::vector<Lexeme> list;
    std::vector<std::size_t> in_stream; ///< by number in `list`
    std::vector<std::size_t> in_list;   ///< by number in the stream: the first that is not before it

    Lexemes(antlr4::CommonTokenStream& stream, const std::vector<std::uint32_t>& offsets, const std::string& text) {
        std::size_t line = 0;
        for (const auto* token : stream.getTokens()) {
            in_list.push_back(list.size());
            if (token->getType() == TallyLexer::DOC) continue;
            const bool end = token->getType() == antlr4::Token::EOF;
            const auto begin_byte = end ? static_cast<std::uint32_t>(text.size()) : offsets[token->getStartIndex()];
            const auto end_byte = end ? begin_byte : offsets[token->getStopIndex() + 1];
            list.push_back({kind_of(*token), std::string_view(text).substr(begin_byte, end_byte - begin_byte), begin_byte, end_byte, token->getLine() != line});
            in_stream.push_back(token->getTokenIndex());
            line = token->getLine();
        }
    }
};

SyntaxFailure failure_of(const Stopped& stopped, const Lexemes& lexemes) {
    SyntaxFailure out{};
    out.at = std::min(lexemes.in_list[stopped.token], lexemes.list.size() - 1);
    out.expected = stopped.expected;
    auto rules = stopped.rules;
    // Before its `{` a block has not begun: what is open is the header or the condition before it.
    if (!rules.empty() && rules[0] == TallyParser::RuleBlock && out.expected.contains("{") && out.expected.size() == 1) rules.erase(rules.begin());
    out.place = SyntaxFailure::Place::Top;
    const auto innermost = [&](std::initializer_list<std::size_t> wanted) {
        for (const auto rule : rules) {
            if (std::find(wanted.begin(), wanted.end(), rule) != wanted.end()) return true;
            if (rule == TallyParser::RuleStmt || rule == TallyParser::RuleExpr || rule == TallyParser::RuleBlock) return false;
        }
        return false;
    };
    for (const auto rule : rules) {
        if (rule == TallyParser::RuleContractDecl) out.place = SyntaxFailure::Place::Member;
        if (rule == TallyParser::RuleStmt || rule == TallyParser::RuleBlock) out.place = SyntaxFailure::Place::Statement;
        if (rule == TallyParser::RuleStmt || rule == TallyParser::RuleBlock || rule == TallyParser::RuleContractDecl) break;
    }
    out.in_parameters = innermost({TallyParser::RuleParams, TallyParser::RuleParam});
    out.in_fields = innermost({TallyParser::RuleField, TallyParser::RuleRecordDecl, TallyParser::RuleEventDecl, TallyParser::RuleStateData});
    out.in_enum = innermost({TallyParser::RuleEnumDecl});
    for (const auto rule : rules) {
        if (rule == TallyParser::RuleBlock) break;
        out.in_head = out.in_head || rule == TallyParser::RuleHead || rule == TallyParser::RuleActionDecl || rule == TallyParser::RuleCreateDecl ||
                      rule == TallyParser::RuleClauseDecl || rule == TallyParser::RuleViewDecl || rule == TallyParser::RuleFnDecl;
    }
    return out;
}

/// Leaves a faulty statement out of the stream and begins again, so that the next mistake is found too; what
/// would only follow from the first is not reported. Bounded, as each round reads the whole file.
class Recovery {
public:
    Recovery(antlr4::CommonTokenStream& stream, const Lexemes& lexemes, Complainer& complainer) : stream_(stream), lexemes_(lexemes), complainer_(complainer) {}

    /// True if there is more to find out.
    bool go_on(const Stopped& stopped) {
        const auto failure = failure_of(stopped, lexemes_);
        if (rounds_ > 0 && follows(failure.at)) return false;
        const auto region = complainer_.complain(failure);
        if (complainer_.unbalanced() || ++rounds_ == rounds_max || region.end <= failure.at) return false;
        // With the `///` before it, which would describe something else now.
        for (auto i = region.begin == 0 ? 0 : lexemes_.in_stream[region.begin - 1] + 1; i <= lexemes_.in_stream[region.end - 1]; ++i)
            if (auto* token = dynamic_cast<antlr4::WritableToken*>(stream_.get(i))) token->setChannel(antlr4::Token::HIDDEN_CHANNEL);
        visible_after_ = region.end;
        return true;
    }

private:
    /// Right behind what was left out it follows from that, unless a whole declaration is out and the next begins.
    [[nodiscard]] bool follows(std::size_t at) const {
        const auto& token = lexemes_.list[at];
        const bool begins = token.starts_line && (token.kind == Lexeme::Kind::Name || token.kind == Lexeme::Kind::Keyword);
        return at < visible_after_ || (at == visible_after_ && !(begins && lexemes_.list[at - 1].text == "}"));
    }

    static constexpr std::size_t rounds_max = 8;
    antlr4::CommonTokenStream& stream_;
    const Lexemes& lexemes_;
    Complainer& complainer_;
    std::size_t rounds_ = 0, visible_after_ = 0;
};

/// Counts depth on tokens, so that nothing later recurses further than this allows.
bool shallow(antlr4::CommonTokenStream& tokens, std::uint32_t file, const std::vector<std::uint32_t>& offsets, Sink& sink) {
    std::size_t depth = 0, prefixes = 0, operators = 0;
    std::vector<std::size_t> chains{0}; // `else`s since the last `;`, by depth of braces
    for (const auto* token : tokens.getTokens()) {
        const auto type = token->getType();
        if (type == antlr4::Token::EOF) break;
        const auto text = token->getText();
        const Span at{file, offsets[token->getStartIndex()], offsets[token->getStopIndex() + 1]};
        if (type == TallyLexer::ID && text.size() > identifier_bytes_max) {
            sink.report(Diag::NameTooLong, at);
            return false;
        }
        if (text == "(" || text == "[" || text == "{" || text == "<") ++depth;
        if ((text == ")" || text == "]" || text == "}" || text == ">") && depth > 0) --depth;
        if (text == "<" && depth > 100) --depth; // a comparison opens nothing
        prefixes = text == "not" || text == "-" || text == "move" || text == "as" ? prefixes + 1 : 0;
        if (text == ";" || text == "{" || text == "}") operators = 0;
        if (text == ";") depth = std::min<std::size_t>(depth, nesting_max);
        operators += type != TallyLexer::ID && type != TallyLexer::NUMBER ? 1 : 0;
        if (text == "{") chains.push_back(0);
        if (text == "}" && chains.size() > 1) chains.pop_back();
        if (text == ";") chains.back() = 0;
        if (text == "else") ++chains.back();
        if (depth > nesting_max || prefixes > nesting_max || operators > 5 * nesting_max || chains.back() > nesting_max) {
            sink.report(Diag::TooDeep, at);
            return false;
        }
    }
    return true;
}

/// Where a block comment begins that never ends. The lexer would take the rest of the file for it.
std::optional<std::uint32_t> open_comment(const std::string& text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '"') {
            for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i)
                if (text[i] == '\\') ++i;
        } else if (text[i] == '/' && text[i + 1] == '/') {
            i = std::min(text.find('\n', i), text.size());
        } else if (text[i] == '/' && text[i + 1] == '*') {
            const auto end = text.find("*/", i + 2);
            if (end == std::string::npos) return static_cast<std::uint32_t>(i);
            i = end + 1;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<syntax::File> parse(const Sources& sources, std::uint32_t number, Sink& sink) {
    const auto& source = sources.file(number);
    if (source.text.size() > source_bytes_max) {
        sink.report(Diag::SourceTooLarge, {number, 0, 0}, {source.path});
        return std::nullopt;
    }
    std::uint32_t bad = 0;
    const auto offsets = code_points(source.text, bad);
    if (!offsets) {
        sink.report(Diag::NotUtf8, {number, bad, bad + 1});
        return std::nullopt;
    }
    if (const auto at = open_comment(source.text)) {
        sink.report(Diag::UnexpectedEnd, {number, *at, *at + 2}, {"close this comment with `*/`"});
        return std::nullopt;
    }
    Listener listener;
    antlr4::ANTLRInputStream input(source.text);
    TallyLexer lexer(&input);
    lexer.removeErrorListeners();
    antlr4::CommonTokenStream tokens(&lexer);
    tokens.fill();
    if (!shallow(tokens, number, *offsets, sink)) return std::nullopt;

    TallyParser parser(&tokens);
    parser.removeErrorListeners();
    parser.addErrorListener(&listener);
    std::optional<Lexemes> lexemes;
    std::optional<Complainer> complainer;
    std::optional<Recovery> recovery;
    for (;;) {
        try {
            auto* tree = parser.file();
            if (!sink.empty()) return std::nullopt;
            Builder builder(number, *offsets, sources.file(number).made, sink);
            auto file = builder.file(tree);
            if (!sink.empty()) return std::nullopt;
            return file;
        } catch (const Stopped& stopped) {
            if (!recovery) {
                lexemes.emplace(tokens, *offsets, source.text);
                complainer.emplace(number, source.text, lexemes->list, sink);
                recovery.emplace(tokens, *lexemes, *complainer);
            }
            if (!recovery->go_on(stopped)) return std::nullopt;
            parser.reset();
        }
    }
}

} // namespace tally
