#include "runtime/call_frame.hpp"

#include "runtime/codec.hpp"
#include "runtime/watcher.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/memory.hpp"

namespace tally {
namespace {

/// The bytes of a record at an address; an event or error without fields has none.
Trap encode_record_at(const Program& program, std::uint32_t type, u64 address, const Arena& arena,
                      Bytes& out) {
    if (type == none) return Trap::None;
    const std::uint8_t* const at = arena.at(address, program.facts.layouts[type].size);
    ByteWriter bytes;
    if (at == nullptr || !encode_value(program, type, at, bytes)) return Trap::Bounds;
    out = bytes.take();
    return Trap::None;
}

} // namespace

bool charge_bytes(Gas& gas, HostFn fn, std::size_t bytes) {
    return gas.charge(host_info(fn).gas_unit * static_cast<i64>(bytes));
}

Trap CallFrame::must_write() {
    if (!read_only_) return Trap::None;
    return execution_.refuse(Trap::NotAuthorised, "a view changes nothing");
}

Observer* CallFrame::observer() {
    Watcher* const watcher = execution_.state().watcher();
    return watcher == nullptr ? nullptr : watcher->observer();
}

Trap CallFrame::call(HostFn fn, const HostCall& args) {
    switch (fn) {
    case HostFn::Today: args.x[0] = static_cast<u64>(execution_.request().today); return Trap::None;
    case HostFn::SelfId: args.x[0] = self_.id; return Trap::None;
    case HostFn::Caller: args.x[0] = caller_ == nullptr ? 0 : caller_->id; return Trap::None;
    case HostFn::Signed: args.x[0] = execution_.signed_by(args.x[0]) ? 1 : 0; return Trap::None;
    case HostFn::ParentOf: return parent_of(args);
    case HostFn::Become: return become(args.x[0]);
    case HostFn::Emit: return emit(args);
    case HostFn::Fail: return fail(args);
    case HostFn::StoredGet: return stored_get(args);
    case HostFn::StoredPut: return stored_put(args);
    case HostFn::StoredRemove: return stored_remove(args);
    case HostFn::StoredNext: return stored_next(args);
    case HostFn::VaultOpen: return vault_open(args);
    case HostFn::VaultAmount: return vault_amount(args);
    case HostFn::VaultHas: return vault_has(args);
    case HostFn::VaultNext: return vault_next(args);
    // A module with tests may be on the bench; only the test itself may ask for these.
    default: return execution_.refuse(Trap::BadArgument, "only a test may do this");
    }
}

Trap CallFrame::parent_of(const HostCall& args) {
    if (const OpenInstance* const open = execution_.opened(args.x[0]); open != nullptr) {
        args.x[0] = open->header.parent;
        return Trap::None;
    }
    const auto header = execution_.state().header(args.x[0]);
    if (!header) return Trap::NoSuchInstance;
    args.x[0] = header->parent;
    return Trap::None;
}

Trap CallFrame::become(u64 state) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    const Contract& contract = *self_.contract;
    // `become INITIAL` in create says what is so already.
    const bool begins = self_.created && state == contract.initial && self_.state == state;
    const bool edge =
        state < contract.states.size() && (contract.edges[self_.state] >> state & 1) != 0;
    if (!begins && !edge) {
        const std::string_view to = state < contract.states.size() ? contract.states[state] : "?";
        return execution_.refuse(Trap::BadTransition, std::string(contract.states[self_.state]).append(" -> ").append(to));
    }
    self_.state = static_cast<std::uint32_t>(state);
    self_.became = true;
    show_state(self_);
    return Trap::None;
}

Trap CallFrame::emit(const HostCall& args) {
    if (const Trap trap = must_write(); trap != Trap::None) return trap;
    const auto& events = program().module.events;
    if (args.x[0] >= events.size()) return Trap::BadArgument;
    const NamedRecord& named = events[args.x[0]];
    Event event{self_.id, named.name, program().hash, static_cast<std::uint32_t>(args.x[0]), {}};
    const Trap trap =
        encode_record_at(program(), named.record, args.x[1], *args.arena, event.fields);
    if (trap != Trap::None) return trap;
    if (!charge_bytes(*args.gas, HostFn::Emit, event.fields.size())) return Trap::OutOfGas;
    return execution_.emit(std::move(event));
}

Trap CallFrame::fail(const HostCall& args) {
    const auto& errors = program().module.errors;
    if (args.x[0] >= errors.size()) return Trap::BadArgument;
    const NamedRecord& named = errors[args.x[0]];
    Problem& problem = execution_.problem();
    const Trap trap =
        encode_record_at(program(), named.record, args.x[1], *args.arena, problem.fields);
    if (trap != Trap::None) return trap;
    problem.error = named.name;
    problem.code = program().hash;
    problem.number = static_cast<std::uint32_t>(args.x[0]);
    return Trap::Refused;
}

// ---- calls between contracts --------------------------------------------------------------------

Trap CallFrame::callee_of(std::uint32_t import, InstanceId id, OpenInstance*& callee,
                          const Entry*& entry) {
    if (execution_.depth() >= limits::call_depth) return Trap::CallDepth;
    if (const Trap trap = execution_.open(id, callee); trap != Trap::None) return trap;
    const Code::Target target = resolve(*self_.code, import, *callee->code);
    if (target.contract == none || target.contract != callee->header.contract)
        return execution_.refuse(Trap::WrongContract, "instance " + std::to_string(id) + " is a " +
                                                          callee->contract->name);
    const bool generic = self_.contract->generic && callee->contract->generic;
    if (generic && self_.header.currency != callee->header.currency)
        return execution_.refuse(Trap::WrongContract,
                                 "instance " + std::to_string(id) + " is in another currency");
    entry = &callee->contract->entries[target.entry];
    if (entry->kind != EntryKind::Action && entry->kind != EntryKind::View)
        return Trap::NoSuchEntry;
    return entry->kind == EntryKind::Action ? must_write() : Trap::None;
}

Trap CallFrame::encode_arguments(const Import& import, const HostCall& args, ByteWriter& out,
                                 std::vector<Holding>& cash) const {
    std::size_t x = 1, w = 0, h = 0; // x[0] is the instance
    for (const std::uint32_t type : import.params) {
        const TypeKind kind = program().module.types[type].kind;
        std::array<std::uint8_t, 16> scalar{};
        const std::uint8_t* at = scalar.data();
        switch (bank_of(kind)) {
        case ResultBank::None: continue;
        case ResultBank::H: cash.push_back(args.h[h++]); continue;
        case ResultBank::W: write_word(scalar.data(), args.w[w++]); break;
        case ResultBank::X:
            if (is_aggregate(kind))
                at = args.arena->at(args.x[x], program().facts.layouts[type].size);
            else
                write_word(scalar.data(), args.x[x]);
            ++x;
            break;
        }
        if (at == nullptr || !encode_value(program(), type, at, out)) return Trap::Bounds;
    }
    return Trap::None;
}

Trap CallFrame::take_result(const Import& import, const HostCall& args, const CallResult& result) {
    if (import.result == none) return Trap::None;
    const TypeKind kind = program().module.types[import.result].kind;
    ByteReader in(result.value);
    std::array<std::uint8_t, 16> scalar{};
    switch (bank_of(kind)) {
    case ResultBank::None: return Trap::None;
    case ResultBank::H: args.h[0] = result.holding; return Trap::None;
    case ResultBank::W:
        if (!decode_value(program(), import.result, in, scalar.data())) return Trap::Bounds;
        args.w[0] = read_word<i128>(scalar.data());
        return Trap::None;
    case ResultBank::X: break;
    }
    if (!is_aggregate(kind)) {
        if (!decode_value(program(), import.result, in, scalar.data())) return Trap::Bounds;
        args.x[0] = read_word<u64>(scalar.data());
        return Trap::None;
    }
    std::size_t address = 1; // after the instance and the x parameters
    for (const std::uint32_t type : import.params)
        if (bank_of(program().module.types[type].kind) == ResultBank::X) ++address;
    const std::uint32_t size = program().facts.layouts[import.result].size;
    std::uint8_t* const at = args.arena->at(args.x[address], size);
    if (at == nullptr) return Trap::Bounds;
    std::memset(at, 0, size);
    return decode_value(program(), import.result, in, at) ? Trap::None : Trap::Bounds;
}

Trap CallFrame::call_import(std::uint32_t number, const HostCall& args) {
    const Import& import = program().module.imports[number];
    OpenInstance* callee = nullptr;
    const Entry* entry = nullptr;
    if (const Trap trap = callee_of(number, args.x[0], callee, entry); trap != Trap::None)
        return trap;
    ByteWriter arguments;
    PreparedCall call{*callee, *entry, &self_, read_only_, {}, {}, 0, 0};
    Trap trap = encode_arguments(import, args, arguments, call.arguments.h);
    if (trap == Trap::None) trap = execution_.prepare(call, arguments.data());
    if (trap == Trap::None) trap = execution_.authorise(call);
    if (trap == Trap::None) trap = execution_.check_state(call);
    CallResult result;
    if (trap == Trap::None) trap = execution_.run(call, result);
    if (trap != Trap::None) return trap;
    copy_parent(self_);
    return take_result(import, args, result);
}

} // namespace tally
