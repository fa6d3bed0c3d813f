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

Diagnostic& Sink::report(Diag kind, Span span, std::vector<std::string> args) {
    diagnostics_.push_back({kind, span, std::move(args), {}});
    return diagnostics_.back();
}

std::vector<Diagnostic> Sink::sorted() const {
    auto all = diagnostics_;
    const auto key = [](const Diagnostic& d) { return std::pair(d.span.file, d.span.begin); };
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    const auto same = [&](const auto& a, const auto& b) { return key(a) == key(b); };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    return all;
}

std::string closest(std::string_view name, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = name.size() <= 3 ? 2 : 3;
    for (const auto& candidate : known) {
        std::vector<std::size_t> row(candidate.size() + 1);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= name.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j < row.size(); ++j) {
                const std::size_t substitute = diagonal + (name[i - 1] == candidate[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

} // namespace tally
