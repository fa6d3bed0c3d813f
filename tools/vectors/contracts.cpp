#include "tools/vectors/contracts.hpp"

namespace tally {

std::optional<std::vector<Bytes>> actus_modules(std::string& why) {
    std::vector<Bytes> out;
    for (const auto& [name, text] : actus_files()) {
        auto compilation = check_text(std::string(name), std::string(text), actus_files());
        if (compilation->program.root().contracts.empty()) continue;
        auto built = build(*compilation, Tests::Leave, Optimise::Full);
        for (const auto& diagnostic : compilation->sink.sorted()) {
            why = render_short(compilation->sources, diagnostic);
            return std::nullopt;
        }
        out.push_back(std::move(built.bytes));
    }
    return out;
}

} // namespace tally
