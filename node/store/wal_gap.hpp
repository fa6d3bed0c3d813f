/// Whether the write-ahead log misses something in its middle.
///
/// Several log files may be needed at once, and RocksDB takes the end of each for torn when a length points behind
/// it: what stood there is dropped, and the next file is read as if nothing were missing. But every record carries
/// the number of its first write and how many writes it has, so a hole shows.
#pragma once

#include "vm/value/int128.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace tally {

/// Looks at the log files of a closed store, from number `first` on. Nothing, or which file is followed by a hole.
/// Checksums are RocksDB's to check.
[[nodiscard]] std::optional<std::string> wal_gap(const std::filesystem::path& database, u64 first);

} // namespace tally
