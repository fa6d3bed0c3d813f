#include "node/errors.hpp"

#include <array>
#include <unistd.h>

namespace tally {
namespace {

constexpr NodeCodeInfo infos[] = {
#define NODE_ERROR(name, code, http, what, fix) {NodeCode::name, code, http, what, fix},
#include "node/errors.def"
#undef NODE_ERROR
};

} // namespace

const NodeCodeInfo& node_code_info(NodeCode code) { return infos[static_cast<std::size_t>(code)]; }

std::optional<NodeCode> node_code_by_text(std::string_view text) {
    for (const NodeCodeInfo& info : infos)
        if (info.text == text) return info.code;
    return std::nullopt;
}

std::string NodeError::what() const {
    std::string out(node_code_info(code).what);
    if (!detail.empty()) out += ": " + detail;
    return out;
}

std::string NodeError::line() const {
    return std::string(node_code_info(code).text) + ": " + what() + ". " + std::string(fix());
}

void stop_node(const NodeError& error) {
    const std::string text = "tallyd: stopped. " + error.line() + "\n";
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t written = ::write(STDERR_FILENO, text.data() + at, text.size() - at);
        if (written <= 0) break;
        at += static_cast<std::size_t>(written);
    }
    // Other threads may be inside the store: no destructor and no exit handler may run under them.
    ::_exit(error.code == NodeCode::DiskFull ? exit_no_room : exit_trouble);
}

} // namespace tally
