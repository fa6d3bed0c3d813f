#include "node/store/history.hpp"

#include "node/store/rocks_store.hpp"
#include "runtime/keys.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::size_t height_bytes = 8;
constexpr std::uint8_t escape = 0xff, end_mark = 1;

/// The part of a history key that stands for the row.
Bytes row_part(const Bytes& row) {
    Bytes out;
    out.reserve(row.size() + 16);
    for (const std::uint8_t byte : row) {
        out.push_back(byte);
        if (byte == 0) out.push_back(escape);
    }
    out.push_back(0);
    out.push_back(end_mark);
    return out;
}

Bytes row_of(ByteView key) {
    Bytes out;
    for (std::size_t i = 0; i + height_bytes + 2 < key.size(); ++i) {
        out.push_back(key[i]);
        if (key[i] == 0) ++i;
    }
    return out;
}

bool starts_with(const Bytes& key, const Bytes& prefix) {
    return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

std::optional<Bytes> before_of(const Bytes& value) {
    if (value.empty() || value[0] == 0) return std::nullopt;
    return Bytes(value.begin() + 1, value.end());
}

} // namespace

Bytes history_key(const Bytes& row, u64 height) {
    ByteWriter out;
    out.raw(row_part(row));
    out.u64be(height);
    return out.take();
}

u64 history_height(ByteView key) {
    if (key.size() < height_bytes) return 0;
    ByteReader in(key.last(height_bytes));
    return in.u64be();
}

std::vector<std::pair<Bytes, Bytes>> history_of(const Store& before, const WriteSet& writes,
                                                u64 height) {
    std::vector<std::pair<Bytes, Bytes>> out;
    for (const auto& [key, value] : writes) {
        if (!keys::lasting(key)) continue;
        const auto old = before.get(key);
        if (!old && !value) continue;
        Bytes row{old ? std::uint8_t{1} : std::uint8_t{0}};
        if (old) row.insert(row.end(), old->begin(), old->end());
        out.emplace_back(history_key(key, height), std::move(row));
    }
    return out;
}

std::optional<u64> last_written(const RocksStore& store, const Bytes& row, u64 height) {
    const auto found = store.last_at_or_before(RocksStore::Family::History, history_key(row, height));
    const Bytes own = row_part(row);
    if (!found || found->first.size() != own.size() + height_bytes || !starts_with(found->first, own)) return std::nullopt;
    return history_height(found->first);
}

std::optional<std::optional<Bytes>> PastStore::replaced(const Bytes& key) const {
    const Bytes from = history_key(key, height_ + 1);
    const auto row = store_.seek(RocksStore::Family::History, from);
    const Bytes own = row_part(key);
    if (!row || row->first.size() != from.size() || !starts_with(row->first, own)) return std::nullopt;
    return before_of(row->second);
}

std::optional<Bytes> PastStore::get(const Bytes& key) const {
    if (!keys::lasting(key)) return std::nullopt;
    if (auto then = replaced(key)) return std::move(*then);
    return store_.get(key);
}

std::optional<Bytes> PastStore::next_with_history(const Bytes& after) const {
    // Behind every height of `after`: its end mark is 00 01, and nothing else begins with 00 02.
    Bytes from = row_part(after);
    if (after.empty()) from.clear();
    else from.back() = end_mark + 1;
    const auto row = store_.seek(RocksStore::Family::History, from);
    if (!row) return std::nullopt;
    return row_of(row->first);
}

std::optional<std::pair<Bytes, Bytes>> PastStore::next(const Bytes& prefix,
                                                       const Bytes& after) const {
    if (!keys::lasting(prefix)) return std::nullopt;
    Bytes at = after;
    if (after < prefix) { // nothing lies between a key's first byte less and the key
        at = prefix;
        if (auto value = get(prefix)) return std::pair{prefix, std::move(*value)};
    }
    while (true) {
        const auto today = store_.next(prefix, at);
        auto changed = next_with_history(at);
        if (changed && !starts_with(*changed, prefix)) changed.reset();
        if (!today && !changed) return std::nullopt;
        at = !changed || (today && today->first < *changed) ? today->first : *changed;
        if (auto value = get(at)) return std::pair{at, std::move(*value)};
    }
}

} // namespace tally
