// Collections kept by key. What is written is in the journal at once; a refused transaction takes
// it back. A read of the parent's sees the parent as it is now.
#include "runtime/call_frame.hpp"

#include "runtime/codec.hpp"
#include "runtime/parties.hpp"
#include "runtime/watcher.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/memory.hpp"

namespace tally {

Trap CallFrame::collection(u64 field, bool of_parent, Collection& out) {
    out.holder = of_parent ? self_.parent : &self_;
    if (out.holder == nullptr || field >= out.holder->contract->fields.size())
        return Trap::BadArgument;
    const ContractField& f = out.holder->contract->fields[field];
    if (f.kind != FieldKind::Stored) return Trap::BadArgument;
    out.field = static_cast<std::uint32_t>(field);
    out.type = &program().module.types[f.type];
    if (out.type->kind == TypeKind::Map) out.key_type = out.type->key;
    if (out.type->kind == TypeKind::Set) out.key_type = out.type->element;
    if (out.type->kind != TypeKind::Set) out.value_type = out.type->element;
    if (out.key_type != none) out.key_size = program().facts.layouts[out.key_type].size;
    return Trap::None;
}

/// The full key of the state.
Trap CallFrame::element_key(const Collection& c, const HostCall& args, u64 address,
                            Bytes& out) const {
    const std::uint8_t* const at = args.arena->at(address, c.key_size);
    if (at == nullptr) return Trap::Bounds;
    if (c.key_type != none) {
        out = keys::element(c.holder->id, c.field, key_bytes(program(), c.key_type, at));
    } else {
        ByteWriter index;
        index.i64be(read_word<i64>(at));
        out = keys::element(c.holder->id, c.field, index.data());
    }
    return Trap::None;
}

/// The value of a row to an address, paid by the byte.
Trap CallFrame::copy_value(const Collection& c, const HostCall& args, HostFn fn, const Bytes& row,
                           u64 address) const {
    const std::size_t size_paid = c.value_type == none ? 0 : row.size();
    if (!charge_bytes(*args.gas, fn, size_paid)) return Trap::OutOfGas;
    if (c.value_type == none || address == 0) return Trap::None;
    const std::uint32_t size = program().facts.layouts[c.value_type].size;
    std::uint8_t* const at = args.arena->at(address, size);
    if (at == nullptr) return Trap::Bounds;
    std::memset(at, 0, size);
    ByteReader in(row);
    return decode_value(program(), c.value_type, in, at) ? Trap::None : Trap::Bounds;
}

Trap CallFrame::stored_get(const HostCall& args) {
    Collection c;
    Bytes key;
    if (const Trap trap = collection(args.x[0], args.x[1] != 0, c); trap != Trap::None) return trap;
    if (const Trap trap = element_key(c, args, args.x[2], key); trap != Trap::None) return trap;
    const auto row = execution_.state().journal().get(key);
    if (row) {
        const Trap trap = copy_value(c, args, HostFn::StoredGet, *row, args.x[3]);
        if (trap != Trap::None) return trap;
    }
    args.x[0] = row ? 1 : 0;
    return Trap::None;
}

Trap CallFrame::stored_put(const HostCall& args) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    Collection c;
    Bytes key;
    if (const Trap trap = collection(args.x[0], false, c); trap != Trap::None) return trap;
    if (const Trap trap = element_key(c, args, args.x[1], key); trap != Trap::None) return trap;
    ByteWriter value;
    if (c.value_type != none) {
        const std::uint8_t* const at =
            args.arena->at(args.x[2], program().facts.layouts[c.value_type].size);
        if (at == nullptr || !encode_value(program(), c.value_type, at, value)) return Trap::Bounds;
    }
    if (!charge_bytes(*args.gas, HostFn::StoredPut, value.data().size())) return Trap::OutOfGas;
    Journal& journal = execution_.state().journal();
    u64& count = *self_.stored_count(c.field);
    if (!journal.has(key)) {
        // A list has no holes: the only new index is the one after the last.
        const bool list = c.key_type == none;
        if (list && read_word<u64>(args.arena->at(args.x[1], 8)) != count) return Trap::IndexRange;
        if (count >= c.type->max) return Trap::Capacity;
        ++count;
        show_state(self_);
    }
    if (value.data().empty()) value.u8(1); // a proof needs a value to show
    if (Watcher* const watcher = execution_.state().watcher())
        watcher->element({self_, c.field, c.key_type, c.value_type, key, journal.get(key), value.data(), args.x[2]});
    journal.put(key, value.take());
    const auto note = [this](PartyId party) {
        self_.named_by.push_back(party);
        return true;
    };
    if (c.key_type != none) every_party(program(), c.key_type, args.arena->at(args.x[1], c.key_size), note);
    if (c.value_type != none) every_party(program(), c.value_type, args.arena->at(args.x[2], 0), note);
    return execution_.check_writes();
}

Trap CallFrame::stored_remove(const HostCall& args) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    Collection c;
    Bytes key;
    if (const Trap trap = collection(args.x[0], false, c); trap != Trap::None) return trap;
    if (const Trap trap = element_key(c, args, args.x[1], key); trap != Trap::None) return trap;
    Journal& journal = execution_.state().journal();
    const bool found = journal.has(key);
    if (found) {
        u64& count = *self_.stored_count(c.field);
        const bool list = c.key_type == none;
        if (list && read_word<u64>(args.arena->at(args.x[1], 8)) + 1 != count)
            return Trap::IndexRange;
        --count;
        show_state(self_);
        if (Watcher* const watcher = execution_.state().watcher())
            watcher->element({self_, c.field, c.key_type, c.value_type, key, journal.get(key), std::nullopt, 0});
        journal.erase(key);
    }
    args.x[0] = found ? 1 : 0;
    return execution_.check_writes();
}

Trap CallFrame::stored_next(const HostCall& args) {
    Collection c;
    if (const Trap trap = collection(args.x[0], args.x[1] != 0, c); trap != Trap::None) return trap;
    const Bytes prefix = keys::element(c.holder->id, c.field, {});
    Bytes after = prefix; // every key is longer
    if (args.x[2] != 0)
        if (const Trap trap = element_key(c, args, args.x[3], after); trap != Trap::None)
            return trap;
    const auto row = execution_.state().journal().next(prefix, after);
    if (!row) {
        args.x[0] = 0;
        return Trap::None;
    }
    std::uint8_t* const at = args.arena->at(args.x[3], c.key_size);
    if (at == nullptr) return Trap::Bounds;
    std::memset(at, 0, c.key_size);
    ByteReader in(ByteView(row->first).subspan(prefix.size()));
    if (c.key_type == none)
        write_word(at, in.i64be());
    else if (!key_from_bytes(program(), c.key_type, in, at))
        return Trap::Bounds;
    const Trap trap = copy_value(c, args, HostFn::StoredNext, row->second, args.x[4]);
    args.x[0] = 1;
    return trap;
}

} // namespace tally
