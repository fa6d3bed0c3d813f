// The order of the rules, and where a mistake begins and ends. What is certain from the characters alone is asked
// first, then words, then forms and what the parser expected; the last rule always has something to say.
#include "compiler/parse/slips.hpp"

namespace tally {

using namespace slips;

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

} // namespace tally
