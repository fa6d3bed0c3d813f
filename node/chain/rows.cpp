#include "node/chain/rows.hpp"

namespace tally {

Bytes encode(const Tip& tip) {
    ByteWriter out;
    out.text(tip.chain);
    out.uvarint(tip.height);
    out.raw(tip.root);
    out.uvarint(tip.transactions);
    out.uvarint(tip.starts);
    out.uvarint(tip.history_from);
    out.uvarint(tip.trees_from);
    out.uvarint(tip.engine_height);
    return out.take();
}

bool decode(ByteView bytes, Tip& out) {
    ByteReader in(bytes);
    out.chain = in.text(chain_bytes);
    out.height = in.uvarint();
    in.read(out.root);
    out.transactions = in.uvarint();
    out.starts = in.uvarint();
    out.history_from = in.uvarint();
    out.trees_from = in.uvarint();
    out.engine_height = in.uvarint();
    return in.done();
}

Bytes intent_key(const IntentId& intent) {
    ByteWriter out;
    out.u8('i');
    out.raw(intent);
    return out.take();
}

Bytes date_key(Date date) {
    ByteWriter out;
    out.u8('d');
    out.i64be(date);
    return out.take();
}

Bytes engine_key(u64 height) {
    ByteWriter out;
    out.u8('e');
    out.u64be(height);
    return out.take();
}

Bytes genesis_key() { return {'g'}; }

Bytes height_value(u64 height) {
    ByteWriter out;
    out.u64be(height);
    return out.take();
}

Bytes encode(const BlockPlace& place) {
    ByteWriter out;
    out.uvarint(place.height);
    out.uvarint(place.position);
    return out.take();
}

Answer answer_to(const SignedTransaction& signed_transaction, u64 height) {
    Answer answer;
    answer.id = signed_transaction.id;
    answer.intent = signed_transaction.transaction.intent;
    answer.height = height;
    const Payload& payload = signed_transaction.transaction.payload;
    if (const auto* const call = std::get_if<Call>(&payload)) {
        answer.entry = call->entry;
        answer.instance = call->instance;
    } else if (const auto* const create = std::get_if<Create>(&payload)) {
        answer.instance = create->parent;
        answer.currency = create->currency;
    }
    return answer;
}

} // namespace tally
