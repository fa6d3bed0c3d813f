// One rule for one kind of slip, asked in the order of `rules`: what is certain from the characters alone
// first, then words, then what the parser expected; the last rule always has something to say.
#include "compiler/parse/complain.hpp"

#include <algorithm>
#include <array>

namespace tally {
namespace {

using Kind = Lexeme::Kind;
using Home = SyntaxFailure::Place;

struct ForeignOperator {
    std::string_view spelling;
    Applicability sure;
    std::string_view replacement, advice;
};
constexpr std::array foreign_operators{
#define FOREIGN_OPERATOR(spelling, sure, replacement, advice) ForeignOperator{spelling, Applicability::sure, replacement, advice},
#define FOREIGN_WORD(...)
#define SIGN_SLIP(...)
#include "compiler/parse/slips.def"
#undef FOREIGN_OPERATOR
#undef FOREIGN_WORD
#undef SIGN_SLIP
};

struct SignSlip {
    std::string_view seen, wanted;
    Applicability sure;
    std::string_view replacement, advice;
};
constexpr std::array sign_slips{
#define FOREIGN_OPERATOR(...)
#define FOREIGN_WORD(...)
#define SIGN_SLIP(seen, wanted, sure, replacement, advice) SignSlip{seen, wanted, Applicability::sure, replacement, advice},
#include "compiler/parse/slips.def"
#undef FOREIGN_OPERATOR
#undef FOREIGN_WORD
#undef SIGN_SLIP
};

enum class Where { Top, Member, Statement, Declaration };
struct ForeignWord {
    std::string_view word;
    Where where;
    Applicability sure;
    std::string_view replacement, advice;
};
constexpr std::array foreign_words{
#define FOREIGN_OPERATOR(...)
#define SIGN_SLIP(...)
#define FOREIGN_WORD(word, where, sure, replacement, advice) ForeignWord{word, Where::where, Applicability::sure, replacement, advice},
#include "compiler/parse/slips.def"
#undef FOREIGN_OPERATOR
#undef FOREIGN_WORD
#undef SIGN_SLIP
};

bool stands(Where where, Home place) {
    switch (where) {
    case Where::Top: return place == Home::Top;
    case Where::Member: return place == Home::Member;
    case Where::Statement: return place == Home::Statement;
    case Where::Declaration: return place != Home::Statement;
    }
    return false;
}

/// What may begin something, by place.
const std::vector<std::string>& beginnings(Home place) {
    static const std::vector<std::string> top{"module", "import", "const", "record", "enum", "error", "event", "contract", "fn", "test", "pub"};
    static const std::vector<std::string> member{"role", "const", "var", "vault", "accrual", "lifecycle", "data", "invariant", "create", "action", "clause", "view", "fn"};
    static const std::vector<std::string> statement{"let", "var", "if", "else", "for", "match", "become", "emit", "fail", "return", "break", "expect", "advance", "move"};
    return place == Home::Top ? top : place == Home::Member ? member : statement;
}

/// The parts of a header in their order; the two of one rank exclude each other.
int header_rank(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, int>, 9> ranks{
        {{"->", 1}, {"by", 2}, {"in", 3}, {"while", 3}, {"when", 4}, {"becomes", 5}, {"law", 6}, {"require", 7}, {"ensure", 8}}};
    for (const auto& [part, rank] : ranks)
        if (part == word) return rank;
    return 0;
}

bool opens(std::string_view text) { return text == "(" || text == "[" || text == "{"; }
bool closes(std::string_view text) { return text == ")" || text == "]" || text == "}"; }
std::string_view other_half(std::string_view bracket) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> pairs{
        {{"(", ")"}, {"[", "]"}, {"{", "}"}, {")", "("}, {"]", "["}, {"}", "{"}}};
    for (const auto& [one, other] : pairs)
        if (one == bracket) return other;
    return "";
}

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// Names of types, also of other languages: `int x` is a slip of order, not a call.
bool type_like(std::string_view name) {
    static constexpr std::array<std::string_view, 18> foreign{"int", "uint", "uint256", "long", "integer", "number", "bool", "boolean", "string", "str",
        "float", "double", "decimal", "date", "address", "char", "void", "money"};
    return (!name.empty() && upper(name[0])) || std::find(foreign.begin(), foreign.end(), name) != foreign.end();
}

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

} // namespace

Region Complainer::complain(const SyntaxFailure& failure) {
    static constexpr std::array<Rule, 51> rules{
        &Complainer::open_text, &Complainer::quote_form, &Complainer::comment_form, &Complainer::assignment_form, &Complainer::step_form,
        &Complainer::foreign_operator, &Complainer::type_form, &Complainer::ternary, &Complainer::remainder, &Complainer::number_form,
        &Complainer::currency_first, &Complainer::unknown_character, &Complainer::c_style_for, &Complainer::for_in_brackets,
        &Complainer::declaration_inside, &Complainer::sign_slip, &Complainer::several_signers, &Complainer::statement_as_value,
        &Complainer::arm_form, &Complainer::import_form, &Complainer::small_forms,
        &Complainer::foreign_word, &Complainer::new_form, &Complainer::wrong_bracket, &Complainer::missing_module, &Complainer::late_import,
        &Complainer::header_order, &Complainer::field_with_equals, &Complainer::reserved_word, &Complainer::result_form, &Complainer::misspelt_here,
        &Complainer::operator_in_capitals, &Complainer::arrow_form, &Complainer::type_first, &Complainer::misspelt_start,
        &Complainer::bracket_kind, &Complainer::separator, &Complainer::stray_semicolon, &Complainer::missing_type, &Complainer::missing_value,
        &Complainer::missing_name, &Complainer::missing_value_of_operator, &Complainer::missing_text, &Complainer::missing_brackets, &Complainer::missing_bracket,
        &Complainer::compare_with_equals, &Complainer::missing_comma, &Complainer::missing_mark, &Complainer::brace_balance,
        &Complainer::end_of_file, &Complainer::anything};
    failure_ = failure;
    at_ = failure.at;
    auto out = region();
    if (out.begin == at_) out = faulty_block();
    begin_ = out.begin;
    if (failure_.in_fields || failure_.in_enum) out = declaration(out);
    for (const auto rule : rules)
        if ((this->*rule)()) break;
    return out;
}

// ---- where it stands ---------------------------------------------------------------------------------

/// Back to the `;`, `{` or `}` before the token, forward to the end of the statement or block behind it.
Region Complainer::region() const {
    Region out{at_, at_};
    std::size_t braces = 0;
    for (; out.begin > 0; --out.begin) {
        const auto i = out.begin - 1;
        if (is(i, "}")) {
            if (!(is(i + 1, "else") || braces > 0)) break;
            ++braces;
        } else if (is(i, "{")) {
            if (braces == 0) break;
            --braces;
        } else if (is(i, ";") && braces == 0) {
            break;
        }
    }
    // Brackets first; if they do not come out even within the block, only braces count.
    for (const bool all : {true, false}) {
        std::size_t depth = 0;
        for (out.end = out.begin; out.end + 1 < tokens_.size(); ++out.end) {
            const auto& t = tokens_[out.end];
            const bool brace = t.text == "{" || t.text == "}";
            if (opens(t.text) && (all || brace)) ++depth;
            if (t.text == "}" && depth == 0) break;
            if (closes(t.text) && (all || brace) && depth > 0) --depth;
            if (out.end < at_) continue;
            if (depth == 0 && t.text == ";") return ++out.end, out;
            if (depth == 0 && t.text == "}" && !is(out.end + 1, "else") && !is(out.end + 1, ";")) return ++out.end, out;
        }
        if (depth == 0) return out;
    }
    return out;
}

/// `esle { return 2; }` was read as a record, so the parser stopped inside the braces: the word before them counts.
Region Complainer::faulty_block() const {
    const bool headed = at_ >= 2 && is(at_ - 1, "{") && tokens_[at_ - 2].kind == Kind::Name &&
                        (at_ == 2 || is(at_ - 3, ";") || is(at_ - 3, "{") || is(at_ - 3, "}"));
    if (!headed) return region();
    return {at_ - 2, std::min(partner(at_ - 1) + 1, tokens_.size() - 1)};
}

/// The whole record or enum around it: what went wrong with one field tends to go wrong with the next.
Region Complainer::declaration(Region inside) const {
    std::size_t open = at_;
    while (open > 0 && !is(open, "{")) --open;
    if (!is(open, "{")) return inside;
    const auto close = partner(open);
    Region out{open, std::max(inside.end, std::min(close + 1, tokens_.size() - 1))};
    while (out.begin > 0 && !is(out.begin - 1, ";") && !is(out.begin - 1, "}") && !is(out.begin - 1, "{")) --out.begin;
    return out;
}

bool Complainer::unbalanced() const {
    std::size_t depth = 0;
    for (const auto& t : tokens_) {
        if (t.kind != Kind::Sign) continue;
        if (t.text == "{") ++depth;
        if (t.text == "}" && depth-- == 0) return true;
    }
    return depth != 0;
}

bool Complainer::word(std::size_t i) const { return i < tokens_.size() && (tokens_[i].kind == Kind::Name || tokens_[i].kind == Kind::Keyword); }

bool Complainer::ends_value(std::size_t i) const {
    const auto& t = tokens_[i];
    const bool literal = t.kind == Kind::Number || t.kind == Kind::Date || t.kind == Kind::Text || t.kind == Kind::Name;
    return literal || t.text == ")" || t.text == "]" || t.text == "true" || t.text == "false" || t.text == "none";
}
bool Complainer::begins_value(std::size_t i) const {
    const auto& t = tokens_[i];
    const bool literal = t.kind == Kind::Number || t.kind == Kind::Date || t.kind == Kind::Text || t.kind == Kind::Name;
    return literal || t.text == "true" || t.text == "false" || t.text == "none" || t.text == "move";
}

/// The last token of the type that begins here: `List<Int, max 3>?`; itself if it has no arguments.
std::size_t Complainer::type_end(std::size_t i) const {
    std::size_t end = i;
    if (is(i + 1, "<")) {
        std::size_t depth = 0;
        for (std::size_t k = i + 1; k < tokens_.size(); ++k) {
            if (is(k, "<")) ++depth;
            if (is(k, ">") && --depth == 0) {
                end = k;
                break;
            }
            if (is(k, ";") || is(k, "{") || is(k, "(")) break;
        }
    }
    return is(end + 1, "?") ? end + 1 : end;
}

/// Of an opening bracket; the last token if there is none.
std::size_t Complainer::partner(std::size_t opener) const {
    std::size_t depth = 0;
    for (std::size_t i = opener; i < tokens_.size(); ++i) {
        if (tokens_[i].kind != Kind::Sign) continue;
        if (opens(tokens_[i].text)) ++depth;
        if (closes(tokens_[i].text) && --depth == 0) return i;
    }
    return tokens_.size() - 1;
}

/// The innermost `(` or `[` of the statement that is open where it stops; the last token if there is none.
std::size_t Complainer::open_bracket() const {
    std::vector<std::size_t> open;
    for (std::size_t i = begin_; i < at_; ++i) {
        if (tokens_[i].kind != Kind::Sign) continue;
        if (opens(tokens_[i].text)) open.push_back(i);
        if (closes(tokens_[i].text) && !open.empty()) open.pop_back();
    }
    return open.empty() || is(open.back(), "{") ? tokens_.size() - 1 : open.back();
}

std::string Complainer::text(std::size_t first, std::size_t last) const {
    return text_.substr(tokens_[first].begin, tokens_[last].end - tokens_[first].begin);
}
Span Complainer::first_of(std::size_t i) const { return {file_, tokens_[i].begin, tokens_[i].begin + 1}; }

std::string Complainer::seen(std::size_t i) const {
    constexpr std::size_t shown = 40;
    const std::string all(tokens_[i].text);
    return all.size() <= shown ? all : all.substr(0, shown) + "…";
}

Diagnostic& Complainer::missing(const std::string& mark, std::size_t after, std::string why) {
    return sink_.report(Diag::MissingToken, behind(after), {quoted(mark), seen(after), std::move(why)});
}

// ---- characters --------------------------------------------------------------------------------------

bool Complainer::open_text() {
    for (std::size_t i = begin_; i <= at_ && i + 1 < tokens_.size(); ++i) {
        if (tokens_[i].kind != Kind::Unknown || tokens_[i].text != "\"") continue;
        const auto line_end = std::min(text_.find('\n', tokens_[i].begin), text_.size());
        sink_.report(Diag::OpenText, {file_, tokens_[i].begin, static_cast<std::uint32_t>(line_end)});
        return true;
    }
    return false;
}

/// `'text'`, `“text”`.
bool Complainer::quote_form() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> quotes{{{"'", "'"}, {"`", "`"}, {"\u201c", "\u201d"}, {"\u2018", "\u2019"}}};
    for (std::size_t i = begin_; i <= at_ && i + 1 < tokens_.size(); ++i)
        for (const auto& [open, close] : quotes) {
            if (tokens_[i].kind != Kind::Unknown || tokens_[i].text != open) continue;
            const auto line_end = std::min(text_.find('\n', tokens_[i].begin), text_.size());
            const auto end = text_.find(close, tokens_[i].end);
            const bool whole = end != std::string::npos && end < line_end;
            const auto inner = whole ? text_.substr(tokens_[i].end, end - tokens_[i].end) : "…";
            const Span at{file_, tokens_[i].begin, whole ? static_cast<std::uint32_t>(end + close.size()) : tokens_[i].end};
            auto& d = sink_.report(Diag::QuoteForm, at, {"\"" + inner + "\""});
            if (whole && inner.find_first_of("\"\\") == std::string::npos) d.suggest(Applicability::Automatic, at, "\"" + inner + "\"");
            return true;
        }
    return false;
}

bool Complainer::comment_form() {
    for (std::size_t i = begin_; i <= at_ && i + 1 < tokens_.size(); ++i) {
        if (tokens_[i].kind != Kind::Unknown || tokens_[i].text != "#") continue;
        sink_.report(Diag::ForeignOperator, span(i), {"#", "a comment begins with `//`"}).suggest(Applicability::Automatic, span(i), "//");
        return true;
    }
    return false;
}

/// `x := 5`.
bool Complainer::assignment_form() {
    for (std::size_t i = begin_; i + 1 < tokens_.size() && i <= at_; ++i) {
        if (!is(i, ":") || !is(i + 1, "=") || !adjacent(i)) continue;
        const bool declared = is(begin_, "let") || is(begin_, "var") || is(begin_, "const");
        const bool bare = i == begin_ + 1 && failure_.place == Home::Statement;
        auto& d = sink_.report(Diag::ForeignOperator, span(i, i + 1), {":=", bare ? "write `let` for a new name, `=` alone for one there is" : "write `=`"});
        if (bare) {
            d.suggest(Applicability::Choice, span(begin_, i + 1), "let " + text(begin_, begin_) + " =");
            d.suggest(Applicability::Choice, span(i, i + 1), "=");
        } else {
            d.suggest(declared ? Applicability::Automatic : Applicability::Likely, span(i, i + 1), "=");
        }
        return true;
    }
    return false;
}

/// `x++;`, `--x;`
bool Complainer::step_form() {
    for (std::size_t i = begin_; i + 2 < tokens_.size() && i <= at_; ++i) {
        const bool plus = is(i, "+") && is(i + 1, "+");
        if ((!plus && !(is(i, "-") && is(i + 1, "-"))) || !adjacent(i)) continue;
        const bool postfix = i > begin_ && is(i + 2, ";"), prefix = i == begin_;
        if (!postfix && !prefix && !plus) continue; // `a - -b`
        const std::string form = plus ? "+= 1" : "-= 1";
        auto& d = sink_.report(Diag::ForeignOperator, span(i, i + 1), {plus ? "++" : "--", "write `x " + form + ";`"});
        if (postfix) d.suggest(Applicability::Automatic, span(i, i + 1), " " + form);
        if (prefix && is(i + 3, ";")) d.suggest(Applicability::Automatic, {{span(i, i + 1), ""}, {behind(i + 2), " " + form}});
        return true;
    }
    return false;
}

bool Complainer::foreign_operator() {
    for (std::size_t i = begin_; i <= at_ && i + 1 < tokens_.size(); ++i) {
        const auto& t = tokens_[i];
        if (t.kind != Kind::Sign && t.kind != Kind::Unknown) continue;
        if (t.text == "!" && t.kind == Kind::Unknown) {
            auto& d = sink_.report(Diag::ForeignOperator, span(i), {"!", "write `not`"});
            if (!is(i + 1, "=")) d.suggest(Applicability::Automatic, span(i), adjacent(i) ? "not " : "not");
            return true;
        }
        for (const auto& op : foreign_operators) {
            if (text_.compare(t.begin, op.spelling.size(), op.spelling) != 0) continue;
            const Span at{file_, t.begin, static_cast<std::uint32_t>(t.begin + op.spelling.size())};
            auto& d = sink_.report(Diag::ForeignOperator, at, {std::string(op.spelling), std::string(op.advice)});
            if (!op.replacement.empty()) d.suggest(op.sure, at, std::string(op.replacement));
            return true;
        }
    }
    return false;
}

bool Complainer::unknown_character() {
    if (tokens_[at_].kind != Kind::Unknown) return false;
    sink_.report(Diag::UnknownCharacter, span(at_), {seen(at_)});
    return true;
}

/// `Int[]`, `?Int`, `List<Int, 3>`.
bool Complainer::type_form() {
    if (at_ == 0) return false;
    if (is(at_, "[") && tokens_[at_ - 1].kind == Kind::Name && type_like(tokens_[at_ - 1].text) && at_ > 1 && (is(at_ - 2, ":") || is(at_ - 2, "->"))) {
        const auto close = partner(at_);
        sink_.report(Diag::ForeignOperator, span(at_, close + 1 < tokens_.size() ? close : at_), {"[]", "write `List<" + seen(at_ - 1) + ", max n>`: every list has a maximum"});
        return true;
    }
    if (is(at_, "?") && (is(at_ - 1, ":") || is(at_ - 1, "->") || is(at_ - 1, "<")) && word(at_ + 1)) {
        const auto last = type_end(at_ + 1);
        sink_.report(Diag::UnexpectedToken, span(at_), {"?", "it stands behind the type"}).suggest(Applicability::Automatic, {{span(at_), ""}, {behind(last), "?"}});
        return true;
    }
    if (tokens_[at_].kind == Kind::Number && is(at_ - 1, ",") && is(at_ + 1, ">")) {
        const auto number = text(at_, at_);
        sink_.report(Diag::UnexpectedToken, span(at_), {number, "write `max " + number + "`"}).suggest(Applicability::Automatic, before(at_), "max ");
        return true;
    }
    return false;
}

bool Complainer::ternary() {
    if (!is(at_, "?")) return false;
    if (is(at_ + 1, ".")) sink_.report(Diag::ForeignOperator, span(at_, at_ + 1), {"?.", "ask `x.is_none` first, or write `x.value_or(other)`"});
    else sink_.report(Diag::ForeignOperator, span(at_), {"?", "write `if … { … } else { … }`"});
    return true;
}

/// `a % b`: the parser read a percentage, or stopped at the sign.
bool Complainer::remainder() {
    const std::size_t sign = is(at_, "%") ? at_ : at_ > begin_ && is(at_ - 1, "%") ? at_ - 1 : tokens_.size();
    if (sign == tokens_.size() || sign == begin_ || !ends_value(sign - 1) || !begins_value(sign + 1)) return false;
    auto& d = sink_.report(Diag::ForeignOperator, span(sign), {"%", "`%` is per cent; the remainder is `mod(a, b)`"});
    const bool plain = sign < begin_ + 2 || !is(sign - 2, "."); // not the end of a longer path
    if (plain && tokens_[sign - 1].text != ")" && tokens_[sign - 1].text != "]")
        d.suggest(Applicability::Likely, span(sign - 1, sign + 1), "mod(" + text(sign - 1, sign - 1) + ", " + text(sign + 1, sign + 1) + ")");
    return true;
}

/// `1,000.00`, `.5`, `0x1f`, `1e5`, `1.5f`.
bool Complainer::number_form() {
    for (std::size_t i = begin_; i <= at_ && i + 1 < tokens_.size(); ++i) {
        const auto& t = tokens_[i];
        if (t.text == "." && is(i + 1, ".") && adjacent(i)) {
            sink_.report(Diag::ForeignOperator, span(i, i + 1), {"..", "there are no ranges: write `for x in list { … }`, or `for (i, x) in list { … }` with its number"});
            return true;
        }
        if (i > begin_ && t.text == "." && tokens_[i - 1].kind == Kind::Number && tokens_[i + 1].kind == Kind::Number && adjacent(i) && tokens_[i + 1].text.size() == 4) {
            const auto point = tokens_[i - 1].text.find('.');
            const auto two = [](std::string_view n) { return (n.size() < 2 ? "0" : "") + std::string(n); };
            if (point == std::string_view::npos) return false;
            const auto date = std::string(tokens_[i + 1].text) + "-" + two(tokens_[i - 1].text.substr(point + 1)) + "-" + two(tokens_[i - 1].text.substr(0, point));
            sink_.report(Diag::NumberForm, span(i - 1, i + 1), {text(i - 1, i + 1), "a date is year, month, day, so that it means the same to all", "write `" + date + "`"}).suggest(Applicability::Likely, span(i - 1, i + 1), date);
            return true;
        }
        if (t.text == "." && t.kind == Kind::Sign && tokens_[i + 1].kind == Kind::Number && adjacent(i) && (i == 0 || !ends_value(i - 1))) {
            sink_.report(Diag::NumberForm, span(i, i + 1), {text(i, i + 1), "", "write a digit in front of the point"}).suggest(Applicability::Automatic, before(i), "0");
            return true;
        }
        if (t.kind != Kind::Number) continue;
        if (tokens_[i + 1].kind == Kind::Name && adjacent(i) && (t.text == "0" || tokens_[i + 1].text[0] == 'e' || tokens_[i + 1].text[0] == 'E') && tokens_[i + 1].text.size() > 1 &&
            (digit(tokens_[i + 1].text.back()) || tokens_[i + 1].text[0] == 'x')) {
            sink_.report(Diag::NumberForm, span(i, i + 1), {text(i, i + 1), "numbers are decimal, with every digit written", "write the digits out, with `_` between groups if you like"});
            return true;
        }
        const auto group = [&](std::size_t comma, bool thousands) { // `,000` or `,000.00` behind a number; `,35` likewise
            if (comma + 1 >= tokens_.size() || !is(comma, ",") || !adjacent(comma - 1) || !adjacent(comma) || tokens_[comma + 1].kind != Kind::Number) return false;
            const auto& digits = tokens_[comma + 1].text;
            return (std::min(digits.find('.'), digits.size()) == 3) == thousands;
        };
        std::size_t last = i;
        while (group(last + 1, true)) last += 2;
        if (last == i && group(i + 1, false) && t.text.find('.') == std::string_view::npos && !is(i + 3, ",") && at_ <= i + 2) {
            const auto written = text(i, i) + "." + text(i + 2, i + 2);
            sink_.report(Diag::NumberForm, span(i, i + 2), {text(i, i + 2), "a comma separates values", "write `" + written + "`"}).suggest(Applicability::Likely, span(i, i + 2), written);
            return true;
        }
        if (last == i || at_ > last + 1) continue;
        auto grouped = text(i, last);
        std::replace(grouped.begin(), grouped.end(), ',', '_');
        sink_.report(Diag::NumberForm, span(i, last), {text(i, last), "a comma separates values", "write `" + grouped + "`"}).suggest(Applicability::Automatic, span(i, last), grouped);
        return true;
    }
    return false;
}

/// `USD 5.00`, `$5`.
bool Complainer::currency_first() {
    for (std::size_t i = at_ > begin_ ? at_ - 1 : at_; i <= at_ && i + 1 < tokens_.size(); ++i) {
        const auto& t = tokens_[i];
        const bool code = t.kind == Kind::Name && t.text.size() == 3 && std::all_of(t.text.begin(), t.text.end(), upper);
        const bool sign = t.kind == Kind::Unknown && (t.text == "$" || t.text == "€" || t.text == "£" || t.text == "¥");
        if ((!code && !sign) || tokens_[i + 1].kind != Kind::Number) continue;
        const auto amount = text(i + 1, i + 1);
        auto& d = sink_.report(Diag::NumberForm, span(i, i + 1), {text(i, i + 1), "an amount is a number, then its currency as an ISO 4217 code", "write `" + amount + (code ? " " + std::string(t.text) : " USD") + "`"});
        if (code) d.suggest(Applicability::Automatic, span(i, i + 1), amount + " " + std::string(t.text));
        return true;
    }
    return false;
}

// ---- words -------------------------------------------------------------------------------------------

bool Complainer::c_style_for() {
    if (!is(begin_, "for") || !is(begin_ + 1, "(")) return false;
    const auto close = partner(begin_ + 1);
    for (std::size_t i = begin_ + 1; i < close; ++i)
        if (is(i, ";")) {
            sink_.report(Diag::ForeignWord, span(begin_, close), {"for (…; …; …)", "every loop has a bound: write `for x in list { … }`, or `for (i, x) in list { … }` with its number"});
            return true;
        }
    return false;
}

bool Complainer::foreign_word() {
    if (!word(begin_) || (at_ > begin_ + 3 && tokens_[begin_].kind == Kind::Name)) return false;
    // `let mut x`, `enum class E`
    if (is(begin_, "let") && is(begin_ + 1, "mut")) {
        sink_.report(Diag::ForeignWord, span(begin_ + 1), {"mut", "write `var` for a name that may change"}).suggest(Applicability::Automatic, span(begin_, begin_ + 1), "var");
        return true;
    }
    for (const auto& row : foreign_words) {
        if (row.word != tokens_[begin_].text || !stands(row.where, failure_.place)) continue;
        if (tokens_[begin_].kind == Kind::Keyword && at_ != begin_) continue; // it does begin something here
        const bool ours = tokens_[begin_].kind == Kind::Keyword && row.word != "while"; // in another place
        auto& d = sink_.report(ours ? Diag::UnexpectedToken : Diag::ForeignWord, span(begin_), {std::string(row.word), std::string(row.advice)});
        if (!row.replacement.empty()) d.suggest(row.sure, span(begin_), std::string(row.replacement));
        return true;
    }
    return false;
}

/// A declaration where statements stand: the braces before it were not closed, if any are open in the end.
bool Complainer::declaration_inside() {
    if (failure_.place != Home::Statement || tokens_[at_].kind != Kind::Keyword || !unbalanced()) return false;
    for (const auto home : {Home::Top, Home::Member})
        if (const auto& words = beginnings(home); std::find(words.begin(), words.end(), tokens_[at_].text) != words.end()) return brace_balance();
    return false;
}

/// `new Point { … }`
bool Complainer::new_form() {
    for (std::size_t i = begin_; i < at_; ++i) {
        if (tokens_[i].text != "new" || tokens_[i].kind != Kind::Name || !word(i + 1)) continue;
        const Span at{file_, tokens_[i].begin, tokens_[i + 1].begin};
        sink_.report(Diag::ForeignWord, span(i), {"new", "leave it out: a value is made by naming its type and its fields"}).suggest(Applicability::Automatic, at, "");
        return true;
    }
    return false;
}

/// `a > 0 AND b`: the word was read as the unit of the number before it.
bool Complainer::operator_in_capitals() {
    if (at_ == 0 || tokens_[at_ - 1].kind != Kind::Name) return false;
    for (const std::string op : {"and", "or", "not", "is", "in", "else"}) {
        if (closest(tokens_[at_ - 1].text, {op}).empty() || tokens_[at_ - 1].text.size() != op.size() || !upper(tokens_[at_ - 1].text[0])) continue;
        sink_.report(Diag::MisspeltWord, span(at_ - 1), {seen(at_ - 1), op}).suggest(Applicability::Likely, span(at_ - 1), op);
        return true;
    }
    return false;
}

/// `Point { x = 1 }`: the parser did not take it for a record at all.
bool Complainer::field_with_equals() {
    const std::size_t open = is(at_, "{") ? at_ : at_ > 1 && is(at_ - 2, "{") ? at_ - 2 : tokens_.size();
    if (open + 2 >= tokens_.size() || open == 0 || tokens_[open - 1].kind != Kind::Name || tokens_[open + 1].kind != Kind::Name || !is(open + 2, "=")) return false;
    const bool value = open >= 2 && !is(open - 2, "->") && !is(open - 2, ":") && (tokens_[open - 2].kind != Kind::Keyword || is(open - 2, "return"));
    if (!type_like(tokens_[open - 1].text) || !value || failure_.in_enum) return false;
    sink_.report(Diag::UnexpectedToken, span(open + 2), {"=", "a field of a record has `:`"}).suggest(Applicability::Automatic, {{{file_, tokens_[open + 1].end, tokens_[open + 2].end}, ":"}});
    return true;
}

bool Complainer::missing_module() {
    if (!expects("module") || failure_.expected.size() > 2 || word(at_) == false) return false;
    if (!closest(tokens_[at_].text, {"module"}).empty()) return false;
    sink_.report(Diag::MissingModule, span(at_));
    return true;
}

bool Complainer::late_import() {
    if (!is(at_, "import") || failure_.place != Home::Top) return false;
    sink_.report(Diag::ImportLate, span(at_));
    return true;
}

/// `in Open by owner`: the later part came first. What was moved goes in front of the first part of a higher rank.
bool Complainer::header_order() {
    const int rank = at_ < tokens_.size() ? header_rank(tokens_[at_].text) : 0;
    if (rank == 0 || failure_.place == Home::Statement || !failure_.in_head) return false;
    std::size_t later = at_, depth = 0;
    for (std::size_t i = begin_; i < at_; ++i) {
        if (opens(tokens_[i].text)) ++depth;
        if (closes(tokens_[i].text) && depth > 0) --depth;
        if (depth == 0 && header_rank(tokens_[i].text) > rank && tokens_[i].kind == Kind::Keyword) {
            later = i;
            break;
        }
    }
    if (later == at_) return false;
    std::size_t last = at_ + 1; // the end of the part that moves
    for (depth = 0; last + 1 < tokens_.size(); ++last) {
        if (opens(tokens_[last].text) && !is(last, "{")) ++depth;
        if (closes(tokens_[last].text) && depth > 0) --depth;
        if (depth == 0 && (is(last, "{") || is(last, ";") || (header_rank(tokens_[last].text) != 0 && tokens_[last].kind == Kind::Keyword))) break;
    }
    const auto part = text(at_, last - 1);
    auto& d = sink_.report(Diag::HeaderOrder, span(at_, last - 1), {std::string(tokens_[at_].text), std::string(tokens_[later].text)});
    d.label(span(later), "this part comes after it");
    d.suggest(Applicability::Automatic, {{before(later), part + " "}, {{file_, tokens_[at_ - 1].end, tokens_[last - 1].end}, ""}});
    return true;
}

/// `Int x = 5;`, `fn f(Int a)`, `record R { Date due; }`.
bool Complainer::type_first() {
    if (at_ == 0) return false;
    std::size_t first = failure_.in_parameters || failure_.in_fields ? at_ - 1 : begin_;
    if (tokens_[first].kind == Kind::Sign) { // behind `<…>`
        while (first > begin_ && tokens_[first].kind != Kind::Name) --first;
        while (first > begin_ && (is(first - 1, "<") || is(first - 1, ",")) && type_end(first > 1 ? first - 2 : 0) + 1 >= at_ && tokens_[first - 2].kind == Kind::Name) first -= 2;
    }
    if (tokens_[first].kind != Kind::Name || !type_like(tokens_[first].text)) return false;
    const auto last = type_end(first), name = last + 1;
    if (name + 1 >= tokens_.size() || !word(name) || type_like(tokens_[name].text)) return false;
    if (!is(name + 1, "=") && !is(name + 1, ";") && !is(name + 1, ",") && !is(name + 1, ")") && !is(name + 1, "(")) return false;
    const bool method = is(name + 1, "(");
    const auto pair = text(name, name) + ": " + text(first, last);
    if (method) {
        sink_.report(Diag::TypeFirst, span(first, name), {(failure_.place == Home::Statement ? "fn " : "fn ") + text(name, name) + "(…) -> " + text(first, last)});
        return true;
    }
    if (failure_.in_parameters || failure_.in_fields) {
        sink_.report(Diag::TypeFirst, span(first, name), {pair}).suggest(Applicability::Automatic, span(first, name), pair);
        return true;
    }
    const bool statement = failure_.place == Home::Statement;
    auto& d = sink_.report(Diag::TypeFirst, span(first, name), {(statement ? "let " : failure_.place == Home::Top ? "const " : "var ") + pair});
    if (failure_.place == Home::Top) return d.suggest(Applicability::Likely, span(first, name), "const " + pair), true;
    for (const auto* begin : {statement ? "let " : "var ", statement ? "var " : "const "}) d.suggest(Applicability::Choice, span(first, name), begin + pair);
    return true;
}

/// A word that the parser would have taken had it been spelt right.
bool Complainer::misspelt_here() {
    if (tokens_[at_].kind != Kind::Name) return false;
    std::vector<std::string> words;
    for (const auto& e : failure_.expected)
        if (letter(e[0]) && !upper(e[0])) words.push_back(e);
    const auto meant = closest(tokens_[at_].text, words);
    if (meant.empty() || (tokens_[at_].text.size() < 3 && meant.size() > 2)) return false;
    sink_.report(Diag::MisspeltWord, span(at_), {seen(at_), meant}).suggest(Applicability::Likely, span(at_), meant);
    return true;
}

/// `retrun 5;`: read as a name, so the parser stopped one token later.
bool Complainer::misspelt_start() {
    if (tokens_[begin_].kind != Kind::Name || at_ == begin_ || at_ > begin_ + 2) return false;
    if (at_ == begin_ + 1 && !begins_value(at_) && !is(at_, "{") && !word(at_)) return false;
    if (at_ == begin_ + 2 && !is(begin_ + 1, "{") && !word(begin_ + 1)) return false;
    const auto meant = closest(tokens_[begin_].text, beginnings(failure_.place));
    if (meant.empty()) return false;
    sink_.report(Diag::MisspeltWord, span(begin_), {seen(begin_), meant}).suggest(Applicability::Likely, span(begin_), meant);
    return true;
}

// ---- forms ------------------------------------------------------------------------------------------

bool Complainer::fault(std::size_t i, const std::string& advice) {
    sink_.report(Diag::UnexpectedToken, span(i), {seen(i), advice});
    return true;
}

bool Complainer::sign_slip() {
    for (const auto& row : sign_slips) {
        const bool states = row.wanted == "|" && (is(header_word(), "in") || is(header_word(), "while"));
        if (!is(at_, row.seen) || (!expects(std::string(row.wanted)) && !states)) continue;
        if (row.wanted == "version" && failure_.place != Home::Top) continue;
        auto& d = sink_.report(Diag::UnexpectedToken, span(at_), {std::string(row.seen), std::string(row.advice)});
        if (!row.replacement.empty()) d.suggest(row.sure, span(at_), std::string(row.replacement));
        return true;
    }
    return false;
}

/// The word of the header part that ends right before the token, if only names and `|` stand between.
std::size_t Complainer::header_word() const {
    if (!failure_.in_head || failure_.place == Home::Statement) return tokens_.size();
    std::size_t i = at_;
    while (i > begin_ && (tokens_[i - 1].kind == Kind::Name || is(i - 1, "|") || is(i - 1, "."))) --i;
    return i > begin_ && i < at_ ? i - 1 : tokens_.size();
}

/// `by a, b`, `by a and b`.
bool Complainer::several_signers() {
    if (!is(header_word(), "by") || (!is(at_, ",") && !is(at_, "and") && !is(at_, "or")) || !word(at_ + 1)) return false;
    const std::size_t first = header_word() + 1;
    std::size_t last = at_ + 1;
    std::string all = text(first, at_ - 1) + ", " + text(last, last);
    while ((is(last + 1, ",") || is(last + 1, "and") || is(last + 1, "or")) && word(last + 2)) all += ", " + text(last + 2, last + 2), last += 2;
    auto& d = sink_.report(Diag::UnexpectedToken, span(at_), {seen(at_), "several sign together with `all of (…)`, one of several with `any of (…)`"});
    for (const auto* form : {"all of (", "any of ("}) d.suggest(Applicability::Choice, span(first, last), form + all + ")");
    return true;
}

/// `for (x in list) { … }`
bool Complainer::for_in_brackets() {
    if (!is(begin_, "for") || !is(begin_ + 1, "(") || !is(begin_ + 3, "in")) return false;
    const auto close = partner(begin_ + 1);
    auto& d = sink_.report(Diag::UnexpectedToken, span(begin_ + 1), {"(", "`for` has no brackets around it"});
    if (close + 1 < tokens_.size()) d.suggest(Applicability::Automatic, {{span(begin_ + 1), ""}, {span(close), ""}});
    return true;
}

/// `let b = if a { 1 } else { 2 };`
bool Complainer::statement_as_value() {
    if ((!is(at_, "if") && !is(at_, "match") && !is(at_, "for")) || at_ == begin_) return false;
    if (!is(at_ - 1, "=") && !is(at_ - 1, "return") && !is(at_ - 1, "(") && !is(at_ - 1, ",")) return false;
    return fault(at_, "it does something and is no value: `var x = …; if … { x = …; }`");
}

/// `Daily: { … }` or `Daily => { … },` in a `match`; `c is not Daily`.
bool Complainer::arm_form() {
    if (at_ < 2) return false;
    if (is(at_, "{") && is(at_ - 1, ":") && word(at_ - 2) && failure_.place == Home::Statement) {
        sink_.report(Diag::UnexpectedToken, span(at_ - 1), {":", "write `=>`"}).suggest(Applicability::Automatic, {file_, tokens_[at_ - 2].end, tokens_[at_ - 1].end}, " =>");
        return true;
    }
    if (is(at_, ",") && is(at_ - 1, "}") && failure_.place == Home::Statement) {
        sink_.report(Diag::UnexpectedToken, span(at_), {",", "leave it out: nothing stands between `}` and what follows"}).suggest(Applicability::Automatic, span(at_), "");
        return true;
    }
    return is(at_, "not") && is(at_ - 1, "is") && fault(at_, "write `not (x is …)`");
}

/// `fn f() Int { … }`, `fn Int f() { … }`
bool Complainer::result_form() {
    if (at_ < 2 || tokens_[at_].kind != Kind::Name) return false;
    if (is(at_ - 1, ")") && failure_.in_head && type_like(tokens_[at_].text) && failure_.place != Home::Statement) {
        missing("->", at_ - 1).suggest(Applicability::Automatic, behind(at_ - 1), " ->");
        return true;
    }
    const bool declared = is(at_ - 2, "fn") || is(at_ - 2, "action") || is(at_ - 2, "view");
    if (!declared || !type_like(tokens_[at_ - 1].text) || !is(at_ + 1, "(")) return false;
    sink_.report(Diag::TypeFirst, span(at_ - 1, at_), {text(at_ - 2, at_ - 2) + " " + text(at_, at_) + "(…) -> " + text(at_ - 1, at_ - 1)});
    return true;
}

/// `import a.b.*;`, `import "a";`
bool Complainer::import_form() {
    if (!is(begin_, "import")) return false;
    if (is(at_, "*")) return fault(at_, "name what you import: `import a.b { first, second };`");
    if (tokens_[at_].kind == Kind::Text) return fault(at_, "a module has a name, no path: `import a.b { name };`");
    return false;
}

bool Complainer::small_forms() {
    if (at_ == 0) return false;
    if (is(at_, "=>") && !expects("=>") && failure_.place == Home::Statement) return fault(at_, "there are no functions without a name: declare a `fn`");
    if (is(at_, ":") && is(open_bracket(), "[")) return fault(at_, "there are no slices: write `[x for (i, x) in list if …]`");
    if (tokens_[at_].kind == Kind::Text && tokens_[at_ - 1].kind == Kind::Name && adjacent(at_ - 1)) return fault(at_ - 1, "a text has no letter before it, and no values in it");
    if (is(at_ - 1, "else") && !is(at_, "{")) {
        missing("{", at_ - 1, "what is done stands in braces, also when it is one statement");
        return true;
    }
    if (is(at_, "{") && (is(at_ - 1, "if") || is(at_ - 1, "match"))) {
        sink_.report(Diag::MissingToken, behind(at_ - 1), {is(at_ - 1, "if") ? "a condition" : "a value", seen(at_ - 1), ""});
        return true;
    }
    if (is(at_, ",") && is(begin_, "lifecycle")) return false;
    if (is(at_, ",") && expects(";") && !expects(",") && (is(begin_, "initial") || is(begin_, "final"))) {
        sink_.report(Diag::WrongSeparator, span(at_), {",", "what a lifecycle says", ";"}).suggest(Applicability::Likely, span(at_), ";");
        return true;
    }
    return false;
}

/// `1 +;`, `return * 2;`, `[1,, 2]`, `move)`
bool Complainer::missing_value_of_operator() {
    static const std::set<std::string_view> infix{"*", "/", "+", "-", "<", "<=", ">", ">=", "==", "!=", "and", "or", "%"};
    static const std::set<std::string_view> waits{"*", "/", "+", "-", "<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "move", "return", "=", "+=", "-=", "(", "[", "in", "is"};
    if (at_ == 0 || failure_.place != Home::Statement) return false;
    if (is(at_, ",") && is(at_ - 1, ",")) {
        sink_.report(Diag::MissingToken, behind(at_ - 1), {"a value", ",", ""}).suggest(Applicability::Likely, span(at_), "");
        return true;
    }
    const bool ends = is(at_, ";") || is(at_, ")") || is(at_, "]") || is(at_, ",") || is(at_, "}");
    const bool wrong = (ends && waits.contains(tokens_[at_ - 1].text) && !is(at_ - 1, "return")) || (infix.contains(tokens_[at_].text) && waits.contains(tokens_[at_ - 1].text));
    if (!wrong || tokens_[at_ - 1].kind == Kind::Text) return false;
    sink_.report(Diag::MissingToken, behind(at_ - 1), {"a value", seen(at_ - 1), ""});
    return true;
}

// ---- signs -------------------------------------------------------------------------------------------

/// One sign for another: `:` for `->`, `->` for `=>`, `=>` for `->`, `=` for `:`.
bool Complainer::arrow_form() {
    static constexpr std::array<std::string_view, 4> signs{":", "->", "=>", "="};
    if (std::find(signs.begin(), signs.end(), tokens_[at_].text) == signs.end()) {
        if (!is(at_, "-") && !is(at_, ">")) return false;
    }
    for (const std::string wanted : {"->", "=>", ":"}) {
        if (!expects(wanted) || is(at_, wanted)) continue;
        if (wanted == ":" && expects(",")) continue; // a label of an argument
        if (wanted == ":" && is(at_, "=")) return false;
        if (wanted == "->" && is(at_, ":") && !is(at_ - 1, ")") && failure_.in_parameters) continue;
        sink_.report(Diag::UnexpectedToken, span(at_), {seen(at_), "write " + quoted(wanted) + " here"}).suggest(Applicability::Automatic, span(at_), wanted);
        return true;
    }
    return false;
}

/// `emit Paid(…)`, `fail Refused { … }`, `event E(…)`: the other kind of bracket.
bool Complainer::bracket_kind() {
    const auto& t = tokens_[at_];
    if (t.kind != Kind::Sign || !opens(t.text)) return false;
    if (at_ > 1 && t.text == "{" && (is(at_ - 2, "fail") || is(at_ - 2, "else")) && expects(";")) failure_.expected.insert("(");
    for (const std::string wanted : {"{", "(", "["}) {
        if (!expects(wanted) || t.text == wanted) continue;
        if (wanted == "[" || (wanted == "{" && t.text != "(") || (wanted == "(" && t.text != "{")) continue;
        const auto close = partner(at_);
        if (wanted == "(" && t.text == "{" && (expects("->") || tokens_[at_ - 1].kind != Kind::Name)) continue;
        if (wanted == "{" && failure_.place == Home::Top && !is(begin_, "error")) return fault(at_, "fields stand in braces, each with its `;`: `{ name: Type; }`");
        auto& d = sink_.report(Diag::UnexpectedToken, span(at_), {seen(at_), "write " + quoted(wanted) + " … " + quoted(other_half(wanted)) + " here"});
        if (close + 1 < tokens_.size()) d.suggest(Applicability::Automatic, {{span(at_), wanted}, {span(close), std::string(other_half(wanted))}});
        return true;
    }
    return false;
}

/// `record R { a: Int, b: Int }`, `enum E { A; B }`.
bool Complainer::separator() {
    const bool field = failure_.in_fields && is(at_, ",") && expects(";"), variant = failure_.in_enum && is(at_, ";");
    if (field || variant) {
        const std::string wrong = field ? "," : ";", right = field ? ";" : ",";
        std::vector<Edit> edits; // where one is wrong, the others tend to be
        std::size_t depth = 0;
        for (std::size_t i = at_; i + 1 < tokens_.size() && !is(i, "}"); ++i) {
            if (is(i, "<") || is(i, "(")) ++depth;
            if ((is(i, ">") || is(i, ")")) && depth > 0) --depth;
            if (depth == 0 && is(i, wrong)) edits.push_back({span(i), right});
        }
        sink_.report(Diag::WrongSeparator, span(at_), {wrong, field ? "fields" : "cases", right}).suggest(Applicability::Likely, std::move(edits));
        return true;
    }
    if (is(at_, ";") && open_bracket() + 1 < tokens_.size() && partner(open_bracket()) + 1 < tokens_.size() && is(partner(open_bracket()), std::string(other_half(tokens_[open_bracket()].text)))) {
        bool same_line = text_.find('\n', tokens_[open_bracket()].begin) > tokens_[partner(open_bracket())].begin;
        if (!same_line) return false;
        sink_.report(Diag::WrongSeparator, span(at_), {";", "values", ","}).suggest(Applicability::Likely, span(at_), ",");
        return true;
    }
    return false;
}

bool Complainer::stray_semicolon() {
    if (!is(at_, ";") || at_ == 0 || (!is(at_ - 1, "}") && !is(at_ - 1, ";"))) return false;
    sink_.report(Diag::UnexpectedToken, span(at_), {";", is(at_ - 1, "}") ? "remove it: nothing stands between `}` and what follows" : "remove it"}).suggest(Applicability::Automatic, span(at_), "");
    return true;
}

/// `fn f(a)`, `var x = 0;` as a field, `fn f(a Int)`.
bool Complainer::missing_type() {
    if (!expects(":") || at_ == 0 || !word(at_ - 1)) return false;
    if (word(at_) && type_like(tokens_[at_].text)) {
        missing(":", at_ - 1).suggest(Applicability::Automatic, behind(at_ - 1), ":");
        return true;
    }
    if (!is(at_, ",") && !is(at_, ")") && !is(at_, "=") && !is(at_, ";")) return false;
    if (failure_.place == Home::Statement) return false;
    sink_.report(Diag::MissingType, span(at_ - 1), {seen(at_ - 1)});
    return true;
}

bool Complainer::missing_value() {
    if (!is(at_, ";") || !expects("=") || (!is(begin_, "let") && !is(begin_, "var") && !is(begin_, "const")) || begin_ + 1 >= at_) return false;
    sink_.report(Diag::MissingValue, span(begin_ + 1), {seen(begin_ + 1)});
    return true;
}

bool Complainer::reserved_word() {
    if (!expects("NAME") || tokens_[at_].kind != Kind::Keyword) return false;
    const bool named = at_ > 0 && (word(at_ - 1) || is(at_ - 1, ",") || is(at_ - 1, "(") || is(at_ - 1, ".") || is(at_ - 1, "->"));
    const bool alone = is(at_ + 1, ":") || is(at_ + 1, "(") || is(at_ + 1, "{") || is(at_ + 1, "=") || is(at_ + 1, ";") || is(at_ + 1, ",") || is(at_ + 1, ")") || is(at_ + 1, "in");
    if (!named && !(alone && (failure_.in_parameters || failure_.in_fields))) return false;
    sink_.report(Diag::ReservedWord, span(at_), {seen(at_)});
    return true;
}

bool Complainer::missing_name() {
    if (!expects("NAME") || failure_.expected.contains("NUMBER") || at_ == 0 || tokens_[at_].kind != Kind::Sign || failure_.expected.size() > 60) return false;
    if (tokens_[at_ - 1].kind != Kind::Keyword && tokens_[at_ - 1].kind != Kind::Name) return false;
    if (failure_.expected.contains(";") || failure_.expected.contains(")")) return false;
    sink_.report(Diag::MissingName, span(at_ - 1), {quoted(tokens_[at_ - 1].text)});
    return true;
}

bool Complainer::compare_with_equals() {
    if (!is(at_, "=") || at_ == 0 || !ends_value(at_ - 1) || expects(":")) return false;
    if (failure_.in_enum) return fault(at_, "a case has a name and no number: leave it out");
    if (failure_.place != Home::Statement && at_ == begin_ + 2) return fault(at_, "leave it out");
    const bool condition = is(begin_, "if") || failure_.in_head; // elsewhere an assignment may have been meant
    sink_.report(Diag::AssignForCompare, span(at_)).suggest(condition ? Applicability::Automatic : Applicability::Likely, span(at_), "==");
    return true;
}

bool Complainer::missing_text() {
    if (!expects("TEXT") || failure_.expected.contains("NUMBER") || at_ == 0) return false;
    sink_.report(Diag::MissingToken, behind(at_ - 1), {"a text in quotes", seen(at_ - 1), ""});
    return true;
}

/// `action finish by owner`: both brackets.
bool Complainer::missing_brackets() {
    if (!expects("(") || expects(";") || expects(")") || at_ == 0 || tokens_[at_ - 1].kind == Kind::Sign || expects("NUMBER")) return false;
    if (!(word(at_) || is(at_, "{") || is(at_, "->"))) return false;
    sink_.report(Diag::MissingToken, behind(at_ - 1), {"`()`", seen(at_ - 1), ""}).suggest(Applicability::Automatic, behind(at_ - 1), "()");
    return true;
}

/// `round(x, floor;`: a bracket of this statement is open where the statement ends.
bool Complainer::missing_bracket() {
    const auto open = open_bracket();
    if (open + 1 == tokens_.size()) return false;
    const auto close = std::string(other_half(tokens_[open].text));
    if (!is(at_, ";") && !is(at_, "{") && !is(at_, "}") && tokens_[at_].kind != Kind::Keyword && tokens_[at_].kind != Kind::End) return false;
    if (!failure_.expected.empty() && !expects(close)) return false;
    if (is(at_, "{") && at_ == open + 1) return false;
    missing(close, at_ - 1).label(span(open), "opened here").suggest(Applicability::Likely, behind(at_ - 1), close);
    return true;
}

bool Complainer::wrong_bracket() {
    std::vector<std::size_t> open;
    for (std::size_t i = begin_; i <= at_ && i + 1 < tokens_.size(); ++i) {
        if (tokens_[i].kind != Kind::Sign) continue;
        if (opens(tokens_[i].text)) open.push_back(i);
        if (!closes(tokens_[i].text)) continue;
        if (open.empty() && i == at_ && !is(i, "}")) {
            sink_.report(Diag::ClosesNothing, span(i), {seen(i), std::string(other_half(tokens_[i].text))}).suggest(Applicability::Likely, span(i), "");
            return true;
        }
        if (open.empty()) continue;
        const auto wanted = other_half(tokens_[open.back()].text);
        if (tokens_[i].text == wanted) {
            open.pop_back();
            continue;
        }
        if (is(i, "}") || wanted == "}") return false; // a block ends: something is missing, not wrong
        sink_.report(Diag::WrongBracket, span(i), {std::string(tokens_[i].text), std::string(tokens_[open.back()].text), std::string(wanted)})
            .label(span(open.back()), "opened here").suggest(Applicability::Likely, span(i), std::string(wanted));
        return true;
    }
    return false;
}

bool Complainer::missing_comma() {
    const auto open = open_bracket();
    if (open + 1 == tokens_.size() || !begins_value(at_) || at_ == 0 || !ends_value(at_ - 1)) return false;
    if (!failure_.expected.empty() && !expects(",") && !expects(std::string(other_half(tokens_[open].text)))) return false;
    if (tokens_[at_].starts_line && failure_.place == Home::Statement && !is(partner(open), std::string(other_half(tokens_[open].text)))) return false;
    missing(",", at_ - 1).suggest(Applicability::Likely, behind(at_ - 1), ",");
    return true;
}

/// `;`, `{` or what else must come, when all the rest that could come are operators.
bool Complainer::missing_mark() {
    static const std::set<std::string> operators{".", "[", "(", "*", "/", "+", "-", "<", "<=", ">", ">=", "==", "!=", "is", "in", "and", "or", "=", "+=", "-=",
        ",", "?", "{", "|", "for", "if", "%", "NAME", ":"};
    if (at_ == 0) return false;
    const auto lonely = [&](const std::string& mark) {
        return std::all_of(failure_.expected.begin(), failure_.expected.end(), [&](const auto& e) { return e == mark || operators.contains(e); });
    };
    const std::string first = failure_.in_head ? "{" : ";", second = failure_.in_head ? ";" : "{";
    for (const auto& mark : std::vector<std::string>{first, second, ")", "]", "}", "(", ":", "="}) {
        const bool known = expects(mark) && (lonely(mark) || (mark == ";" && tokens_[at_].starts_line) || (mark == "{" && failure_.in_head));
        const bool guessed = failure_.expected.empty() && mark == ";" && tokens_[at_].starts_line && ends_value(at_ - 1) && failure_.place == Home::Statement;
        if (!known && !guessed) continue;
        auto& d = missing(mark, at_ - 1, mark == "{" ? "what is done stands in braces, also when it is one statement" : "");
        if (mark == ";") d.suggest(Applicability::Automatic, behind(at_ - 1), ";");
        if (mark == "=" || mark == ":") d.suggest(Applicability::Likely, behind(at_ - 1), mark == "=" ? " =" : ":");
        if (mark == "{" && failure_.place == Home::Statement && !unbalanced()) {
            const auto out = region();
            if (out.end > at_ && is(out.end - 1, ";")) d.suggest(Applicability::Likely, {{behind(at_ - 1), " {"}, {behind(out.end - 1), " }"}});
        }
        return true;
    }
    return false;
}

/// Which brace: the one whose line is indented differently from the line that closes it.
bool Complainer::brace_balance() {
    if (!unbalanced()) return false;
    std::size_t line = 0, indent = 0;
    std::vector<std::pair<std::size_t, std::size_t>> open; // token, indentation of its line
    std::size_t odd = tokens_.size(); // the first `}` that stands further in than the line it closes
    const auto never_closed = [&](std::size_t opener) {
        sink_.report(Diag::NeverClosed, span(opener), {"{", "}"});
        return true;
    };
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
        const auto& t = tokens_[i];
        if (t.starts_line) {
            line = text_.rfind('\n', t.begin);
            indent = t.begin - (line == std::string::npos ? 0 : line + 1);
        }
        if (t.kind != Kind::Sign) continue;
        if (t.text == "{") open.emplace_back(i, indent);
        if (t.text != "}") continue;
        if (open.empty()) {
            sink_.report(Diag::ClosesNothing, span(odd < tokens_.size() ? odd : i), {"}", "{"});
            return true;
        }
        const bool same_line = text_.find('\n', tokens_[open.back().first].begin) > t.begin;
        if (odd == tokens_.size() && indent > open.back().second && !same_line) odd = i;
        if (t.starts_line && indent < open.back().second) return never_closed(open.back().first);
        open.pop_back();
    }
    return !open.empty() && never_closed(open.back().first);
}

bool Complainer::end_of_file() {
    if (tokens_[at_].kind != Kind::End) return false;
    const auto end = static_cast<std::uint32_t>(text_.size());
    sink_.report(Diag::UnexpectedEnd, {file_, end == 0 ? 0 : end - 1, end}, {"finish what stands last"});
    return true;
}

bool Complainer::anything() {
    if (tokens_[at_].kind == Kind::Unknown) {
        sink_.report(Diag::UnknownCharacter, span(at_), {seen(at_)});
        return true;
    }
    std::vector<std::string> list;
    for (const auto& e : failure_.expected)
        list.push_back(e == "NAME" ? "a name" : e == "NUMBER" ? "a number" : e == "TEXT" ? "a text in quotes" : e == "DATE" ? "a date" : quoted(e));
    std::string advice = at_ == begin_ ? "a statement, a field or a declaration cannot begin like this" : "check what stands before it: an operator, a `,` or a bracket may be missing";
    if (!list.empty() && list.size() <= 3) {
        advice = "write ";
        for (std::size_t i = 0; i < list.size(); ++i) advice += (i == 0 ? "" : i + 1 == list.size() ? " or " : ", ") + list[i];
        advice += " here";
    }
    sink_.report(Diag::UnexpectedToken, span(at_), {seen(at_), advice});
    return true;
}

} // namespace tally
