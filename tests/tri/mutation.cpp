#include "tests/tri/mutation.hpp"

#include "vm/bytecode/limits.hpp"

namespace tally::tri {
namespace {

template <typename T> void nudge(T& value, Dice& dice) {
    const i64 kind = dice.roll(0, 3);
    if (kind == 0) ++value;
    else if (kind == 1) --value;
    else if (kind == 2) value = static_cast<T>(dice.roll(0, 8));
    else value = static_cast<T>(dice.next());
}

/// Another operation with the same operands: what stands there still makes sense.
Op sibling(Op op, Dice& dice) {
    const OpInfo& own = op_info(op);
    std::vector<Op> alike;
    for (std::size_t i = 0; i < op_count; ++i) {
        const OpInfo& other = op_info(static_cast<Op>(i));
        if (other.a == own.a && other.b == own.b && other.c == own.c && other.imm == own.imm) alike.push_back(static_cast<Op>(i));
    }
    return dice.pick(alike);
}

void header(Function& f, Dice& dice) {
    switch (dice.roll(0, 7)) {
    case 0: return nudge(f.x_registers, dice);
    case 1: return nudge(f.w_registers, dice);
    case 2: return nudge(f.h_slots, dice);
    case 3: return nudge(f.x_params, dice);
    case 4: return nudge(f.w_params, dice);
    case 5: f.frame_bytes = static_cast<std::uint32_t>(16 * dice.roll(0, 40)); return;
    case 6: f.result = static_cast<ResultBank>(dice.roll(0, 3)); return;
    default: return nudge(f.h_params, dice);
    }
}

void type(Module& module, Dice& dice) {
    Type& t = module.types[static_cast<std::size_t>(dice.roll(0, static_cast<i64>(module.types.size()) - 1))];
    if (dice.chance(60)) t.max = static_cast<std::uint32_t>(dice.roll(0, 12));
    else if (t.element != none) t.element = static_cast<std::uint32_t>(dice.roll(0, static_cast<i64>(module.types.size()) - 1));
    else t.kind = static_cast<TypeKind>(dice.roll(0, 27));
}

} // namespace

void mutate_code(Function& f, Dice& dice) {
    if (f.code.empty()) return;
    const auto at = static_cast<std::size_t>(dice.roll(0, static_cast<i64>(f.code.size()) - 1));
    Instruction& in = f.code[at];
    const auto here = f.code.begin() + static_cast<std::ptrdiff_t>(at);
    switch (dice.roll(0, 9)) {
    case 0: return nudge(in.a, dice);
    case 1: return nudge(in.b, dice);
    case 2: return nudge(in.c, dice);
    case 3: return nudge(in.imm, dice);
    case 4: in.imm = static_cast<std::int32_t>(edge_word(dice)); return;
    case 5: in.op = static_cast<Op>(dice.next() % op_count); return;
    case 6: f.code.erase(here); return;
    case 7: std::swap(in, f.code[static_cast<std::size_t>(dice.roll(0, static_cast<i64>(f.code.size()) - 1))]); return;
    case 8: f.code.insert(here, Instruction(in)); return;
    default: in.op = sibling(in.op, dice);
    }
}

void mutate(Module& module, Dice& dice) {
    if (module.functions.empty()) return;
    Function& f = module.functions[static_cast<std::size_t>(dice.roll(0, static_cast<i64>(module.functions.size()) - 1))];
    const i64 kind = dice.roll(0, 19);
    if (kind < 14) return mutate_code(f, dice);
    if (kind < 17) return header(f, dice);
    if (kind < 19 && !module.types.empty()) return type(module, dice);
    if (module.program.present) nudge(kind < 19 ? module.program.memory : module.program.table[0], dice);
}

} // namespace tally::tri
