/// What the rules of complain*.cpp share: small questions about words and brackets.
#pragma once

#include "compiler/parse/complain.hpp"

#include <algorithm>
#include <array>

namespace tally::slips {

using Kind = Lexeme::Kind;
using Home = SyntaxFailure::Place;

/// What may begin something, by place.
inline const std::vector<std::string>& beginnings(Home place) {
    static const std::vector<std::string> top{"module", "import", "const", "record", "enum", "error", "event", "contract", "fn", "test", "pub"};
    static const std::vector<std::string> member{"role", "const", "var", "vault", "accrual", "lifecycle", "data", "invariant", "create", "action", "clause", "view", "fn"};
    static const std::vector<std::string> statement{"let", "var", "if", "else", "for", "match", "become", "emit", "fail", "return", "break", "expect", "advance", "move"};
    return place == Home::Top ? top : place == Home::Member ? member : statement;
}

/// The parts of a header in their order; the two of one rank exclude each other.
inline int header_rank(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, int>, 9> ranks{
        {{"->", 1}, {"by", 2}, {"in", 3}, {"while", 3}, {"when", 4}, {"becomes", 5}, {"law", 6}, {"require", 7}, {"ensure", 8}}};
    for (const auto& [part, rank] : ranks)
        if (part == word) return rank;
    return 0;
}

inline bool opens(std::string_view text) { return text == "(" || text == "[" || text == "{"; }
inline bool closes(std::string_view text) { return text == ")" || text == "]" || text == "}"; }
inline std::string_view other_half(std::string_view bracket) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> pairs{
        {{"(", ")"}, {"[", "]"}, {"{", "}"}, {")", "("}, {"]", "["}, {"}", "{"}}};
    for (const auto& [one, other] : pairs)
        if (one == bracket) return other;
    return "";
}

inline bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool digit(char c) { return c >= '0' && c <= '9'; }

/// Names of types, also of other languages: `int x` is a slip of order, not a call.
inline bool type_like(std::string_view name) {
    static constexpr std::array<std::string_view, 18> foreign{"int", "uint", "uint256", "long", "integer", "number", "bool", "boolean", "string", "str",
        "float", "double", "decimal", "date", "address", "char", "void", "money"};
    return (!name.empty() && upper(name[0])) || std::find(foreign.begin(), foreign.end(), name) != foreign.end();
}

inline std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

} // namespace tally::slips
