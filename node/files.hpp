/// Whole small files: keys, ports, genesis, modules.
#pragma once

#include "node/errors.hpp"

#include <filesystem>

namespace tally {

/// Writes a whole file with these permissions; refuses to replace one.
[[nodiscard]] Problem write_new_file(const std::filesystem::path& path, std::string_view text,
                                     unsigned permissions);
/// Replaces a file whole: after a crash it has the old text or the new one.
[[nodiscard]] Problem replace_file(const std::filesystem::path& path, std::string_view text,
                                   unsigned permissions);
/// Makes what is in a file durable.
[[nodiscard]] Problem sync_file(const std::filesystem::path& path);
/// Makes the names in a directory durable.
[[nodiscard]] Problem sync_directory(const std::filesystem::path& directory);
/// The file's text, at most `max` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t max);

} // namespace tally
