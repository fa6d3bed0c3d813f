/// Words for what the parser could not read: one message for one mistake, from the tokens around it. Knows
/// nothing of ANTLR, and is asked only after parsing has failed.
#pragma once

#include "compiler/diag/diag.hpp"

#include <set>
#include <string>
#include <vector>

namespace tally {

struct Lexeme {
    enum class Kind { Name, Keyword, Number, Date, Text, Sign, Unknown, End } kind;
    std::string_view text;
    std::uint32_t begin, end; ///< bytes
    bool starts_line;
};

struct SyntaxFailure {
    enum class Place { Top, Member, Statement } place; ///< the innermost that is open
    std::size_t at;                 ///< the token that does not fit
    std::set<std::string> expected; ///< as written; NAME, NUMBER, TEXT, DATE. Empty: not known
    bool in_parameters = false, in_fields = false, in_enum = false, in_head = false;
};

/// The tokens of one faulty statement, member or declaration.
struct Region {
    std::size_t begin, end; ///< [begin, end)
};

class Complainer {
public:
    Complainer(std::uint32_t file, const std::string& text, const std::vector<Lexeme>& tokens, Sink& sink)
        : file_(file), text_(text), tokens_(tokens), sink_(sink) {}

    /// Reports what is wrong, and says what to leave out to go on behind it.
    Region complain(const SyntaxFailure& failure);
    /// A `{` or `}` too many: what follows would be read in the wrong place, so there is no going on.
    [[nodiscard]] bool unbalanced() const;

private:
    using Rule = bool (Complainer::*)();
    // The rules, in the order in which they are asked; each reports or leaves it to the next.
    bool open_text();
    bool quote_form();
    bool comment_form();
    bool foreign_operator();
    bool unknown_character();
    bool type_form();
    bool new_form();
    bool declaration_inside();
    bool operator_in_capitals();
    bool field_with_equals();
    bool sign_slip();
    bool for_in_brackets();
    bool several_signers();
    bool statement_as_value();
    bool missing_value_of_operator();
    bool arm_form();
    bool result_form();
    bool import_form();
    bool small_forms();
    bool assignment_form();
    bool step_form();
    bool ternary();
    bool remainder();
    bool number_form();
    bool currency_first();
    bool wrong_bracket();
    bool brace_balance();
    bool missing_module();
    bool late_import();
    bool c_style_for();
    bool foreign_word();
    bool header_order();
    bool type_first();
    bool misspelt_here();
    bool misspelt_start();
    bool arrow_form();
    bool bracket_kind();
    bool separator();
    bool stray_semicolon();
    bool missing_type();
    bool missing_value();
    bool reserved_word();
    bool missing_name();
    bool compare_with_equals();
    bool missing_text();
    bool missing_brackets();
    bool missing_bracket();
    bool missing_mark();
    bool missing_comma();
    bool end_of_file();
    bool anything();

    [[nodiscard]] Region region() const;
    [[nodiscard]] Region faulty_block() const;
    [[nodiscard]] Region declaration(Region inside) const;
    [[nodiscard]] bool is(std::size_t i, std::string_view text) const { return i < tokens_.size() && tokens_[i].text == text && tokens_[i].kind != Lexeme::Kind::Text; }
    [[nodiscard]] bool word(std::size_t i) const;
    [[nodiscard]] bool ends_value(std::size_t i) const;
    [[nodiscard]] bool begins_value(std::size_t i) const;
    [[nodiscard]] bool adjacent(std::size_t i) const { return i + 1 < tokens_.size() && tokens_[i].end == tokens_[i + 1].begin; }
    [[nodiscard]] bool expects(const std::string& what) const { return failure_.expected.contains(what); }
    [[nodiscard]] std::size_t type_end(std::size_t i) const;
    [[nodiscard]] std::size_t header_word() const;
    bool fault(std::size_t i, const std::string& advice);
    [[nodiscard]] std::size_t partner(std::size_t opener) const;
    [[nodiscard]] std::size_t open_bracket() const;
    [[nodiscard]] std::string text(std::size_t first, std::size_t last) const;
    [[nodiscard]] Span span(std::size_t i) const { return span(i, i); }
    [[nodiscard]] Span span(std::size_t first, std::size_t last) const { return {file_, tokens_[first].begin, tokens_[last].end}; }
    [[nodiscard]] Span behind(std::size_t i) const { return {file_, tokens_[i].end, tokens_[i].end}; }
    [[nodiscard]] Span before(std::size_t i) const { return {file_, tokens_[i].begin, tokens_[i].begin}; }
    [[nodiscard]] Span first_of(std::size_t i) const;
    [[nodiscard]] std::string seen(std::size_t i) const;
    Diagnostic& missing(const std::string& mark, std::size_t after, std::string why = "");

    std::uint32_t file_;
    const std::string& text_;
    const std::vector<Lexeme>& tokens_; ///< the last one is the end
    Sink& sink_;
    SyntaxFailure failure_{};
    std::size_t at_ = 0, begin_ = 0; ///< the token that does not fit; the first of its statement
};

} // namespace tally
