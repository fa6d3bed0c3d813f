// Rules about forms that are close to the right one: in headers, loops, arms, imports.
#include "compiler/parse/slips.hpp"

namespace tally {

using namespace slips;

namespace {

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

} // namespace

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

} // namespace tally
