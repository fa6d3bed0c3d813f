/// `tally.lock`: what the modules of a folder import, by content. When a folder has one, nothing that is
/// imported may differ from it.
#pragma once

#include "vm/crypto/sha256.hpp"

#include <map>
#include <optional>
#include <string>

namespace tally {

/// By module name.
using Lock = std::map<std::string, Hash>;

inline constexpr const char* lock_name = "tally.lock";

[[nodiscard]] Hash import_hash(const std::string& text);
[[nodiscard]] std::string lock_text(const Lock& lock);
/// Nothing when the text is no lock file: a lock that cannot be read must not pass for an empty one.
[[nodiscard]] std::optional<Lock> read_lock(const std::string& text);

} // namespace tally
