#include "tests/tri/edges.hpp"

#include "tests/tri/interface.hpp"
#include "tests/tri/reference.hpp"
#include "vm/bytecode/encode.hpp"

namespace tally::tri {
namespace {

constexpr i64 gas = 5000; ///< no copy in an arena of the usual size takes more

/// Operands that are registers, numbers or nothing; no slots, no windows of a call.
bool on_numbers(const OpInfo& info, Op op) {
    const auto good = [](Operand o) {
        return o == Operand::None || o == Operand::XDst || o == Operand::XSrc || o == Operand::WDst || o == Operand::WSrc || o == Operand::Small;
    };
    const Immediate i = info.imm;
    const bool imm = i == Immediate::None || i == Immediate::I32 || i == Immediate::XReg || i == Immediate::WReg || i == Immediate::WRegMode || i == Immediate::Mode ||
                     i == Immediate::Offset || i == Immediate::Target;
    return imm && good(info.a) && good(info.b) && good(info.c) && op != Op::Block && op != Op::Jump && op != Op::Case && !(op_is_terminator(op) && i != Immediate::Target);
}

std::vector<i64> immediates(Immediate kind) {
    switch (kind) {
    case Immediate::I32: return {0, 1, -1, 64, 0xffff, INT32_MAX, INT32_MIN};
    case Immediate::Offset: return {0, 1, -1, -64, INT32_MAX, INT32_MIN};
    case Immediate::Mode:
    case Immediate::WRegMode: return {0, 1, 2, 3, 4, 5, 6, 7};
    default: return {0};
    }
}

std::vector<i64> small_numbers(const OpInfo& info) {
    const bool any = info.a == Operand::Small || info.b == Operand::Small || info.c == Operand::Small;
    return any ? std::vector<i64>{0, 1, -1, 18, -18, 38, -38, 39, 63, 64, -64, 127, -128} : std::vector<i64>{0};
}

/// One instruction between its parameters and its result; a branch says which way it went.
class OneInstruction {
public:
    OneInstruction(Op op, i64 imm, i64 small) {
        const OpInfo& info = op_info(op);
        Instruction in{op, number(info.a, small), number(info.b, small), number(info.c, small), 0};
        if (info.imm == Immediate::XReg) imm = f_.x_params++;
        if (info.imm == Immediate::WReg) imm = f_.w_params++;
        if (info.imm == Immediate::WRegMode) imm = f_.w_params++ | imm << 8;
        in.imm = static_cast<std::int32_t>(info.imm == Immediate::Target ? 2 : imm);
        const bool to_x = info.a == Operand::XDst, to_w = info.a == Operand::WDst, branch = info.imm == Immediate::Target;
        if (to_x) in.a = static_cast<std::uint8_t>(f_.x_params);
        if (to_w) in.a = static_cast<std::uint8_t>(f_.w_params);
        f_.x_registers = static_cast<std::uint16_t>(f_.x_params + 1);
        f_.w_registers = static_cast<std::uint16_t>(f_.w_params + 1);
        f_.code = {{Op::Block, 0, 0, 0, 0}, in};
        f_.result = to_x ? ResultBank::X : to_w ? ResultBank::W : ResultBank::None;
        if (branch) f_.code.insert(f_.code.end(), {{Op::Block, 0, 0, 0, 0}, {Op::TrapOp, 0, 0, 0, 11}, {Op::Block, 0, 0, 0, 0}});
        f_.code.push_back({to_x ? Op::ReturnX : to_w ? Op::ReturnW : Op::Return, in.a, 0, 0, 0});
        if (!to_x && !to_w) f_.code.back().a = 0;
    }
    [[nodiscard]] const Function& function() const { return f_; }

private:
    /// A source is the next parameter; the destination comes behind them all.
    std::uint8_t number(Operand kind, i64 small) {
        if (kind == Operand::XSrc) return static_cast<std::uint8_t>(f_.x_params++);
        if (kind == Operand::WSrc) return static_cast<std::uint8_t>(f_.w_params++);
        return kind == Operand::Small ? static_cast<std::uint8_t>(small) : std::uint8_t{0};
    }
    Function f_;
};

/// All ways to give the parameters from `first` on a number of the list.
template <typename T> bool each_choice(std::vector<T>& chosen, std::size_t first, const std::vector<T>& from, const std::function<bool()>& then) {
    if (first == chosen.size()) return then();
    for (const T& v : from) {
        chosen[first] = v;
        if (!each_choice(chosen, first + 1, from, then)) return false;
    }
    return true;
}

bool run_all(const Function& f, const std::function<bool(const Case&)>& judge) {
    static const std::vector<u64> addresses{self_address - 1, self_address, self_address + 1, usual_arena - 16, usual_arena - 15, usual_arena - 8,
                                            usual_arena - 7, usual_arena - 1, usual_arena, usual_arena + 1};
    static const std::vector<u64> words = [] {
        std::vector<u64> out = sharp_words();
        out.insert(out.end(), addresses.begin(), addresses.end());
        return out;
    }();
    Module module = module_without_code();
    module.functions = {f};
    const Hash hash = module_hash(encode(module));
    auto loaded = load(std::move(module), hash);
    promise(!std::holds_alternative<VerifyError>(loaded), "a function of one instruction does not verify");
    Case c{std::get<std::shared_ptr<const Program>>(loaded), 0, {}, gas, 1};
    c.arguments.x.resize(f.x_params);
    c.arguments.w.resize(f.w_params);
    return each_choice<u64>(c.arguments.x, 0, words, [&] { return each_choice<i128>(c.arguments.w, 0, sharp_wides(), [&] { return judge(c); }); });
}

} // namespace

void every_edge(const std::function<bool(const Case&)>& judge) {
    for (std::size_t i = 0; i < op_count; ++i) {
        const Op op = static_cast<Op>(i);
        const OpInfo& info = op_info(op);
        if (!on_numbers(info, op)) continue;
        for (const i64 imm : immediates(info.imm))
            for (const i64 small : small_numbers(info))
                if (!run_all(OneInstruction(op, imm, small).function(), judge)) break;
    }
}

} // namespace tally::tri
