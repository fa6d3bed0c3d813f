#include "compiler/diag/diag.hpp"

#include <algorithm>
#include <array>

namespace tally {
namespace {

constexpr std::array infos{
#define DIAG(name, code, what, why, fix) DiagInfo{code, what, why, fix},
#include "compiler/diag/kinds.def"
#undef DIAG
};

/// `{0}` by argument 0, `{{` and `}}` by one brace.
std::string fill(std::string_view text, const std::vector<std::string>& args) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if ((c == '{' || c == '}') && next == c) {
            out += c;
            ++i;
        } else if (c == '{' && next >= '0' && next <= '9' && i + 2 < text.size() && text[i + 2] == '}') {
            const auto number = static_cast<std::size_t>(next - '0');
            if (number < args.size()) out += args[number];
            i += 2;
        } else {
            out += c;
        }
    }
    return out;
}

} // namespace

const DiagInfo& diag_info(Diag kind) { return infos[static_cast<std::size_t>(kind)]; }

const DiagInfo* diag_by_code(std::string_view code) {
    const auto found = std::find_if(infos.begin(), infos.end(), [&](const DiagInfo& info) { return info.code == code; });
    return found == infos.end() ? nullptr : &*found;
}

std::string Diagnostic::what() const { return fill(diag_info(kind).what, args); }
std::string Diagnostic::why() const { return fill(diag_info(kind).why, args); }
std::string Diagnostic::fix() const { return fill(diag_info(kind).fix, args); }

std::string_view name_of(Applicability applicability) {
    static constexpr std::array<std::string_view, 3> names{"automatic", "likely", "choice"};
    return names[static_cast<std::size_t>(applicability)];
}

Diagnostic& Diagnostic::label(Span at, std::string text) {
    labels.push_back({at, std::move(text)});
    return *this;
}
Diagnostic& Diagnostic::note(std::string text) {
    here = std::move(text);
    return *this;
}
Diagnostic& Diagnostic::suggest(Applicability applicability, std::vector<Edit> edits) {
    suggestions.push_back({applicability, std::move(edits)});
    return *this;
}
Diagnostic& Diagnostic::suggest(Applicability applicability, Span at, std::string replacement) {
    return suggest(applicability, {{at, std::move(replacement)}});
}

std::string applied(const std::string& source, const Suggestion& suggestion) {
    std::string out;
    std::size_t from = 0;
    for (const auto& edit : suggestion.edits) {
        out += source.substr(from, edit.span.begin - from) + edit.replacement;
        from = edit.span.end;
    }
    return out + source.substr(from);
}

Diagnostic& Sink::report(Diag kind, Span span, std::vector<std::string> args) {
    Diagnostic fresh{kind, span, std::move(args), {}, {}, {}};
    if (diagnostics_.size() == diagnostics_kept_max) {
        ++beyond_count_;
        return beyond_ = std::move(fresh);
    }
    diagnostics_.push_back(std::move(fresh));
    return diagnostics_.back();
}

std::vector<Diagnostic> Sink::sorted() const {
    auto all = diagnostics_;
    const auto key = [](const Diagnostic& d) { return std::pair(d.span.file, d.span.begin); };
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    // One mistake, one message; but each thing that an upgrade changes is a thing of its own.
    const auto same = [&](const auto& a, const auto& b) { return key(a) == key(b) && !diag_info(a.kind).code.starts_with("T8"); };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    return all;
}

namespace {

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// Letters to put in, take out, replace, or swap with their neighbour (a restricted edit distance).
std::size_t letters_apart(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        next[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
        }
        before = row;
        row = next;
    }
    return row.back();
}

} // namespace

std::string closest(std::string_view name, const std::vector<std::string>& known) {
    constexpr std::size_t long_name = 64; // what nobody types by mistake is not compared letter by letter
    std::string best;
    std::size_t best_distance = name.size() <= 3 ? 2 : 3;
    if (name.size() > long_name) return best;
    for (const auto& candidate : known) {
        if (candidate.size() > long_name || candidate == name) continue;
        const auto distance = lower_case(candidate) == lower_case(name) ? 0 : letters_apart(name, candidate);
        if (distance >= best_distance || distance >= candidate.size()) continue;
        best_distance = distance;
        best = candidate;
    }
    return best;
}

} // namespace tally
