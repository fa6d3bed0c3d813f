// The bytes of an instance's row: docs/formats.md says them in words.
#include "runtime/state.hpp"

#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <limits>

namespace tally {
namespace {

constexpr Date never = std::numeric_limits<Date>::min();

void write(ByteWriter& out, const InstanceHeader& header) {
    out.raw(header.code);
    out.u32be(header.contract);
    out.uvarint(header.parent);
    out.u32be(header.currency);
    out.varint(header.created);
}

/// Each date behind a byte that says whether there is one.
void write(ByteWriter& out, const Schedule& schedule) {
    out.uvarint(schedule.fired.size());
    for (const Date date : schedule.fired) {
        out.u8(date == never ? 0 : 1);
        if (date != never) out.varint(date);
    }
    out.u8(schedule.next ? 1 : 0);
    if (!schedule.next) return;
    out.varint(schedule.next->date);
    out.u8(static_cast<std::uint8_t>(schedule.next->phase));
    out.u32be(schedule.next->entry);
}

bool read_flag(ByteReader& in) {
    const std::uint8_t flag = in.u8();
    if (flag > 1) in.fail();
    return flag == 1;
}

Schedule read_schedule(ByteReader& in) {
    Schedule out;
    out.fired.resize(in.count(limits::entries));
    for (Date& date : out.fired)
        date = read_flag(in) ? in.varint() : never;
    if (!read_flag(in)) return out;
    Schedule::Next next;
    next.date = in.varint();
    next.phase = read_flag(in) ? ClausePhase::Close : ClausePhase::Open;
    next.entry = in.u32be();
    out.next = next;
    return out;
}

} // namespace

InstanceHeader read_header(ByteReader& in) {
    InstanceHeader out;
    in.read(out.code);
    out.contract = in.u32be();
    out.parent = in.uvarint();
    out.currency = in.u32be();
    out.created = in.varint();
    return out;
}

Bytes encode(const InstanceRow& row) {
    ByteWriter out;
    write(out, row.header);
    write(out, row.schedule);
    out.raw(row.record);
    return out.take();
}

std::optional<InstanceRow> decode_instance(ByteView bytes) {
    ByteReader in(bytes);
    InstanceRow out{read_header(in), read_schedule(in), {}};
    if (!in.ok()) return std::nullopt;
    const ByteView record = in.ahead();
    out.record.assign(record.begin(), record.end());
    return out;
}

} // namespace tally
