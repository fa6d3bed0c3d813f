#include "tests/tri/reference.hpp"

#include "tests/tri/reference_natives.hpp"
#include "tests/tri/reference_wide.hpp"
#include "vm/bytecode/limits.hpp"

#include <cstdio>
#include <cstdlib>

namespace tally::tri {
namespace {

LastWords last_words = nullptr;

i64 as_signed(u64 v) { return static_cast<i64>(v); }
u64 low(i128 v) { return static_cast<u64>(v); } // modulo 2^64

constexpr i128 x_min = INT64_MIN, x_max = INT64_MAX;
bool is_x(i128 v) { return v >= x_min && v <= x_max; }

struct Frame {
    std::uint32_t number = 0, at = 0;
    u64 address = 0;
    std::vector<u64> x;
    std::vector<i128> w;
    std::vector<Holding> h;
};

class Machine {
public:
    Machine(const Program& program, const Start& start) : program_(program), module_(program.module), start_(start), arena_(start.arena), gas_(start.gas) {}

    Outcome run();

private:
    // ---- frames
    const Function& function() const { return module_.functions[frame().number]; }
    const Frame& frame() const { return frames_.back(); }
    Frame& frame() { return frames_.back(); }
    bool open(std::uint32_t number, u64 address);
    bool has_room(const Function& f, u64 address) const;
    void promise_room(std::uint32_t number, u64 address) const;
    Trap call(const Instruction& in, std::uint32_t number, std::size_t first_x);
    Trap call_table(const Instruction& in);
    Trap host_call(const Instruction& in);
    Trap import_call(const Instruction& in);
    Trap leave(ResultBank bank, const Instruction& in);
    bool empty_slots(const std::vector<Holding>& slots) const;

    // ---- registers, each access looked at
    u64& x(std::size_t i) { return element(frame().x, i, "an x register beyond the function's"); }
    i128& w(std::size_t i) { return element(frame().w, i, "a w register beyond the function's"); }
    Holding& h(std::size_t i) { return element(frame().h, i, "an h slot beyond the function's"); }
    Holding& full(std::size_t i) { return promise(h(i) != 0, "a holding is taken from an empty slot"), h(i); }
    Holding& empty(std::size_t i) { return promise(h(i) == 0, "a holding is put into a full slot"), h(i); }
    template <typename T> static T& element(std::vector<T>& bank, std::size_t i, const char* what) {
        promise(i < bank.size(), what);
        return bank[i];
    }
    template <typename T> static T* window(std::vector<T>& bank, std::size_t first, std::size_t count, const char* what) {
        promise(first + count <= bank.size(), what);
        return bank.data() + first;
    }

    // ---- control
    Trap step(const Instruction& in);
    Trap block();
    i64 static_gas(const Instruction& in) const;
    Trap go(std::int32_t block);
    Trap branch(const Instruction& in, bool taken) { return taken ? go(in.imm) : Trap::None; }
    Trap branch_table(const Instruction& in);

    // ---- what most instructions do
    Trap give_x(const Instruction& in, i128 value) { return x(in.a) = low(value), Trap::None; }
    Trap give_checked(const Instruction& in, i128 value) { return is_x(value) ? give_x(in, value) : Trap::Overflow; }
    Trap give_w(const Instruction& in, i128 value) { return w(in.a) = value, Trap::None; }
    Trap divide(const Instruction& in);
    Trap wide(const Instruction& in);
    Trap wide_test(const Instruction& in, bool holds) { return give_x(in, holds ? 1 : 0); }
    i128 b(const Instruction& in) { return as_signed(x(in.b)); }
    i128 c(const Instruction& in) { return as_signed(x(in.c)); }
    i128 above_zero(std::size_t i) { return i128{x(i)}; } // read unsigned

    // ---- memory
    u64 address(const Instruction& in) { return low(i128{x(in.b)} + in.imm); }
    Trap load(const Instruction& in, unsigned bytes);
    Trap store(const Instruction& in, unsigned bytes);
    Trap load_wide(const Instruction& in);
    Trap store_wide(const Instruction& in);
    Trap bulk(const Instruction& in);

    Trap assets(const Instruction& in);
    Outcome stopped(Trap trap);
    void show() const;

    const Program& program_;
    const Module& module_;
    const Start& start_;
    Arena& arena_;
    Gas& gas_;
    std::vector<Frame> frames_;
    struct {
        std::size_t x = 0, w = 0, h = 0;
    } used_; ///< registers of all frames that are open
    std::map<std::uint32_t, std::vector<std::uint32_t>> heads_; ///< by function, where its blocks begin
    Outcome result_;
    bool done_ = false;
};

// ---- frames -------------------------------------------------------------------------------------------------------------

/// A program may recurse: its depth and room are asked at each call. Of anything else the verifier has proved them.
bool Machine::has_room(const Function& f, u64 address) const {
    return frames_.size() < limits::program_call_depth && used_.x + f.x_registers <= limits::program_registers &&
           used_.w + f.w_registers <= limits::program_registers && arena_.at(address, f.frame_bytes) != nullptr;
}

void Machine::promise_room(std::uint32_t number, u64 address) const {
    const Function& f = module_.functions[number];
    promise(frames_.size() < limits::call_depth, "calls nested more deeply than the verifier allows");
    promise(arena_.at(address, f.frame_bytes) != nullptr, "a frame outside the arena");
    promise(address + f.frame_bytes <= start_.stack + u64{program_.facts.stack_bytes[start_.function]}, "a chain of frames larger than the verifier said");
    const auto& facts = program_.facts;
    promise(used_.x + f.x_registers <= facts.stack_x[start_.function] && used_.w + f.w_registers <= facts.stack_w[start_.function] &&
                used_.h + f.h_slots <= facts.stack_h[start_.function],
            "a chain of registers larger than the verifier said");
}

/// A frame of zeros on top.
bool Machine::open(std::uint32_t number, u64 address) {
    promise(number < module_.functions.size(), "no such function");
    const Function& f = module_.functions[number];
    if (!module_.program.present) promise_room(number, address);
    else if (!frames_.empty() && !has_room(f, address)) return false;
    Frame& fresh = frames_.emplace_back();
    fresh.number = number;
    fresh.address = address;
    fresh.x.assign(f.x_registers, 0);
    fresh.w.assign(f.w_registers, 0);
    fresh.h.assign(f.h_slots, 0);
    used_ = {used_.x + f.x_registers, used_.w + f.w_registers, used_.h + f.h_slots};
    if (f.frame_bytes > 0) std::fill_n(arena_.at(address, f.frame_bytes), f.frame_bytes, std::uint8_t{0});
    return true;
}

Trap Machine::call(const Instruction& in, std::uint32_t number, std::size_t first_x) {
    promise(number < module_.functions.size(), "no such function");
    const Function& f = module_.functions[number];
    if (!open(number, frame().address + function().frame_bytes)) return Trap::CallDepth;
    Frame& callee = frames_.back();
    Frame& caller = frames_[frames_.size() - 2];
    std::copy_n(window(caller.x, first_x, f.x_params, "x parameters beyond the registers"), f.x_params, callee.x.begin());
    std::copy_n(window(caller.w, in.b, f.w_params, "w parameters beyond the registers"), f.w_params, callee.w.begin());
    Holding* const given = window(caller.h, in.c, f.h_params, "h parameters beyond the slots");
    promise(std::find(given, given + f.h_params, Holding{0}) == given + f.h_params, "an empty slot is given to a call");
    std::copy_n(given, f.h_params, callee.h.begin());
    std::fill_n(given, f.h_params, Holding{0});
    return Trap::None;
}

Trap Machine::call_table(const Instruction& in) {
    const ProgramPart& p = module_.program;
    promise(p.present && static_cast<std::size_t>(in.imm) < p.shapes.size(), "no such shape of a call");
    const u64 place = x(in.a);
    if (place == 0 || place > p.table.size()) return Trap::BadCall;
    const std::uint32_t number = p.table[place - 1];
    const Function& f = module_.functions[number];
    const CallShape& want = p.shapes[static_cast<std::size_t>(in.imm)];
    if (f.x_params != want.x_params || f.w_params != want.w_params || f.result != want.result) return Trap::BadCall;
    if (!gas_.charge((i64{f.frame_bytes} + 8 * f.x_registers + 16 * f.w_registers) / 64)) return Trap::OutOfGas;
    return call(in, number, in.a + std::size_t{1});
}

Trap Machine::host_call(const Instruction& in) {
    promise(static_cast<std::size_t>(in.imm) < host_count, "no such host function");
    const auto fn = static_cast<HostFn>(in.imm);
    const HostInfo& info = host_info(fn);
    const std::size_t xs = std::max<std::size_t>(info.x_params(), info.result() == 'x'), ws = std::max<std::size_t>(info.w_params(), info.result() == 'w');
    const HostCall args{window(frame().x, in.a, xs, "a host call beyond the x registers"), window(frame().w, in.b, ws, "a host call beyond the w registers"), nullptr, &arena_, &gas_};
    const Trap trap = info.kind == HostKind::Pure ? reference_native(program_, fn, args) : start_.host.call(fn, args);
    if (trap == Trap::None) ++coverage().functions[static_cast<std::size_t>(fn)];
    return trap;
}

/// Holdings given are gone; one that comes back lies in the first slot.
Trap Machine::import_call(const Instruction& in) {
    promise(static_cast<std::size_t>(in.imm) < module_.imports.size(), "no such import");
    const Import& import = module_.imports[static_cast<std::size_t>(in.imm)];
    std::size_t xs = 1, ws = 0, hs = 0;
    const auto bank = [&](std::uint32_t type) { return bank_of(module_.types[type].kind); };
    for (const std::uint32_t type : import.params) {
        xs += bank(type) == ResultBank::X;
        ws += bank(type) == ResultBank::W;
        hs += bank(type) == ResultBank::H;
    }
    const bool gives_h = import.result != none && bank(import.result) == ResultBank::H;
    if (import.result != none && is_aggregate(module_.types[import.result].kind)) ++xs;
    if (import.result != none && bank(import.result) == ResultBank::W) ws = std::max<std::size_t>(ws, 1);
    Holding* const slots = window(frame().h, in.c, std::max<std::size_t>(hs, gives_h), "an import beyond the slots");
    promise(std::find(slots, slots + hs, Holding{0}) == slots + hs, "an empty slot is given to an import");
    const HostCall args{window(frame().x, in.a, xs, "an import beyond the x registers"), window(frame().w, in.b, ws, "an import beyond the w registers"), slots, &arena_, &gas_};
    const Trap trap = start_.host.call_import(static_cast<std::uint32_t>(in.imm), args);
    if (trap != Trap::None) return trap;
    std::fill(slots + (gives_h ? 1 : 0), slots + std::max<std::size_t>(hs, gives_h), Holding{0});
    return trap;
}

bool Machine::empty_slots(const std::vector<Holding>& slots) const {
    return std::all_of(slots.begin(), slots.end(), [](Holding v) { return v == 0; });
}

Trap Machine::leave(ResultBank bank, const Instruction& in) {
    promise(function().result == bank, "a result of another bank");
    Outcome result;
    if (bank == ResultBank::X) result.x = x(in.a);
    if (bank == ResultBank::W) result.w = w(in.a);
    if (bank == ResultBank::H) result.h = full(in.a);
    auto left = frame().h;
    if (bank == ResultBank::H) left[in.a] = 0;
    promise(empty_slots(left), "a holding is left at a return");
    if (frames_.size() == 1) {
        result_ = result;
        done_ = true;
        return Trap::None;
    }
    used_ = {used_.x - frame().x.size(), used_.w - frame().w.size(), used_.h - frame().h.size()};
    frames_.pop_back();
    const Instruction& call = function().code[frame().at - 1];
    if (bank == ResultBank::X) x(call.a) = result.x;
    if (bank == ResultBank::W) w(call.b) = result.w;
    if (bank == ResultBank::H) empty(call.c) = result.h;
    return Trap::None;
}

// ---- control ------------------------------------------------------------------------------------------------------------

i64 Machine::static_gas(const Instruction& in) const {
    const i64 own = op_info(in.op).gas;
    if (in.op == Op::HostCall) return own + host_info(static_cast<HostFn>(in.imm)).gas;
    if (in.op != Op::Call) return own;
    const Function& f = module_.functions[static_cast<std::size_t>(in.imm)];
    return own + (i64{f.frame_bytes} + 8 * f.x_registers + 16 * f.w_registers) / 64;
}

/// The whole block is paid at its head.
Trap Machine::block() {
    const auto& code = function().code;
    i64 sum = 0;
    std::size_t i = frame().at - 1;
    do sum += static_gas(code[i++]);
    while (i < code.size() && code[i].op != Op::Block);
    return gas_.charge(sum) ? Trap::None : Trap::OutOfGas;
}

/// Targets are counted in blocks.
Trap Machine::go(std::int32_t block) {
    const auto& code = function().code;
    const auto [known, fresh] = heads_.try_emplace(frame().number);
    auto& heads = known->second;
    for (std::uint32_t i = 0; fresh && i < code.size(); ++i)
        if (code[i].op == Op::Block) heads.push_back(i);
    promise(static_cast<std::size_t>(block) < heads.size(), "a branch to no block");
    frame().at = heads[static_cast<std::size_t>(block)];
    return Trap::None;
}

Trap Machine::branch_table(const Instruction& in) {
    const u64 wanted = x(in.a), ways = static_cast<u64>(in.imm);
    frame().at += static_cast<std::uint32_t>(std::min(wanted, ways));
    if (wanted >= ways) return Trap::None;
    const Instruction& way = function().code[frame().at];
    promise(way.op == Op::Case, "a table without its cases");
    ++coverage().ops[static_cast<std::size_t>(Op::Case)];
    return go(way.imm);
}

// ---- 64 bits ------------------------------------------------------------------------------------------------------------

i128 floor_of(i128 n, i128 d) { return n / d - (n % d != 0 && (n < 0) != (d < 0) ? 1 : 0); }

Trap Machine::divide(const Instruction& in) {
    if (x(in.c) == 0) return Trap::DivideByZero;
    switch (in.op) {
    case Op::DivX: return give_checked(in, b(in) / c(in));
    case Op::RemX: return give_x(in, b(in) % c(in));
    case Op::DivFloorX: return give_checked(in, floor_of(b(in), c(in)));
    case Op::ModFloorX: return give_x(in, b(in) - c(in) * floor_of(b(in), c(in)));
    case Op::DivUX: return give_x(in, above_zero(in.b) / above_zero(in.c));
    default: return give_x(in, above_zero(in.b) % above_zero(in.c));
    }
}

i128 power_of_two_x(u64 n) { return i128{1} << (n % 64); }

i128 sign_extended(u64 v, unsigned bits) {
    const i128 modulus = i128{1} << bits, rest = i128{v} % modulus;
    return rest >= modulus / 2 ? rest - modulus : rest;
}

u64 zeros_from_top(u64 v) {
    u64 n = 0;
    for (u64 bit = u64{1} << 63; bit != 0 && (v & bit) == 0; bit /= 2) ++n;
    return n;
}

u64 zeros_from_bottom(u64 v) {
    u64 n = 0;
    for (; n < 64 && (v >> n) % 2 == 0;) ++n;
    return n;
}

u64 ones(u64 v) {
    u64 n = 0;
    for (; v != 0; v /= 2) n += v % 2;
    return n;
}

u64 bytes_turned(u64 v) {
    u64 out = 0;
    for (int i = 0; i < 8; ++i, v /= 256) out = out * 256 + v % 256;
    return out;
}

// ---- memory -------------------------------------------------------------------------------------------------------------

Trap Machine::load(const Instruction& in, unsigned bytes) {
    const std::uint8_t* const from = arena_.at(address(in), bytes);
    return from == nullptr ? Trap::Bounds : (x(in.a) = word_at(from, bytes), Trap::None);
}

Trap Machine::store(const Instruction& in, unsigned bytes) {
    std::uint8_t* const to = arena_.at(address(in), bytes);
    return to == nullptr ? Trap::Bounds : (put_word(to, x(in.a), bytes), Trap::None);
}

Trap Machine::load_wide(const Instruction& in) {
    const std::uint8_t* const from = arena_.at(address(in), 16);
    return from == nullptr ? Trap::Bounds : give_w(in, wide_at(from));
}

Trap Machine::store_wide(const Instruction& in) {
    std::uint8_t* const to = arena_.at(address(in), 16);
    return to == nullptr ? Trap::Bounds : (put_wide(to, w(in.a)), Trap::None);
}

/// Copy and fill: more bytes than there are is Bounds at once; then they are paid; then it is asked where they lie.
Trap Machine::bulk(const Instruction& in) {
    const u64 bytes = x(in.c);
    if (bytes > arena_.size()) return Trap::Bounds;
    if (!gas_.charge(static_cast<i64>(bytes / 64 + (bytes % 64 != 0)))) return Trap::OutOfGas;
    std::uint8_t* const to = arena_.at(x(in.a), bytes);
    if (to == nullptr) return Trap::Bounds;
    if (in.op == Op::Fill) {
        for (u64 i = 0; i < bytes; ++i) to[i] = static_cast<std::uint8_t>(x(in.b) % 256);
        return Trap::None;
    }
    const std::uint8_t* const from = arena_.at(x(in.b), bytes);
    if (from == nullptr) return Trap::Bounds;
    const std::vector<std::uint8_t> kept(from, from + bytes);
    std::copy(kept.begin(), kept.end(), to);
    return Trap::None;
}

// ---- assets -------------------------------------------------------------------------------------------------------------

/// A slot keeps what it has when the host refuses, and is empty after it gave.
Trap Machine::assets(const Instruction& in) {
    Host& host = start_.host;
    const auto vault = static_cast<std::uint32_t>(in.imm);
    Holding made = 0;
    i128 amount = 0;
    Trap trap = Trap::None;
    switch (in.op) {
    case Op::HMove: made = full(in.b); break;
    case Op::HEmpty: trap = host.asset_empty(made); break;
    case Op::HAmount: trap = host.asset_amount(full(in.b), amount); break;
    case Op::HWithdraw: trap = host.asset_withdraw(vault, x(in.c), w(in.b), arena_, made); break;
    case Op::HDeposit: trap = host.asset_deposit(vault, x(in.c), arena_, full(in.a)); break;
    case Op::HPay: trap = host.asset_pay(full(in.a), x(in.b)); break;
    case Op::HTake: trap = host.asset_take(full(in.b), w(in.c), made); break;
    case Op::HJoin: trap = host.asset_join(full(in.a), full(in.b)); break;
    default: trap = host.asset_end(full(in.a)); break;
    }
    if (trap != Trap::None) return trap;
    const OpInfo& info = op_info(in.op);
    if (info.a == Operand::HSrc) h(in.a) = 0;
    if (info.b == Operand::HSrc) h(in.b) = 0;
    if (info.a == Operand::HDst) empty(in.a) = made;
    if (in.op == Op::HAmount) w(in.a) = amount;
    return Trap::None;
}

// ---- 128 bits: reference_wide.cpp ---------------------------------------------------------------------------------------

Trap Machine::wide(const Instruction& in) {
    const OpInfo& info = op_info(in.op);
    WideOperands operands{w(in.b), info.c == Operand::WSrc ? w(in.c) : 0, 0, 0, in.imm};
    if (info.c == Operand::XSrc) operands.shift = x(in.c);
    if (info.c == Operand::Small) operands.shift = static_cast<u64>(static_cast<i64>(static_cast<std::int8_t>(in.c)));
    if (in.op == Op::MulDiv) operands.third = w(static_cast<std::size_t>(in.imm % 256));
    i128 out = 0;
    const Trap trap = reference_wide(in.op, operands, out);
    return trap == Trap::None ? give_w(in, out) : trap;
}

// ---- one line for each row of opcodes.def --------------------------------------------------------------------------------

Trap Machine::step(const Instruction& in) {
    switch (in.op) {
    case Op::Block: return block();
    case Op::Jump: return go(in.imm);
    case Op::BranchZero: return branch(in, x(in.a) == 0);
    case Op::BranchNotZero: return branch(in, x(in.a) != 0);
    case Op::BranchEq: return branch(in, x(in.a) == x(in.b));
    case Op::BranchNe: return branch(in, x(in.a) != x(in.b));
    case Op::BranchLt: return branch(in, as_signed(x(in.a)) < as_signed(x(in.b)));
    case Op::BranchLe: return branch(in, as_signed(x(in.a)) <= as_signed(x(in.b)));
    case Op::BranchLtU: return branch(in, x(in.a) < x(in.b));
    case Op::BranchLeU: return branch(in, x(in.a) <= x(in.b));
    case Op::WBranchEq: return branch(in, order_of(w(in.a), w(in.b)) == 0);
    case Op::WBranchNe: return branch(in, order_of(w(in.a), w(in.b)) != 0);
    case Op::WBranchLt: return branch(in, order_of(w(in.a), w(in.b)) < 0);
    case Op::WBranchLe: return branch(in, order_of(w(in.a), w(in.b)) <= 0);
    case Op::Call: return call(in, static_cast<std::uint32_t>(in.imm), in.a);
    case Op::CallImport: return import_call(in);
    case Op::HostCall: return host_call(in);
    case Op::Return: return leave(ResultBank::None, in);
    case Op::ReturnX: return leave(ResultBank::X, in);
    case Op::ReturnW: return leave(ResultBank::W, in);
    case Op::ReturnH: return leave(ResultBank::H, in);
    case Op::TrapOp: ++coverage().ops[static_cast<std::size_t>(in.op)]; return static_cast<Trap>(in.imm);

    case Op::BranchTable: return branch_table(in);
    case Op::Case: promise(false, "a case was run"); return Trap::Unreachable;
    case Op::BranchEqImm: return branch(in, as_signed(x(in.a)) == static_cast<std::int8_t>(in.b));
    case Op::BranchNeImm: return branch(in, as_signed(x(in.a)) != static_cast<std::int8_t>(in.b));
    case Op::BranchLtImm: return branch(in, as_signed(x(in.a)) < static_cast<std::int8_t>(in.b));
    case Op::BranchGtImm: return branch(in, as_signed(x(in.a)) > static_cast<std::int8_t>(in.b));
    case Op::CallTable: return call_table(in);

    case Op::MoveX: return give_x(in, b(in));
    case Op::MoveW: return give_w(in, w(in.b));
    case Op::LoadImmX: return give_x(in, in.imm);
    case Op::LoadImmW: return give_w(in, in.imm);
    case Op::LoadConstX: return give_x(in, module_.x_constants.at(static_cast<std::size_t>(in.imm)));
    case Op::LoadConstW: return give_w(in, module_.w_constants.at(static_cast<std::size_t>(in.imm)));
    case Op::SelectX: return give_x(in, i128{x(in.b) != 0 ? x(in.c) : x(static_cast<std::size_t>(in.imm))});
    case Op::SelectW: return give_w(in, x(in.b) != 0 ? w(in.c) : w(static_cast<std::size_t>(in.imm)));

    case Op::AddX: return give_x(in, b(in) + c(in));
    case Op::AddImmX: return give_x(in, b(in) + in.imm);
    case Op::SubX: return give_x(in, b(in) - c(in));
    case Op::MulX: return give_x(in, b(in) * c(in));
    case Op::AndX: return give_x(in, b(in) & c(in));
    case Op::OrX: return give_x(in, b(in) | c(in));
    case Op::XorX: return give_x(in, b(in) ^ c(in));
    case Op::ShlX: return give_x(in, low(b(in)) * power_of_two_x(x(in.c)));
    case Op::ShrX: return give_x(in, above_zero(in.b) / power_of_two_x(x(in.c)));
    case Op::SarX: return give_x(in, floor_of(b(in), power_of_two_x(x(in.c))));
    case Op::MinX: return give_x(in, std::min(b(in), c(in)));
    case Op::MaxX: return give_x(in, std::max(b(in), c(in)));

    case Op::AddCheckedX: return give_checked(in, b(in) + c(in));
    case Op::SubCheckedX: return give_checked(in, b(in) - c(in));
    case Op::MulCheckedX: return give_checked(in, b(in) * c(in));
    case Op::DivX:
    case Op::RemX:
    case Op::DivFloorX:
    case Op::ModFloorX:
    case Op::DivUX:
    case Op::RemUX: return divide(in);

    case Op::EqX: return give_x(in, b(in) == c(in));
    case Op::NeX: return give_x(in, b(in) != c(in));
    case Op::LtX: return give_x(in, b(in) < c(in));
    case Op::LeX: return give_x(in, b(in) <= c(in));
    case Op::LtUX: return give_x(in, x(in.b) < x(in.c));
    case Op::LeUX: return give_x(in, x(in.b) <= x(in.c));

    case Op::AndImmX: return give_x(in, b(in) & in.imm);
    case Op::MulImmX: return give_x(in, b(in) * in.imm);
    case Op::ShlImmX: return give_x(in, low(b(in)) * power_of_two_x(in.c));
    case Op::ShrImmX: return give_x(in, above_zero(in.b) / power_of_two_x(in.c));
    case Op::SarImmX: return give_x(in, floor_of(b(in), power_of_two_x(in.c)));
    case Op::Extend8X: return give_x(in, sign_extended(x(in.b), 8));
    case Op::Extend16X: return give_x(in, sign_extended(x(in.b), 16));
    case Op::Extend32X: return give_x(in, sign_extended(x(in.b), 32));
    case Op::Zero32X: return give_x(in, above_zero(in.b) % (i128{1} << 32));
    case Op::LeadingX: return give_x(in, zeros_from_top(x(in.b)));
    case Op::TrailingX: return give_x(in, zeros_from_bottom(x(in.b)));
    case Op::CountX: return give_x(in, ones(x(in.b)));
    case Op::SwapX: return give_x(in, bytes_turned(x(in.b)));

    case Op::AddW:
    case Op::SubW:
    case Op::MulW:
    case Op::AndW:
    case Op::OrW:
    case Op::XorW:
    case Op::ShlW:
    case Op::ShrW:
    case Op::SarW:
    case Op::AddCheckedW:
    case Op::SubCheckedW:
    case Op::MulCheckedW:
    case Op::MinW:
    case Op::MaxW:
    case Op::DivW:
    case Op::RemW:
    case Op::DivUW:
    case Op::RemUW:
    case Op::MulDiv:
    case Op::Rescale: return wide(in);
    case Op::EqW: return wide_test(in, order_of(w(in.b), w(in.c)) == 0);
    case Op::NeW: return wide_test(in, order_of(w(in.b), w(in.c)) != 0);
    case Op::LtW: return wide_test(in, order_of(w(in.b), w(in.c)) < 0);
    case Op::LeW: return wide_test(in, order_of(w(in.b), w(in.c)) <= 0);
    case Op::LtUW: return wide_test(in, unsigned_order_of(w(in.b), w(in.c)) < 0);
    case Op::LeUW: return wide_test(in, unsigned_order_of(w(in.b), w(in.c)) <= 0);
    case Op::WidenX: return give_w(in, b(in));
    case Op::WidenUX: return give_w(in, above_zero(in.b));
    case Op::LowW: return give_x(in, w(in.b));
    case Op::HighW: return give_x(in, w(in.b) >> 64);
    case Op::PackW: return give_w(in, packed(x(in.b), x(in.c)));
    case Op::NarrowW: return give_checked(in, w(in.b));

    case Op::FrameAddress: return give_x(in, i128{frame().address} + in.imm);
    case Op::Load8: return load(in, 1);
    case Op::Load16: return load(in, 2);
    case Op::Load32: return load(in, 4);
    case Op::LoadX: return load(in, 8);
    case Op::Store8: return store(in, 1);
    case Op::Store16: return store(in, 2);
    case Op::Store32: return store(in, 4);
    case Op::StoreX: return store(in, 8);
    case Op::LoadW: return load_wide(in);
    case Op::StoreW: return store_wide(in);
    case Op::Copy:
    case Op::Fill: return bulk(in);

    case Op::HMove:
    case Op::HEmpty:
    case Op::HAmount:
    case Op::HWithdraw:
    case Op::HDeposit:
    case Op::HPay:
    case Op::HTake:
    case Op::HJoin:
    case Op::HEnd: return assets(in);
    }
    promise(false, "an operation that is not in the table");
    return Trap::Unreachable;
}

// ---- a run --------------------------------------------------------------------------------------------------------------

/// Out of gas is out of gas, also where a contract says so itself.
Outcome Machine::stopped(Trap trap) {
    if (trap == Trap::OutOfGas) gas_.left = 0;
    Outcome out;
    out.trap = trap;
    out.function = frame().number;
    return out;
}

void Machine::show() const {
    if (start_.seen != nullptr) *start_.seen = {frame().x, frame().w, frame().h};
}

Outcome Machine::run() {
    const Function& f = module_.functions[start_.function];
    const Arguments& given = start_.arguments;
    const bool good = given.x.size() == f.x_params && given.w.size() == f.w_params && given.h.size() == f.h_params &&
                      arena_.size() >= self_address + 16 && arena_.at(start_.stack, program_.facts.stack_bytes[start_.function]) != nullptr;
    if (!good) return {Trap::BadArgument, 0, 0, 0, start_.function, 0};
    promise(open(start_.function, start_.stack), "no room for the first frame");
    std::copy(given.x.begin(), given.x.end(), frame().x.begin());
    std::copy(given.w.begin(), given.w.end(), frame().w.begin());
    std::copy(given.h.begin(), given.h.end(), frame().h.begin());
    while (!done_) {
        const auto& code = function().code;
        const std::uint32_t at = frame().at++;
        promise(at < code.size(), "the code was left");
        const Trap trap = step(code[at]);
        if (trap != Trap::None) {
            result_ = stopped(trap);
            result_.instruction = at;
            break;
        }
        ++coverage().ops[static_cast<std::size_t>(code[at].op)];
    }
    show();
    return result_;
}

} // namespace

Outcome reference(const Program& program, const Start& start) { return Machine(program, start).run(); }

Coverage& coverage() {
    static Coverage counted;
    return counted;
}

void set_last_words(LastWords words) { last_words = words; }

void promise(bool holds, const char* what) {
    if (holds) return;
    if (last_words != nullptr) last_words(what);
    std::fprintf(stderr, "the verifier's promise is broken: %s\n", what);
    std::abort();
}

} // namespace tally::tri
