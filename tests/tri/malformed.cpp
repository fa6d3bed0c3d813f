// Modules most of which are none: bytes at random, instructions at random, and good modules with a fault in them. What
// passes the verifier must run as everything else does.
#include "tests/tri/generators.hpp"
#include "tests/tri/mutation.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally::tri {
namespace {

constexpr std::size_t calls = 4;
constexpr i64 gas = 3000; ///< loops have no end here

std::vector<Case> with_little_gas(std::vector<Case> cases) {
    for (Case& c : cases) c.gas = gas;
    return cases;
}

Module good_module(Dice& dice) {
    const bool program = dice.chance(4);
    const u64 seed = dice.next();
    return program ? recursive_program(seed) : semantic_module(seed);
}

void spoil_bytes(Bytes& bytes, Dice& dice) {
    for (i64 n = dice.roll(1, 3); n > 0 && !bytes.empty(); --n) {
        const auto at = bytes.begin() + dice.roll(0, static_cast<i64>(bytes.size()) - 1);
        const i64 kind = dice.roll(0, 9);
        if (kind < 6) *at = static_cast<std::uint8_t>(*at ^ 1U << dice.roll(0, 7));
        else if (kind < 8) *at = static_cast<std::uint8_t>(dice.next());
        else if (kind < 9) bytes.erase(at);
        else bytes.insert(at, static_cast<std::uint8_t>(dice.next()));
    }
}

/// Right behind the head of a module, whatever the dice say.
Bytes noise(Dice& dice) {
    Bytes out = encode(Module{});
    out.resize(static_cast<std::size_t>(dice.roll(0, static_cast<i64>(out.size()))));
    for (i64 n = dice.roll(0, 60); n > 0; --n) out.push_back(static_cast<std::uint8_t>(dice.next()));
    return out;
}

// ---- instructions at random

std::uint8_t register_of(Operand kind, const Function& f, Dice& dice) {
    const auto below = [&](std::size_t count) { return static_cast<std::uint8_t>(dice.chance(99) && count > 0 ? dice.next() % count : dice.next()); };
    switch (kind) {
    case Operand::None: return dice.chance(99) ? 0 : below(2);
    case Operand::Small: return static_cast<std::uint8_t>(dice.next());
    case Operand::WDst:
    case Operand::WSrc:
    case Operand::WBase: return below(f.w_registers);
    case Operand::HDst:
    case Operand::HSrc:
    case Operand::HUse:
    case Operand::HBase: return below(f.h_slots);
    default: return below(f.x_registers);
    }
}

std::int32_t immediate_of(Immediate kind, const Function& f, i64 blocks, Dice& dice) {
    switch (kind) {
    case Immediate::None: return 0;
    case Immediate::Target: return static_cast<std::int32_t>(dice.roll(0, blocks));
    case Immediate::Frame: return static_cast<std::int32_t>(dice.roll(0, f.frame_bytes));
    case Immediate::XReg:
    case Immediate::WReg:
    case Immediate::Mode:
    case Immediate::TrapNo:
    case Immediate::Vault: return static_cast<std::int32_t>(dice.roll(0, 7));
    case Immediate::WRegMode: return static_cast<std::int32_t>(dice.roll(0, 3) + 256 * dice.roll(0, 7));
    case Immediate::Host: return static_cast<std::int32_t>(dice.roll(0, static_cast<i64>(host_count)));
    case Immediate::I32:
    case Immediate::Offset: return static_cast<std::int32_t>(edge_word(dice));
    default: return static_cast<std::int32_t>(dice.roll(0, 2));
    }
}

void put(Function& f, Op op, i64 blocks, Dice& dice) {
    const OpInfo& info = op_info(op);
    Instruction in{op, register_of(info.a, f, dice), register_of(info.b, f, dice), register_of(info.c, f, dice), 0};
    in.imm = immediate_of(info.imm, f, blocks, dice);
    f.code.push_back(in);
}

Function random_function(Dice& dice) {
    Function f;
    f.x_registers = static_cast<std::uint16_t>(dice.roll(1, 8));
    f.w_registers = static_cast<std::uint16_t>(dice.roll(0, 6));
    f.h_slots = static_cast<std::uint16_t>(dice.chance(80) ? 0 : dice.roll(1, 3));
    f.x_params = static_cast<std::uint16_t>(dice.roll(0, f.x_registers));
    f.w_params = static_cast<std::uint16_t>(dice.roll(0, f.w_registers));
    f.frame_bytes = static_cast<std::uint32_t>(16 * dice.roll(0, 4));
    f.result = static_cast<ResultBank>(dice.roll(0, 2));
    const i64 blocks = dice.roll(1, 4);
    for (i64 b = 0; b < blocks; ++b) {
        put(f, Op::Block, blocks, dice);
        for (i64 n = dice.roll(0, 5); n > 0; --n) put(f, static_cast<Op>(dice.next() % op_count), blocks, dice);
    }
    constexpr std::array returns{Op::Return, Op::ReturnX, Op::ReturnW};
    put(f, dice.chance(90) ? returns[static_cast<std::size_t>(f.result)] : Op::TrapOp, blocks, dice);
    return f;
}

} // namespace

std::vector<Case> raw_cases(u64 seed) {
    Dice dice(seed);
    Bytes bytes = dice.chance(20) ? noise(dice) : encode(good_module(dice));
    spoil_bytes(bytes, dice);
    auto decoded = decode(bytes);
    if (std::holds_alternative<ModuleError>(decoded)) return {};
    return with_little_gas(cases_of(std::move(std::get<Module>(decoded)), seed, calls, false));
}

std::vector<Case> grammar_cases(u64 seed) {
    Dice dice(seed);
    Module module = module_without_code();
    for (i64 n = dice.roll(1, 2); n > 0; --n) module.functions.push_back(random_function(dice));
    module.x_constants = {1, INT64_MIN, -7};
    module.w_constants = {i128_min, 3, i128_max};
    return with_little_gas(cases_of(std::move(module), seed, calls, false));
}

std::vector<Case> field_cases(u64 seed) {
    Dice dice(seed);
    Module module = good_module(dice);
    for (i64 n = dice.roll(1, 3); n > 0; --n) mutate(module, dice);
    return with_little_gas(cases_of(std::move(module), seed, calls, false));
}

} // namespace tally::tri
