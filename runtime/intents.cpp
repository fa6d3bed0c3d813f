#include "runtime/intents.hpp"

#include "runtime/assert.hpp"
#include "runtime/core.hpp"

namespace tally {
namespace {

constexpr u64 forgotten_for_each = 4; ///< more go than come in, so that they end

} // namespace

Bytes encode(const Remembered& remembered) {
    ByteWriter out;
    out.u64be(remembered.expiry);
    out.u64be(remembered.number);
    out.raw(encode(remembered.receipt));
    return out.take();
}

std::optional<Remembered> decode_remembered(ByteView bytes) {
    ByteReader in(bytes);
    Remembered out;
    out.expiry = in.u64be();
    out.number = in.u64be();
    if (!in.ok() || !decode(in.raw(in.left()), out.receipt)) return std::nullopt;
    return out;
}

Hash chain_after(const Hash& chain, const IntentId& intent, ByteView remembered) {
    ByteWriter out;
    out.raw(chain);
    out.raw(intent);
    out.raw(remembered);
    return tagged_hash("tally/intents/v1", out.data());
}

std::optional<Remembered> Core::remembered(const IntentId& intent) const {
    const auto row = journal_.get(keys::intent(intent));
    if (!row) return std::nullopt;
    auto out = decode_remembered(*row);
    TALLY_ASSERT(out.has_value(), "a remembered receipt is damaged");
    return out;
}

/// From the height after its expiry on an intent is gone, whether or not its row has been taken away yet.
std::optional<Receipt> Core::receipt_of(const IntentId& intent) const {
    auto first = remembered(intent);
    if (!first || first->expiry < height_) return std::nullopt;
    return std::move(first->receipt);
}

void Core::remember(const Transaction& tx, const Receipt& receipt) {
    if (const auto expired = remembered(tx.intent)) forget(tx.intent, *expired);
    const Bytes key = keys::intents(tx.expiry);
    ChainedList list = state_.list(key);
    ++list.count;
    Bytes row = encode(Remembered{tx.expiry, list.count, receipt});
    list.chain = chain_after(list.chain, tx.intent, row);
    journal_.put(key, encode(list));
    journal_.put(keys::intent(tx.intent), std::move(row));
    journal_.put(keys::expiry(tx.expiry, list.count), Bytes(tx.intent.begin(), tx.intent.end()));
    ++remembered_;
}

/// The list's row goes with the first of it: what has expired needs no proof.
void Core::forget(const IntentId& intent, const Remembered& expired) {
    journal_.erase(keys::intent(intent));
    journal_.erase(keys::expiry(expired.expiry, expired.number));
    journal_.erase(keys::intents(expired.expiry));
}

void Core::forget_expired() {
    Bytes last;
    for (u64 left = remembered_ * forgotten_for_each; left != 0; --left) {
        const auto row = journal_.next(keys::expiry_space(), last);
        if (!row) return;
        ByteReader key(ByteView(row->first).subspan(1));
        Remembered expired;
        expired.expiry = key.u64be();
        expired.number = key.u64be();
        if (expired.expiry >= height_) return;
        IntentId intent{};
        ByteReader(row->second).read(intent);
        forget(intent, expired);
        last = row->first;
    }
}

} // namespace tally
