/// A node's directory: whose it is, and whether there is room. Held from `tallyd`'s start to its
/// end.
///
///   db/          RocksDB (rocks_store.hpp)
///   db.new/      a store that `tallyd init` was making when it was stopped
///   node.lock    locked while a process uses the directory
///   node.id      whose it is: the chain, how often the node started, the node's own number
///   node.tip     how far the store was (tip_file.hpp)
///   keys/        keys that `tallyd init` made
///   api.port     the port of the API while the node runs
///   tls.files    the certificates of the last start
#pragma once

#include "node/errors.hpp"
#include "vm/value/int128.hpp"

#include <filesystem>

namespace tally {

class DirectoryLock {
public:
    /// Refuses when another process holds it.
    [[nodiscard]] static Result<DirectoryLock> take(const std::filesystem::path& directory);
    ~DirectoryLock();
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) = delete;

    /// What `node.id` says. Counts starts of the node: a store that counts fewer is an older copy.
    struct Note {
        std::string chain;
        u64 starts = 0;
        std::string node; ///< 32 hexadecimal digits, drawn once; empty: `write_note` draws them
    };
    /// Nothing when none was written yet; an error when it is not what was written.
    [[nodiscard]] Result<std::optional<Note>> note() const;
    /// Durable before it returns, and whole or not at all.
    [[nodiscard]] Problem write_note(const Note& note) const;

private:
    [[nodiscard]] std::optional<Note> note_of_before() const;
    DirectoryLock(int file, std::filesystem::path directory)
        : file_(file), directory_(std::move(directory)) {}
    int file_ = -1;
    std::filesystem::path directory_;
};

/// Shares of the disk that are kept free: below the first a node takes no transactions, below the
/// second it ends.
inline constexpr u64 disk_refuse_percent = 10, disk_stop_percent = 5;

/// Room below which a node takes no transactions: `floor_bytes`, or the share if that is 0. Nothing
/// while there is more than that; DiskFull below half of it.
[[nodiscard]] Problem disk_nearly_full(const std::filesystem::path& directory, u64 floor_bytes);

} // namespace tally
