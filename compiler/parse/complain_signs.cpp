// Rules about signs: what is missing, too much, or of the wrong kind; the last ones take whatever is left.
#include "compiler/parse/slips.hpp"

namespace tally {

using namespace slips;

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
