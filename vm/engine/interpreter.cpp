// The default engine. It trusts what the verifier proved: registers, slots, constants and targets
// are in range, calls are acyclic, holdings are where they must be. It checks what depends on
// values: gas, addresses, overflow, division.
//
// Direct-threaded: each operation is a function of its own that ends in a tail call of the next one,
// so what the machine needs stays in five registers of the processor, the slow path of one operation
// costs the others nothing, and each jump is predicted by what usually follows this operation.
#include "vm/engine/interpreter.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/engine/natives.hpp"
#include "vm/value/muldiv.hpp"
#include "vm/value/wide_division.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <memory>

static_assert(std::endian::native == std::endian::little, "memory is little-endian");

// clang can be told that a call must be a tail call. g++ makes one of every call in this position
// when it optimises, which the build sees to.
#if defined(__clang__)
#define TAIL [[clang::musttail]] return
#else
#define TAIL return
#endif

namespace tally {

/// One function at work: its window into the register stacks and its frame in the arena.
struct Frame {
    const Function* function;
    const Decoded* code; ///< first instruction
    const Decoded* call; ///< where it stands while it waits for a callee
    u64* x;
    i128* w;
    Holding* h;
    u64 address;
    std::uint32_t number;
};

/// What the operations share beyond their five registers.
struct Machine {
    const Program& program;
    Arena& arena;
    Gas& gas;
    Host& host;
    std::uint8_t* memory;  ///< the arena, above the null page
    u64 room;              ///< bytes of it; at least 16
    Frame* frames;
    std::size_t depth = 0, depth_limit;
    Holding* h = nullptr;  ///< of the frame at work
    u64 frame_address = 0; ///< of the frame at work
    const i64* x_constants;
    const i128* w_constants;
    u64* x_end; ///< of the register stacks; asked by programs only
    i128* w_end;
    const Decoded* stopped = nullptr;
    Outcome result{};
};

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
    if (offset > m->room - sizeof(T)) return false;
    std::memcpy(&out, m->memory + offset, sizeof(T));
    return true;
}

template <typename T> bool store(const Machine* m, u64 address, T value) {
    const u64 offset = address - self_address;
    if (offset > m->room - sizeof(T)) return false;
    std::memcpy(m->memory + offset, &value, sizeof(T));
    return true;
}

/// Gas for the size of a copy or fill, before it happens.
Trap charge_bytes(const Arena& arena, Gas& gas, u64 bytes) {
    if (bytes > arena.size()) return Trap::Bounds;
    return gas.charge(as_signed((bytes + 7) / 8)) ? Trap::None : Trap::OutOfGas;
}

Trap copy(Arena& arena, Gas& gas, u64 to, u64 from, u64 bytes) {
    if (const Trap trap = charge_bytes(arena, gas, bytes); trap != Trap::None) return trap;
    std::uint8_t* const target = arena.at(to, bytes);
    const std::uint8_t* const source = arena.at(from, bytes);
    if (target == nullptr || source == nullptr) return Trap::Bounds;
    std::memmove(target, source, bytes);
    return Trap::None;
}

Trap fill(Arena& arena, Gas& gas, u64 to, u64 byte, u64 bytes) {
    if (const Trap trap = charge_bytes(arena, gas, bytes); trap != Trap::None) return trap;
    std::uint8_t* const target = arena.at(to, bytes);
    if (target == nullptr) return Trap::Bounds;
    std::memset(target, static_cast<std::uint8_t>(byte), bytes);
    return Trap::None;
}

// ---- calls --------------------------------------------------------------------------------------

void clear_memory(Machine* m, const Frame& frame) {
    if (frame.function->frame_bytes == 0) return;
    std::memset(m->arena.at(frame.address, frame.function->frame_bytes), 0,
                frame.function->frame_bytes);
}

/// A program may recurse: what the verifier proves of a contract is asked at each of its calls.
bool has_room(const Machine* m, const Frame& caller, const Function& f) {
    const Function& from = *caller.function;
    return m->x_end - caller.x >= from.x_registers + f.x_registers &&
           m->w_end - caller.w >= from.w_registers + f.w_registers &&
           m->arena.at(caller.address + from.frame_bytes, f.frame_bytes) != nullptr;
}

/// Parameters are copied, everything else starts at zero. False if there is no room; the verifier
/// proved that a contract has it.
bool push(Machine* m, const Decoded* call, std::uint32_t number, const u64* x, const i128* w) {
    Frame& caller = m->frames[m->depth];
    const Function& f = m->program.module.functions[number];
    const Function& from = *caller.function;
    if (m->depth + 1 == m->depth_limit) return false;
    if (m->program.module.program.present && !has_room(m, caller, f)) return false;
    caller.call = call;
    Frame& callee = m->frames[++m->depth];
    callee = {&f,
              m->program.code[number].data(),
              nullptr,
              caller.x + from.x_registers,
              caller.w + from.w_registers,
              caller.h + from.h_slots,
              caller.address + from.frame_bytes,
              number};
    std::fill_n(std::copy_n(x, f.x_params, callee.x), f.x_registers - f.x_params, u64{0});
    std::fill_n(std::copy_n(w, f.w_params, callee.w), f.w_registers - f.w_params, i128{0});
    if (f.h_slots > 0 || f.h_params > 0) {
        Holding* const given = caller.h + call->c;
        std::fill_n(std::copy_n(given, f.h_params, callee.h), f.h_slots - f.h_params, Holding{0});
        std::fill_n(given, f.h_params, Holding{0});
    }
    clear_memory(m, callee);
    m->h = callee.h;
    m->frame_address = callee.address;
    return true;
}

/// The function at place `place` of the table, if it has the shape that the call wants.
Trap from_table(const Machine* m, u64 place, std::int32_t shape, std::uint32_t& number) {
    const ProgramPart& p = m->program.module.program;
    if (place - 1 >= p.table.size()) return Trap::BadCall;
    number = p.table[place - 1];
    const Function& f = m->program.module.functions[number];
    const CallShape& want = p.shapes[static_cast<std::uint32_t>(shape)];
    return CallShape{f.x_params, f.w_params, f.result} == want ? Trap::None : Trap::BadCall;
}

Trap host_call(Machine* m, std::int32_t number, u64* x, i128* w) {
    const auto fn = static_cast<HostFn>(number);
    const HostCall args{x, w, nullptr, &m->arena, &m->gas};
    if (host_info(fn).kind == HostKind::Pure) return native(m->program, fn, args);
    return m->host.call(fn, args);
}

/// The holdings given are gone from the caller; a holding that comes back is in the first slot.
Trap import_call(Machine* m, const Decoded* in, u64* x, i128* w) {
    const auto number = static_cast<std::uint32_t>(in->imm);
    const auto& types = m->program.module.types;
    const Import& import = m->program.module.imports[number];
    const auto is_cash = [&](std::uint32_t type) { return types[type].kind == TypeKind::Cash; };
    Holding* const slots = m->h + in->c;
    const HostCall args{x, w, slots, &m->arena, &m->gas};
    const Trap trap = m->host.call_import(number, args);
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
    m->gas.left = trap == Trap::OutOfGas ? 0 : gas;
    m->stopped = ip;
    m->result.trap = trap;
}

#if defined(TALLY_PARANOID)
void doubt(PARAMETERS);
#define DISPATCH()                                                                                 \
    doubt(REGISTERS);                                                                              \
    TAIL ip->body(REGISTERS)
#else
#define DISPATCH() TAIL ip->body(REGISTERS)
#endif
#define NEXT()                                                                                     \
    ++ip;                                                                                          \
    DISPATCH()
#define STOP(reason) return stop_at(REGISTERS, reason)
#define CHECK(call)                                                                                \
    if (const Trap trap_ = call; trap_ != Trap::None) [[unlikely]]                                 \
    STOP(trap_)
// Charges a block at its head, which `ip` is on, and goes to its first instruction.
#define ENTER_BLOCK()                                                                              \
    gas -= ip->imm;                                                                                \
    if (gas < 0) [[unlikely]]                                                                      \
        STOP(Trap::OutOfGas);                                                                      \
    NEXT()
// What somebody else may charge for: the gas goes there and comes back.
#define CHARGING(call)                                                                             \
    m->gas.left = gas;                                                                             \
    {                                                                                              \
        const Trap trap_ = call;                                                                   \
        gas = m->gas.left;                                                                         \
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
        m->gas.left = gas;
        return;
    }
    const ResultBank bank = m->frames[m->depth].function->result;
    const Frame& caller = m->frames[--m->depth];
    ip = caller.call;
    x = caller.x;
    w = caller.w;
    m->h = caller.h;
    m->frame_address = caller.address;
    if (bank == ResultBank::X) x[ip->a] = m->result.x;
    if (bank == ResultBank::W) wide(w, ip->b) = m->result.w;
    if (bank == ResultBank::H) m->h[ip->c] = m->result.h;
    NEXT();
}

#include "vm/engine/interpreter_ops.inc"

constexpr Body bodies[] = {
#define OP(name, mnemonic, a, b, c, imm, gas, doc) body_##name,
#include "vm/bytecode/opcodes.def"
#undef OP
};

// One body for each rounding mode, in the modes' order.
constexpr Body muldiv_bodies[] = {
    body_muldiv<Rounding::Floor>,    body_muldiv<Rounding::Ceiling>,
    body_muldiv<Rounding::TowardZero>, body_muldiv<Rounding::Away>,
    body_muldiv<Rounding::HalfEven>, body_muldiv<Rounding::HalfUp>,
    body_muldiv<Rounding::HalfDown>, body_muldiv<Rounding::Exact>};

#if defined(TALLY_PARANOID)
#include "vm/engine/paranoid.inc"
#endif

// ---- a run --------------------------------------------------------------------------------------

/// The register stacks of a run, and the frames of a program. One piece of memory, not cleared: every
/// call clears its own registers.
class Stacks {
public:
    Stacks(const Program& program, std::uint32_t function) : facts_(program.facts), function_(function) {
        const bool deep = program.module.program.present;
        depth_ = deep ? limits::program_call_depth : limits::call_depth;
        const std::size_t frames = deep ? depth_ * sizeof(Frame) : 0;
        const std::size_t wide = facts_.stack_w[function] * sizeof(i128);
        const std::size_t narrow = facts_.stack_x[function] * sizeof(u64);
        memory_.reset(new (std::align_val_t{16}) std::uint8_t[wide + narrow + frames + facts_.stack_h[function] * sizeof(Holding)]);
        w_ = reinterpret_cast<i128*>(memory_.get());
        x_ = reinterpret_cast<u64*>(memory_.get() + wide);
        frames_ = deep ? reinterpret_cast<Frame*>(memory_.get() + wide + narrow) : shallow_;
        h_ = reinterpret_cast<Holding*>(memory_.get() + wide + narrow + frames);
    }
    [[nodiscard]] u64* x() const { return x_; }
    [[nodiscard]] i128* w() const { return w_; }
    [[nodiscard]] Holding* h() const { return h_; }
    [[nodiscard]] u64* x_end() const { return x_ + facts_.stack_x[function_]; }
    [[nodiscard]] i128* w_end() const { return w_ + facts_.stack_w[function_]; }
    [[nodiscard]] Frame* frames() { return frames_; }
    [[nodiscard]] std::size_t depth() const { return depth_; }

private:
    struct Release {
        void operator()(std::uint8_t* memory) const { operator delete[](memory, std::align_val_t{16}); }
    };
    const Verified& facts_;
    std::uint32_t function_;
    std::size_t depth_ = 0;
    std::unique_ptr<std::uint8_t[], Release> memory_;
    i128* w_ = nullptr;
    u64* x_ = nullptr;
    Holding* h_ = nullptr;
    Frame* frames_ = nullptr;
    Frame shallow_[limits::call_depth]; // NOLINT: not cleared on purpose
};

void give(const Arguments& arguments, const Function& f, const Frame& frame) {
    std::fill_n(std::copy(arguments.x.begin(), arguments.x.end(), frame.x), f.x_registers - f.x_params, u64{0});
    std::fill_n(std::copy(arguments.w.begin(), arguments.w.end(), frame.w), f.w_registers - f.w_params, i128{0});
    std::fill_n(std::copy(arguments.h.begin(), arguments.h.end(), frame.h), f.h_slots - f.h_params, Holding{0});
}

void show(const Frame& frame, Registers& out) {
    out.x.assign(frame.x, frame.x + frame.function->x_registers);
    out.w.assign(frame.w, frame.w + frame.function->w_registers);
    out.h.assign(frame.h, frame.h + frame.function->h_slots);
}

} // namespace

bool may_start(const Program& program, const Start& start) {
    const Function& f = program.module.functions[start.function];
    const Arguments& given = start.arguments;
    return given.x.size() == f.x_params && given.w.size() == f.w_params && given.h.size() == f.h_params &&
           start.arena.size() >= self_address + 16 &&
           start.arena.at(start.stack, program.facts.stack_bytes[start.function]) != nullptr;
}

Outcome interpret(const Program& program, const Start& start) {
    if (!may_start(program, start)) return {Trap::BadArgument, 0, 0, 0, start.function, 0};
    const Function& f = program.module.functions[start.function];
    Stacks stacks(program, start.function);
    Machine m{program, start.arena, start.gas, start.host,
              start.arena.at(self_address, 0), start.arena.size() - self_address,
              stacks.frames(), 0, stacks.depth(), stacks.h(), start.stack,
              program.module.x_constants.data(), program.module.w_constants.data(), stacks.x_end(), stacks.w_end(), nullptr, {}};
    m.frames[0] = {&f, program.code[start.function].data(), nullptr, stacks.x(), stacks.w(), stacks.h(), start.stack, start.function};
    give(start.arguments, f, m.frames[0]);
    clear_memory(&m, m.frames[0]);
    enter_frame(nullptr, nullptr, nullptr, start.gas.left, &m);
    const Frame& last = m.frames[m.depth];
    if (start.seen != nullptr) show(last, *start.seen);
    if (m.result.trap == Trap::None) return m.result;
    return {m.result.trap, 0, 0, 0, last.number, static_cast<std::uint32_t>(m.stopped - last.code)};
}

std::vector<Decoded> thread_code(const Function& function, const std::vector<i64>& block_gas) {
    std::vector<std::int32_t> heads;
    for (std::size_t i = 0; i < function.code.size(); ++i)
        if (function.code[i].op == Op::Block) heads.push_back(static_cast<std::int32_t>(i));
    std::vector<Decoded> out;
    out.reserve(function.code.size());
    std::size_t block = 0;
    for (const Instruction& in : function.code) {
        const OpInfo& info = op_info(in.op);
        const auto doubled = [](Operand kind, std::uint8_t number) {
            const bool is_wide = kind == Operand::WDst || kind == Operand::WSrc || kind == Operand::WBase;
            return static_cast<std::uint8_t>(is_wide ? number * 2 : number);
        };
        Decoded d{bodies[static_cast<std::size_t>(in.op)], doubled(info.a, in.a), doubled(info.b, in.b), doubled(info.c, in.c), 0, in.imm};
        // A block has at most limits::block_instructions, so its gas fits 32 bits.
        if (in.op == Op::Block) d.imm = static_cast<std::int32_t>(block_gas[block++]);
        if (info.imm == Immediate::Target) d.imm = (heads[static_cast<std::size_t>(in.imm)] - static_cast<std::int32_t>(out.size())) * static_cast<std::int32_t>(sizeof(Decoded));
        if (info.imm == Immediate::WReg) d.imm = in.imm * 2;
        if (in.op == Op::MulDiv) {
            d.body = muldiv_bodies[in.imm >> 8];
            d.imm = (in.imm & 0xff) * 2;
        }
        out.push_back(d);
    }
    return out;
}

Outcome run(const Program& program, std::uint32_t function, const Arguments& arguments,
            std::uint32_t stack, Arena& arena, Gas& gas, Host& host) {
    return program.engine(program, {function, arguments, stack, arena, gas, host});
}

std::uint32_t line_of(const Function& function, std::uint32_t instruction) {
    const auto after =
        std::upper_bound(function.lines.begin(), function.lines.end(), instruction,
                         [](std::uint32_t at, const auto& line) { return at < line.first; });
    return after == function.lines.begin() ? 0 : std::prev(after)->second;
}

} // namespace tally
