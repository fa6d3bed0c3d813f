#include "tests/determinism/core_input.hpp"

#include "vm/bytecode/limits.hpp"

namespace tally::core {
namespace {

constexpr std::size_t many = 1U << 20;

template <typename List, typename Write> void write_list(ByteWriter& out, const List& list, Write write) {
    out.uvarint(list.size());
    for (const auto& one : list)
        write(one);
}

template <typename List, typename Read> void read_list(ByteReader& in, List& list, Read read) {
    list.resize(in.count(many));
    for (auto& one : list)
        read(one);
}

void write(ByteWriter& out, const TestedModule& one) {
    out.text(one.path);
    write_list(out, one.modules, [&](const Bytes& module) { out.bytes(module); });
}

void write(ByteWriter& out, const CalledModule::Call& call) {
    out.uvarint(call.function);
    write_list(out, call.arguments.x, [&](u64 x) { out.uvarint(x); });
    write_list(out, call.arguments.w, [&](i128 w) { out.varint128(w); });
    write_list(out, call.arguments.h, [&](Holding h) { out.uvarint(h); });
    out.varint(call.gas);
    out.uvarint(call.seed);
}

void write(ByteWriter& out, const CalledModule& one) {
    out.bytes(one.module);
    write_list(out, one.calls, [&](const CalledModule::Call& call) { write(out, call); });
}

void read(ByteReader& in, Bytes& module) {
    const ByteView from = in.bytes(limits::module_bytes);
    module.assign(from.begin(), from.end());
}

void read(ByteReader& in, TestedModule& one) {
    one.path = in.text(many);
    read_list(in, one.modules, [&](Bytes& module) { read(in, module); });
}

void read(ByteReader& in, CalledModule::Call& call) {
    call.function = static_cast<std::uint32_t>(in.uvarint());
    read_list(in, call.arguments.x, [&](u64& x) { x = in.uvarint(); });
    read_list(in, call.arguments.w, [&](i128& w) { w = in.varint128(); });
    read_list(in, call.arguments.h, [&](Holding& h) { h = static_cast<Holding>(in.uvarint()); });
    call.gas = in.varint();
    call.seed = in.uvarint();
}

void read(ByteReader& in, CalledModule& one) {
    read(in, one.module);
    read_list(in, one.calls, [&](CalledModule::Call& call) { read(in, call); });
}

} // namespace

Bytes encode(const Input& input) {
    ByteWriter out;
    write_list(out, input.tested, [&](const TestedModule& one) { write(out, one); });
    write_list(out, input.called, [&](const CalledModule& one) { write(out, one); });
    return out.take();
}

bool decode(ByteView bytes, Input& out) {
    ByteReader in(bytes);
    read_list(in, out.tested, [&](TestedModule& one) { read(in, one); });
    read_list(in, out.called, [&](CalledModule& one) { read(in, one); });
    return in.done();
}

} // namespace tally::core
