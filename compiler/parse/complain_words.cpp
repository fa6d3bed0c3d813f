// Rules about words: of other languages, misspelt, in the wrong place or order.
#include "compiler/parse/slips.hpp"

namespace tally {

using namespace slips;

namespace {

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

} // namespace

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

} // namespace tally
