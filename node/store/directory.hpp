/// A node's directory: whose it is, and whether there is room. Held from `tallyd`'s start to its
/// end.
///
///   db/          RocksDB (rocks_store.hpp)
///   node.lock    locked while a process uses the directory; says the chain and how often it
///   started keys/        keys that `tallyd init` made api.port     the port of the API while the
///   node runs
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

    /// What the file says. Counts starts of the node: a store that counts fewer is an older copy.
    struct Note {
        std::string chain;
        u64 starts = 0;
    };
    [[nodiscard]] std::optional<Note> note() const;
    /// Durable before it returns.
    [[nodiscard]] Problem write_note(const Note& note) const;

private:
    explicit DirectoryLock(int file) : file_(file) {}
    int file_ = -1;
};

/// Room below which a node takes no transactions: `floor_bytes`, or 5 % of the disk if that is 0.
/// Nothing while there is more than that.
[[nodiscard]] Problem disk_nearly_full(const std::filesystem::path& directory, u64 floor_bytes);

} // namespace tally
