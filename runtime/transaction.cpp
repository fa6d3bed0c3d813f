#include "runtime/transaction.hpp"

#include "vm/bytecode/limits.hpp"

namespace tally {
namespace {

// A receipt holds what one transaction can give: a result and error fields are values.
constexpr std::size_t value_max = limits::value_bytes;

void write(ByteWriter& out, const Event& event) {
    out.uvarint(event.instance);
    out.text(event.name);
    out.raw(event.code);
    out.uvarint(event.number);
    out.bytes(event.fields);
}

Bytes read_bytes(ByteReader& in, std::size_t max) {
    const ByteView view = in.bytes(max);
    return Bytes(view.begin(), view.end());
}

std::uint32_t read_u32(ByteReader& in) {
    const u64 v = in.uvarint();
    if (v > 0xffffffff) in.fail();
    return static_cast<std::uint32_t>(v);
}

Event read_event(ByteReader& in) {
    Event event;
    event.instance = in.uvarint();
    event.name = in.text(limits::name_bytes);
    in.read(event.code);
    event.number = read_u32(in);
    event.fields = read_bytes(in, limits::event_bytes);
    return event;
}

/// A trap as a number that is in the table, or none.
bool known(u64 trap) {
    return trap == 0 || (trap <= 0xffff && trap_info(static_cast<Trap>(trap)) != nullptr);
}

} // namespace

namespace {

void write(ByteWriter& out, const Receipt& receipt) {
    out.uvarint(static_cast<u64>(receipt.trap));
    out.text(receipt.error);
    out.bytes(receipt.error_fields);
    out.raw(receipt.error_code);
    out.uvarint(receipt.error_number);
    out.varint(receipt.gas_used);
    out.bytes(receipt.result);
    out.uvarint(receipt.created);
    out.raw(receipt.code);
    out.uvarint(receipt.events.size());
    for (const Event& event : receipt.events)
        write(out, event);
    out.uvarint(receipt.items.size());
    for (const Receipt& item : receipt.items)
        write(out, item);
}

/// A batch's items are no batches.
bool read(ByteReader& in, Receipt& out, std::size_t items_max) {
    const u64 trap = in.uvarint();
    if (!known(trap)) return false;
    out = Receipt{};
    out.trap = static_cast<Trap>(trap);
    out.error = in.text(limits::name_bytes);
    out.error_fields = read_bytes(in, value_max);
    in.read(out.error_code);
    out.error_number = read_u32(in);
    out.gas_used = in.varint();
    out.result = read_bytes(in, value_max);
    out.created = in.uvarint();
    in.read(out.code);
    const std::size_t events = in.count(limits::events);
    for (std::size_t i = 0; i < events && in.ok(); ++i)
        out.events.push_back(read_event(in));
    const std::size_t items = in.count(items_max);
    for (std::size_t i = 0; i < items && in.ok(); ++i)
        if (!read(in, out.items.emplace_back(), 0)) return false;
    return in.ok();
}

} // namespace

Bytes encode(const Receipt& receipt) {
    ByteWriter out;
    write(out, receipt);
    return out.take();
}

bool decode(ByteView bytes, Receipt& out) {
    ByteReader in(bytes);
    return read(in, out, limits::batch_items) && in.done();
}

} // namespace tally
