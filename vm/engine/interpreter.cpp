// The default engine. It trusts what the verifier proved: registers, slots, constants and targets
// are in range, calls are acyclic, holdings are where they must be. It checks what depends on
// values: gas, addresses, overflow, division.
//
// Direct-threaded: each operation is a function of its own that ends in a tail call of the next one,
// so what the machine needs stays in five registers of the processor, the slow path of one operation
// costs the others nothing, and each jump is predicted by what usually follows this operation.
#include "vm/engine/interpreter.hpp"

#include "vm/engine/natives.hpp"
#include "vm/engine/run_state.hpp"
#include "vm/value/memory.hpp"
#include "vm/value/muldiv.hpp"
#include "vm/value/wide_division.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>
#if defined(TALLY_TRACED)
#include "vm/engine/observer.hpp"
#elif defined(TALLY_PARANOID)
#include <cstdio>
#include <cstdlib>
#endif

// clang can be told that a call must be a tail call. g++ makes one of every call in this position
// when it optimises, which the build sees to. Other processors have too few registers for the
// arguments of a tail call (s390x's fifth is one that the callee must keep): there an operation leaves
// what comes next with the machine and returns to a loop.
#if defined(__x86_64__) || defined(__aarch64__)
#define TALLY_TAIL_CALLS 1
#else
#define TALLY_TAIL_CALLS 0
#endif
#if TALLY_TAIL_CALLS && defined(__clang__)
#define TAIL [[clang::musttail]] return
#else
#define TAIL return
#endif

namespace tally {

namespace {

// ---- values -------------------------------------------------------------------------------------

constexpr i64 i64_min = std::numeric_limits<i64>::min();

i64 as_signed(u64 v) { return static_cast<i64>(v); }
u64 as_unsigned(i64 v) { return static_cast<u64>(v); }
u128 as_unsigned(i128 v) { return static_cast<u128>(v); }
i128 as_signed(u128 v) { return static_cast<i128>(v); }
u64 extended(std::int32_t imm) { return static_cast<u64>(i64{imm}); }

Trap division(u64 a, u64 b) {
    if (b == 0) return Trap::DivideByZero;
    return as_signed(a) == i64_min && as_signed(b) == -1 ? Trap::Overflow : Trap::None;
}
Trap division(i128 a, i128 b) {
    if (b == 0) return Trap::DivideByZero;
    return a == i128_min && b == -1 ? Trap::Overflow : Trap::None;
}

/// MIN by -1 has remainder 0; the hardware instruction would fault.
i64 remainder(u64 a, u64 b) { return as_signed(b) == -1 ? 0 : as_signed(a) % as_signed(b); }

bool rounds_down(u64 a, u64 b) {
    const i64 rest = remainder(a, b);
    return rest != 0 && (rest < 0) != (as_signed(b) < 0);
}

u64 divide_floor(u64 a, u64 b) {
    return as_unsigned(as_signed(a) / as_signed(b) - (rounds_down(a, b) ? 1 : 0));
}

u64 modulo_floor(u64 a, u64 b) {
    return as_unsigned(remainder(a, b)) + (rounds_down(a, b) ? b : 0);
}

// ---- memory -------------------------------------------------------------------------------------

// Addresses wrap modulo 2^64; one below the null page's end wraps to a large offset.
template <typename T> bool load(const Machine* m, u64 address, T& out) {
    const u64 offset = address - self_address;
    if (offset > m->last_offset[std::bit_width(sizeof(T)) - 1]) return false;
    read_word(m->memory + offset, out);
    return true;
}

template <typename T> bool store(const Machine* m, u64 address, T value) {
    const u64 offset = address - self_address;
    if (offset > m->last_offset[std::bit_width(sizeof(T)) - 1]) return false;
    write_word(m->memory + offset, value);
    return true;
}

/// Gas for the size of a copy or fill, before it happens.
Trap charge_bytes(const Arena& arena, Gas& gas, u64 bytes) {
    if (bytes > arena.size()) return Trap::Bounds;
    return gas.charge(as_signed((bytes + 63) / 64)) ? Trap::None : Trap::OutOfGas;
}

[[gnu::noinline]] Trap copy(Arena& arena, Gas& gas, u64 to, u64 from, u64 bytes) {
    if (const Trap trap = charge_bytes(arena, gas, bytes); trap != Trap::None) return trap;
    std::uint8_t* const target = arena.at(to, bytes);
    const std::uint8_t* const source = arena.at(from, bytes);
    if (target == nullptr || source == nullptr) return Trap::Bounds;
    std::memmove(target, source, bytes);
    return Trap::None;
}

[[gnu::noinline]] Trap fill(Arena& arena, Gas& gas, u64 to, u64 byte, u64 bytes) {
    if (const Trap trap = charge_bytes(arena, gas, bytes); trap != Trap::None) return trap;
    std::uint8_t* const target = arena.at(to, bytes);
    if (target == nullptr) return Trap::Bounds;
    std::memset(target, static_cast<std::uint8_t>(byte), bytes);
    return Trap::None;
}

// ---- calls --------------------------------------------------------------------------------------

[[gnu::noinline]] Trap host_call(Machine* m, std::int32_t number, u64* x, i128* w) {
    const auto fn = static_cast<HostFn>(number);
    const HostCall args{x, w, nullptr, m->arena, m->gas};
    if (host_info(fn).kind == HostKind::Pure) return native(*m->program, fn, args);
    return m->host->call(fn, args);
}

/// The holdings given are gone from the caller; a holding that comes back is in the first slot.
[[gnu::noinline]] Trap import_call(Machine* m, const Decoded* in, u64* x, i128* w) {
    const auto number = static_cast<std::uint32_t>(in->imm);
    const auto& types = m->program->module.types;
    const Import& import = m->program->module.imports[number];
    const auto is_cash = [&](std::uint32_t type) { return types[type].kind == TypeKind::Cash; };
    Holding* const slots = m->h + in->c;
    const HostCall args{x, w, slots, m->arena, m->gas};
    const Trap trap = m->host->call_import(number, args);
    if (trap != Trap::None) return trap;
    const bool gives = import.result != none && is_cash(import.result);
    const Holding result = gives ? slots[0] : 0;
    const auto given = std::count_if(import.params.begin(), import.params.end(), is_cash);
    std::fill_n(slots, given, Holding{0});
    if (gives) slots[0] = result;
    return Trap::None;
}

// ---- threading ----------------------------------------------------------------------------------

// A wide register's number is kept doubled, so that both banks are indexed in steps of 8 bytes.
i128& wide(i128* w, unsigned doubled) {
    return *reinterpret_cast<i128*>(reinterpret_cast<std::uint8_t*>(w) + std::size_t{doubled} * 8);
}

#define PARAMETERS                                                                                 \
    [[maybe_unused]] const Decoded *ip, [[maybe_unused]] u64 *x, [[maybe_unused]] i128 *w,         \
        [[maybe_unused]] i64 gas, [[maybe_unused]] Machine *m
#define REGISTERS ip, x, w, gas, m

[[gnu::cold, gnu::noinline]] void stop_at(PARAMETERS, Trap trap) {
    m->gas->left = trap == Trap::OutOfGas ? 0 : gas;
    m->stopped = ip;
    m->result.trap = trap;
}

#if !TALLY_TAIL_CALLS
/// A machine with the next instruction and its registers; null when the run is over.
struct LoopedMachine : Machine {
    const Decoded* next = nullptr;
    u64* next_x = nullptr;
    i128* next_w = nullptr;
    i64 next_gas = 0;
};

void leave_to_loop(PARAMETERS) {
    auto* const looped = static_cast<LoopedMachine*>(m);
    looped->next = ip;
    looped->next_x = x;
    looped->next_w = w;
    looped->next_gas = gas;
}

void loop(LoopedMachine* m) {
    while (const Decoded* const ip = std::exchange(m->next, nullptr))
        ip->body(ip, m->next_x, m->next_w, m->next_gas, m);
}
#endif

// Traced, this file is compiled a second time (traced.cpp): the same operations, and before each one it is shown
// to somebody. Paranoid, the verifier's promises are looked at again.
#if defined(TALLY_TRACED)
void show_step(PARAMETERS);
#define DOUBT() show_step(REGISTERS)
#elif defined(TALLY_PARANOID)
void doubt(PARAMETERS);
#define DOUBT() doubt(REGISTERS)
#else
#define DOUBT()
#endif
#if TALLY_TAIL_CALLS
#define DISPATCH()                                                                                 \
    DOUBT();                                                                                       \
    TAIL ip->body(REGISTERS)
#else
#define DISPATCH()                                                                                 \
    DOUBT();                                                                                       \
    return leave_to_loop(REGISTERS)
#endif
// To the next instruction: to `then` where the loader knew it, else to wherever the instruction says.
#define NEXT()                                                                                     \
    ++ip;                                                                                          \
    if constexpr (then != nullptr) {                                                               \
        DOUBT();                                                                                   \
        TAIL then(REGISTERS);                                                                      \
    } else {                                                                                       \
        DISPATCH();                                                                                \
    }
#define STOP(reason) return stop_at(REGISTERS, reason)
#define CHECK(call)                                                                                \
    if (const Trap trap_ = call; trap_ != Trap::None) [[unlikely]]                                 \
    STOP(trap_)
// Charges a block at its head, which `ip` is on, and goes to its first instruction.
#define ENTER_BLOCK()                                                                              \
    gas -= ip->imm;                                                                                \
    if (gas < 0) [[unlikely]]                                                                      \
        STOP(Trap::OutOfGas);                                                                      \
    ++ip;                                                                                          \
    DISPATCH()
// What somebody else may charge for: the gas goes there and comes back.
#define CHARGING(call)                                                                             \
    m->gas->left = gas;                                                                             \
    {                                                                                              \
        const Trap trap_ = call;                                                                   \
        gas = m->gas->left;                                                                         \
        if (trap_ != Trap::None) [[unlikely]]                                                      \
            STOP(trap_);                                                                           \
    }

/// The head of the block that a branch goes to.
const Decoded* target(const Decoded* ip) {
    return reinterpret_cast<const Decoded*>(reinterpret_cast<const std::uint8_t*>(ip) + ip->imm);
}

/// Takes up the frame on top.
void enter_frame(PARAMETERS) {
    const Frame& frame = m->frames[m->depth];
    ip = frame.code;
    x = frame.x;
    w = frame.w;
    ENTER_BLOCK();
}

/// The result is in the machine; whoever called gets it.
void leave_frame(PARAMETERS) {
    if (m->depth == 0) {
        m->gas->left = gas;
        return;
    }
    ip = pop(m);
    x = m->frames[m->depth].x;
    w = m->frames[m->depth].w;
    ++ip;
    DISPATCH();
}

#if !defined(TALLY_TRACED)
/// The end of a single instruction that machine code ran here.
void give_back(PARAMETERS) { m->gas->left = gas; }
#endif

#include "vm/engine/interpreter_ops.inc"

constexpr Body bodies[] = {
#define OP(name, mnemonic, a, b, c, imm, gas, doc) body_##name<>,
#include "vm/bytecode/opcodes.def"
#undef OP
};

// One body for each rounding mode, in the modes' order.
constexpr Body muldiv_bodies[] = {
    body_muldiv<Rounding::Floor>,    body_muldiv<Rounding::Ceiling>,
    body_muldiv<Rounding::TowardZero>, body_muldiv<Rounding::Away>,
    body_muldiv<Rounding::HalfEven>, body_muldiv<Rounding::HalfUp>,
    body_muldiv<Rounding::HalfDown>, body_muldiv<Rounding::Exact>};

#include "vm/engine/interpreter_pairs.inc"

#if defined(TALLY_PARANOID) && !defined(TALLY_TRACED)
#include "vm/engine/paranoid.inc"
#endif

/// What decoding asks of the opcode table: which operands are wide registers, and what the immediate is.
struct Shape {
    std::uint8_t a, b, c; ///< shift of the number: 1 for a wide register
    Immediate imm;
};
constexpr std::uint8_t shift_of(Operand kind) {
    return kind == Operand::WDst || kind == Operand::WSrc || kind == Operand::WBase ? 1 : 0;
}
constexpr Shape shapes[] = {
#define OP(name, mnemonic, a, b, c, imm, gas, doc)                                                 \
    {shift_of(Operand::a), shift_of(Operand::b), shift_of(Operand::c), Immediate::imm},
#include "vm/bytecode/opcodes.def"
#undef OP
};

Body body_for(const Instruction& in) {
    return in.op == Op::MulDiv ? muldiv_bodies[in.imm >> 8] : bodies[static_cast<std::size_t>(in.op)];
}

Decoded decode(const Instruction& in) {
    const Shape& shape = shapes[static_cast<std::size_t>(in.op)];
    const auto shifted = [](std::uint8_t number, std::uint8_t by) { return static_cast<std::uint8_t>(number << by); };
    Decoded d{body_for(in), shifted(in.a, shape.a), shifted(in.b, shape.b), shifted(in.c, shape.c), 0, in.imm};
    if (shape.imm == Immediate::WReg) d.imm = in.imm * 2;
    if (shape.imm == Immediate::WRegMode) d.imm = (in.imm & 0xff) * 2;
    return d;
}

std::vector<Decoded> threaded(const Function& function, std::span<const i64> block_gas) {
    std::vector<std::int32_t> heads;
    heads.reserve(block_gas.size());
    for (std::size_t i = 0; i < function.code.size(); ++i)
        if (function.code[i].op == Op::Block) heads.push_back(static_cast<std::int32_t>(i));
    std::vector<Decoded> out(function.code.size());
    std::size_t block = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Instruction& in = function.code[i];
        Decoded& d = out[i] = decode(in);
        // A block has at most limits::block_instructions, so its gas fits 32 bits.
        if (in.op == Op::Block) d.imm = static_cast<std::int32_t>(block_gas[block++]);
        if (shapes[static_cast<std::size_t>(in.op)].imm == Immediate::Target) d.imm = (heads[static_cast<std::size_t>(in.imm)] - static_cast<std::int32_t>(i)) * static_cast<std::int32_t>(sizeof(Decoded));
    }
    for (std::size_t i = 0; i + 1 < out.size(); ++i)
        if (const Body pair = body_of_pair(function.code[i].op, function.code[i + 1].op); pair != nullptr) out[i++].body = pair;
    return out;
}

#if defined(TALLY_TRACED)
#include "vm/engine/traced.inc"
#endif

} // namespace

#if defined(TALLY_TRACED)

bool use_traced(Program& program) {
    const auto& functions = program.module.functions;
    for (std::size_t i = 0; i < functions.size(); ++i) program.code[i] = threaded(functions[i], program.facts.block_gas[i]);
    program.engine = interpret_shown;
    return true;
}

#else

Outcome interpret(const Program& program, const Start& start) {
    if (!may_start(program, start)) return {Trap::BadArgument, 0, 0, 0, start.function, 0};
    Stacks stacks(program, start.function);
#if TALLY_TAIL_CALLS
    Machine m = begin(program, start, stacks);
    enter_frame(nullptr, nullptr, nullptr, start.gas.left, &m);
#else
    LoopedMachine m{begin(program, start, stacks)};
    enter_frame(nullptr, nullptr, nullptr, start.gas.left, &m);
    loop(&m);
#endif
    return end(m, start);
}

Body body_that_returns() { return give_back; }
Body body_of(const Instruction& in) { return body_for(in); }
Decoded decoded(const Instruction& in) { return decode(in); }

std::vector<Decoded> thread_code(const Function& function, std::span<const i64> block_gas) { return threaded(function, block_gas); }

Outcome run(const Program& program, std::uint32_t function, const Arguments& arguments,
            std::uint32_t stack, Arena& arena, Gas& gas, Host& host) {
    return program.engine(program, {function, arguments, stack, arena, gas, host});
}

std::uint32_t line_of(const Function& function, std::uint32_t instruction) {
    const auto after =
        std::upper_bound(function.lines.begin(), function.lines.end(), instruction,
                         [](std::uint32_t at, const auto& line) { return at < line.instruction; });
    return after == function.lines.begin() ? 0 : std::prev(after)->line;
}

#endif

} // namespace tally
