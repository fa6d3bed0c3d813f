/// Complaints about a program: collected by a Sink, rendered once, at the end.
#pragma once

#include "compiler/source/source.hpp"

#include <string>
#include <vector>

namespace tally {

enum class Diag {
#define DIAG(name, code, what, why, fix) name,
#include "compiler/diag/kinds.def"
#undef DIAG
};

struct DiagInfo {
    std::string_view code, what, why, fix;
};
[[nodiscard]] const DiagInfo& diag_info(Diag kind);
/// By code, e.g. "T3002"; nullptr if there is none.
[[nodiscard]] const DiagInfo* diag_by_code(std::string_view code);

struct Label {
    Span span;
    std::string text;
};

/// How sure the compiler is that a suggestion is what was meant. None ever weakens a guarantee.
enum class Applicability {
    Automatic, ///< nothing else can have been meant: a tool may apply it without asking
    Likely,    ///< probably what was meant: look before applying it
    Choice,    ///< one of several that mean different things: a person must choose
};
struct Edit {
    Span span; ///< empty: an insertion
    std::string replacement;
};
struct Suggestion {
    Applicability applicability;
    std::vector<Edit> edits; ///< in the order of the source, apart from one another; applied together
};
[[nodiscard]] std::string_view name_of(Applicability applicability);

struct Diagnostic {
    Diag kind;
    Span span;
    std::vector<std::string> args; ///< for {0} {1} … of the table's texts
    std::vector<Label> labels;     ///< secondary places
    std::vector<Suggestion> suggestions;
    std::string here; ///< beside the primary place; may be empty
    Diagnostic& label(Span at, std::string text);
    Diagnostic& note(std::string text);
    Diagnostic& suggest(Applicability applicability, std::vector<Edit> edits);
    Diagnostic& suggest(Applicability applicability, Span at, std::string replacement);
    [[nodiscard]] std::string what() const;
    [[nodiscard]] std::string why() const;
    [[nodiscard]] std::string fix() const;
};

class Sink {
public:
    Diagnostic& report(Diag kind, Span span, std::vector<std::string> args = {});
    [[nodiscard]] bool empty() const { return diagnostics_.empty(); }
    [[nodiscard]] Diagnostic& last() { return beyond_count_ > 0 ? beyond_ : diagnostics_.back(); }
    [[nodiscard]] std::size_t count() const { return diagnostics_.size() + beyond_count_; }
    /// Sorted by place, stably; of several at one place the first stays.
    [[nodiscard]] std::vector<Diagnostic> sorted() const;

private:
    std::vector<Diagnostic> diagnostics_;
    Diagnostic beyond_{};           ///< the latest of those that are counted and not kept
    std::size_t beyond_count_ = 0;
};

/// More mistakes than anybody mends at once: a source of 1 MiB can hold hundreds of thousands.
inline constexpr std::size_t diagnostics_kept_max = 10'000;

enum class Colour { Off, On };
/// As a terminal shows it: what, the line, where it points, why, fix, the choices there are.
[[nodiscard]] std::string render(const Sources& sources, const Diagnostic& diagnostic, Colour colour);
/// One JSON object per diagnostic: code, file, line, column, end_line, end_column, what, why, fix, here, labels,
/// suggestions (docs/language/messages.md).
[[nodiscard]] std::string render_json(const Sources& sources, const std::vector<Diagnostic>& diagnostics);
/// `T3002 12:5-12:9: part can be lost here`: the form of the goldens.
[[nodiscard]] std::string render_short(const Sources& sources, const Diagnostic& diagnostic);

/// Text from elsewhere, fit for a terminal: control characters, characters that reorder or hide text, and
/// bytes that are not UTF-8 become `?`.
[[nodiscard]] std::string printable(std::string_view text);

/// `source` with the edits of one suggestion made.
[[nodiscard]] std::string applied(const std::string& source, const Suggestion& suggestion);

/// The closest of `known` to a misspelt name, or empty.
[[nodiscard]] std::string closest(std::string_view name, const std::vector<std::string>& known);

} // namespace tally
