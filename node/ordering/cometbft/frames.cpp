#include "node/ordering/cometbft/frames.hpp"

namespace tally {
namespace {

constexpr std::size_t length_bytes_max = 10; ///< of a varint of 64 bits

} // namespace

void FrameReader::add(ByteView bytes) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::optional<ByteView> FrameReader::next() {
    u64 length = 0;
    std::size_t digits = 0;
    const ByteView left = ByteView(buffer_).subspan(at_);
    for (bool more = true; more; ++digits) {
        broken_ = broken_ || digits == length_bytes_max;
        if (broken_ || digits == left.size()) return std::nullopt;
        length |= static_cast<u64>(left[digits] & 0x7fU) << (7 * digits);
        more = (left[digits] & 0x80U) != 0;
    }
    broken_ = length > message_max;
    if (broken_ || left.size() - digits < length) return std::nullopt;
    at_ += digits + static_cast<std::size_t>(length);
    return left.subspan(digits, static_cast<std::size_t>(length));
}

void write_frame(std::string& out, std::string_view message) {
    u64 length = message.size();
    for (; length >= 0x80; length >>= 7)
        out.push_back(static_cast<char>((length & 0x7f) | 0x80));
    out.push_back(static_cast<char>(length));
    out.append(message);
}

} // namespace tally
