/// Backups: a folder with everything that a ledger is made of, and a list of its files with their hashes.
///
///   BACKUP     `tallystick backup 1`, then `chain …`, `height …`, `root …`, then a line `SHA-256  size  path` for each
///              file, and last `check …`, the SHA-256 of all lines before
///   node.id    whose it is
///   node.tip   only of a ledger that was not running
///   db/        the store
///
/// Keys are not in it.
#pragma once

#include "node/chain.hpp"

namespace tally {

struct Backup {
    std::string chain;
    u64 height = 0;
    Hash root{};
    u64 files = 0, bytes = 0;
};

/// Of a ledger that no node runs.
[[nodiscard]] Result<Backup> backup_closed(const std::filesystem::path& directory, const std::filesystem::path& destination);
/// Of one that a node runs: the node makes a checkpoint beside its store and removes it when all is copied.
[[nodiscard]] Result<Backup> backup_running(const std::filesystem::path& directory, const std::filesystem::path& destination);
/// Into a directory that is not there yet or empty. Every file is held against its hash, the store against the
/// backup's height and root, before the directory has its name.
[[nodiscard]] Result<Backup> restore(const std::filesystem::path& backup, const std::filesystem::path& directory);

} // namespace tally
