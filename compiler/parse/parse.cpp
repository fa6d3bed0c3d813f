#include "compiler/parse/parse.hpp"

#include "compiler/parse/build.hpp"
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

/// Keeps the first complaint; words it ourselves. ANTLR's text is never looked at.
class Listener : public antlr4::BaseErrorListener {
public:
    Listener(std::uint32_t file, const std::vector<std::uint32_t>& offsets, const std::string& text, Sink& sink)
        : file_(file), offsets_(offsets), text_(text), sink_(sink) {}

    void syntaxError(antlr4::Recognizer* recognizer, antlr4::Token* offending, std::size_t, std::size_t, const std::string&,
                     std::exception_ptr) override {
        if (failed) return;
        failed = true;
        auto* parser = dynamic_cast<antlr4::Parser*>(recognizer);
        if (parser == nullptr || offending == nullptr) return;
        report(*parser, *offending);
    }

    bool failed = false;

private:
    void report(antlr4::Parser& parser, antlr4::Token& token) {
        const auto expected = parser.getExpectedTokens();
        if (token.getType() == antlr4::Token::EOF) {
            const auto end = static_cast<std::uint32_t>(text_.size());
            sink_.report(Diag::UnexpectedEnd, {file_, end == 0 ? 0 : end - 1, end}, {wish(parser, expected)});
            return;
        }
        const Span at{file_, offsets_[token.getStartIndex()], offsets_[token.getStopIndex() + 1]};
        const std::string seen = text_.substr(at.begin, at.end - at.begin);
        if (seen == "=" && after_value(parser, token)) {
            sink_.report(Diag::AssignForCompare, at);
            return;
        }
        for (const auto* wanted : {"';'", "'{'", "')'", "']'", "'}'"}) {
            if (!contains(parser, expected, wanted) || !lonely(parser, expected, wanted)) continue;
            sink_.report(Diag::MissingToken, at, {"`" + std::string(wanted).substr(1, 1) + "`", seen});
            return;
        }
        sink_.report(Diag::UnexpectedToken, at, {seen, wish(parser, expected)});
    }

    /// Does something stand before it that could be compared?
    static bool after_value(antlr4::Parser& parser, antlr4::Token& token) {
        auto* stream = parser.getTokenStream();
        if (token.getTokenIndex() == 0) return false;
        const auto* before = stream->get(token.getTokenIndex() - 1);
        return before->getType() == TallyLexer::ID || before->getType() == TallyLexer::NUMBER || before->getText() == ")" || before->getText() == "]";
    }

    /// The closing mark is what is missing when everything else that could follow is an operator.
    static bool lonely(antlr4::Parser& parser, const antlr4::misc::IntervalSet& expected, const std::string& wanted) {
        static const std::vector<std::string> operators{"'.'", "'['", "'('", "'*'", "'/'", "'+'", "'-'", "'<'", "'<='", "'>'",
            "'>='", "'=='", "'!='", "'is'", "'in'", "'and'", "'or'", "'='", "'+='", "'-='", "','", "'?'", "'{'", "'|'", "'for'", "'if'"};
        for (const auto type : expected.toList()) {
            const auto display = parser.getVocabulary().getDisplayName(static_cast<std::size_t>(type));
            if (display != wanted && std::find(operators.begin(), operators.end(), display) == operators.end()) return false;
        }
        return true;
    }
    static bool contains(antlr4::Parser& parser, const antlr4::misc::IntervalSet& expected, const std::string& wanted) {
        for (const auto type : expected.toList())
            if (parser.getVocabulary().getDisplayName(static_cast<std::size_t>(type)) == wanted) return true;
        return false;
    }
    static std::string wish(antlr4::Parser& parser, const antlr4::misc::IntervalSet& expected) {
        std::vector<std::string> list;
        for (const auto type : expected.toList()) {
            auto display = parser.getVocabulary().getDisplayName(static_cast<std::size_t>(type));
            if (display.size() > 2 && display.front() == '\'') display = "`" + display.substr(1, display.size() - 2) + "`";
            else if (display == "ID") display = "a name";
            else if (display == "NUMBER") display = "a number";
            else if (display == "STRING") display = "a text in quotes";
            else continue;
            list.push_back(display);
        }
        if (list.empty()) return "remove it, or check what stands before it";
        if (list.size() > 4) return "check what stands before it: a `;`, a bracket or an operator may be missing";
        std::string out = "write ";
        for (std::size_t i = 0; i < list.size(); ++i) out += (i == 0 ? "" : i + 1 == list.size() ? " or " : ", ") + list[i];
        return out + " here";
    }

    std::uint32_t file_;
    const std::vector<std::uint32_t>& offsets_;
    const std::string& text_;
    Sink& sink_;
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
        if (type == TallyLexer::UNKNOWN) {
            sink.report(text == "\"" ? Diag::UnexpectedToken : Diag::UnknownCharacter, at, {text, "close the text with a second quote"});
            return false;
        }
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
    Listener listener(number, *offsets, source.text, sink);
    antlr4::ANTLRInputStream input(source.text);
    TallyLexer lexer(&input);
    lexer.removeErrorListeners();
    lexer.addErrorListener(&listener);
    antlr4::CommonTokenStream tokens(&lexer);
    tokens.fill();
    if (!shallow(tokens, number, *offsets, sink)) return std::nullopt;

    TallyParser parser(&tokens);
    parser.removeErrorListeners();
    parser.addErrorListener(&listener);
    auto* tree = parser.file();
    if (listener.failed || parser.getNumberOfSyntaxErrors() > 0) {
        if (sink.empty()) sink.report(Diag::UnexpectedEnd, {number, 0, 0}, {"check its brackets"});
        return std::nullopt;
    }
    Builder builder(number, *offsets, sink);
    auto file = builder.file(tree);
    if (!sink.empty()) return std::nullopt;
    return file;
}

} // namespace tally
