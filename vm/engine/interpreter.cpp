// The default engine. It trusts what the verifier proved: registers, slots, constants and targets
// are in range, calls are acyclic, holdings are where they must be. It checks what depends on
// values: gas, addresses, overflow, division.
#include "vm/engine/machine.hpp"

#include "vm/bytecode/limits.hpp"
#include "vm/engine/natives.hpp"
#include "vm/value/muldiv.hpp"

#include <bit>
#include <cstring>
#include <limits>

static_assert(std::endian::native == std::endian::little, "memory is little-endian");

namespace tally {
namespace {

// ---- values -------------------------------------------------------------------------------------

constexpr i64 i64_min = std::numeric_limits<i64>::min();

i64 as_signed(u64 v) { return static_cast<i64>(v); }
u64 as_unsigned(i64 v) { return static_cast<u64>(v); }
u128 as_unsigned(i128 v) { return static_cast<u128>(v); }
i128 as_signed(u128 v) { return static_cast<i128>(v); }
u64 extended(std::int32_t imm) { return static_cast<u64>(i64{imm}); }

bool division(u64 a, u64 b, Trap& trap) {
    if (b == 0)
        trap = Trap::DivideByZero;
    else if (as_signed(a) == i64_min && as_signed(b) == -1)
        trap = Trap::Overflow;
    return trap == Trap::None;
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

// Addresses wrap modulo 2^64; Arena::at refuses what is not inside.
template <typename T> bool load(const Arena& arena, u64 address, T& out) {
    const std::uint8_t* from = arena.at(address, sizeof(T));
    if (from == nullptr) return false;
    std::memcpy(&out, from, sizeof(T));
    return true;
}

template <typename T> bool store(Arena& arena, u64 address, T value) {
    std::uint8_t* to = arena.at(address, sizeof(T));
    if (to == nullptr) return false;
    std::memcpy(to, &value, sizeof(T));
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

/// Out of line: the slow paths would otherwise spoil the registers of the fast ones.
[[gnu::noinline]] Trap muldiv_into(i128 a, i128 b, i128 c, std::int32_t mode, i128& out) {
    return trap_of(muldiv(a, b, c, static_cast<Rounding>(mode), out));
}

[[gnu::noinline]] Trap rescale_into(i128 a, int digits, std::int32_t mode, i128& out) {
    return trap_of(rescale(a, digits, static_cast<Rounding>(mode), out));
}

// ---- the machine --------------------------------------------------------------------------------

/// One function at work: its window into the register stacks and its frame in the arena.
struct Frame {
    const Function* function = nullptr;
    const Decoded* code = nullptr; ///< first instruction
    const Decoded* call = nullptr; ///< where it stands while it waits for a callee
    u64* x = nullptr;
    i128* w = nullptr;
    Holding* h = nullptr;
    u64 address = 0;
    std::uint32_t number = 0;
};

class Machine {
public:
    Machine(const Program& program, std::uint32_t function, Arena& arena, Gas& gas, Host& host)
        : program_(program), arena_(arena), gas_(gas), host_(host),
          x_(program.facts.stack_x[function]), w_(program.facts.stack_w[function]),
          h_(program.facts.stack_h[function]),
          frames_(program.module.program.present ? limits::program_call_depth : limits::call_depth) {
        frames_[0] = {&program.module.functions[function],
                      program.code[function].data(),
                      nullptr,
                      x_.data(),
                      w_.data(),
                      h_.data(),
                      0,
                      function};
    }

    /// False if the caller's promises do not hold.
    bool enter(const Arguments& arguments, std::uint32_t stack) {
        Frame& frame = frames_[0];
        const Function& f = *frame.function;
        if (arguments.x.size() != f.x_params || arguments.w.size() != f.w_params ||
            arguments.h.size() != f.h_params)
            return false;
        if (arena_.at(stack, program_.facts.stack_bytes[frame.number]) == nullptr) return false;
        frame.address = stack;
        std::copy(arguments.x.begin(), arguments.x.end(), frame.x);
        std::copy(arguments.w.begin(), arguments.w.end(), frame.w);
        std::copy(arguments.h.begin(), arguments.h.end(), frame.h);
        clear_memory(frame);
        return true;
    }

    Outcome execute();

    void show(Registers& out) const {
        const Frame& frame = frames_[depth_];
        out.x.assign(frame.x, frame.x + frame.function->x_registers);
        out.w.assign(frame.w, frame.w + frame.function->w_registers);
        out.h.assign(frame.h, frame.h + frame.function->h_slots);
    }

private:
    void clear_memory(const Frame& frame) {
        if (frame.function->frame_bytes == 0) return;
        std::memset(arena_.at(frame.address, frame.function->frame_bytes), 0,
                    frame.function->frame_bytes);
    }

    /// Parameters are copied, everything else starts at zero. The verifier bounds the depth too.
    bool push(const Decoded* call, std::uint32_t number, std::size_t first_x) {
        if (depth_ + 1 == frames_.size()) return false;
        Frame& caller = frames_[depth_];
        const Function& f = program_.module.functions[number];
        const Function& from = *caller.function;
        if (program_.module.program.present && !has_room(caller, from, f)) return false;
        caller.call = call;
        Frame& callee = frames_[++depth_];
        callee = {&f,
                  program_.code[number].data(),
                  nullptr,
                  caller.x + from.x_registers,
                  caller.w + from.w_registers,
                  caller.h + from.h_slots,
                  caller.address + from.frame_bytes,
                  number};
        std::fill_n(std::copy_n(caller.x + first_x, f.x_params, callee.x),
                    f.x_registers - f.x_params, u64{0});
        std::fill_n(std::copy_n(caller.w + call->b, f.w_params, callee.w),
                    f.w_registers - f.w_params, i128{0});
        std::fill_n(std::copy_n(caller.h + call->c, f.h_params, callee.h), f.h_slots - f.h_params,
                    Holding{0});
        std::fill_n(caller.h + call->c, f.h_params, Holding{0});
        clear_memory(callee);
        return true;
    }

    /// A program may recurse: what the verifier proves of a contract is asked at each of its calls.
    bool has_room(const Frame& caller, const Function& from, const Function& f) {
        const auto used = [](const auto* window, std::size_t own, const auto& bank) {
            return static_cast<std::size_t>(window - bank.data()) + own;
        };
        return used(caller.x, from.x_registers, x_) + f.x_registers <= x_.size() &&
               used(caller.w, from.w_registers, w_) + f.w_registers <= w_.size() &&
               arena_.at(caller.address + from.frame_bytes, f.frame_bytes) != nullptr;
    }

    Trap push_from_table(const Decoded* call) {
        const ProgramPart& p = program_.module.program;
        const u64 place = frames_[depth_].x[call->a] - 1;
        if (place >= p.table.size()) return Trap::BadCall;
        const std::uint32_t number = p.table[place];
        const Function& f = program_.module.functions[number];
        const CallShape& want = p.shapes[static_cast<std::uint32_t>(call->imm)];
        if (!(CallShape{f.x_params, f.w_params, f.result} == want)) return Trap::BadCall;
        if (!gas_.charge(frame_gas(f))) return Trap::OutOfGas;
        return push(call, number, call->a + std::size_t{1}) ? Trap::None : Trap::CallDepth;
    }

    Trap host_call(const Decoded& in, u64* x, i128* w) {
        const auto fn = static_cast<HostFn>(in.imm);
        const HostCall args{x + in.a, w + in.b, nullptr, &arena_, &gas_};
        if (host_info(fn).kind == HostKind::Pure) return native(program_, fn, args);
        return host_.call(fn, args);
    }

    /// The holdings given are gone from the caller; a holding that comes back is in the first slot.
    Trap import_call(const Decoded& in, u64* x, i128* w, Holding* h) {
        const auto number = static_cast<std::uint32_t>(in.imm);
        const auto& types = program_.module.types;
        const Import& import = program_.module.imports[number];
        const auto is_cash = [&](std::uint32_t type) { return types[type].kind == TypeKind::Cash; };
        Holding* const slots = h + in.c;
        const HostCall args{x + in.a, w + in.b, slots, &arena_, &gas_};
        const Trap trap = host_.call_import(number, args);
        if (trap != Trap::None) return trap;
        const bool gives = import.result != none && is_cash(import.result);
        const Holding result = gives ? slots[0] : 0;
        const auto given = std::count_if(import.params.begin(), import.params.end(), is_cash);
        std::fill_n(slots, given, Holding{0});
        if (gives) slots[0] = result;
        return Trap::None;
    }

    const Program& program_;
    Arena& arena_;
    Gas& gas_;
    Host& host_;
    std::vector<u64> x_;
    std::vector<i128> w_;
    std::vector<Holding> h_;
    std::vector<Frame> frames_;
    std::size_t depth_ = 0;
};

// Direct dispatch: each body ends in a jump of its own to the next one, which the processor
// predicts by what usually follows this operation. Both our compilers have labels as values.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"

Outcome Machine::execute() {
    static const void* const bodies[] = {
#define OP(name, mnemonic, a, b, c, imm, gas, doc) &&body_##name,
#include "vm/bytecode/opcodes.def"
#undef OP
    };

    const Decoded* ip = frames_[0].code;
    u64* x = nullptr;
    i128* w = nullptr;
    Holding* h = nullptr;
    Outcome result;
    Trap trap = Trap::None;

    // clang-format off
#define DISPATCH() goto *bodies[ip->op]
// clang-format on
#define NEXT()                                                                                     \
    ++ip;                                                                                          \
    DISPATCH()
#define GO_TO_TARGET()                                                                             \
    ip = frames_[depth_].code + ip->imm;                                                           \
    DISPATCH()
#define STOP(reason)                                                                               \
    {                                                                                              \
        trap = reason;                                                                             \
        goto stopped;                                                                              \
    }
#define CHECK(call)                                                                                \
    trap = call;                                                                                   \
    if (trap != Trap::None) goto stopped

enter_frame:
    x = frames_[depth_].x;
    w = frames_[depth_].w;
    h = frames_[depth_].h;
    DISPATCH();

#include "vm/engine/interpreter_ops.inc"

leave_frame: // the result is in `result`; whoever called gets it
    if (depth_ == 0) return result;
    {
        const ResultBank bank = frames_[depth_].function->result;
        const Frame& caller = frames_[--depth_];
        const Decoded& call = *caller.call;
        if (bank == ResultBank::X) caller.x[call.a] = result.x;
        if (bank == ResultBank::W) caller.w[call.b] = result.w;
        if (bank == ResultBank::H) caller.h[call.c] = result.h;
        result = {};
        ip = &call + 1;
    }
    goto enter_frame;

stopped:
    result = {};
    result.trap = trap;
    result.function = frames_[depth_].number;
    result.instruction = static_cast<std::uint32_t>(ip - frames_[depth_].code);
    return result;

#undef DISPATCH
#undef NEXT
#undef GO_TO_TARGET
#undef STOP
#undef CHECK
}

#pragma GCC diagnostic pop

} // namespace

Outcome interpret(const Program& program, const Start& start) {
    Machine machine(program, start.function, start.arena, start.gas, start.host);
    if (!machine.enter(start.arguments, start.stack)) return {Trap::BadArgument, 0, 0, 0, start.function, 0};
    const Outcome outcome = machine.execute();
    if (start.seen != nullptr) machine.show(*start.seen);
    return outcome;
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
