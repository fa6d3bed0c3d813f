// Rules that see a slip in the characters: quotes, comments, operators and numbers of other languages.
#include "compiler/parse/slips.hpp"

namespace tally {

using namespace slips;

namespace {

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

} // namespace

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
            sink_.report(Diag::ForeignOperator, span(i, i + 1), {"..", "write `for i in range(0, 10, max: 10) { … }`, which leaves out its end, or `for x in list { … }`"});
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

} // namespace tally
