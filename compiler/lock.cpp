#include "compiler/lock.hpp"

#include "vm/crypto/sha256.hpp"
#include "vm/value/bytes.hpp"

#include <algorithm>
#include <sstream>

namespace tally {

Hash import_hash(const std::string& text) {
    ByteWriter out;
    out.text(text);
    return tagged_hash("tally/import/v1", out.data());
}

std::string lock_text(const Lock& lock) {
    std::string out = "# What the modules of this folder import, by content. Written by `tally lock`.\n";
    for (const auto& [module, hash] : lock) out += module + " " + hex(hash) + "\n";
    return out;
}

std::optional<Lock> read_lock(const std::string& text) {
    Lock out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        const auto space = line.find(' ');
        Bytes bytes;
        Hash hash{};
        if (space == std::string::npos || space == 0 || !unhex(line.substr(space + 1), bytes) || bytes.size() != hash.size()) return std::nullopt;
        std::copy(bytes.begin(), bytes.end(), hash.begin());
        if (!out.emplace(line.substr(0, space), hash).second) return std::nullopt;
    }
    return out;
}

} // namespace tally
