/// The file `node.tip`: how far the store was known to be, kept outside of RocksDB.
///
/// RocksDB takes the end of its write-ahead log and of its MANIFEST for whatever a crash left there: a record whose
/// length points behind the end counts as torn and is dropped without a word. After one flipped bit that can be
/// acknowledged blocks. What this file says was there must be there when the store is opened again.
///
///   two slots, at 0 and 4096, written in turn, so that a torn write leaves the other; each of 160 bytes:
///   "tallytip", height (8 bytes), root (32), number of the MANIFEST (8), its size (8), digest of so much of it (32),
///   32 bytes zero, SHA-256 of all before
///
/// Written after a block is durable and not synced: a kill loses none of it, a power cut may leave an older slot,
/// which asks for less. The file that RocksDB appends to is the only one that is looked at.
#pragma once

#include "node/errors.hpp"
#include "vm/crypto/sha256.hpp"

#include <filesystem>

namespace tally {

class TipFile {
public:
    /// What was known.
    struct Known {
        u64 height = 0;
        Hash root{};
        u64 manifest = 0; ///< its number; 0: none was looked at
        u64 manifest_bytes = 0;
        Hash manifest_digest{};
    };
    /// Makes the file when there is none. Refuses one whose slots are both damaged.
    [[nodiscard]] static Result<TipFile> open(const std::filesystem::path& directory);
    TipFile(TipFile&& other) noexcept;
    TipFile& operator=(TipFile&&) = delete;
    ~TipFile();

    /// Nothing in a directory of an earlier version.
    [[nodiscard]] const std::optional<Known>& known() const { return known_; }
    /// Before the store is opened: its MANIFEST begins as it is known to begin.
    [[nodiscard]] Problem check_manifest() const;
    /// After a block is durable. Looks at the MANIFEST when that has grown.
    [[nodiscard]] Problem write(u64 height, const Hash& root);

private:
    TipFile(int file, std::filesystem::path database) : file_(file), database_(std::move(database)) {}
    [[nodiscard]] Problem look_at_manifest();

    int file_ = -1, manifest_file_ = -1;
    std::filesystem::path database_;
    std::optional<Known> known_;
    unsigned next_slot_ = 0;
    u64 whole_bytes_ = 0; ///< of the MANIFEST, in whole chunks
    Hash whole_digest_{}; ///< of those
};

} // namespace tally
