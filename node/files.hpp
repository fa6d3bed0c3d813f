/// Whole small files: keys, ports, genesis, modules.
#pragma once

#include "node/errors.hpp"

#include <filesystem>

namespace tally {

/// Writes a whole file with these permissions; refuses to replace one.
[[nodiscard]] Problem write_new_file(const std::filesystem::path& path, std::string_view text,
                                     unsigned permissions);
/// The file's text, at most `max` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t max);

} // namespace tally
