/// The terms of an official case, by the names of the ACTUS dictionary, to the arguments of the contracts in contracts/actus.
#pragma once

#include "runtime/json_reader.hpp"
#include "tools/vectors/numbers.hpp"

#include <set>
#include <vector>

namespace tally {

/// Reads terms one by one. The first that is wrong is remembered; what is read after it means nothing.
class TermReader {
public:
    explicit TermReader(const Json& terms) : terms_(terms) {}

    /// The term's text, blanks around it removed; nothing if it is absent, null or empty.
    [[nodiscard]] std::optional<std::string> text(const std::string& name);
    /// The elements of an array, or the one value that stands in its place.
    [[nodiscard]] std::vector<std::string> texts(const std::string& name);
    /// JSON: a Decimal, or `otherwise`.
    [[nodiscard]] std::string number(const std::string& name, const std::string& otherwise = "null");
    [[nodiscard]] std::string needed_number(const std::string& name);
    /// JSON: an At, or null.
    [[nodiscard]] std::string time(const std::string& name);
    [[nodiscard]] std::string needed_time(const std::string& name);
    /// JSON: a Cycle, or null.
    [[nodiscard]] std::string cycle(const std::string& name);
    /// JSON: the case of an enum that stands for the term's value. `choices` are pairs of what is written and the case;
    /// `otherwise`: if the term is absent; empty: it must not be.
    [[nodiscard]] std::string choice(const std::string& name, const std::vector<std::pair<std::string, std::string>>& choices, const std::string& otherwise);
    /// The same for a text that is not a term's own.
    [[nodiscard]] std::string time_of(const std::string& name, const std::string& text);
    [[nodiscard]] std::string number_of(const std::string& name, const std::string& text);
    [[nodiscard]] std::string cycle_of(const std::string& name, const std::string& text);

    void wrong(const std::string& name, const std::string& what);
    [[nodiscard]] const std::string& complaint() const { return complaint_; }
    /// Terms that nothing asked for and that are no mere names of things.
    [[nodiscard]] std::vector<std::string> unused() const;

private:
    const Json& terms_;
    std::set<std::string> asked_;
    std::string complaint_;
};

/// JSON of actus.terms.Terms. `role`: instead of the term contractRole, if not empty.
[[nodiscard]] std::string loan_terms(TermReader& terms, const std::string& type, const std::string& role);
/// JSON of actus.exchange.ExchangeTerms.
[[nodiscard]] std::string exchange_terms(TermReader& terms);
/// JSON of actus.enhancement.EnhancementTerms.
[[nodiscard]] std::string enhancement_terms(TermReader& terms);

} // namespace tally
