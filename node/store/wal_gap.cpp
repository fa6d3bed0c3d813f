#include "node/store/wal_gap.hpp"

#include "vm/value/bytes.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

namespace tally {
namespace {

// The format of a log file, from RocksDB's db/log_format.h: blocks of 32 KiB; a record is cut into pieces, each with
// a header (checksum 4 bytes, length 2, type 1; four more of the log's number in the types from 5 on) and never
// over the end of a block. Numbers are little-endian. A record begins with a write batch's header.
constexpr std::size_t block_bytes = 32U << 10, header_bytes = 7, recycled_header_bytes = 11;
enum Type : std::uint8_t { zero, full, first_piece, middle_piece, last_piece, recycled_full };
constexpr std::uint8_t type_max = 8;
constexpr std::size_t batch_header_bytes = 12; ///< number of the first write 8 bytes, how many 4

u64 little_endian(ByteView bytes) {
    u64 value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/// Numbers of the first write and of the one after the last.
struct Span {
    u64 from, to;
};

/// The records of one file, as far as they can be told apart.
std::vector<Span> spans_of(ByteView file) {
    std::vector<Span> out;
    Bytes head; ///< the begin of the record that is being read
    const auto finish = [&] {
        if (head.size() < batch_header_bytes) return;
        const u64 from = little_endian(ByteView(head).first(8)), count = little_endian(ByteView(head).subspan(8, 4));
        out.push_back({from, from + count});
    };
    for (std::size_t at = 0; at < file.size(); at += block_bytes) {
        ByteView block = file.subspan(at, std::min(block_bytes, file.size() - at));
        while (block.size() >= header_bytes) {
            const auto length = static_cast<std::size_t>(little_endian(block.subspan(4, 2)));
            std::uint8_t type = block[6];
            const std::size_t header = type >= recycled_full ? recycled_header_bytes : header_bytes;
            if (type == zero || type > type_max || header + length > block.size()) break;
            if (type >= recycled_full) type = static_cast<std::uint8_t>(type - 4);
            if (type == full || type == first_piece) head.clear();
            const ByteView piece = block.subspan(header, std::min(length, batch_header_bytes - std::min(head.size(), batch_header_bytes)));
            head.insert(head.end(), piece.begin(), piece.end());
            if (type == full || type == last_piece) finish();
            block = block.subspan(header + length);
        }
    }
    return out;
}

/// Log files by number.
std::map<u64, std::filesystem::path> logs_in(const std::filesystem::path& database) {
    std::map<u64, std::filesystem::path> out;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(database, error)) {
        const std::string name = entry.path().filename().string();
        u64 number = 0;
        const auto end = std::from_chars(name.data(), name.data() + name.size(), number);
        if (end.ec == std::errc() && std::string_view(end.ptr) == ".log") out[number] = entry.path();
    }
    return out;
}

} // namespace

std::optional<std::string> wal_gap(const std::filesystem::path& database, u64 first) {
    std::optional<u64> next;
    std::string before;
    for (const auto& [number, path] : logs_in(database)) {
        if (number < first) continue;
        std::ifstream in(path, std::ios::binary);
        const Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        for (const Span& span : spans_of(bytes)) {
            if (next && span.from > *next)
                return before + " ends before write " + std::to_string(*next) + ", " + path.filename().string() + " goes on with " + std::to_string(span.from);
            next = std::max(next.value_or(0), span.to);
            before = path.filename().string();
        }
    }
    return std::nullopt;
}

} // namespace tally
