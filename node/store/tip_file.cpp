#include "node/store/tip_file.hpp"

#include "node/files.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tally {
namespace {

constexpr std::string_view magic = "tallytip";
constexpr std::size_t slot_bytes = 160, signed_bytes = slot_bytes - sizeof(Hash);
constexpr off_t slot_distance = 4096;
constexpr std::size_t chunk_bytes = 64U << 10;
constexpr std::string_view manifest_prefix = "MANIFEST-";

off_t place_of(unsigned slot) { return slot_distance * static_cast<off_t>(slot); }

NodeError failed(const char* what) { return {NodeCode::DiskFailed, std::string(what) + ": " + std::strerror(errno)}; }
NodeError damaged(std::string what) { return {NodeCode::StoreDamaged, std::move(what)}; }

Bytes encode(const TipFile::Known& known) {
    ByteWriter out;
    out.raw(to_bytes(magic));
    out.u64be(known.height);
    out.raw(known.root);
    out.u64be(known.manifest);
    out.u64be(known.manifest_bytes);
    out.raw(known.manifest_digest);
    Bytes bytes = out.take();
    bytes.resize(signed_bytes);
    const Hash check = sha256(bytes);
    bytes.insert(bytes.end(), check.begin(), check.end());
    return bytes;
}

std::optional<TipFile::Known> decode(ByteView bytes) {
    if (bytes.size() != slot_bytes) return std::nullopt;
    const Hash check = sha256(bytes.first(signed_bytes));
    if (!std::equal(check.begin(), check.end(), bytes.begin() + signed_bytes)) return std::nullopt;
    ByteReader in(bytes);
    TipFile::Known known;
    (void)in.raw(magic.size());
    known.height = in.u64be();
    in.read(known.root);
    known.manifest = in.u64be();
    known.manifest_bytes = in.u64be();
    in.read(known.manifest_digest);
    return known;
}

/// The system may write less than all, or nothing because of a signal: neither is a failure.
bool write_all_at(int file, ByteView bytes, off_t at) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        at += written;
    }
    return true;
}

std::filesystem::path manifest_path(const std::filesystem::path& database, u64 number) {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    return database / (std::string(manifest_prefix) + digits);
}

/// The number that CURRENT names; nothing if it names none.
std::optional<u64> current_manifest(const std::filesystem::path& database) {
    const auto text = read_file(database / "CURRENT", 64);
    if (!text || !text->starts_with(manifest_prefix) || text->back() != '\n') return std::nullopt;
    u64 number = 0;
    const char *const first = text->data() + manifest_prefix.size(), *const last = text->data() + text->size() - 1;
    const auto end = std::from_chars(first, last, number);
    if (end.ec != std::errc() || end.ptr != last) return std::nullopt;
    return number;
}

/// Goes on from `digest` of the first `from` bytes, a number of whole chunks, to that of the first `size`. The last
/// whole chunk is left in `whole` and `whole_digest`. False when the file is shorter.
bool digest_on(int file, u64 size, u64& whole, Hash& whole_digest, Hash& out) {
    std::vector<std::uint8_t> buffer;
    out = whole_digest;
    while (whole < size) {
        const auto count = static_cast<std::size_t>(std::min<u64>(chunk_bytes, size - whole));
        buffer.resize(out.size() + count);
        std::copy(whole_digest.begin(), whole_digest.end(), buffer.begin());
        const ssize_t got = ::pread(file, buffer.data() + out.size(), count, static_cast<off_t>(whole));
        if (got != static_cast<ssize_t>(count)) return false;
        out = sha256(buffer);
        if (count < chunk_bytes) return true;
        whole += count;
        whole_digest = out;
    }
    return true;
}

} // namespace

TipFile::TipFile(TipFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)), manifest_file_(std::exchange(other.manifest_file_, -1)),
      database_(std::move(other.database_)), known_(other.known_), next_slot_(other.next_slot_),
      whole_bytes_(other.whole_bytes_), whole_digest_(other.whole_digest_) {}

TipFile::~TipFile() {
    if (file_ >= 0) ::close(file_);
    if (manifest_file_ >= 0) ::close(manifest_file_);
}

Result<TipFile> TipFile::open(const std::filesystem::path& directory) {
    const std::filesystem::path path = directory / "node.tip";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return NodeError{NodeCode::CannotWrite, path.string() + ": " + std::strerror(errno)};
    TipFile tip(file, directory / "db");
    unsigned written = 0;
    for (unsigned slot = 0; slot < 2; ++slot) {
        Bytes bytes(slot_bytes);
        const ssize_t count = ::pread(file, bytes.data(), bytes.size(), place_of(slot));
        if (count < 0) return failed("node.tip");
        if (std::any_of(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; })) ++written;
        const auto known = decode(bytes);
        if (!known || (tip.known_ && known->height < tip.known_->height)) continue;
        tip.known_ = known;
        tip.next_slot_ = 1 - slot;
    }
    // One alone may be the first that ever was written, and torn.
    if (!tip.known_ && written == 2) return damaged("node.tip: neither of its slots is whole");
    // Its length is durable from here on: later writes change bytes only.
    if (::ftruncate(file, place_of(1) + static_cast<off_t>(slot_bytes)) != 0 || ::fsync(file) != 0) return failed("node.tip");
    if (auto problem = sync_directory(directory)) return *problem;
    return tip;
}

Problem TipFile::check_manifest() const {
    const auto number = current_manifest(database_);
    if (!number) return damaged("CURRENT names no MANIFEST");
    if (!known_ || known_->manifest == 0 || *number > known_->manifest) return std::nullopt;
    if (*number < known_->manifest) 
        return NodeError{NodeCode::WrongDirectory, "CURRENT names an older MANIFEST than the store had"};
    const auto path = manifest_path(database_, *number);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return damaged(path.filename().string() + ": " + std::strerror(errno));
    u64 whole = 0;
    Hash whole_digest{}, digest{};
    const bool there = digest_on(file, known_->manifest_bytes, whole, whole_digest, digest);
    ::close(file);
    if (there && digest == known_->manifest_digest) return std::nullopt;
    return damaged(path.filename().string() + " is not what was written");
}

Problem TipFile::look_at_manifest() {
    struct stat now{};
    // A store that rolls its MANIFEST over removes the old one.
    const bool same = manifest_file_ >= 0 && ::fstat(manifest_file_, &now) == 0 && now.st_nlink != 0;
    if (same && static_cast<u64>(now.st_size) == known_->manifest_bytes) return std::nullopt;
    if (!same) {
        const auto number = current_manifest(database_);
        if (!number) return damaged("CURRENT names no MANIFEST");
        if (manifest_file_ >= 0) ::close(manifest_file_);
        manifest_file_ = ::open(manifest_path(database_, *number).c_str(), O_RDONLY | O_CLOEXEC);
        if (manifest_file_ < 0 || ::fstat(manifest_file_, &now) != 0) return failed("MANIFEST");
        known_->manifest = *number;
        whole_bytes_ = 0;
        whole_digest_ = {};
    }
    // RocksDB may be between writing and syncing: what is asked for later must not be lost in a power cut.
    if (::fdatasync(manifest_file_) != 0) return failed("MANIFEST");
    known_->manifest_bytes = static_cast<u64>(now.st_size);
    if (!digest_on(manifest_file_, known_->manifest_bytes, whole_bytes_, whole_digest_, known_->manifest_digest))
        return failed("MANIFEST");
    return std::nullopt;
}

Problem TipFile::write(u64 height, const Hash& root) {
    if (!known_) known_ = Known{};
    known_->height = height;
    known_->root = root;
    if (auto problem = look_at_manifest()) return problem;
    const Bytes bytes = encode(*known_);
    if (!write_all_at(file_, bytes, place_of(next_slot_))) return failed("node.tip");
    next_slot_ = 1 - next_slot_;
    return std::nullopt;
}

} // namespace tally
